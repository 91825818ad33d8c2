"""Commands that were submitted over HTTP: they run on their own, whoever waits for them, and are remembered."""

import asyncio
import logging
from collections import Counter
from itertools import count

import msgspec

from evtui.api.records import CommandRecord, State
from evtui.engine.door import Command, Door, Outcome
from evtui.errors import BusyError, EvtuiError

KEEP = 1000
"""Finished commands that can still be asked about."""

MOST_RUNNING = 100

_ENDED = Outcome(False, "the fleet has ended")
_CRASHED = Outcome(False, "evtui failed to carry this out, which is a bug: the diagnostics log (--log) tells more")

_log = logging.getLogger("evtui.api")


class Commands:
    """Submits commands to a door, each in a task of its own. The newest KEEP finished ones are remembered."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._numbers = count(1)
        self._records: dict[int, CommandRecord] = {}
        self._running: dict[int, asyncio.Task[Outcome]] = {}
        self.finished: Counter[tuple[str, State]] = Counter()
        """How many commands of each name ended in each state."""

    def submit(self, command: Command) -> int:
        """Starts a command and gives its number. BusyError: too many are running."""
        if len(self._running) >= MOST_RUNNING:
            raise BusyError(f"{MOST_RUNNING} commands are running already; wait for one of them")
        number = next(self._numbers)
        station_id = command.targets[0].station_id if command.targets else ""
        self._records[number] = CommandRecord(number, command.name, station_id, State.RUNNING)
        task = asyncio.get_running_loop().create_task(self._outcome(command), name=f"command {number}")
        self._running[number] = task
        task.add_done_callback(lambda task: self._end(number, task))
        return number

    async def record(self, number: int, wait_s: float | None) -> CommandRecord | None:
        """What has become of a command after `wait_s`, or as soon as it has ended (None: however long that takes).
        None if there was no such command, or it is forgotten."""
        if (task := self._running.get(number)) is not None:
            await asyncio.wait((task,), timeout=wait_s)
        return self._records.get(number)

    async def close(self) -> None:
        """Lets go of what still runs."""
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _outcome(self, command: Command) -> Outcome:
        try:
            return await self._door.submit(command)
        except EvtuiError as error:
            return Outcome(False, str(error))

    def _end(self, number: int, task: asyncio.Task[Outcome]) -> None:
        del self._running[number]
        if task.cancelled():
            outcome = _ENDED
        elif (error := task.exception()) is not None:
            _log.error("%s failed", task.get_name(), exc_info=error)
            outcome = _CRASHED
        else:
            outcome = task.result()
        state = State.DONE if outcome.done else State.REFUSED
        record = self._records.pop(number)
        self._records[number] = msgspec.structs.replace(record, state=state, text=outcome.text, results=outcome.results)
        self.finished[record.command, state] += 1
        while len(self._records) - len(self._running) > KEEP:
            del self._records[next(each for each in self._records if each not in self._running)]
