"""Finding frames in the file, chunk by chunk, in either direction, with the filters of the frame spool."""

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec

from evtui.ocppj.filter import Filter
from evtui.ocppj.filter.terms import Chunk, positions
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool_format import FAULTY, MASKED, TYPE_SHIFT

CHUNK: Final = 1_000
"""Frames looked at in one go: few, so that the CSMS's own thread gets its turn in between."""

MOST_LOOKED_AT: Final = 100_000
"""Frames that one search looks at; then it answers what it has found."""

MOST_CHARACTERS: Final = 4_000_000
"""Of text in an answer."""

_COLUMNS: Final = "number, at, station, direction, type, action, message_id, text, fault, masked, pair, rtt_s"


class FramePage(msgspec.Struct, frozen=True):
    """Frames that were found, oldest first. All from `first` to `last` have been looked at: what is older is found
    before `first`, what is newer after `last`; `more` says whether there is anything in the direction of the search."""

    frames: tuple[Frame, ...]
    first: int
    last: int
    more: bool


def search(
    database: sqlite3.Connection, wanted: Filter, *, after: int | None, before: int | None, limit: int
) -> FramePage:
    """Frames that the filter lets through: the next ones after a number, or else the newest before one, or of all."""
    forward = after is not None
    at = after if after is not None else _end(database) if before is None else before
    found: list[Frame] = []
    first = last = edge = at
    looked_at = characters = 0
    more = True
    while more and looked_at < MOST_LOOKED_AT:
        rows = _rows(database, edge, forward)
        more = len(rows) == CHUNK
        looked_at += len(rows)
        for row in _passing(wanted, rows):
            frame = _frame(row)
            found.append(frame)
            characters += len(frame.text)
            if len(found) >= limit or characters >= MOST_CHARACTERS:
                edge = frame.number
                more = more or edge != rows[-1][0]
                break
        else:
            edge = rows[-1][0] if rows else edge
            continue
        break
    if forward:
        first, last = at + 1, edge
    else:
        first, last = edge, at - 1
        found.reverse()
    return FramePage(tuple(found), first, last, more)


def frame(database: sqlite3.Connection, number: int) -> Frame | None:
    """A frame by its number; None: it is not kept (any more)."""
    row = database.execute(f"select {_COLUMNS} from frames where number = ?", (number,)).fetchone()
    return None if row is None else _frame(row)


def newest(database: sqlite3.Connection, limit: int) -> list[Frame]:
    """The newest frames, oldest first."""
    rows = database.execute(f"select {_COLUMNS} from frames order by number desc limit ?", (limit,)).fetchall()
    return [_frame(row) for row in reversed(rows)]


def _end(database: sqlite3.Connection) -> int:
    ((highest,),) = database.execute("select coalesce(max(number), 0) from frames").fetchall()
    return int(highest) + 1


def _rows(database: sqlite3.Connection, edge: int, forward: bool) -> list[Any]:
    sign, order = (">", "asc") if forward else ("<", "desc")
    statement = f"select {_COLUMNS} from frames where number {sign} ? order by number {order} limit ?"
    return database.execute(statement, (edge, CHUNK)).fetchall()


def _passing(wanted: Filter, rows: Sequence[Any]) -> Iterator[Any]:
    """Those that the filter lets through, in order."""
    if not rows:
        return
    index = _Index(rows)
    chunk = Chunk(index.count, index, _Texts(rows), index.station_names, index.action_names)
    mask = wanted.mask(chunk, chunk.all)
    for position in positions(mask, chunk.count) if mask else ():
        yield rows[position]


def _frame(row: Any) -> Frame:
    number, at, station, direction, type, action, message_id, text, fault, masked, pair, rtt_s = row
    return Frame(
        number,
        at,
        station,
        Direction(direction),
        FrameType(type),
        action,
        message_id,
        text,
        fault,
        bool(masked),
        pair,
        rtt_s,
    )


class _Index:
    """Rows as the index of a spool would have them."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.first = 0
        self.count = len(rows)
        stations: dict[str, int] = {}
        actions: dict[str, int] = {}
        self.stations = [stations.setdefault(row[2], len(stations)) for row in rows]
        self.actions = [actions.setdefault(row[5], len(actions)) for row in rows]
        self.station_names = tuple(stations)
        self.action_names = tuple(actions)
        self.pairs = [0 if row[10] is None else 1 for row in rows]
        self.rtts_us = [0 if row[11] is None else max(round(row[11] * 1_000_000), 1) for row in rows]
        self.flags = memoryview(
            bytes(row[3] | row[4] << TYPE_SHIFT | (FAULTY if row[8] else 0) | (MASKED if row[9] else 0) for row in rows)
        )


class _Texts:
    """The texts of rows."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    @cached_property
    def _encoded(self) -> list[bytes]:
        return [row[7].encode() for row in self._rows]

    @cached_property
    def whole(self) -> bytes:
        return b"\n".join(self._encoded)

    @cached_property
    def starts(self) -> Sequence[int]:
        starts, at = array("q"), 0
        for text in self._encoded:
            starts.append(at)
            at += len(text) + 1
        return starts

    def text(self, position: int) -> bytes:
        encoded: bytes = self._rows[position][7].encode()
        return encoded
