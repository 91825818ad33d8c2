"""The store: what the CSMS remembers beyond its own life. One thread writes; answers wait for it, nobody else."""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from evtui.csms.books import Books
from evtui.csms.registry import StationRecord
from evtui.csms.store.bounds import Bounds, tidy
from evtui.csms.store.file import CsmsFile
from evtui.csms.store.frame_rows import FrameRows
from evtui.csms.store.history import History
from evtui.csms.store.loading import load
from evtui.csms.store.rows import Changes, take
from evtui.csms.transactions import Facts
from evtui.disk.group_commit import GroupCommit
from evtui.errors import ConfigError
from evtui.ocppj.frame import Direction, FrameType

BURST: Final = 50
"""Commits that may follow each other at once: a few stations are answered without delay."""

MOST_WAITING_FRAMES: Final = 20_000
"""Frames that are kept for a disk that takes nothing; the oldest go."""

_REST_S: Final = 60.0  # between looks at the bounds, when nothing has to go
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
            load(database, books)
            frames, notices, pages = (_highest(database, table) for table in ("frames", "notices", "pages"))
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self._file.close()
            raise ConfigError(f"{path}: {error}; move it away, or {ways_out}") from None
        self.history = History(path)
        self._books = books
        self._bounds = bounds
        self._clock = clock
        self._changes = Changes()
        self._frames = FrameRows(frames + 1)
        self._numbers = itertools.count(max(notices, pages) + 1).__next__
        self._batch = 0
        self._scheduled = False
        self._seen: dict[StationRecord, float] = {}
        self._lost = 0
        self._commits: GroupCommit[Changes] = GroupCommit(
            self._file.write,
            self._merged,
            name=str(path),
            what="what the CSMS remembers",
            burst=BURST,
            tend=self._tend,
        )
        self._commits.tell = tell
        books.transactions.find_stored = self._find
        books.journal.on_change = self._changed
        self._loop = asyncio.get_running_loop()
        self._commits.start()
        if books.journal.changed:
            self._changed()

    async def close(self) -> None:
        """Writes what there is, and lets go of the file."""
        for station in self._seen:
            station.changed()
        self._hand_over()
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

    def append(
        self,
        at: float,
        station: str,
        direction: Direction,
        type: FrameType,
        action: str,
        message_id: str,
        text: str,
        fault: str,
        masked: bool,
    ) -> int:
        """Keeps a frame; gives its number."""
        number = self._frames.append(
            self._changes, at, station, direction, type, action, message_id, text, fault, masked
        )
        self._changed()
        return number

    def seen(self, station: StationRecord, now: float) -> None:
        """Something came from a station, or went to it: in time this is written, too."""
        self._seen.setdefault(station, now)

    @property
    def written(self) -> bool:
        """All that was told so far is on the disk, as far as it takes anything."""
        return not self._hand_over() or self._batch <= self._commits.done or bool(self._commits.trouble)

    async def committed(self) -> None:
        """Returns when all that was told so far is on the disk, or the disk takes nothing."""
        if self.written:
            return
        done: asyncio.Future[None] = self._loop.create_future()
        self._commits.call(self._batch, lambda: _set(done))
        await done

    def _changed(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> bool:
        """Gives the thread what there is; False if there never was anything."""
        if not self._scheduled:
            return bool(self._batch)
        self._scheduled = False
        if self._seen:
            self._note_seen()
        changes, self._changes = self._changes, Changes()
        take(self._books.journal, changes, self._clock(), self._numbers)
        self._batch = self._commits.put(changes)
        return True

    def _note_seen(self) -> None:
        now = self._clock()
        for station, since in list(itertools.islice(self._seen.items(), _SEEN_AT_ONCE)):
            if 0 <= now - since < _SEEN_EVERY_S:
                return
            del self._seen[station]
            station.changed()

    # -- in the thread ----------------------------------------------------------------------------

    def _merged(self, older: Changes, newer: Changes) -> Changes:
        older.add(newer)
        if len(older.frames) > MOST_WAITING_FRAMES:
            self._lost += len(older.frames) - MOST_WAITING_FRAMES
            del older.frames[:-MOST_WAITING_FRAMES]
        return older

    def _tend(self) -> float:
        """Keeps the file within its bounds; gives the seconds until the next look."""
        try:
            if self._file.prune(self._bounds, self._clock()):
                return _STEP_S
            tidy(self._file.database)
        except sqlite3.Error:
            pass  # who writes next tells what is wrong
        return _REST_S

    def _find(self, station_id: str, transaction_id: str) -> tuple[int, Facts] | None:
        """A transaction that the books have forgotten; the newest are never looked for. One short read on a key."""
        return self.history.find(station_id, transaction_id)


def _set(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _highest(database: sqlite3.Connection, table: str) -> int:
    ((highest,),) = database.execute(f"select coalesce(max(number), 0) from {table}").fetchall()
    return int(highest)
