"""Where the engine gets its time: three readings of one clock, and timers on it."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from evtui.sim.instant import Instant

SLOT_S = 0.005
"""What is due within it comes together, at its end."""

TOGETHER_S = 0.01
"""What comes meanwhile is heard in one go, when much comes."""

MUCH = 25
"""In TOGETHER_S."""

SOON_S = 2.0
"""A timer for later than that is the loop's: what is cancelled there is gone at once."""


class Timer(Protocol):
    """A call that is due; `cancel` takes it back."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What the engine asks of a clock: nothing in the engine waits but through one."""

    speed: float

    def now(self) -> Instant: ...

    def call_at(self, elapsed_s: float, callback: Callable[[], None]) -> Timer:
        """Calls back in the running loop when `elapsed_s` has come; it may be a hair early, or SLOT_S late."""

    def hear(self, heard: Callable[[float], None]) -> None:
        """Something has come from outside: calls `heard` with that moment (elapsed time), now or TOGETHER_S later."""


async def sleep_until(clock: Clock, elapsed_s: float) -> None:
    """Waits until the clock shows `elapsed_s`."""
    while clock.now().elapsed_s < elapsed_s:
        come: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = clock.call_at(elapsed_s, lambda come=come: come.done() or come.set_result(None))  # type: ignore[misc]
        try:
            await come
        finally:
            timer.cancel()


class _Call:
    """A timer of ours: what to call, or nothing any more."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class SystemClock:
    """Wall time; physics runs `speed` times faster. What is due soon and within the same SLOT_S comes together, at the
    end of that: a thousand stations that have something to do each second wake the loop two hundred times for it. Much
    that comes from outside is heard together, too: one by one, each answer would find the processor's caches cold."""

    def __init__(self, speed: float = 60.0) -> None:
        self.speed = speed
        self._start_s = time.monotonic()
        self._slots: dict[int, list[_Call]] = {}
        self._together_until_s = 0.0  # elapsed time
        self._came = 0  # of what came until then, how much there was so far
        self._much = False  # came before that, in the same time
        self._unheard: list[tuple[Callable[[float], None], float]] = []

    def now(self) -> Instant:
        elapsed_s = time.monotonic() - self._start_s
        return Instant(datetime.now(UTC), elapsed_s, elapsed_s * self.speed)

    def call_at(self, elapsed_s: float, callback: Callable[[], None]) -> Timer:
        delay_s = elapsed_s + self._start_s - time.monotonic()
        if not 0.0 < delay_s < SOON_S:
            return asyncio.get_running_loop().call_later(max(delay_s, 0.0), callback)
        slot, call = int(elapsed_s / SLOT_S) + 1, _Call(callback)
        calls = self._slots.get(slot)
        if calls is None:
            calls = self._slots[slot] = []
            loop = asyncio.get_running_loop()
            loop.call_later(slot * SLOT_S + self._start_s - time.monotonic(), self._come, loop, slot)
        calls.append(call)
        return call

    def hear(self, heard: Callable[[float], None]) -> None:
        came_s = time.monotonic() - self._start_s
        if came_s >= self._together_until_s:
            self._much = self._came >= MUCH and came_s < self._together_until_s + TOGETHER_S
            self._together_until_s = came_s + TOGETHER_S
            self._came = 0
        self._came += 1
        if not self._much:
            heard(came_s)
            return
        if not self._unheard:
            loop = asyncio.get_running_loop()
            loop.call_later(self._together_until_s - came_s, self._hear_all, loop)
        self._unheard.append((heard, came_s))

    def _hear_all(self, loop: asyncio.AbstractEventLoop) -> None:
        unheard, self._unheard = self._unheard, []
        for heard, came_s in unheard:
            try:
                heard(came_s)
            except Exception as error:  # noqa: BLE001 (as the loop does: the others have their turn)
                loop.call_exception_handler({"message": "what came could not be heard", "exception": error})

    def _come(self, loop: asyncio.AbstractEventLoop, slot: int) -> None:
        for call in self._slots.pop(slot):
            if call.callback is not None:
                try:
                    call.callback()
                except Exception as error:  # noqa: BLE001 (as the loop does: the others have their turn)
                    loop.call_exception_handler({"message": "a timer's call failed", "exception": error})


class ManualClock:
    """A clock that moves only when told: a whole fleet runs through an hour without a second of waiting."""

    def __init__(
        self, speed: float = 60.0, utc: datetime = datetime(2025, 6, 2, 8, 0, tzinfo=UTC), turns: int = 200
    ) -> None:
        self.speed = speed
        self._utc = utc
        self._elapsed_s = 0.0
        self._turns = turns
        self._timers: list[tuple[float, int, _Call]] = []
        self._order = count()

    def now(self) -> Instant:
        utc = self._utc + timedelta(seconds=self._elapsed_s)
        return Instant(utc, self._elapsed_s, self._elapsed_s * self.speed)

    def call_at(self, elapsed_s: float, callback: Callable[[], None]) -> Timer:
        timer = _Call(callback)
        heappush(self._timers, (elapsed_s, next(self._order), timer))
        return timer

    def hear(self, heard: Callable[[float], None]) -> None:
        heard(self._elapsed_s)

    async def settle(self) -> None:
        """Lets the loop's other tasks run, a fixed number of turns: time stands still meanwhile."""
        for _ in range(self._turns):
            await asyncio.sleep(0)
            self._fire()

    async def advance(self, seconds: float) -> None:
        """Moves on, from timer to timer; after each one everybody may react before time goes on."""
        end_s = self._elapsed_s + seconds
        await self.settle()
        while self._timers and self._timers[0][0] <= end_s:
            self._elapsed_s = max(self._elapsed_s, self._timers[0][0])
            self._fire()
            await self.settle()
        self._elapsed_s = end_s
        await self.settle()

    def jump(self, seconds: float) -> None:
        """Moves on at once and fires nothing: what a suspended machine feels like when it wakes up."""
        self._elapsed_s += seconds

    def _fire(self) -> None:
        while self._timers and self._timers[0][0] <= self._elapsed_s:
            callback = heappop(self._timers)[2].callback
            if callback is not None:
                callback()
