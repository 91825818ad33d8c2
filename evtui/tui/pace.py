"""When a window looks at the fleet: at each tick, after each key; that much happens in the fleet does not hurry it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

BURST = 8
"""Looks that news may ask for before they have to wait: what a key sets off at one station is seen step by step."""


class Pace:
    """Looks `hz` times a second, each time counted from the last one, and whenever it is told to; with 0 only then."""

    def __init__(self, hz: float, now: Callable[[], float] = monotonic) -> None:
        self.period_s = 1 / hz if hz > 0 else None
        self._now = now
        self._due = asyncio.Event()
        self._looked_at = 0.0  # by the clock of the event loop
        self._news_at = now()
        self._looks = float(BURST)

    @property
    def due(self) -> bool:
        """It was told to look, and has not yet."""
        return self._due.is_set()

    def soon(self) -> None:
        """Look now."""
        self._due.set()

    def news(self) -> None:
        """Something happened in the fleet: look now, unless so much has happened lately that the next tick shows it."""
        now = self._now()
        if self.period_s is not None:
            passed_s = now - self._news_at
            self._looks = min(BURST, self._looks + passed_s / (2 * self.period_s))
        self._news_at = now
        if self._looks >= 1:
            self._looks -= 0 if self.period_s is None else 1
            self._due.set()

    async def turn(self) -> None:
        """Waits until it is time to look."""
        tick = None if self.period_s is None else self._looked_at + self.period_s
        with suppress(TimeoutError):
            async with asyncio.timeout_at(tick):
                await self._due.wait()
        self._due.clear()
        self._looked_at = asyncio.get_running_loop().time()

    async def rest(self) -> None:
        """Where much happens, lets news gather before the next ones are asked for: one answer brings all of them."""
        if self.period_s is not None and self._looks < 1:
            await asyncio.sleep(self.period_s)
