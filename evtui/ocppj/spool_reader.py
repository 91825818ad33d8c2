"""The reading end of a frame spool: any process, any number of them, read-only, whatever becomes of the writer."""

import mmap
import os
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool_format import (
    ANSWERS,
    FAULT_LENGTH,
    FAULTY,
    FLAGS_OFFSET,
    HEADER_SIZE,
    LOST,
    MAGIC,
    MASKED,
    MEDDLED,
    NAME_HEAD,
    NOTE_LENGTH,
    PAIR_OFFSET,
    RECORD,
    RECORD_SIZE,
    SLOT_COUNT,
    SLOT_MAGIC,
    SLOT_SEALED,
    STATION,
    TYPE_MASK,
    TYPE_SHIFT,
    stem,
)

LOST_FAULT = "the text of this frame is lost: the disk was full"
_UNKNOWN_NAME = "?"
_DIRECTIONS = (Direction.SENT, Direction.RECEIVED)
_TYPES = {int(type): type for type in FrameType}


class Head(msgspec.Struct, frozen=True, gc=False):
    """A frame without what stands in its text file: as in Frame; `faulty` says that there is a fault to read, `meddled`
    that there is a note; `size` is in bytes."""

    number: int
    at: float
    station: str
    direction: Direction
    type: FrameType
    action: str
    faulty: bool
    masked: bool
    pair: int | None
    rtt_s: float | None
    size: int
    meddled: bool = False


class Columns(msgspec.Struct, frozen=True):
    """The index of `count` frames from number `first` on, field by field, as views that cost nothing: what a filter
    scans. Stations and actions are the numbers that `station_number` and `action_number` give; the bits of `flags` are
    those of `spool_format`. They are valid until the next `refresh` or `close`."""

    first: int
    count: int
    at: "memoryview[float]"
    stations: "memoryview[int]"
    actions: "memoryview[int]"
    flags: "memoryview[int]"
    pairs: "memoryview[int]"
    rtts_us: "memoryview[int]"


class Texts:
    """The texts of frames in a row: what a search reads. `whole` holds all of them, with what stands between; each one
    begins at its place in `starts`. Valid as long as the columns that it came with."""

    def __init__(self, segment: "_Mapped", records: memoryview) -> None:
        self._segment = segment
        self._marks = records
        words = records.cast("I")
        self._offsets, self._lengths = words[2::8], words[3::8]

    @cached_property
    def whole(self) -> bytes:
        first = self._offsets[0]
        return self._segment.read(first, self._offsets[-1] + self._lengths[-1] - first)

    @cached_property
    def starts(self) -> list[int]:
        first = self._offsets[0]
        return [offset - first for offset in self._offsets]

    def text(self, position: int) -> bytes:
        """A text as it was on the wire; of one that is lost, nothing."""
        flags, id_length = self._marks[
            position * RECORD_SIZE + FLAGS_OFFSET : position * RECORD_SIZE + FLAGS_OFFSET + 2
        ]
        if flags & LOST:
            return b""
        start = self._offsets[position] - self._offsets[0]
        body = self.whole[start : start + self._lengths[position]]
        if flags & FAULTY and len(body) >= FAULT_LENGTH.size:
            (fault_length,) = FAULT_LENGTH.unpack_from(body, len(body) - FAULT_LENGTH.size)
            body = body[: len(body) - FAULT_LENGTH.size - fault_length]
        if flags & MEDDLED:
            body, _ = _noted(body)
        return body[id_length:]


