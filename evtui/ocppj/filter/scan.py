"""Finding the frames that a filter lets through, chunk by chunk, so that a search can be watched and left."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Protocol

import msgspec

from evtui.ocppj.filter.terms import Chunk, Filter, Index, Texts

CHUNK = 16_384
"""Frames looked at in one go: some milliseconds, also by regular expression."""


class Source(Protocol):
    """What frames come from: `evtui.ocppj.spool_source.SpoolReader`."""

    @property
    def stations(self) -> Sequence[str]: ...

    @property
    def actions(self) -> Sequence[str]: ...

    def chunks(self, start: int, size: int) -> Iterator[tuple[Index, Texts]]: ...


class Found(msgspec.Struct, frozen=True):
    """The numbers of the frames found in a chunk; all before `next` have been looked at."""

    numbers: "array[int]"
    next: int


def scan(filter: Filter, source: Source, start: int = 0, chunk: int = CHUNK) -> Iterator[Found]:
    """Looks at all frames from `start` on that the source knows now, in order."""
    stations, actions = source.stations, source.actions
    for columns, texts in source.chunks(start, chunk):
        part = Chunk(columns.count, columns, texts, stations, actions)
        mask = filter.mask(part, part.all)
        numbers = array("q")
        if mask:
            marks = mask.to_bytes(columns.count, "little")
            numbers.extend(compress(range(columns.first, columns.first + columns.count), marks))
        yield Found(numbers, columns.first + columns.count)
