"""The frame spool: every frame of a run on disk, written by the host, read by any process.

Texts lie in segments of which the oldest are dropped, beside a fixed-size binary index that readers map into memory:
a million frames cost a reader the 32 MB of their index, and a text is read when it is looked at.
"""

from evtui.ocppj.spool_reader import Columns, Head, SpoolReader
from evtui.ocppj.spool_writer import DEFAULT_MAX_BYTES, SpoolWriter

__all__ = ["DEFAULT_MAX_BYTES", "Columns", "Head", "SpoolReader", "SpoolWriter"]
