"""Listening to one station: what it tells, in order, to somebody who waits for an effect."""

import asyncio

from evtui.engine.clock import Clock
from evtui.engine.door import LinkState
from evtui.sim.actions import Notice
from evtui.sim.events import Event


class Handled:
    """The station has handled this event: all that it tells of it at once stands before."""

    __slots__ = ("event",)

    def __init__(self, event: Event) -> None:
        self.event = event


Heard = Notice | Handled | LinkState


class Ear:
    """Hears what a station tells from now on. One listener, one ear."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # No deque: that takes 760 bytes even if it is empty, and a whole fleet may be listened to.
        self._heard: list[Heard] = []
        self._wake: asyncio.Future[None] | None = None

    def hear(self, what: Heard) -> None:
        self._heard.append(what)
        self._rouse()

    async def next(self, until_s: float) -> Heard | None:
        """The next that was heard, None when nothing is until `until_s` (elapsed time)."""
        while not self._heard:
            if self._clock.now().elapsed_s >= until_s:
                return None
            self._wake = asyncio.get_running_loop().create_future()
            timer = self._clock.call_at(until_s, self._rouse)
            try:
                await self._wake
            finally:
                timer.cancel()
                self._wake = None
        return self._heard.pop(0)

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
