"""The frames of a run by filter and cursor, read in a thread: the fleet does not wait for a search."""

import asyncio

from evtui.api.records import FramePage
from evtui.engine.door import Door
from evtui.errors import LocalError
from evtui.ocppj.filter import Found, scan
from evtui.ocppj.spool_merged import MergedReader, reader_of
from evtui.ocppj.spool_reader import SpoolReader
from evtui.web.frame_record import FrameRecord, Narrowing, filter_of, frame_record

MOST_FRAMES = 1000
MOST_BYTES = 4_000_000
"""Of text in an answer."""

MOST_LOOKED_AT = 200_000
"""Frames that one request looks at; then it answers what it has found."""

CHUNK = 2_048
"""Frames looked at in one go: few, so that the fleet's own thread gets its turn in between."""


class Query(Narrowing, frozen=True, kw_only=True):
    """Which frames: numbered above `after` (below 0: so many of the newest; None: from the oldest on), at most
    `limit`."""

    after: int | None = None
    limit: int = 100


class Frames:
    """Reads the spools of a door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = asyncio.Lock()
        self._readers: dict[tuple[str, ...], SpoolReader | MergedReader] = {}

    async def page(self, query: Query, spool: str = "") -> FramePage:
        """The frames that match, of the spool of that name (of all as one when empty). LocalError: there is none."""
        infos = await self._door.frames()
        directories = tuple([info.directory for info in infos if spool in ("", info.name)])
        if not directories:
            raise LocalError(f"there is no such spool; there are: {', '.join(info.name for info in infos) or 'none'}")
        async with self._lock:
            return await asyncio.to_thread(self._read, directories, query)

    def close(self) -> None:
        """Lets go of the files; nobody may read any more."""
        for reader in self._readers.values():
            reader.close()

    def _read(self, directories: tuple[str, ...], query: Query) -> FramePage:
        if (reader := self._readers.get(directories)) is None:
            reader = self._readers[directories] = reader_of(directories)
        return _Search(reader, query).page()


class _Search:
    """One request's way through a spool."""

    def __init__(self, reader: SpoolReader | MergedReader, query: Query) -> None:
        self._reader = reader
        self._query = query
        self._filter = filter_of(query)
        self._count = reader.refresh()
        self._found: list[FrameRecord] = []
        self._bytes = 0

    def page(self) -> FramePage:
        after = self._query.after
        start = self._reader.first if after is None else after + (1 if after >= 0 else self._count)
        start = max(start, self._reader.first)
        last = start - 1
        for found in scan(self._filter, self._reader, start, CHUNK):
            last = self._take(found)
            if self._full or last + 1 - start >= MOST_LOOKED_AT:
                break
        return FramePage(tuple(self._found), last, last < self._count - 1, self._reader.first)

    def _take(self, found: Found) -> int:
        """Takes what there is room for; gives the number of the last frame that counts as looked at."""
        for number in found.numbers:
            frame = self._reader.frame(number)
            self._found.append(frame_record(frame))
            self._bytes += len(frame.text)
            if self._full:
                return number
        return found.next - 1

    @property
    def _full(self) -> bool:
        return len(self._found) >= self._query.limit or self._bytes >= MOST_BYTES
