"""The filter language of frames: what it means (`terms`), its words (`syntax`), its grammar, which the fleet's filter
shares (`language`), and finding frames (`scan`)."""

from evtui.ocppj.filter.language import FilterError
from evtui.ocppj.filter.scan import Found, Source, scan
from evtui.ocppj.filter.syntax import complete, help_rows, parse
from evtui.ocppj.filter.terms import And, Everything, Filter, Of, uses_patterns

__all__ = [
    "And",
    "Everything",
    "Filter",
    "FilterError",
    "Found",
    "Of",
    "Source",
    "complete",
    "help_rows",
    "parse",
    "scan",
    "uses_patterns",
]
