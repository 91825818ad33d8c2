"""The turnstile before the CSMS: the stations of a process open their connections some at a time."""

import asyncio

from evtui.engine.clock import Clock
from evtui.engine.link import Connect, Connection
from evtui.ocppj.endpoint import Endpoint

AT_ONCE = 100
"""Stations that have passed, and have not reached the CSMS yet."""

PASSED_S = 0.1
"""After that time (elapsed) the next one may pass, also while this one still waits for the CSMS: one that is far or
slow does see a whole fleet come at once, a thousand stations a second."""

LATE_S = 0.05
"""Unless this process finds no time to look when that time is over: then it is not the CSMS that is slow."""


class Turnstile:
    """Opens connections. When thousands dial in the same moment, it is their own process that they wait for: their time
    runs out while it shakes hands with the first ones, and then they come again. Here they wait before that time
    begins."""

    def __init__(self, connect: Connect, clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    async def connect(
        self, endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> Connection:
        """Waits for a place, then dials; `open_timeout_s` is that of dialling alone. ConnectError as from that."""
        await self._places.acquire()
        place = _Place(self._places, self._clock)
        try:
            return await self._connect(
                endpoint, open_timeout_s=open_timeout_s, ping_interval_s=ping_interval_s, max_size=max_size
            )
        finally:
            place.leave()


class _Place:
    """Taken until it is left, or for long enough."""

    __slots__ = ("_clock", "_due_s", "_places", "_timer")

    def __init__(self, places: asyncio.Semaphore, clock: Clock) -> None:
        self._places: asyncio.Semaphore | None = places
        self._clock = clock
        self._watch()

    def leave(self) -> None:
        """Once; after that nothing happens."""
        self._timer.cancel()
        places, self._places = self._places, None
        if places is not None:
            places.release()

    def _watch(self) -> None:
        self._due_s = self._clock.now().elapsed_s + PASSED_S
        self._timer = self._clock.call_at(self._due_s, self._look)

    def _look(self) -> None:
        if self._clock.now().elapsed_s - self._due_s < LATE_S:
            self.leave()
        else:
            self._watch()
