"""Group commit: one thread writes whenever it is free, and takes all that has gathered meanwhile, so that many small
changes cost what a few commits cost. Nobody waits for the disk but who asks to be called back."""

import asyncio
import logging
import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from evtui.ocppj.fault import printable

APART_S = 0.02
"""From one commit to the next, at least, if somebody is in a hurry."""

RETRY_S = 1.0
"""Before the next attempt to write, after one that failed."""

_EVER = sys.maxsize
_log = logging.getLogger("evtui.disk")

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Takes changes in a running loop, from `start` to `close`. `write` is called in the thread and raises
    sqlite3.Error; `merge` adds newer changes to older ones. `name` and `what` tell people which file it is and what is
    kept there, `tell` takes a sentence for them. `apart_s` is how long one commit waits for the one before, at least.
    `tend` is called in the thread now and then, and gives the seconds until the next time."""

    def __init__(
        self,
        write: Callable[[T], None],
        merge: Callable[[T, T], T],
        *,
        name: str,
        what: str,
        apart_s: float = APART_S,
        tell: Callable[[str], None],
        tend: Callable[[], float] | None = None,
    ) -> None:
        self.done = 0
        """Batches that are on the disk, or had to be given up."""
        self.trouble = ""
        """Why nothing can be written at the moment."""
        self._told = tell
        self._writing = write
        self._merge = merge
        self._name = name
        self._what = what
        self._apart_s = apart_s
        self._tend = tend
        self._put = 0
        self._gathered: T | None = None
        self._lock = threading.Lock()  # taken as such where it is taken often: a condition does it in Python
        self._change = threading.Condition(self._lock)
        self._not_before_s = 0.0  # monotonic: the next commit
        self._closing = False
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._write, name="disk", daemon=True)

    def start(self) -> None:
        """From now on it writes."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def close(self) -> None:
        """Writes what there is, if that is possible."""
        with self._change:
            self._closing = True
            self._change.notify()
        await asyncio.to_thread(self._thread.join)

    # -- from the loop to the thread, and back ----------------------------------------------------

    def put(self, changes: T) -> int:
        """Takes what is to be written together. Gives the number of the batch: `done` reaches it when it is."""
        with self._lock:
            gathered = self._gathered
            self._gathered = changes if gathered is None else self._merge(gathered, changes)
            self._put += 1
            if gathered is None:
                self._change.notify()
        return self._put

    def call(self, batch: int, ring: Callable[[], None]) -> None:
        """Calls back when that batch is on the disk."""
        if batch <= self.done:
            ring()
        else:
            self._waiting.append((batch, ring))

    def wrote(self, batch: int) -> None:
        """All up to that batch is on the disk: whoever waits is called."""
        self.done = batch
        waiting = self._waiting
        while waiting and waiting[0][0] <= batch:
            waiting.popleft()[1]()

    def write_now(self) -> None:
        """Writes what has gathered, in this thread: for whoever has started none."""
        gathered, self._gathered = self._gathered, None
        if gathered is not None:
            self._writing(gathered)
        self.wrote(self._put)

    # -- the thread -------------------------------------------------------------------------------

    def _write(self) -> None:
        tend_at_s = time.monotonic()
        try:
            while True:
                wait_s = None if self._tend is None else max(tend_at_s - time.monotonic(), 0.0)
                gathered, batch = self._gather(wait_s)
                if gathered is not None:
                    self._commit(gathered, batch)
                elif self._closing:
                    return
                if self._tend is not None and time.monotonic() >= tend_at_s and not self._closing:
                    tend_at_s = time.monotonic() + self._tend()
        finally:
            if not self._closing:  # a bug: nobody may wait for ever
                self._say(f"what keeps {self._what} has crashed: it is not kept any more")
                self._tell_loop(lambda: self.wrote(_EVER))

    def _gather(self, wait_s: float | None) -> tuple[T | None, int]:
        """What there is to write, as soon as there is something and it may be written, or the time is over, or the end
        has come."""
        with self._change:
            self._change.wait_for(lambda: self._gathered is not None or self._closing, wait_s)
            if self._gathered is not None:  # only now: while nothing comes, it need not wake up for this
                apart_s = self._not_before_s - time.monotonic()
                if apart_s > 0.0:
                    self._change.wait_for(lambda: self._closing, apart_s)
            gathered, self._gathered = self._gathered, None
            return gathered, self._put

    def _commit(self, changes: T, batch: int) -> None:
        self._not_before_s = time.monotonic() + self._apart_s
        try:
            self._writing(changes)
        except sqlite3.Error as error:
            self._failed(changes, str(error))
            self._not_before_s = time.monotonic() + RETRY_S
        else:
            if self.trouble:
                self.trouble = ""
                self._say(f"{self._name}: {self._what} is written again")
        self._tell_loop(lambda: self.wrote(batch))

    def _failed(self, changes: T, why: str) -> None:
        """All goes on without being kept; what could not be written is tried again, or else given up at the end."""
        with self._change:
            if not self._closing:
                self._gathered = changes if self._gathered is None else self._merge(changes, self._gathered)
        if why != self.trouble:
            self.trouble = why
            self._say(f"{self._name}: {printable(why)}: what happens from now on is not kept until it can be written")

    def _say(self, text: str) -> None:
        _log.error("%s", text)
        self._tell_loop(lambda: self._told(text))

    def _tell_loop(self, what: Callable[[], None]) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(what)
