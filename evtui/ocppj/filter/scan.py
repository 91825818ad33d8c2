"""Finding the frames that a filter lets through, chunk by chunk, so that a search can be watched and left."""

from array import array
from collections.abc import Iterator
from itertools import compress

import msgspec

from evtui.ocppj.filter.terms import Chunk, Filter
from evtui.ocppj.spool_reader import SpoolReader

CHUNK = 16_384
"""Frames looked at in one go: some milliseconds, also by regular expression."""


class Found(msgspec.Struct, frozen=True):
    """The numbers of the frames found in a chunk; all before `next` have been looked at."""

    numbers: "array[int]"
    next: int


def scan(filter: Filter, reader: SpoolReader, start: int = 0, chunk: int = CHUNK) -> Iterator[Found]:
    """Looks at all frames from `start` on that the reader knows at its last refresh, in order."""
    stations, actions = reader.stations, reader.actions
    for columns, texts in reader.chunks(start, chunk):
        part = Chunk(columns.count, columns, texts, stations, actions)
        mask = filter.mask(part, part.all)
        numbers = array("q")
        if mask:
            marks = mask.to_bytes(columns.count, "little")
            numbers.extend(compress(range(columns.first, columns.first + columns.count), marks))
        yield Found(numbers, columns.first + columns.count)
