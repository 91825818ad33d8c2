"""Several frame spools read as one, in the order in which their frames were captured."""

import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain, compress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from evtui.ocppj.frame import Frame
from evtui.ocppj.spool_reader import Columns, SpoolReader
from evtui.ocppj.spool_reader import Texts as SpoolTexts

SETTLE_S = 0.25
"""A frame gets its number when no other spool can have an older one any more: writers show theirs within 0.1 s."""


_SOON_S = 1.0


class MergedReader:
    """What SpoolReader offers, over spools of one machine. Numbers are given as frames are met, so they hold for this
    reader alone, and never shift. What is shown goes back as far as every spool does."""

    def __init__(self, directories: Sequence[Path | str], now: Callable[[], float] = time.time) -> None:
        self._sources = [_Source(SpoolReader(each)) for each in directories]
        self._now = now
        self._order = bytearray()  # of each number, from `_base` on, its source
        self._base = 0
        self._stations = _Names()
        self._actions = _Names()
        self.first = 0

    @property
    def count(self) -> int:
        """The number of the next frame to come."""
        return self._base + len(self._order)

    @property
    def stations(self) -> tuple[str, ...]:
        """All stations that ever sent or received a frame."""
        return tuple(self._stations.names)

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions there ever were."""
        return tuple(self._actions.names)

    def refresh(self) -> int:
        """Takes up what the writers added and dropped meanwhile; gives `count`."""
        settled_at = self._now() - SETTLE_S
        for source in self._sources:
            source.reader.refresh()
            source.stations = self._stations.known(source.stations, source.reader.stations)
            source.actions = self._actions.known(source.actions, source.reader.actions)
        news = [source.news(settled_at) for source in self._sources]
        times = array("d", chain.from_iterable(news))
        origins = b"".join([bytes((number,)) * len(each) for number, each in enumerate(news)])
        order = bytes(map(origins.__getitem__, sorted(range(len(times)), key=times.__getitem__)))
        for number, source in enumerate(self._sources):
            mine = order.translate(bytes(each == number for each in range(256)))
            source.numbers.extend(compress(range(self.count, self.count + len(order)), mine))
        self._order += order
        self._forget()
        return self.count

    def _forget(self) -> None:
        """What one of them has dropped takes all that is older with it."""
        for source in self._sources:
            if dropped := source.drop():
                self.first = max(self.first, dropped)
        del self._order[: self.first - self._base]
        self._base = max(self._base, self.first)

    def frame(self, number: int) -> Frame:
        """A frame with its text. IndexError if it is not kept (any more) or not known yet."""
        if not self.first <= number < self.count:
            raise IndexError(f"frame {number} is not kept: there are {self.first} to {self.count - 1}")
        source = self._sources[self._order[number - self._base]]
        frame = source.reader.frame(source.local(number))
        pair = None if frame.pair is None else source.number(frame.pair)
        return msgspec.structs.replace(frame, number=number, pair=pair if pair is None or pair >= self.first else None)

    def chunks(self, start: int, size: int) -> Iterator[tuple["MergedColumns", "MergedTexts"]]:
        """Index and texts from frame `start` on, at most `size` frames at a time."""
        for first in range(max(start, self.first), self.count, size):
            yield self._chunk(first, min(size, self.count - first))

    def _chunk(self, first: int, count: int) -> tuple["MergedColumns", "MergedTexts"]:
        order = bytes(self._order[first - self._base : first - self._base + count])
        parts = [source.cut(first, first + count) for source in self._sources]
        return MergedColumns(first, order, parts, self._sources), MergedTexts(order, parts)

    def close(self) -> None:
        """Lets go of all files."""
        for source in self._sources:
            source.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def reader_of(directories: Sequence[Path | str]) -> SpoolReader | MergedReader:
    """The reader of one spool, or of several as one."""
    return SpoolReader(directories[0]) if len(directories) == 1 else MergedReader(directories)


class _Names:
    """Names by number, as all spools together have them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def known(self, numbers: list[int], names: Sequence[str]) -> list[int]:
        """What the names of one spool are numbered here: `numbers`, and those that are new."""
        for name in names[len(numbers) :]:
            if name not in self._numbers:
                self._numbers[name] = len(self.names)
                self.names.append(name)
            numbers.append(self._numbers[name])
        return numbers


