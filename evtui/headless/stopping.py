"""An order to stop, and work that it cuts short."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import TextIO, TypeVar

from evtui.headless.verdict import DONE
from evtui.host.shutdown import end_within

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
T = TypeVar("T")


class Stopping:
    """Whether a run was told to stop, and with which exit code it then ends: within `exit_s`, whatever hangs."""

    def __init__(self, exit_s: float) -> None:
        self.ordered = asyncio.Event()
        self._exit_s = exit_s
        self._code = DONE

    @property
    def code(self) -> int | None:
        """The exit code; None: nobody has told it to stop."""
        return self._code if self.ordered.is_set() else None

    def heed_signals(self) -> None:
        """Each that asks for an end is an order to stop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.order, 128 + number)

    def order(self, code: int = DONE) -> None:
        """Transactions end first. Ctrl-C again means at once."""
        if self.ordered.is_set() and code == 128 + signal.SIGINT:
            end_within(0, code)
        if not self.ordered.is_set():
            self._code = code
            self.ordered.set()
            end_within(self._exit_s, code)

    def lost(self, stream: TextIO) -> None:
        """Whoever listened is gone, as with a closed pipe: what is still buffered goes nowhere."""
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        self.order(128 + signal.SIGPIPE)


async def unless(stopped: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """What the work gives; None when the order came before."""
    if stopped.is_set():
        work.close()
        return None
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work)
        stopping = group.create_task(stopped.wait())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        stopping.cancel()
    return None if working.cancelled() else working.result()
