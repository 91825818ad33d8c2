"""How much is kept: frames and ended transactions go, the oldest first, when there are too many or they are too old."""

import sqlite3
from math import inf
from typing import Final

import msgspec

from evtui.disk.database import transaction

DAY_S: Final = 86_400.0

_FRAMES: Final = 2_000  # in a step
_TRANSACTIONS: Final = 50
_PAGES: Final = 500  # given back to the disk in a step
_NOTICES: Final = 200  # of a station
_STARTS: Final = 5_000


class Bounds(msgspec.Struct, frozen=True):
    """`max_bytes`: of the file; `max_days`: the age of frames, and of transactions since their last event."""

    max_bytes: int = 2 << 30
    max_days: float = 30.0


def squeeze(database: sqlite3.Connection, bounds: Bounds) -> bool:
    """Takes a small step towards the size; False when there is nothing (more) to do."""
    size, total = _pragma(database, "page_size"), _pragma(database, "page_count")
    used = (total - _pragma(database, "freelist_count")) * size
    if used > bounds.max_bytes:
        with transaction(database):
            return _frames(database) > 0 or _transactions(database, "ended_at is not null") > 0
    if total * size > bounds.max_bytes:  # the bound was another one before
        database.execute(f"pragma incremental_vacuum({_PAGES})").fetchall()
        return _pragma(database, "page_count") < total
    return False


def expire(database: sqlite3.Connection, bounds: Bounds, now: float) -> bool:
    """Takes a small step towards the age; False when there is nothing (more) to do."""
    before = now - bounds.max_days * DAY_S
    with transaction(database):
        frames = _frames(database, before)
        return frames >= _FRAMES or _transactions(database, "written_at < ?", before) >= _TRANSACTIONS


def _frames(database: sqlite3.Connection, before: float = inf) -> int:
    """Deletes the oldest frames, but never the newest of all: its number must not come again."""
    oldest = database.execute(
        "select number, at from frames where number < (select max(number) from frames) order by number limit ?",
        (_FRAMES,),
    ).fetchall()
    last = next((number for number, at in reversed(oldest) if at < before), None)
    if last is None:
        return 0
    return database.execute("delete from frames where number <= ?", (last,)).rowcount


def _transactions(database: sqlite3.Connection, condition: str, *values: float) -> int:
    """Deletes the oldest transactions of which this is true, with their samples; but never the newest of all."""
    going = database.execute(
        f"select number from transactions where {condition} and number < (select max(number) from transactions) "
        "order by number limit ?",
        (*values, _TRANSACTIONS),
    ).fetchall()
    database.executemany("delete from samples where tx = ?", going)
    database.executemany("delete from transactions where number = ?", going)
    return len(going)


def tidy(database: sqlite3.Connection) -> None:
    """What only the newest of count: notices of each station, and starts of 1.6 transactions."""
    with transaction(database):
        database.execute(
            "delete from notices where number in (select number from "
            "(select number, row_number() over (partition by station order by number desc) as place from notices) "
            "where place > ?)",
            (_NOTICES,),
        )
        database.execute("delete from starts where number <= (select max(number) from starts) - ?", (_STARTS,))


def _pragma(database: sqlite3.Connection, name: str) -> int:
    ((value,),) = database.execute(f"pragma {name}").fetchall()
    return int(value)
