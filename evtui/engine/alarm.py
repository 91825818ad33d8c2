"""What wakes a session task: a time that has come, or somebody who rings."""

import asyncio
from math import inf

from evtui.engine.clock import Clock, Timer


class Alarm:
    """One task's alarm. Ringing is remembered, so none is missed between two waits; waking once too often is harmless,
    as a session looks at everything each time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timer: Timer | None = None
        self._due_s = inf
        self._rung = False
        self._nap: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wakes the task now, or keeps it from falling asleep."""
        self._rung = True
        if self._nap is not None and not self._nap.done():
            self._nap.set_result(None)

    async def wait(self, until_s: float | None) -> None:
        """Waits for the alarm to ring, or for `until_s` (elapsed time)."""
        self._set(until_s)
        if not self._rung:
            self._nap = asyncio.get_running_loop().create_future()
            try:
                await self._nap
            finally:
                self._nap = None
        self._rung = False

    def close(self) -> None:
        """Takes the timer back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._due_s = inf

    def _set(self, until_s: float | None) -> None:
        # An earlier timer may stay: it rings in vain, and that is cheaper than a new one for each frame.
        if until_s is None or self._due_s <= until_s:
            return
        self.close()
        self._due_s = until_s
        self._timer = self._clock.call_at(until_s, self._come)

    def _come(self) -> None:
        self._timer = None
        self._due_s = inf
        self.ring()
