"""The store: what the CSMS remembers beyond its own life. One thread writes; answers wait for it, nobody else."""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterable
from itertools import repeat
from pathlib import Path
from typing import Final

import msgspec

from evtui.csms.books import Books
from evtui.csms.registry import StationRecord
from evtui.csms.store.bounds import Bounds, expire, squeeze, tidy
from evtui.csms.store.file import CsmsFile
from evtui.csms.store.frame_rows import FrameRows
from evtui.csms.store.history import History
from evtui.csms.store.loading import load
from evtui.csms.store.rows import Changes, take
from evtui.csms.store.steps import FOLD_S, Steps
from evtui.csms.transactions import Transaction
from evtui.disk.group_commit import GroupCommit
from evtui.errors import ConfigError
from evtui.ocppj.frame import Direction
from evtui.ocppj.received import FrameMeta

APART_S: Final = 0.02
"""From one commit to the next, at least, when many stations are in a hurry."""

BURST: Final = 50
"""Commits that may follow each other at once: a few stations are answered without delay."""

MOST_GATHERED: Final = 128
"""Frames that wait to be handled in one go: it takes some milliseconds, in which nothing else is done."""

MOST_WAITING_ROWS: Final = 50_000
MOST_WAITING_CHARACTERS: Final = 64_000_000
"""What is held for a disk that takes nothing: frames, samples and the like; the oldest go."""

_LOOK_EVERY_S: Final = 2.0  # at the size
_EXPIRE_EVERY_S: Final = 60.0  # at what is too old
_STEP_S: Final = 0.05
_SEEN_EVERY_S: Final = 10.0  # what changes with each frame of a station is written so often
_SEEN_AT_ONCE: Final = 20  # stations


