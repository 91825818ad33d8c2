"""What is stored, for those who ask: read by a connection of its own, in a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from evtui.csms.meter import Reading, from_figures
from evtui.csms.series import Series
from evtui.csms.store import frame_search
from evtui.csms.store.frame_search import FramePage
from evtui.csms.store.steps import StepsOf, stored_steps
from evtui.csms.transactions import Facts, Transaction, TransactionRecord
from evtui.disk.database import BUSY_MS
from evtui.errors import LocalError
from evtui.ocppj.filter import Filter, parse, uses_patterns
from evtui.ocppj.frame import Frame

MOST_TRANSACTIONS: Final = 1_000
MOST_FRAMES: Final = 1_000

_SELECT: Final = "select number, station, id, facts from transactions"
_BIGGEST: Final = (1 << 63) - 1

T = TypeVar("T")


class TransactionPage(msgspec.Struct, frozen=True):
    """Transactions, newest first; the older ones that match, too, come `before` the number `next` (None: no more)."""

    transactions: tuple[TransactionRecord, ...]
    next: int | None


class History:
    """Reads the file of a store: what it tells is at most a few milliseconds old. One question at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "csms history")
        self._database: sqlite3.Connection | None = None
        self._finding: sqlite3.Connection | None = None

    async def close(self) -> None:
        """Nobody may ask any more."""
        await asyncio.to_thread(self._thread.shutdown)
        for database in (self._database, self._finding):
            if database is not None:
                database.close()

    # -- transactions -----------------------------------------------------------------------------

    async def transactions(
        self, *, station: str | None = None, running: bool | None = None, before: int | None = None, limit: int = 100
    ) -> TransactionPage:
        """The newest transactions with a number below `before`, of a station or all, running or ended or both."""
        conditions, values = ["number < ?"], [_BIGGEST if before is None else min(before, _BIGGEST)]
        parameters: list[object] = list(values)
        if station is not None:
            conditions.append("station = ?")
            parameters.append(station)
        if running is not None:
            conditions.append("ended_at is null" if running else "ended_at is not null")
        limit = max(1, min(limit, MOST_TRANSACTIONS))
        found = await self._run(
            _transactions, f"{' and '.join(conditions)} order by number desc limit ?", (*parameters, limit + 1)
        )
        return TransactionPage(found[:limit], found[limit - 1].number if len(found) > limit else None)

    async def transaction(self, number: int) -> TransactionRecord | None:
        """A transaction by its number; None: there is none (any more)."""
        if not -_BIGGEST < number < _BIGGEST:
            return None
        return next(iter(await self._run(_transactions, "number = ?", (number,))), None)

    async def transaction_of(self, station: str, transaction_id: str) -> TransactionRecord | None:
        """A transaction by the name that its station gave it; None: there is none (any more)."""
        return next(iter(await self._run(_transactions, "station = ? and id = ?", (station, transaction_id))), None)

    async def meter_values(self, number: int) -> tuple[tuple[float, Reading], ...]:
        """The meter series of a transaction, oldest first, thinned as `Series` says; times are Unix time."""
        if not -_BIGGEST < number < _BIGGEST:
            return ()
        return await self._run(_series, number)

    # -- frames -----------------------------------------------------------------------------------

    async def frames(
        self,
        wanted: Filter | str = "",
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> FramePage:
        """Frames that a filter lets through, oldest first: the next ones after a number, or the newest before one, or
        of all. A search looks at a bounded number of frames, so it may find nothing although there is `more`.
        LocalError: the filter is none, or takes regular expressions, which could hold up the CSMS."""
        if isinstance(wanted, str):
            wanted = parse(wanted)
        if uses_patterns(wanted):
            raise LocalError("~b is for the window: here a regular expression could hold up the CSMS; write a word")
        bounded = [None if each is None else max(-1, min(each, _BIGGEST)) for each in (after, before)]
        limit = max(1, min(limit, MOST_FRAMES))
        return await self._run(
            lambda database: frame_search.search(database, wanted, after=bounded[0], before=bounded[1], limit=limit)
        )

    async def frame(self, number: int) -> Frame | None:
        """A frame by its number; None: it is not kept (any more)."""
        return await self._run(frame_search.frame, number) if -_BIGGEST < number < _BIGGEST else None

    async def newest(self, limit: int) -> list[Frame]:
        """The newest frames, oldest first."""
        return await self._run(frame_search.newest, limit)

    # -- for the books ----------------------------------------------------------------------------

    def find(self, station_id: str, transaction_id: str) -> tuple[int, Facts] | None:
        """A stored transaction that has no steps, at once: one look at the index."""
        if self._finding is None:
            self._finding = _connected(self._path)
        try:
            row = self._finding.execute(f"{_SELECT} where station = ? and id = ?", (station_id, transaction_id))
            found = row.fetchone()
        except (sqlite3.Error, UnicodeEncodeError):  # then it is a new one
            return None
        return None if found is None else (found[0], msgspec.json.decode(found[3], type=Facts))

    async def _run(self, read: Callable[..., T], *arguments: object) -> T:
        """LocalError: the disk does not let us."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, read, arguments)
        except sqlite3.Error as error:
            raise LocalError(f"{self._path}: {error}") from None

    def _read(self, read: Callable[..., T], arguments: tuple[object, ...]) -> T:
        if self._database is None:
            self._database = _connected(self._path)
        return read(self._database, *arguments)


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
    )
    database.execute(f"pragma busy_timeout = {BUSY_MS}")
    return database


@contextmanager
def _one_moment(database: sqlite3.Connection) -> Iterator[None]:
    """What is read in it is of one moment, whatever is written meanwhile: no step is missed, or told of two times."""
    database.execute("begin")
    try:
        yield
    finally:
        database.execute("rollback")


def _transactions(
    database: sqlite3.Connection, which: str, values: tuple[object, ...]
) -> tuple[TransactionRecord, ...]:
    with _one_moment(database):
        rows = database.execute(f"{_SELECT} where {which}", values).fetchall()
        steps = stored_steps(database, f"where tx in (select number from transactions where {which})", values)
    return tuple(_record(number, station, id, facts, steps.get(number)) for number, station, id, facts in rows)


def _record(number: int, station_id: str, transaction_id: str, facts: str, steps: StepsOf | None) -> TransactionRecord:
    transaction = Transaction(station_id, transaction_id, number)
    transaction.restore(msgspec.json.decode(facts, type=Facts))
    if steps is not None:
        steps.retell(transaction)
    return transaction.record()


def _series(database: sqlite3.Connection, number: int) -> tuple[tuple[float, Reading], ...]:
    series = Series()
    with _one_moment(database):
        samples = database.execute(
            "select at, power_w, energy_wh, soc_percent, voltage_v, current_a from samples where tx = ? order by at",
            (number,),
        ).fetchall()
        facts = database.execute("select facts from transactions where number = ?", (number,)).fetchone()
        steps = stored_steps(database, "where tx = ?", (number,)).get(number)
    for at, *numbers in samples:
        series.add(at, from_figures(numbers))
    if facts is not None and (last := msgspec.json.decode(facts[0], type=Facts).last) is not None:
        series.add(last[0], from_figures(last[1]))
    for _, at, numbers, _ in steps.steps if steps is not None else ():
        series.add(at, from_figures(numbers))
    return tuple(series)
