"""A meter series of bounded size: it gets coarser as it gets longer, and is the same whatever order it came in."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from math import nan

from evtui.csms.meter import Reading, merged

MOST_POINTS = 300
_WIDTH = len(Reading.__struct_fields__)


class Series:
    """Readings by time. Time is cut into slots of `slot_s` seconds (a power of two, counted from the epoch); each keeps
    its first reading, and slots double when more than MOST_POINTS of them would be spanned. The newest reading is
    always kept. A point costs 48 bytes."""

    __slots__ = ("_times", "_values", "last", "slot_s")

    def __init__(self) -> None:
        self.slot_s = 1.0
        self._times = array("d")
        self._values = array("d")
        self.last: tuple[float, Reading] | None = None
        """The newest point."""

    def add(self, at: float, reading: Reading) -> bool:
        """Adds what was measured at a moment (Unix time). False: it is no point of its own, at most the newest."""
        last = self.last
        if last is None or at > last[0]:
            self.last = (at, reading)
        elif at == last[0]:
            self.last = (at, merged(last[1], reading))
        times, slot_s = self._times, self.slot_s
        slot = at // slot_s
        if not times or slot > times[-1] // slot_s:
            self._insert(len(times), at, reading)
            return True
        found = bisect_left(times, slot * slot_s)
        there = times[found]
        if there // slot_s != slot:
            self._insert(found, at, reading)
        elif at < there:
            self._put(found, at, reading)
        elif at == there:
            self._put(found, at, merged(self._reading(found), reading))
        else:
            return False
        return True

    def restore(self, slot_s: float, last: tuple[float, Reading] | None) -> None:
        """Goes on where a series ended whose points are stored, and not here any more."""
        self.slot_s = slot_s
        self.last = last

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[tuple[float, Reading]]:
        """The points, oldest first."""
        for index, at in enumerate(self._times):
            yield at, self._reading(index)
        if self.last is not None and (not self._times or self.last[0] > self._times[-1]):
            yield self.last

    def since(self, at: float) -> Iterator[tuple[float, ...]]:
        """The points that are not older than a moment, but for the newest if it is none of its own: time and figures,
        nan where nothing was measured."""
        for index in range(bisect_left(self._times, at), len(self._times)):
            yield self._times[index], *self._values[index * _WIDTH : (index + 1) * _WIDTH]

    def _reading(self, index: int) -> Reading:
        return Reading(*self._values[index * _WIDTH : (index + 1) * _WIDTH])

    def _put(self, index: int, at: float, reading: Reading) -> None:
        self._times[index] = at
        self._values[index * _WIDTH : (index + 1) * _WIDTH] = _row(reading)

    def _insert(self, index: int, at: float, reading: Reading) -> None:
        self._times.insert(index, at)
        if index == len(self._times) - 1:
            self._values.extend(_row(reading))
        else:
            self._values[index * _WIDTH : index * _WIDTH] = _row(reading)
        while self._times[-1] // self.slot_s - self._times[0] // self.slot_s >= MOST_POINTS:
            self._coarsen()

    def _coarsen(self) -> None:
        self.slot_s *= 2
        times, values = array("d"), array("d")
        newest = nan
        for index, at in enumerate(self._times):
            slot = at // self.slot_s
            if slot != newest:
                newest = slot
                times.append(at)
                values.extend(self._values[index * _WIDTH : (index + 1) * _WIDTH])
        self._times, self._values = times, values


def _row(reading: Reading) -> "array[float]":
    return array("d", (reading.power_w, reading.energy_wh, reading.soc_percent, reading.voltage_v, reading.current_a))
