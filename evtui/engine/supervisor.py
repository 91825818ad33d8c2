"""The supervisor: a bug in one session marks that session, and never touches another."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from evtui.engine.clock import Clock, sleep_until

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0

_log = logging.getLogger("evtui.engine")


class Ward(Protocol):
    """What a supervisor looks after."""

    @property
    def name(self) -> str: ...

    async def run(self) -> None:
        """Runs until its work is done; is called again after a crash."""

    def crashed(self, error: Exception) -> None:
        """It has crashed, and will run again after a wait."""


class Supervisor:
    """Runs each ward in a task of its own. This is the one place that catches everything: here a bug becomes a line in
    the diagnostics log, and a restart after a wait that doubles while crashes follow each other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resting: set[str] = set()  # those that wait for a restart

    def start(self, ward: Ward) -> None:
        """Runs a ward from now on."""
        task = asyncio.get_running_loop().create_task(self._tend(ward), name=ward.name)
        self._tasks[ward.name] = task
        task.add_done_callback(self._forget)

    async def stop(self, names: Iterable[str], by_s: float) -> None:
        """Waits until these wards have ended by themselves; those that have not by `by_s` (elapsed time) are
        cancelled, and those that wait for a restart at once."""
        tasks = {name: task for name in names if (task := self._tasks.get(name)) is not None}
        if not tasks:
            return
        if by_s > self._clock.now().elapsed_s:
            _cancel(task for name, task in tasks.items() if name in self._resting)
            timer = self._clock.call_at(by_s, lambda: _cancel(tasks.values()))
        else:
            _cancel(tasks.values())
            timer = None
        try:
            await asyncio.wait(tasks.values())
        finally:
            if timer is not None:
                timer.cancel()

    def _forget(self, task: asyncio.Task[None]) -> None:
        name = task.get_name()
        if self._tasks.get(name) is task:
            del self._tasks[name]
            self._resting.discard(name)

    async def _tend(self, ward: Ward) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            began_s = self._clock.now().elapsed_s
            try:
                await ward.run()
                return
            except Exception as error:  # noqa: BLE001
                _log.exception("%s crashed", ward.name)
                ward.crashed(error)
            now_s = self._clock.now().elapsed_s
            if now_s - began_s > LONGEST_WAIT_S:
                wait_s = FIRST_WAIT_S
            self._resting.add(ward.name)
            await sleep_until(self._clock, now_s + wait_s)
            self._resting.discard(ward.name)
            wait_s = min(2.0 * wait_s, LONGEST_WAIT_S)


def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
