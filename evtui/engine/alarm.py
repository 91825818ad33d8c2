"""What wakes a session: a time that has come, or somebody who rings."""

import asyncio
from collections.abc import Callable
from math import inf

from evtui.engine.clock import Clock, Timer


class Alarm:
    """One task's alarm. Ringing is remembered, so none is missed between two waits; waking once too often is harmless,
    as a session looks at everything each time."""

    __slots__ = ("_clock", "_due_s", "_nap", "_over", "_rung", "_timer", "_work", "came_s")

    def __init__(self, clock: Clock) -> None:
        self.came_s: float | None = None
        """When (elapsed time) that came for which it strikes at this moment, if it is that."""
        self._clock = clock
        self._timer: Timer | None = None
        self._due_s = inf
        self._rung = False
        self._nap: asyncio.Future[None] | None = None
        self._work: Callable[[], bool] | None = None  # that answers in place of the task; None while it does
        self._over: asyncio.Future[None] | None = None  # as long as something answers in its place

    def ring(self) -> None:
        """Wakes the task as soon as may be, or keeps it from falling asleep."""
        rung, self._rung = self._rung, True
        if self._over is not None:
            if not rung:
                asyncio.get_running_loop().call_soon(self.strike)
        elif self._nap is not None and not self._nap.done():
            self._nap.set_result(None)

    def strike(self, part: Callable[[], bool] | None = None) -> None:
        """The same from the loop itself: what answers in place of the task does so at this very moment. `part` is what
        there is to do, if it is known not to be all."""
        work, over = self._work, self._over
        if work is None or over is None or over.done():  # done by a cancellation that the task has not heard of yet
            self.ring()
            return
        self._work = None
        if part is None:
            self._rung = False
            part = work
        try:
            goes_on = part()
        except Exception as error:  # noqa: BLE001 (it is the task's: that raises it)
            over.set_exception(error)
        else:
            if goes_on:
                self._work = work
            else:
                over.set_result(None)

    def hear(self) -> None:
        """Something has come: it strikes for that, together with the alarms of others if much comes. A task that
        answers itself hears it at once."""
        if self._over is None:
            self.ring()
        else:
            self._clock.hear(self._strike_for)

    def _strike_for(self, came_s: float) -> None:
        self.came_s = came_s
        self.strike()
        self.came_s = None

    async def wait(self, until_s: float | None) -> None:
        """Waits for the alarm to ring, or for `until_s` (elapsed time)."""
        self.set(until_s)
        if not self._rung:
            self._nap = asyncio.get_running_loop().create_future()
            try:
                await self._nap
            finally:
                self._nap = None
        self._rung = False

    def answer(self, work: Callable[[], bool]) -> asyncio.Future[None]:
        """Lets `work` answer, now and whenever it rings, until it says no or raises: then what the task is to wait for
        is over. `rest` is to be called after that, whatever came of it. What the task need not be woken for costs half;
        a coroutine that did both would weigh 200 bytes for each station."""
        self._over = over = asyncio.get_running_loop().create_future()
        self._work = work
        self.strike()
        return over

    def rest(self) -> None:
        """The task hears the alarm itself again."""
        self._work = self._over = None

    def set(self, until_s: float | None) -> None:
        """It rings by then (elapsed time)."""
        # An earlier timer may stay: it rings in vain, and that is cheaper than a new one for each frame.
        if until_s is None or self._due_s <= until_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due_s = until_s
        self._timer = self._clock.call_at(until_s, self._come)

    def close(self) -> None:
        """Takes the timer back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._due_s = inf

    def _come(self) -> None:
        self._timer = None
        self._due_s = inf
        self.strike()
