"""The window's view of the frames: the reader it needs, and which of them a pane shows."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from evtui.ocppj.filter import And, Everything, Filter, Of, Source, scan
from evtui.ocppj.frame import Direction, Frame, FrameType


class FrameReader(Source, Protocol):
    """What `evtui.ocppj.spool.SpoolReader` offers: frames numbered from `first`, texts read on demand."""

    @property
    def first(self) -> int: ...

    def refresh(self) -> int: ...

    def frame(self, number: int) -> Frame: ...


ReaderFactory = Callable[[Sequence[str]], FrameReader]
"""Opens the spools in some directories."""

SLICE_S = 0.02
"""How long a search may keep the window from its keys."""


def open_spools(directories: Sequence[str]) -> FrameReader:
    """The reader of a host's spools."""
    from evtui.ocppj.spool_merged import reader_of

    return reader_of(directories)


class Frames:
    """The frames of a spool, those of one station, or those that a filter lets through: a growing row of numbers that
    never shift. `matches` are those of the filter; `rows` are what is shown, which is more while `dimming` keeps the
    others in sight."""

    def __init__(self, reader: FrameReader, station: str | None = None) -> None:
        self._reader = reader
        self._station = station
        self._filter: Filter = Everything()
        self._asked = _Search(reader, self._base)
        self._all = self._asked
        self.dimming = False

    @property
    def rows(self) -> Sequence[int]:
        """The numbers of the frames to show."""
        return self._all.rows if self.dimming else self._asked.rows

    @property
    def first(self) -> int:
        """The number of the oldest frame that is kept."""
        return self._reader.first

    @property
    def matches(self) -> Sequence[int]:
        """The numbers of the frames that the filter lets through."""
        return self._asked.rows

    @property
    def searched(self) -> float:
        """How much has been looked at, from 0 to 1."""
        return self._asked.done

    @property
    def filtered(self) -> bool:
        """There is a filter besides the station."""
        return self._filter != Everything()

    @property
    def stations(self) -> Sequence[str]:
        """All names of stations: what a filter can be completed with."""
        return self._reader.stations

    @property
    def actions(self) -> Sequence[str]:
        """All names of actions."""
        return self._reader.actions

    @property
    def _base(self) -> Filter:
        return Everything() if self._station is None else Of(self._station)

    def ask(self, filter: Filter) -> None:
        """Shows what the filter lets through from now on; `refresh` does the looking."""
        self._filter = filter
        base = self._base
        both = filter if base == Everything() else base if filter == Everything() else And((base, filter))
        self._asked = self._all if both == base else _Search(self._reader, both)

    def refresh(self, slice_s: float = SLICE_S) -> bool:
        """Picks up what has arrived, as far as `slice_s` goes; says whether there is more to look at."""
        count = self._reader.refresh()
        by_s = monotonic() + slice_s
        more = self._asked.look(count, by_s)
        return (self._all.look(count, by_s) if self.dimming else False) or more

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
        return _beside(self.rows, number, step)

    def match_beside(self, number: int, step: int) -> int | None:
        """The nearest match before (-1) or after (1) a frame, None if there is none."""
        here = bisect_left(self.matches, number)
        if step > 0 and not (here < len(self.matches) and self.matches[here] == number):
            step = 0
        return _beside(self.matches, number, step)

    def is_match(self, number: int) -> bool:
        """The filter lets it through."""
        position = bisect_left(self.matches, number)
        return position < len(self.matches) and self.matches[position] == number


def _beside(rows: Sequence[int], number: int, step: int) -> int | None:
    position = bisect_left(rows, number) + step
    return rows[position] if 0 <= position < len(rows) else None


class _Search:
    """What a filter has found so far."""

    def __init__(self, reader: FrameReader, filter: Filter) -> None:
        self._reader = reader
        self._filter = filter
        self._numbers = array("q")
        self._seen = reader.first
        self._count = 0
        self.rows: Sequence[int] = range(0)

    @property
    def done(self) -> float:
        """From 0 to 1."""
        first = self._reader.first
        return 1.0 if self._seen >= self._count else (self._seen - first) / max(1, self._count - first)

    def look(self, count: int, by_s: float) -> bool:
        """Looks on; says whether there is more."""
        first = self._reader.first
        self._count = count
        self._seen = max(self._seen, first)
        if self._filter == Everything():
            self._seen, self.rows = count, range(first, count)
            return False
        if self._seen < count:
            for found in scan(self._filter, self._reader, self._seen):
                self._numbers.extend(found.numbers)
                self._seen = found.next
                if monotonic() >= by_s:
                    break
        if self._numbers and self._numbers[0] < first:
            del self._numbers[: bisect_left(self._numbers, first)]
        self.rows = self._numbers
        return self._seen < count


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
