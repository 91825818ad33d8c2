"""The file that keeps the state of the stations of one CSMS: SQLite, shared by all processes that run some of them.

Beside it lies `lock`, of which each process holds some bytes: the first for as long as it has the file open, shared
with the others, and one for each station that it runs. Standard library only.
"""

import fcntl
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar, NamedTuple, Self
from urllib.parse import urlsplit

from evtui.disk.database import Kind, Statement, commit, connect, set_aside, transaction
from evtui.errors import ConfigError

SCHEMA = 2

APART = 1 << 62
"""Added to a row's id if its key begins with one of BUSY."""

BUSY = ("evse/", "outbox/")
"""Rows that change with each message. New ones of all stations lie together, away from the others that hardly ever do:
what many stations write comes to fewer pages so, above all those of a checkpoint."""

_NAME, _LOCK = "state.db", "lock"
_USERS, _DOOR, _STATIONS = 0, 1, 1024  # bytes of the lock: who has the file open, who opens it, station 0
_ROW_BITS = 32

_CREATE = """
create table station (number integer primary key, id text not null unique);
create table row (id integer primary key, key text not null, record blob not null);
"""
# A row's id is the station's number, then the row's: rows of a station lie together, and a number may be used again.

_WAYS_OUT = "name another directory with --state, or keep no state with --ephemeral"
_KIND = Kind(
    application=0x65767475,  # "evtu"
    schema=SCHEMA,
    create=_CREATE,
    ways_out=_WAYS_OUT,
    migrations={1: ""},  # what lies elsewhere stays there
    settings=("secure_delete = on",),  # who is to be forgotten (N10) is, with every build of SQLite
)

_WRITE = Statement("insert or replace into row values {}", "(?,?,?)")
_DELETE = Statement("delete from row where id in ({})", "?")

Rows = Mapping[int, tuple[str, bytes | bytearray] | None]
"""By row id: what to write there, or None to delete it. For bytes, sqlite3 looks for an adapter each time."""


class Kept(NamedTuple):
    """What a station has kept: `rows` by their keys, and each key's row id."""

    number: int
    rows: dict[str, bytes]
    ids: dict[str, int]


