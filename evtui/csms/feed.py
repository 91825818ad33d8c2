"""The events of the CSMS: numbered, bounded, read by cursor by anybody at any pace."""

import asyncio
from typing import Any

import msgspec

KEEP = 5_000
BATCH = 500
"""Events given at once: what a slow reader gets in one answer stays small."""


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
        self._keep = keep
        self._events: list[CsmsEvent] = []
        self._first = 1  # the number of the oldest one kept
        self._bell: asyncio.Future[None] | None = None

    @property
    def last(self) -> int:
        """The number of the newest event, 0 before there is one."""
        return self._first + len(self._events) - 1

    def publish(self, at: float, kind: str, station_id: str, data: Any) -> None:
        """Numbers an event and wakes who waits."""
        self._events.append(CsmsEvent(self.last + 1, at, kind, station_id, msgspec.Raw(msgspec.json.encode(data))))
        if len(self._events) >= 2 * self._keep:
            del self._events[: self._keep]
            self._first += self._keep
        if self._bell is not None:
            if not self._bell.done():
                self._bell.set_result(None)
            self._bell = None

    async def after(self, number: int) -> tuple[CsmsEvent, ...]:
        """Waits until there are events numbered above `number`, then gives the oldest of them that are still kept."""
        while self.last <= number:
            if self._bell is None:
                self._bell = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._bell)
        start = max(number + 1 - self._first, len(self._events) - self._keep, 0)
        return tuple(self._events[start : start + BATCH])