class _Source:
    """A spool, and the numbers that its frames have among those of all, `numbers`, from its frame `base` on."""

    def __init__(self, reader: SpoolReader) -> None:
        self.reader = reader
        self.stations: list[int] = []
        self.actions: list[int] = []
        self.numbers = array("q")
        self.base = 0
        self._missed = False

    def news(self, settled_at: float) -> "array[float]":
        """When the frames were captured that have no number yet, up to that time. What was captured well after now was
        so before the clock was set back."""
        start = self.base + len(self.numbers)
        if start < self.reader.first:  # this reader was too slow: they were dropped before it has seen them
            self.base = start = self.reader.first
            self._missed = True
            del self.numbers[:]
        news = array("d", chain.from_iterable(columns.at for columns in self.reader.columns(start)))
        if news and settled_at < news[-1] < settled_at + _SOON_S:
            del news[bisect_right(news, settled_at) :]
        return news

    def drop(self) -> int:
        """Forgets what the spool has dropped; gives a number before which nothing is complete any more."""
        if self._missed and self.numbers:
            self._missed = False
            return self.numbers[0]
        dropped = min(self.reader.first - self.base, len(self.numbers))
        if dropped <= 0:
            return 0
        after = self.numbers[dropped - 1] + 1
        del self.numbers[:dropped]
        self.base += dropped
        return after

    def local(self, number: int) -> int:
        return self.base + bisect_left(self.numbers, number)

    def number(self, local: int) -> int | None:
        """The number of a frame of this spool; None: it has none (yet)."""
        return self.numbers[local - self.base] if 0 <= local - self.base < len(self.numbers) else None

    def cut(self, first: int, end: int) -> list[tuple[Columns, SpoolTexts]]:
        """What lies between two numbers."""
        low, high = bisect_left(self.numbers, first), bisect_left(self.numbers, end)
        return list(self.reader.between(self.base + low, self.base + high))


class MergedColumns:
    """Columns of several spools, interleaved as `order` says."""

    def __init__(
        self, first: int, order: bytes, parts: Sequence[list[tuple[Columns, SpoolTexts]]], sources: Sequence[_Source]
    ) -> None:
        self.first = first
        self.count = len(order)
        self._order = order
        self._parts = parts
        self._sources = sources

    @cached_property
    def stations(self) -> "array[int]":
        return self._named([source.stations for source in self._sources], "stations")

    @cached_property
    def actions(self) -> "array[int]":
        return self._named([source.actions for source in self._sources], "actions")

    @cached_property
    def flags(self) -> memoryview:
        return memoryview(bytes(self._woven("flags")))

    @cached_property
    def pairs(self) -> "array[int]":
        return array("I", self._woven("pairs"))

    @cached_property
    def rtts_us(self) -> "array[int]":
        return array("I", self._woven("rtts_us"))

    def _woven(self, name: str) -> Iterator[int]:
        values = [chain.from_iterable(getattr(columns, name) for columns, _ in part) for part in self._parts]
        return (next(values[number]) for number in self._order)

    def _named(self, known: Sequence[list[int]], name: str) -> "array[int]":
        return array("I", [known[number][value] for number, value in zip(self._order, self._woven(name), strict=True)])


class MergedTexts:
    """Texts of several spools, interleaved as `order` says."""

    def __init__(self, order: bytes, parts: Sequence[list[tuple[Columns, SpoolTexts]]]) -> None:
        self._order = order
        self._parts = parts

    @cached_property
    def _places(self) -> list[tuple[SpoolTexts, int]]:
        places = [((texts, at) for columns, texts in part for at in range(columns.count)) for part in self._parts]
        return [next(places[number]) for number in self._order]

    @cached_property
    def whole(self) -> bytes:
        """All of them, one after the other."""
        return b"".join([texts.text(at) for texts, at in self._places])

    @cached_property
    def starts(self) -> list[int]:
        starts, start = [], 0
        for texts, at in self._places:
            starts.append(start)
            start += len(texts.text(at))
        return starts

    def text(self, position: int) -> bytes:
        """One of them, as it was on the wire."""
        texts, at = self._places[position]
        return texts.text(at)