class StateFile:
    """Open until `close`. Failures to write are sqlite3.Error; a ConfigError names the file and what to do."""

    _open: ClassVar[set[Path]] = set()  # by this process: locks would not keep it from itself

    def __init__(self, path: Path, lock: int, database: sqlite3.Connection) -> None:
        self.path = path
        self.set_aside: Path | None = None
        """Where a damaged file is that stood in the way."""
        self._lock = lock
        self._database = database
        self._turn = threading.Lock()  # stations are claimed by one thread, and written by another

    @classmethod
    def open(cls, directory: Path, csms_url: str) -> Self:
        """The file for a CSMS, made if there is none; a damaged one is renamed first."""
        home = home_of(directory, csms_url)
        path = home / _NAME
        if path in cls._open:
            raise ConfigError(f"{path}: is open in this process already")
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(f"{error.filename}: {error.strerror}; {_WAYS_OUT}") from None
        try:
            with _held(lock, _DOOR):
                fcntl.lockf(lock, fcntl.LOCK_SH, 1, _USERS)
                file = cls._opened(path, lock)
        except BaseException:
            os.close(lock)
            raise
        cls._open.add(path)
        return file

    @classmethod
    def _opened(cls, path: Path, lock: int) -> Self:
        try:
            return cls(path, lock, connect(path, _KIND))
        except sqlite3.OperationalError as error:
            raise ConfigError(f"{path}: {error}; {_WAYS_OUT}") from None
        except sqlite3.DatabaseError as error:
            damage = str(error)
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _USERS)
        except OSError:
            raise ConfigError(f"{path}: {damage}; another evtui uses it: stop that one, then start again") from None
        aside = set_aside(path)
        fcntl.lockf(lock, fcntl.LOCK_SH, 1, _USERS)
        try:
            file = cls(path, lock, connect(path, _KIND))
        except sqlite3.Error as error:
            raise ConfigError(f"{path}: {error}; {_WAYS_OUT}") from None
        file.set_aside = aside
        return file

    def close(self) -> None:
        """Lets go of the file and of all stations."""
        with suppress(sqlite3.Error):  # what could not be written was told when it could not
            self._database.close()
        os.close(self._lock)
        self._open.discard(self.path)

    # -- stations ---------------------------------------------------------------------------------

    def claim(self, station_ids: Sequence[str]) -> list[Kept]:
        """What these stations have kept; from now on nobody else may run them. ConfigError: somebody does."""
        claimed: list[Kept] = []
        try:
            with self._transaction():
                for station_id in station_ids:
                    claimed.append(self._claimed(station_id))  # noqa: PERF401
        except (sqlite3.Error, ConfigError) as error:
            for kept in claimed:
                self.release(kept.number)
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"{self.path}: {error}; {_WAYS_OUT}") from None
        return claimed

    def renew(self, station_id: str, number: int, former: str) -> Kept:
        """A station whose rows cannot be read starts like new; they stay, under a `former` name."""
        try:
            with self._transaction():
                self._database.execute("update station set id = ? where number = ?", (former, number))
                kept = self._claimed(station_id)
        except sqlite3.Error as error:
            raise ConfigError(f"{self.path}: {error}; {_WAYS_OUT}") from None
        self.release(number)
        return kept

    def release(self, number: int) -> None:
        """Somebody else may run that station."""
        fcntl.lockf(self._lock, fcntl.LOCK_UN, 1, _STATIONS + number)

    def _claimed(self, station_id: str) -> Kept:
        database = self._database
        found = database.execute("select number from station where id = ?", (station_id,)).fetchone()
        if found is None:
            found = (database.execute("insert into station (id) values (?)", (station_id,)).lastrowid,)
        (number,) = found
        try:
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _STATIONS + number)
        except OSError:
            raise ConfigError(
                f"{station_id}: another evtui runs this station, and its state is in {self.path}: stop that one, "
                "or keep none with --ephemeral"
            ) from None
        first = number << _ROW_BITS
        rows = [
            row
            for begin in (first, APART | first)
            for row in database.execute(
                "select key, id, record from row where id >= ? and id < ?", (begin, begin + (1 << _ROW_BITS))
            )
        ]
        return Kept(number, {key: record for key, _, record in rows}, {key: row_id for key, row_id, _ in rows})

    # -- rows -------------------------------------------------------------------------------------

    def write(self, rows: Rows) -> None:
        """Writes all or, raising sqlite3.Error, nothing."""
        written: list[object] = []
        deleted: list[object] = []
        for row_id, row in rows.items():
            if row is None:
                deleted.append(row_id)
            else:
                written += (row_id, *row)
        with self._turn:
            commit(self._database, [*_WRITE.steps(written), *_DELETE.steps(deleted)])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn, transaction(self._database):
            yield


def first_row(number: int) -> int:
    """The first row id of a station."""
    return number << _ROW_BITS


def home_of(directory: Path, csms_url: str) -> Path:
    """Where the state of the stations of an endpoint is: a name that people recognize, and that no two share."""
    parts = urlsplit(csms_url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    endpoint = f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}{parts.path.rstrip('/')}?{parts.query}"
    shown = re.sub(r"[^A-Za-z0-9.]+", "-", endpoint).strip("-")[:60]
    return directory / f"{shown}-{blake2b(endpoint.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}"


@contextmanager
def _held(lock: int, byte: int) -> Iterator[None]:
    fcntl.lockf(lock, fcntl.LOCK_EX, 1, byte)
    try:
        yield
    finally:
        fcntl.lockf(lock, fcntl.LOCK_UN, 1, byte)
