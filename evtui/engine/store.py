"""The store: the one writer of the stations' state, in a thread of its own. It commits whenever it is free, and takes
all that has gathered meanwhile, so that five thousand stations cost what some fifty commits a second cost.

What is put for one station at once is written at once. Nobody waits for the disk but messages, which go out when what
they tell has been written: see `Shelf`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import platformdirs

from evtui.disk.group_commit import GroupCommit
from evtui.engine.state_file import APART, BUSY, Kept, StateFile, first_row
from evtui.sim.memory import Record

Rows = dict[int, tuple[str, bytearray] | None]

_encode_into = msgspec.msgpack.Encoder().encode_into


class Shelf:
    """One station's place in the store: `found` is what was there, until somebody takes it; `former` is the name of
    what could not be read."""

    __slots__ = (
        "_commits",
        "_desk",
        "_free",
        "_gone",
        "_ids",
        "_next",
        "_put",
        "_written",
        "former",
        "found",
        "number",
        "station_id",
    )

    def __init__(
        self, commits: GroupCommit[Rows], desk: bytearray, station_id: str, kept: Kept, former: str = ""
    ) -> None:
        """Records are written out on the `desk`, before the next one takes its place: there they need not grow."""
        self.station_id = station_id
        self.former = former
        self.found: Mapping[str, bytes] = kept.rows
        self.number = kept.number
        self._commits = commits
        self._desk = desk
        self._ids = kept.ids
        first = first_row(kept.number)
        self._next = max((row_id & ~APART for row_id in kept.ids.values()), default=first) + 1
        self._free: list[int] = []  # row ids, without APART
        self._written = self._put = 0  # batches of the store: the last with a record of ours, and with anything
        self._gone: Rows = {}  # deletions that wait for the next records

    def take(self) -> Mapping[str, bytes]:
        """What was found there, which this forgets: as long as a station runs, its memory knows it."""
        found, self.found = self.found, {}
        return found

    def put(self, rows: Mapping[str, Record | None]) -> tuple[str, ...]:
        """Writes records, and deletes those that are None: with the next records, or with a `flush`. Gives the
        keys that cannot be written: text in them is no Unicode."""
        changes, ids, desk = self._gone, self._ids, self._desk
        unwritable: tuple[str, ...] = ()
        records = False
        for key, record in rows.items():
            if record is None:
                row_id = ids.pop(key, None)
                if row_id is not None:
                    changes[row_id] = None
                    self._free.append(row_id & ~APART)
                continue
            try:
                _encode_into(record, desk)
                row_id = ids.get(key) or self._new_id(key)
            except UnicodeEncodeError:
                unwritable += (key,)
                continue
            changes[row_id] = (key, desk[:])
            records = True
        if records:
            self._gone = {}
            self._written = self._put = self._commits.put(changes)
        return unwritable

    def flush(self) -> None:
        """Deletes what waits to be deleted."""
        if self._gone:
            self._put = self._commits.put(self._gone)
            self._gone = {}

    def _new_id(self, key: str) -> int:
        key.encode()
        if self._free:
            number = self._free.pop()
        else:
            number = self._next
            self._next += 1
        self._ids[key] = row_id = number | APART if key.startswith(BUSY) else number
        return row_id

    def ticket(self, *, deletions: bool) -> int:
        """What to wait for until all records are on the disk that were put so far; and nothing that was deleted is on
        it any more, if that matters."""
        if not deletions:
            return self._written
        self.flush()
        return self._put

    def reached(self, ticket: int) -> bool:
        """It is."""
        return ticket <= self._commits.done

    def call(self, ticket: int, ring: Callable[[], None]) -> None:
        """Calls back when it is."""
        self._commits.call(ticket, ring)


class Store:
    """Open within its context, in a running loop. `tell` takes a sentence for people, in the loop."""

    def __init__(self, directory: Path, csms_url: str, writer: type[GroupCommit[Rows]] = GroupCommit) -> None:
        """ConfigError: the file cannot be used."""
        self._file = StateFile.open(directory, csms_url)
        self._desk = bytearray()  # of all shelves
        self.tell: Callable[[str], None] = lambda text: None
        self._commits = writer(
            self._file.write,
            _merged,
            name=str(self._file.path),
            what="the stations' state",
            tell=lambda text: self.tell(text),
        )

    async def __aenter__(self) -> Self:
        self._commits.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._commits.close()
        self._file.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def damaged(self) -> Path | None:
        """A file that could not be read, and was set aside."""
        return self._file.set_aside

    # -- stations ---------------------------------------------------------------------------------

    def shelves(self, station_ids: Iterable[str]) -> list[Shelf]:
        """The places of these stations, which are theirs alone from now on. ConfigError: another process runs one."""
        ids = list(station_ids)
        claimed = zip(ids, self._file.claim(ids), strict=True)
        return [Shelf(self._commits, self._desk, station_id, kept) for station_id, kept in claimed]

    def renew(self, shelf: Shelf) -> Shelf:
        """A new place for a station whose rows cannot be read; those stay in the file as the `former` station.
        ConfigError: it cannot be written."""
        former = f"{shelf.station_id} (damaged {datetime.now(UTC):%Y-%m-%d %H:%M:%S})"
        kept = self._file.renew(shelf.station_id, shelf.number, former)
        return Shelf(self._commits, self._desk, shelf.station_id, kept, former)

    def release(self, shelf: Shelf) -> None:
        """The station does not run here any more: others may run it when all that it has put is written."""
        shelf.call(shelf.ticket(deletions=True), lambda: self._file.release(shelf.number))


def _merged(older: Rows, newer: Rows) -> Rows:
    older.update(newer)
    return older


def place_of(state: str) -> Path:
    """Where state is kept: "" is the user's own directory."""
    return Path(state) if state else Path(platformdirs.user_state_path("evtui")) / "stations"


def store_at(state: str, csms_url: str) -> Store:
    """The store in such a directory. ConfigError: the file cannot be used."""
    return Store(place_of(state), csms_url)