class SpoolReader:
    """Reads the spool in a directory, from its oldest kept frame `first` to the one before `count`; both change in
    `refresh` alone. Frame numbers never shift. A directory that holds no spool (yet) is an empty one."""

    def __init__(self, directory: Path | str) -> None:
        self._directory = Path(directory)
        self._names = Names(self._directory / "names")
        self._segments: list[_Mapped] = []
        self._firsts: list[int] = []
        self.first = 0
        self.count = 0

    # -- following the writer ---------------------------------------------------------------------

    def refresh(self) -> int:
        """Takes up what the writer added and dropped meanwhile; gives `count`, the number of the next frame to come."""
        segments = self._segments
        if not segments:
            self._open_from(0)
        else:
            segments[-1].refresh()
        while segments and segments[-1].sealed:
            last = segments[-1]
            following = _mapped(self._directory, last.first + last.count)
            if following is not None:
                segments.append(following)
            elif not self._open_from(last.first + last.count + 1):
                break
        while len(segments) > 1 and not segments[0].exists():
            segments.pop(0).close()
        self._firsts = [segment.first for segment in segments]
        if segments:
            self.first = self._firsts[0]
            self.count = segments[-1].first + segments[-1].count
            self._names.refresh()
        return self.count

    def _open_from(self, first: int) -> bool:
        """Finds the segments from `first` on by looking: at the start, and when the writer was so far ahead that the
        segment behind the last known one is gone. All older ones are gone too, then."""
        found: list[_Mapped] = []
        for number in segment_numbers(self._directory):
            mapped = _mapped(self._directory, number) if number >= first else None
            if mapped is None:
                continue
            if found and found[-1].first + found[-1].count != number:
                _close_all(found)
            found.append(mapped)
        if not found:
            return False
        _close_all(self._segments)
        self._segments.extend(found)
        return True

    # -- reading ----------------------------------------------------------------------------------

    def frame(self, number: int) -> Frame:
        """A frame with its text. IndexError if it is not kept (any more) or not known yet."""
        segment, record = self._record(number)
        at, offset, length, station, action, flags, id_length, distance, rtt_us = record
        text, fault, noted = b"", LOST_FAULT, b""
        message_id = b""
        if not flags & LOST:
            body = segment.read(offset, length)
            fault = ""
            if flags & FAULTY and len(body) == length:
                (fault_length,) = FAULT_LENGTH.unpack_from(body, length - FAULT_LENGTH.size)
                end = length - FAULT_LENGTH.size - fault_length
                fault = _decoded(body[end : end + fault_length])
                body = body[:end]
            if flags & MEDDLED:
                body, noted = _noted(body)
            message_id, text = body[:id_length], body[id_length:]
        type = _TYPES.get(flags >> TYPE_SHIFT & TYPE_MASK, FrameType.UNREADABLE)
        note, _, original = _decoded(noted).partition("\n")
        return Frame(
            number,
            at,
            self._names.station(station),
            _DIRECTIONS[flags & 1],
            type,
            self._names.action(action),
            _decoded(message_id),
            _decoded(text),
            fault,
            bool(flags & MASKED),
            self._pair(number, type, distance),
            rtt_us / 1_000_000 if rtt_us else None,
            note,
            original,
        )

    def head(self, number: int) -> Head:
        """A frame without its text: reads no file. IndexError as for `frame`."""
        at, _, length, station, action, flags, id_length, distance, rtt_us = self._record(number)[1]
        type = _TYPES.get(flags >> TYPE_SHIFT & TYPE_MASK, FrameType.UNREADABLE)
        return Head(
            number,
            at,
            self._names.station(station),
            _DIRECTIONS[flags & 1],
            type,
            self._names.action(action),
            bool(flags & (FAULTY | LOST)),
            bool(flags & MASKED),
            self._pair(number, type, distance),
            rtt_us / 1_000_000 if rtt_us else None,
            length - id_length,
            bool(flags & MEDDLED),
        )

    def _record(self, number: int) -> tuple["_Mapped", tuple[float, int, int, int, int, int, int, int, int]]:
        if not self.first <= number < self.count:
            raise IndexError(f"frame {number} is not kept: there are {self.first} to {self.count - 1}")
        segment = self._segments[bisect_right(self._firsts, number) - 1]
        return segment, RECORD.unpack_from(segment.map, HEADER_SIZE + (number - segment.first) * RECORD_SIZE)

    def _pair(self, number: int, type: FrameType, distance: int) -> int | None:
        if not distance:
            return None
        pair = number - distance if type in ANSWERS else number + distance
        return pair if self.first <= pair < self.count else None

    # -- filtering --------------------------------------------------------------------------------

    def columns(self, start: int = 0) -> Iterator[Columns]:
        """The index from frame `start` on, segment by segment."""
        for segment in self._segments:
            skip = max(start - segment.first, 0)
            if skip < segment.count:
                yield segment.columns(skip)

    def chunks(self, start: int, size: int) -> Iterator[tuple[Columns, Texts]]:
        """Index and texts from frame `start` on, at most `size` frames at a time."""
        for segment in tuple(self._segments):
            for skip in range(max(start - segment.first, 0), segment.count, size):
                yield segment.chunk(skip, min(size, segment.count - skip))

    def between(self, start: int, end: int) -> Iterator[tuple[Columns, Texts]]:
        """Index and texts of the frames from `start` to before `end`, segment by segment."""
        for segment in tuple(self._segments):
            low, high = max(start - segment.first, 0), min(end - segment.first, segment.count)
            if low < high:
                yield segment.chunk(low, high - low)

    @property
    def stations(self) -> tuple[str, ...]:
        """All stations that ever sent or received a frame, in order of appearance."""
        return tuple(self._names.stations)

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions there ever were, in order of appearance; "" stands for frames without a known one."""
        return tuple(self._names.actions)

    def station_number(self, station: str) -> int | None:
        """What stands for a station in Columns; None if it has no frame."""
        return _index(self._names.stations, station)

    def action_number(self, action: str) -> int | None:
        """What stands for an action in Columns; None if it has no frame."""
        return _index(self._names.actions, action)

    def close(self) -> None:
        """Lets go of all files."""
        _close_all(self._segments)
        self._firsts = []
        self._names.close()
        self.first = self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Names:
    """The stations and actions of a spool; `size` is the bytes of the file that hold complete names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self.size = 0
        self.stations: list[str] = []
        self.actions: list[str] = []

    def station(self, number: int) -> str:
        return self.stations[number] if number < len(self.stations) else _UNKNOWN_NAME

    def action(self, number: int) -> str:
        return self.actions[number] if number < len(self.actions) else _UNKNOWN_NAME

    def refresh(self) -> None:
        """Reads the names that were added meanwhile."""
        if self._file is None:
            try:
                self._file = os.open(self._path, os.O_RDONLY)
            except FileNotFoundError:
                return
        while data := os.pread(self._file, 1 << 20, self.size):
            taken = self._take(data)
            self.size += taken
            if not taken:
                return

    def _take(self, data: bytes) -> int:
        offset = 0
        while offset + NAME_HEAD.size <= len(data):
            kind, length = NAME_HEAD.unpack_from(data, offset)
            end = offset + NAME_HEAD.size + length
            if end > len(data):
                break
            (self.stations if kind == STATION else self.actions).append(_decoded(data[offset + NAME_HEAD.size : end]))
            offset = end
        return offset

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class _Mapped:
    """A segment: its index mapped, its text file open, so that both outlive their names."""

    def __init__(self, index: Path) -> None:
        text = os.open(index.with_suffix(".text"), os.O_RDONLY)
        try:
            with index.open("rb") as file:
                self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            os.close(text)
            raise
        self._text = text
        self._index = index
        self._view = memoryview(self.map)
        self._slots = self._view[:HEADER_SIZE].cast("Q")
        self._room = (len(self.map) - HEADER_SIZE) // RECORD_SIZE
        self.first = int(index.stem)
        self.count = 0
        self.sealed = False
        self.valid = self._slots[SLOT_MAGIC] == MAGIC
        self.refresh()

    def refresh(self) -> None:
        # In this order: a sealed segment's count is final.
        self.sealed = bool(self._slots[SLOT_SEALED])
        self.count = min(self._slots[SLOT_COUNT], self._room)

    def exists(self) -> bool:
        return self._index.exists()

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._text, length, offset)

    def columns(self, skip: int) -> Columns:
        return _columns(self._records(skip, self.count - skip), self.first + skip)

    def chunk(self, skip: int, count: int) -> tuple[Columns, Texts]:
        records = self._records(skip, count)
        return _columns(records, self.first + skip), Texts(self, records)

    def _records(self, skip: int, count: int) -> memoryview:
        start = HEADER_SIZE + skip * RECORD_SIZE
        return self._view[start : start + count * RECORD_SIZE]

    def close(self) -> None:
        # The map itself goes with the last view of it: a caller may still hold columns.
        os.close(self._text)


