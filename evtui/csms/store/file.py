"""The file of one CSMS: opened by one process at a time, written by one thread."""

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Self

from evtui.csms.store import schema
from evtui.csms.store.rows import Changes, flat
from evtui.disk.database import Statement, connect, set_aside, transaction
from evtui.errors import ConfigError


class CsmsFile:
    """Open until `close`. Failures to write are sqlite3.Error; a ConfigError names the file and what to do."""

    def __init__(self, path: Path, lock: int, database: sqlite3.Connection) -> None:
        self.path = path
        self.database = database
        self.set_aside: Path | None = None
        """Where a damaged file is that stood in the way."""
        self._lock = lock

    @classmethod
    def open(cls, path: Path, ways_out: str) -> Self:
        """The file, made if there is none; a damaged one is renamed first. `ways_out` tells people what else to do."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(f"{error.filename}: {error.strerror}; {ways_out}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return cls._opened(path, lock, ways_out)
        except BlockingIOError:
            os.close(lock)
            raise ConfigError(f"{path}: another CSMS uses it: stop that one, or {ways_out}") from None
        except BaseException:
            os.close(lock)
            raise

    @classmethod
    def _opened(cls, path: Path, lock: int, ways_out: str) -> Self:
        aside, kind = None, schema.KIND._replace(ways_out=ways_out)
        try:
            try:
                database = connect(path, kind)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                aside = set_aside(path)
                database = connect(path, kind)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}; {ways_out}") from None
        except sqlite3.Error as error:
            raise ConfigError(f"{path}: {error}; {ways_out}") from None
        file = cls(path, lock, database)
        file.set_aside = aside
        return file

    def close(self) -> None:
        """Lets go of the file."""
        with suppress(sqlite3.Error):  # what could not be written was told when it could not
            self.database.close()
        os.close(self._lock)

    def write(self, changes: Changes) -> None:
        """Writes all or, raising sqlite3.Error, nothing."""
        database = self.database
        with transaction(database):
            schema.STATION.execute(database, flat(changes.stations))
            schema.PART.execute(database, flat((*key, value) for key, value in changes.parts.items()))
            schema.NOTICE.execute(database, flat(changes.notices))
            schema.PAGE.execute(database, flat(changes.pages))
            for row in changes.complete:
                database.execute("delete from pages where number < ? and station = ? and kind = ? and request = ?", row)
            schema.TRANSACTION.execute(database, flat(changes.transactions.values()))
            schema.SAMPLE.execute(database, flat(changes.samples))
            schema.STEP.execute(database, flat(changes.steps))
            if changes.folded:
                database.execute("delete from steps where number <= ?", (changes.folded,))
            schema.START.execute(database, flat(changes.starts))
            self._replace("tokens", ("value", "type"), schema.TOKEN, changes.tokens)
            self._replace("settings", ("station", "name"), schema.SETTING, changes.settings)
            schema.FRAME.execute(database, flat(changes.frames))
            for call, answer in changes.answered.items():
                database.execute("update frames set pair = ? where number = ?", (answer, call))

    def _replace(
        self,
        table: str,
        columns: tuple[str, str],
        statement: Statement,
        values: dict[tuple[str, str], str | None],
    ) -> None:
        statement.execute(self.database, flat((*key, value) for key, value in values.items() if value is not None))
        for key, value in values.items():
            if value is None:
                where = " and ".join(f"{column} = ?" for column in columns)
                self.database.execute(f"delete from {table} where {where}", key)
