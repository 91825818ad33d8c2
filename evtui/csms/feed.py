"""The events of the CSMS: numbered, bounded, read by cursor by anybody at any pace."""

import asyncio
from bisect import bisect_right
from operator import attrgetter
from typing import Any

import msgspec

KEEP = 5_000
BATCH = 500
"""Events given at once: what a slow reader gets in one answer stays small."""

_NUMBER = attrgetter("number")


class CsmsEvent(msgspec.Struct, frozen=True):
    """Something that happened: `at` is Unix time, `station_id` is empty for the CSMS itself, and `data` is the record
    that belongs to the kind."""

    number: int
    at: float
    kind: str
    station_id: str
    data: msgspec.Raw


class Feed:
    """Keeps the newest events. Publishing never waits and costs the same whoever reads."""

    def __init__(self, keep: int = KEEP) -> None:
        self.last = 0
        """The number of the newest event, 0 before there is one."""
        self.asked = False
        """Somebody has asked for events since this was set back."""
        self._keep = keep
        self._events: list[CsmsEvent] = []
        self._bell: asyncio.Future[None] | None = None

    def skip(self) -> None:
        """Leaves a number out: who goes on from before it has missed something."""
        self.last += 1

    def publish(self, at: float, kind: str, station_id: str, data: Any) -> None:
        """Numbers an event and wakes who waits."""
        self.last += 1
        self._events.append(CsmsEvent(self.last, at, kind, station_id, msgspec.Raw(msgspec.json.encode(data))))
        if len(self._events) >= 2 * self._keep:
            del self._events[: self._keep]
        if self._bell is not None:
            if not self._bell.done():
                self._bell.set_result(None)
            self._bell = None

    async def after(self, number: int) -> tuple[CsmsEvent, ...]:
        """Waits until there are events numbered above `number`, then gives the oldest of them that are still kept; no
        number is left out between them."""
        self.asked = True
        events = self._events
        while not events or events[-1].number <= number:
            if self._bell is None:
                self._bell = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._bell)
        start = max(bisect_right(events, number, key=_NUMBER), len(events) - self._keep, 0)
        batch = events[start : start + BATCH]
        first = batch[0].number
        return tuple(each for place, each in enumerate(batch) if each.number == first + place)