def _noted(body: bytes) -> tuple[bytes, bytes]:
    """What stands before a note, and the note."""
    if len(body) < NOTE_LENGTH.size:
        return body, b""
    (length,) = NOTE_LENGTH.unpack_from(body, len(body) - NOTE_LENGTH.size)
    start = max(len(body) - NOTE_LENGTH.size - length, 0)
    return body[:start], body[start : len(body) - NOTE_LENGTH.size]


def _columns(records: memoryview, first: int) -> Columns:
    words = records.cast("I")
    return Columns(
        first,
        len(records) // RECORD_SIZE,
        records.cast("d")[0::4],
        words[4::8],
        records.cast("H")[10::16],
        records[FLAGS_OFFSET::RECORD_SIZE],
        words[PAIR_OFFSET // 4 :: 8],
        words[PAIR_OFFSET // 4 + 1 :: 8],
    )


def segment_numbers(directory: Path) -> list[int]:
    """The first frame numbers of the segments in a directory, ascending."""
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    stems = (name.removesuffix(".index") for name in names if name.endswith(".index"))
    return sorted(int(digits) for digits in stems if digits.isdecimal())


def _mapped(directory: Path, first: int) -> _Mapped | None:
    """The segment that begins with frame `first`; None if there is none, or the writer drops it just now."""
    try:
        segment = _Mapped(directory / f"{stem(first)}.index")
    except (OSError, ValueError, TypeError):
        return None
    if not segment.valid:
        segment.close()
        return None
    return segment


def _close_all(segments: list[_Mapped]) -> None:
    for segment in segments:
        segment.close()
    segments.clear()


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _index(names: list[str], name: str) -> int | None:
    try:
        return names.index(name)
    except ValueError:
        return None
