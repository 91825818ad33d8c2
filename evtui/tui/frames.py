"""The window's view of the frames: the reader it needs, and which of them a pane shows."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Protocol

from evtui.ocppj.frame import Direction, Frame, FrameType


class FrameReader(Protocol):
    """What `evtui.ocppj.spool.SpoolReader` offers: frames numbered from `first`, texts read on demand."""

    @property
    def first(self) -> int: ...

    def refresh(self) -> int: ...

    def frame(self, number: int) -> Frame: ...

    def matching(self, station: str, start: int = 0) -> "array[int]": ...


ReaderFactory = Callable[[str], FrameReader]
"""Opens the spool in a directory."""


def open_spool(directory: str) -> FrameReader:
    """The reader of a host's spool."""
    from evtui.ocppj.spool import SpoolReader

    return SpoolReader(directory)


class Frames:
    """The frames of a spool, or those of one station: a growing row of numbers that never shift."""

    def __init__(self, reader: FrameReader, station: str | None = None) -> None:
        self._reader = reader
        self._station = station
        self._seen = reader.first
        self._numbers = array("q")
        self.rows: Sequence[int] = range(0)

    def refresh(self) -> None:
        """Picks up what has arrived."""
        count = self._reader.refresh()
        first = self._reader.first
        if self._station is None:
            self.rows = range(first, count)
            return
        self._numbers.extend(self._reader.matching(self._station, max(self._seen, first)))
        self._seen = count
        if self._numbers and self._numbers[0] < first:
            del self._numbers[: bisect_left(self._numbers, first)]
        self.rows = self._numbers

    def frame(self, number: int) -> Frame | None:
        """A frame, None if it has been dropped."""
        if number < self._reader.first:
            return None
        try:
            return self._reader.frame(number)
        except (LookupError, ValueError, OSError):
            return None

    def beside(self, number: int, step: int) -> int | None:
        """The frame `step` rows from another, None beyond the ends."""
        position = bisect_left(self.rows, number) + step
        return self.rows[position] if 0 <= position < len(self.rows) else None


class Tail:
    """Which rows of a growing sequence are on screen: follows the end until the reader moves up, then stays."""

    def __init__(self) -> None:
        self.rows: Sequence[int] = range(0)
        self.follow = True
        self.cursor = 0
        self._top = 0
        self._last = -1

    def grow(self, rows: Sequence[int], height: int) -> None:
        """Takes newer rows in: what the reader looks at stays where it is."""
        self.rows = rows
        self._settle(height)

    def move(self, step: int, height: int) -> None:
        """Moves the cursor by rows."""
        if self.rows:
            position = max(0, min(self._position(self.cursor) + step, len(self.rows) - 1))
            self._go(position, height)

    def select(self, number: int, height: int) -> None:
        """Puts the cursor on a row."""
        if self.rows:
            self._go(self._position(number), height)

    def home(self, height: int) -> None:
        """To the oldest row."""
        if self.rows:
            self._go(0, height)

    def end(self, height: int) -> None:
        """To the newest row, and on with what arrives."""
        self.follow = True
        self._settle(height)

    def shown(self, height: int) -> Sequence[int]:
        """The rows on screen."""
        top = self._position(self._top)
        return self.rows[top : top + height]

    @property
    def arrived(self) -> int:
        """How many rows came since the reader stopped following."""
        return 0 if self.follow else len(self.rows) - bisect_left(self.rows, self._last + 1)

    def _go(self, position: int, height: int) -> None:
        at_end = position == len(self.rows) - 1
        if self.follow and not at_end:
            self._last = self.rows[-1]
        self.follow = at_end
        self.cursor = self.rows[position]
        self._settle(height)

    def _settle(self, height: int) -> None:
        if not self.rows:
            return
        if self.follow:
            self.cursor = self.rows[-1]
        position = self._position(self.cursor)
        self.cursor = self.rows[position]
        lowest = max(0, len(self.rows) - height)
        top = lowest if self.follow else self._position(self._top)
        top = min(top, position, lowest)
        top = max(top, position - height + 1)
        self._top = self.rows[max(0, top)]

    def _position(self, number: int) -> int:
        return min(bisect_left(self.rows, number), max(0, len(self.rows) - 1))


def is_answer(frame: Frame) -> bool:
    """Whether it answers another frame."""
    return frame.type in (FrameType.CALLRESULT, FrameType.CALLERROR, FrameType.CALLRESULTERROR)


def is_sent(frame: Frame) -> bool:
    """Whether the station sent it."""
    return frame.direction == Direction.SENT
