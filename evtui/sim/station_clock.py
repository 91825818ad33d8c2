"""The station's own clock, which the CSMS sets (B01.FR.06, G02.FR.02)."""

from datetime import datetime, timedelta

import msgspec

from evtui.sim.instant import Instant
from evtui.sim.memory import Memory

TOLERANCE_S = 1.0
"""A difference that a network may cause is none."""

KEY = "clock"

_INCREDIBLE = timedelta(days=36_525)


class ClockRecord(msgspec.Struct, frozen=True):
    """What the clock is off by from true time; it goes on over a power cut."""

    offset: timedelta | None = None


class StationClock:
    """What the station writes into its messages: true time plus what the CSMS wants it to be off by."""

    __slots__ = ("_memory", "_offset")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._offset = (memory.recall(KEY, ClockRecord) or ClockRecord()).offset

    def read(self, now: Instant) -> datetime:
        """The station's time, aware UTC."""
        return now.utc if self._offset is None else now.utc + self._offset

    def set(self, told: datetime, now: Instant) -> float | None:
        """Takes the CSMS's time over. Gives the seconds it moved by, None for no more than the network's delay.
        Raises ValueError for a time more than a century away."""
        offset = told - now.utc
        if abs(offset) > _INCREDIBLE:
            raise ValueError("more than a century off")
        moved_s = (told - self.read(now)).total_seconds()
        if abs(moved_s) <= TOLERANCE_S:
            return None
        self._offset = offset if abs(offset.total_seconds()) > TOLERANCE_S else None
        self._memory.keep(KEY, ClockRecord(self._offset))
        return moved_s
