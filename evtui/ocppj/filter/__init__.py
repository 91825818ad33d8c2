"""The filter language of frames: what it means (`terms`), how it is written (`syntax`), and finding frames (`scan`)."""

from evtui.ocppj.filter.scan import Found, scan
from evtui.ocppj.filter.syntax import FilterError, complete, help_rows, parse
from evtui.ocppj.filter.terms import Filter

__all__ = ["Filter", "FilterError", "Found", "complete", "help_rows", "parse", "scan"]
