"""Switching a fleet on, station by station, instead of all at once."""

from collections.abc import Callable, Sequence

from evtui.engine.clock import Clock, sleep_until
from evtui.engine.session import Session


class Ramp:
    """Starts sessions evenly over `over_s` (elapsed time)."""

    name = "ramp"

    def __init__(
        self, sessions: Sequence[Session], over_s: float, clock: Clock, start: Callable[[Session], None]
    ) -> None:
        self._waiting = list(sessions)
        self._step_s = over_s / max(len(self._waiting), 1)
        self._clock = clock
        self._start = start

    async def run(self) -> None:
        due_s = self._clock.now().elapsed_s
        while self._waiting:
            self._start(self._waiting.pop(0))
            due_s += self._step_s
            await sleep_until(self._clock, due_s)

    def crashed(self, error: Exception) -> None:
        """It goes on with those that still wait."""
