"""The frames of a run by filter and cursor, read in a thread: the fleet does not wait for a search."""

import asyncio
from typing import Literal

import msgspec

from evtui.api.records import FramePage, FrameRecord
from evtui.engine.door import Door
from evtui.errors import LocalError
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool import Columns, SpoolReader
from evtui.ocppj.spool_format import TYPE_MASK, TYPE_SHIFT

MOST_FRAMES = 1000
MOST_BYTES = 4_000_000
"""Of text in an answer."""

MOST_LOOKED_AT = 200_000
MOST_TEXTS = 10_000
"""Frames that one request looks at, and texts that it reads; then it answers what it has found."""

DirectionName = Literal["SENT", "RECEIVED"]
TypeName = Literal["UNREADABLE", "ECHONET", "CALL", "CALLRESULT", "CALLERROR", "CALLRESULTERROR", "SEND"]


class Query(msgspec.Struct, frozen=True):
    """Which frames: numbered above `after` (below 0: so many of the newest; None: from the oldest on), at most `limit`;
    empty filters let all through. `text` is looked for in the text of frames, in any case of letters."""

    after: int | None = None
    limit: int = 100
    station: str = ""
    action: str = ""
    direction: DirectionName | None = None
    type: TypeName | None = None
    text: str = ""


class Frames:
    """Reads the spool of a door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = asyncio.Lock()
        self._readers: dict[str, SpoolReader] = {}

    async def page(self, query: Query, spool: str = "") -> FramePage:
        """The frames that match, of the spool of that name (the first one when empty). LocalError: there is none."""
        infos = await self._door.frames()
        directory = next((info.directory for info in infos if spool in ("", info.name)), None)
        if directory is None:
            raise LocalError(f"there is no such spool; there are: {', '.join(info.name for info in infos) or 'none'}")
        async with self._lock:
            return await asyncio.to_thread(self._read, directory, query)

    def close(self) -> None:
        """Lets go of the files; nobody may read any more."""
        for reader in self._readers.values():
            reader.close()

    def _read(self, directory: str, query: Query) -> FramePage:
        if (reader := self._readers.get(directory)) is None:
            reader = self._readers[directory] = SpoolReader(directory)
        return _Search(reader, query).page()


class _Search:
    """One request's way through a spool."""

    def __init__(self, reader: SpoolReader, query: Query) -> None:
        self._reader = reader
        self._query = query
        self._needle = query.text.lower()
        self._count = reader.refresh()
        self._found: list[FrameRecord] = []
        self._looked_at = self._texts = self._bytes = 0
        station, action = reader.station_number(query.station), reader.action_number(query.action)
        self._nothing = (query.station and station is None) or (query.action and action is None)
        self._station = station if query.station else None
        self._action = action if query.action else None
        mask = flags = 0
        if query.direction is not None:
            mask, flags = 1, Direction[query.direction]
        if query.type is not None:
            mask, flags = mask | TYPE_MASK << TYPE_SHIFT, flags | FrameType[query.type] << TYPE_SHIFT
        self._mask, self._flags = mask, flags

    def page(self) -> FramePage:
        after = self._query.after
        start = self._reader.first if after is None else after + (1 if after >= 0 else self._count)
        number = start = max(start, self._reader.first)
        if self._nothing:
            number = self._count
        else:
            for columns in self._reader.columns(start):
                number = self._through(columns)
                if self._full:
                    break
        last = number - 1
        return FramePage(tuple(self._found), last, last < self._count - 1, self._reader.first)

    def _through(self, columns: Columns) -> int:
        """Looks through a segment; gives the number of the first frame that was not looked at."""
        for number, at in enumerate(range(columns.count), columns.first):
            if self._full:
                return number
            self._looked_at += 1
            if (
                (self._station is None or columns.stations[at] == self._station)
                and (self._action is None or columns.actions[at] == self._action)
                and columns.flags[at] & self._mask == self._flags
            ):
                self._take(self._reader.frame(number))
        return columns.first + columns.count

    def _take(self, frame: Frame) -> None:
        self._texts += 1
        if self._needle in frame.text.lower():
            self._found.append(_record(frame))
            self._bytes += len(frame.text)

    @property
    def _full(self) -> bool:
        return (
            len(self._found) >= self._query.limit
            or self._bytes >= MOST_BYTES
            or self._texts >= MOST_TEXTS
            or self._looked_at >= MOST_LOOKED_AT
        )


def _record(frame: Frame) -> FrameRecord:
    return FrameRecord(
        frame.number,
        frame.at,
        _encodable(frame.station),
        frame.direction.name,
        frame.type.name,
        _encodable(frame.action),
        _encodable(frame.message_id),
        _encodable(frame.text),
        _encodable(frame.fault),
        frame.masked,
        frame.pair,
        frame.rtt_s,
    )


def _encodable(text: str) -> str:
    """A text as JSON can carry it: halves of surrogate pairs, which a peer may send, as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
