"""The filter language of frames: what it means (`terms`), how it is written (`syntax`), and finding frames (`scan`)."""

from evtui.ocppj.filter.scan import Found, Source, scan
from evtui.ocppj.filter.syntax import FilterError, complete, help_rows, parse
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
