"""A SQLite file of ours: opened when it is sound and of a schema we know, brought up to date, written in few steps."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from evtui.errors import ConfigError

BUSY_MS = 5_000

_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)  # rows in a statement
_MOST_VALUES = 999  # that SQLite may take in one
_CHECKED_BYTES = 256 << 20  # of a bigger file, damage is told by whoever comes across it: all of it would take long


class Kind(NamedTuple):
    """What a file is: its application id, the version of its schema, the statements that make it, those that bring an
    older version one step forward, and what people can do when it cannot be used. `settings` are pragmas."""

    application: int
    schema: int
    create: str
    ways_out: str
    migrations: Mapping[int, str] = {}
    settings: tuple[str, ...] = ()


def connect(path: Path, kind: Kind) -> sqlite3.Connection:
    """The database, sound and of this schema, made if there is none. DatabaseError: it is damaged; OperationalError: it
    cannot be used now; ConfigError: a newer evtui has written it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # it may hold secrets
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    try:
        database.execute(f"pragma busy_timeout = {BUSY_MS}")
        ((application,),) = database.execute("pragma application_id").fetchall()
        ((schema,),) = database.execute("pragma user_version").fetchall()
        ((tables,),) = database.execute("select count(*) from sqlite_master").fetchall()
        if tables and application != kind.application:
            raise sqlite3.DatabaseError("is a database of something else")
        if schema > kind.schema:
            raise ConfigError(f"{path}: was written by a newer evtui; {kind.ways_out}")
        if path.stat().st_size <= _CHECKED_BYTES:
            (sound,) = database.execute("pragma quick_check(1)").fetchone()
            if sound != "ok":
                raise sqlite3.DatabaseError(sound)
        for setting in kind.settings:
            database.execute(f"pragma {setting}")
        database.execute("pragma journal_mode = wal")
        # What is committed outlasts this process, however it ends. To outlast the machine's own power failure, too,
        # each commit would have to wait for the disk: a quarter more CPU for each message, and every sample later.
        database.execute("pragma synchronous = normal")
        # A statement of many rows keeps what it may have to undo: in memory, not in a file of its own each time.
        database.execute("pragma temp_store = memory")
        if not tables:
            marks = f"pragma application_id = {kind.application}; pragma user_version = {kind.schema};"
            database.executescript(f"begin exclusive; {kind.create} {marks} commit;")
        elif schema < kind.schema:
            _migrate(database, schema, kind)
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: sqlite3.Connection, schema: int, kind: Kind) -> None:
    """All steps or none."""
    steps = " ".join(kind.migrations[each] for each in range(schema, kind.schema))
    try:
        database.executescript(f"begin exclusive; {steps} pragma user_version = {kind.schema}; commit;")
    except BaseException:
        with suppress(sqlite3.Error):
            database.execute("rollback")
        raise


def set_aside(path: Path) -> Path:
    """Moves a damaged database away, with what belongs to it; gives its new name."""
    aside = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{path.suffix}")
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            Path(f"{path}{end}").rename(f"{aside}{end}")
    return aside


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All that is written in it is committed at its end, or nothing."""
    database.execute("begin immediate")
    try:
        yield
        database.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk may have ended it already
            database.execute("rollback")
        raise


Step = tuple[str, list[object]]
"""A statement, and its values."""


class Statement:
    """One for any number of rows: `{}` in `form` becomes a comma-separated list of `row`s."""

    def __init__(self, form: str, row: str) -> None:
        self._width = row.count("?")
        self._sizes = tuple(size for size in _SIZES if size * self._width <= _MOST_VALUES)
        self._texts = {size: form.format(",".join([row] * size)) for size in self._sizes}

    def steps(self, values: list[object]) -> Iterator[Step]:
        """For rows, one after the other in `values`: few, each filled up by its last row again."""
        width = self._width
        most = self._sizes[-1] * width
        for first in range(0, len(values), most):
            part = values[first : first + most]
            rows = len(part) // width
            size = next(size for size in self._sizes if size >= rows)
            yield self._texts[size], [*part, *(part[-width:] * (size - rows))]

    def execute(self, database: sqlite3.Connection, values: list[object]) -> None:
        """Carries them out, in a transaction of the caller's."""
        for step in self.steps(values):
            database.execute(*step)


def commit(database: sqlite3.Connection, steps: Sequence[Step]) -> None:
    """Carries out all of them, or none. One alone is a transaction by itself: each further one gives up the
    interpreter's lock, and may wait long to have it back; and SQLite copies each page first, to undo that one alone."""
    if len(steps) == 1:
        database.execute(*steps[0])
        return
    with transaction(database):
        for step in steps:
            database.execute(*step)
