"""The events of a fleet: numbered, bounded, read by cursor by anybody at any pace."""

import asyncio

from msgspec.structs import replace

from evtui.engine.door import FleetEvent

KEEP = 20_000
BATCH = 2_000
"""Events given at once: what a slow reader gets in one answer stays small."""


class Feed:
    """Keeps the newest events. Publishing never waits and costs the same whoever reads."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._most = keep + BATCH
        self._events: list[FleetEvent] = []
        self._first = 1  # the number of the oldest one kept
        self._bell: asyncio.Future[None] | None = None

    @property
    def last(self) -> int:
        """The number of the newest event, 0 before there is one."""
        return self._first + len(self._events) - 1

    def publish(
        self,
        at: float,
        kind: str,
        station_id: str,
        evse_id: int = 0,
        text: str = "",
        transaction_id: str | None = None,
        power_w: float | None = None,
        energy_wh: float | None = None,
    ) -> FleetEvent:
        """Numbers an event and wakes who waits; `at` is Unix time."""
        events = self._events
        number = self._first + len(events)
        event = FleetEvent(number, at, kind, station_id, evse_id, text, transaction_id, power_w, energy_wh)
        events.append(event)
        if self._bell is not None or len(events) >= self._most:
            self._published()
        return event

    def take(self, event: FleetEvent) -> FleetEvent:
        """Takes an event that another feed has numbered, and numbers it anew."""
        event = replace(event, number=self.last + 1)
        self._events.append(event)
        self._published()
        return event

    def _published(self) -> None:
        """The oldest make room, and who waits wakes up."""
        if len(self._events) >= self._most:
            del self._events[:BATCH]
            self._first += BATCH
        if self._bell is not None:
            self._bell.set_result(None)
            self._bell = None

    async def after(self, number: int) -> tuple[FleetEvent, ...]:
        """Waits until there are events numbered above `number`, then gives the oldest of them that are still kept."""
        while self.last <= number:
            if self._bell is None:
                self._bell = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._bell)
        start = max(number + 1 - self._first, len(self._events) - self._keep, 0)
        return tuple(self._events[start : start + BATCH])