class Store:
    """Open from `open` to `close`, in a running loop. `books` must note their changes in a journal that is keeping.
    `clock` gives Unix time; `tell` takes a sentence for people."""

    def __init__(
        self,
        path: Path,
        books: Books,
        bounds: Bounds,
        *,
        clock: Callable[[], float],
        tell: Callable[[str], None],
        ways_out: str,
    ) -> None:
        """ConfigError: the file cannot be used; `ways_out` tells people what else to do."""
        self._file = CsmsFile.open(path, ways_out)
        database = self._file.database
        try:
            unfolded = load(database, books)
            frames, notices, pages, steps = map(_highest, repeat(database), ("frames", "notices", "pages", "steps"))
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self._file.close()
            raise ConfigError(f"{path}: {error}; move it away, or {ways_out}") from None
        self.history = History(path)
        self._books = books
        self._bounds = bounds
        self._clock = clock
        self._tell = tell
        self._changes = Changes()
        self._frames = FrameRows(frames + 1)
        self._steps = Steps(steps + 1)
        self._folding: asyncio.TimerHandle | None = None
        self._numbers = itertools.count(max(notices, pages) + 1).__next__
        self._batch = 0
        self._scheduled = False
        self._due_s = 0.0
        self._gathered: list[Callable[[], None]] = []
        self._waiting: list[Callable[[], None]] = []
        self._credit = float(BURST)
        self._handed_s = 0.0
        self._seen: dict[StationRecord, float] = {}
        self._expire_at_s = 0.0
        self._commits: GroupCommit[Changes] = GroupCommit(
            self._write,
            _merged,
            name=str(path),
            what="what the CSMS remembers",
            apart_s=0.0,
            tell=tell,
            tend=self._tend,
        )
        books.transactions.find_stored = self._find
        books.journal.on_change = self._changed
        self._loop = asyncio.get_running_loop()
        self._commits.start()
        for transaction, steps_of in unfolded:
            self._steps.hold(transaction, steps_of, self._loop.time() - FOLD_S)
        if books.journal.changed or unfolded:
            self._changed()

    async def close(self) -> None:
        """Writes what there is, and lets go of the file."""
        for station in self._seen:
            station.changed()
        self._hand_over(every=True)
        if self._folding is not None:
            self._folding.cancel()
        await self._commits.close()
        await self.history.close()
        self._file.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def damaged(self) -> Path | None:
        """A file that could not be read, and was set aside."""
        return self._file.set_aside

    @property
    def trouble(self) -> str:
        """Why nothing can be written at the moment; "" while all is well."""
        return self._commits.trouble

    # -- writing ----------------------------------------------------------------------------------

    def append(self, at: float, station: str, direction: Direction, meta: FrameMeta, text: str, masked: bool) -> int:
        """Keeps a frame; gives its number."""
        number = self._frames.append(self._changes, at, station, direction, meta, text, masked)
        if not self._scheduled:
            self._changed()
        return number

    def seen(self, station: StationRecord, now: float) -> None:
        """Something came from a station, or went to it: in time this is written, too."""
        self._seen.setdefault(station, now)

    def gather(self, work: Callable[[], None]) -> None:
        """Does what leads to something to be kept: soon, or, while a commit is put off so that others can come along,
        in one go with their work when it is due. Who waits for it waits longer by what that takes, some milliseconds
        at most; but a frame costs a fifth less where another was handled just before, as the processor has all that it
        needs at hand."""
        if not self._scheduled:
            self._changed()
        if self._due_s > self._loop.time() and len(self._gathered) < MOST_GATHERED:
            self._gathered.append(work)
        else:
            self._loop.call_soon(work)

    def when_written(self, ring: Callable[[], None]) -> bool:
        """Calls back when all that was told so far is on the disk, or the disk takes nothing; says no if that is so."""
        commits = self._commits
        if commits.trouble:
            return False
        if self._scheduled:
            self._waiting.append(ring)
        elif self._batch <= commits.done:
            return False
        else:
            commits.call(self._batch, ring)
        return True

    async def committed(self) -> None:
        """Returns when all that was told so far is on the disk, or the disk takes nothing."""
        done: asyncio.Future[None] = self._loop.create_future()

        def written() -> None:
            if not done.done():
                done.set_result(None)

        if self.when_written(written):
            await done

    def _changed(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._due_s = self._next_s()
            self._loop.call_at(self._due_s, self._hand_over)

    def _next_s(self) -> float:
        """When the thread gets what gathers from now on: at once while there is credit, or else not before others
        could come along."""
        now_s = self._loop.time()
        idle_s = max(now_s - self._handed_s - APART_S, 0.0)
        self._credit = min(self._credit + idle_s / APART_S, float(BURST))
        if self._credit >= 1.0:
            self._credit -= 1.0
            return now_s
        return max(now_s, self._handed_s + APART_S)

    def _hand_over(self, *, every: bool = False) -> None:
        """Gives the thread what has gathered; `every` transaction may be written as a whole, too."""
        gathered, self._gathered = self._gathered, []
        for work in gathered:
            work()
        self._scheduled = False
        now_s = self._handed_s = self._loop.time()
        now = self._clock()
        if self._seen:
            self._note_seen()
        changes, self._changes = self._changes, Changes()
        self._steps.take(self._books.journal.steps, changes, now_s)
        self._steps.fold(changes, now_s, now, every=every)
        if self._steps and self._folding is None:
            self._folding = self._loop.call_later(FOLD_S, self._fold)
        take(self._books.journal, changes, now, self._numbers)
        self._batch = self._commits.put(changes)
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._commits.call(self._batch, lambda: _ring(waiting))

    def _fold(self) -> None:
        self._folding = None
        self._changed()

    def _note_seen(self) -> None:
        now = self._clock()
        for station, since in list(itertools.islice(self._seen.items(), _SEEN_AT_ONCE)):
            if 0 <= now - since < _SEEN_EVERY_S:
                return
            del self._seen[station]
            station.changed()

    # -- in the thread ----------------------------------------------------------------------------

    def _write(self, changes: Changes) -> None:
        self._file.write(changes)
        if changes.lost:
            text = f"{self.path}: {changes.lost} frames and samples are lost: there was no room for them"
            self._loop.call_soon_threadsafe(self._tell, text)

    def _tend(self) -> float:
        """Keeps the file within its bounds; gives the seconds until the next look."""
        database = self._file.database
        try:
            if squeeze(database, self._bounds):
                return _STEP_S
            if time.monotonic() >= self._expire_at_s:
                if expire(database, self._bounds, self._clock()):
                    return _STEP_S
                tidy(database)
                self._expire_at_s = time.monotonic() + _EXPIRE_EVERY_S
        except sqlite3.Error:
            pass  # who writes next tells what is wrong
        return _LOOK_EVERY_S

    def _find(self, station_id: str, transaction_id: str) -> Transaction | None:
        """A transaction that the books have forgotten; the newest are never looked for. One short read on a key."""
        held = self._steps.held(station_id, transaction_id)
        if held is not None:
            return held
        stored = self.history.find(station_id, transaction_id)
        if stored is None:
            return None
        number, facts = stored
        transaction = Transaction(station_id, transaction_id, number, self._books.journal)
        transaction.restore(facts)
        return transaction


def _ring(waiting: Iterable[Callable[[], None]]) -> None:
    for ring in waiting:
        ring()


def _merged(older: Changes, newer: Changes) -> Changes:
    older.add(newer)
    older.keep_within(MOST_WAITING_ROWS, MOST_WAITING_CHARACTERS)
    return older


def _highest(database: sqlite3.Connection, table: str) -> int:
    ((highest,),) = database.execute(f"select coalesce(max(number), 0) from {table}").fetchall()
    return int(highest)
