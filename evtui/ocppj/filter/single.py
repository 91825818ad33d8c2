"""Asking a filter about one frame that is in no spool (yet)."""

from array import array
from collections.abc import Sequence

from evtui.ocppj.filter.terms import Chunk, Filter
from evtui.ocppj.frame import Direction
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.spool_format import FAULTY, TYPE_SHIFT

_NOTHING = array("I", (0,))


class _Index:
    first = 0
    count = 1
    stations = actions = pairs = rtts_us = _NOTHING

    def __init__(self, flags: int) -> None:
        self.flags = memoryview(bytes((flags,)))


class _Texts:
    starts: Sequence[int] = (0,)

    def __init__(self, text: bytes) -> None:
        self.whole = text

    def text(self, position: int) -> bytes:
        return self.whole


def lets_through(filter: Filter, station: str, direction: Direction, meta: FrameMeta, text: str) -> bool:
    """Whether the filter lets it through. Round trip and answer are not there yet."""
    flags = direction | meta.type << TYPE_SHIFT | (FAULTY if meta.fault else 0)
    texts = _Texts(text.encode("utf-8", "surrogatepass"))
    chunk = Chunk(1, _Index(flags), texts, (station,), (meta.action,))
    return bool(filter.mask(chunk, chunk.all))
