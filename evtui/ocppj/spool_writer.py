"""The writing end of a frame spool: one in a process, never waiting for a reader, never failing for a full disk."""

import errno
import mmap
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from evtui.errors import LocalError
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool_format import (
    ACTION,
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
    PAIR,
    PAIR_OFFSET,
    RECORD,
    RECORD_SIZE,
    SLOT_COUNT,
    SLOT_FIRST,
    SLOT_MAGIC,
    SLOT_SEALED,
    STATION,
    TYPE_SHIFT,
    stem,
)
from evtui.ocppj.spool_reader import Names, segment_numbers

DEFAULT_MAX_BYTES = 512 << 20
_FLUSH_BYTES = 1 << 18
_SEGMENT_BYTES = (1 << 16, 1 << 26)
_CAPACITY = (256, 1 << 15)
_ACTION_LIMIT = 4_096  # the peer may invent actions: beyond so many they are all recorded as `_OTHER_ACTION`
_OTHER_ACTION = "…"
_NAME_LIMIT = 255  # characters of a station id or an action
_MESSAGE_ID_LIMIT = 63  # characters; the text has all of them
_FAULT_LIMIT = 1_000
_WAITING_LIMIT = 8  # CALLs that wait for an answer, for each station and direction
_RTT_LIMIT_US = 0xFFFFFFFF
_FIRST_PAIR: Final = HEADER_SIZE + PAIR_OFFSET
_pack_record: Final = RECORD.pack_into
_pack_pair: Final = PAIR.pack_into
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SpoolWriter:
    """Appends frames to the spool in a directory (made if needed, for this user only). A spool that is there already
    is continued (LocalError if it is damaged). `max_bytes` bounds what it takes on disk: beyond it the oldest segments
    go. `lost` counts the frames whose text could not be written."""

    def __init__(self, directory: Path | str, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._directory = Path(directory)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._max_bytes = max_bytes
        self._segment_bytes = min(max(max_bytes // 8, _SEGMENT_BYTES[0]), _SEGMENT_BYTES[1])
        self._capacity = min(max(self._segment_bytes // 256, _CAPACITY[0]), _CAPACITY[1])
        self.lost = 0
        self._closed = False
        self._stations: dict[str, int] = {}
        self._actions: dict[str, int] = {}
        self._new_names: list[bytes] = []
        self._waiting: dict[int, dict[str, tuple[int, float]]] = {}
        self._texts: list[bytes] = []
        self._kept: list[tuple[int, int]] = []  # finished segments: first number, bytes
        self._names_size = self._continue_names()
        self._next = self._continue_segments()
        self._previous: _Segment | None = None
        self._segment: _Segment | None = _Segment(self._directory, self._next, self._capacity)

    @property
    def directory(self) -> Path:
        """Where readers find it."""
        return self._directory

    # -- writing ----------------------------------------------------------------------------------

    def append(
        self,
        at: float,
        station: str,
        direction: Direction,
        type: FrameType,
        action: str,
        message_id: str,
        text: str,
        fault: str = "",
        masked: bool = False,
        note: str = "",
        original: str = "",
        paired: bool = True,
    ) -> int:
        """Adds a frame and gives its number; -1 if there is no room on the disk even for its index record. Readers see
        it after the next `flush`. One that is not `paired` neither waits for an answer nor is one."""
        segment = self._segment
        if segment is None or segment.count == self._capacity or segment.size >= self._segment_bytes:
            segment = self._rotate()
            if segment is None:
                self.lost += 1
                return -1
        try:
            station_number, action_number = self._stations[station], self._actions[action]
        except KeyError:
            station_number = self._name(STATION, self._stations, station)
            action_number = self._name(ACTION, self._actions, action)
        count, offset = segment.count, segment.size
        number = segment.first + count
        short_id = message_id[:_MESSAGE_ID_LIMIT]
        id_length = len(short_id) if short_id.isascii() else len(short_id.encode("utf-8", "surrogatepass"))
        body = (short_id + text).encode("utf-8", "surrogatepass")
        flags = direction | type << TYPE_SHIFT
        if note:
            flags |= MEDDLED
            note_bytes = f"{note}\n{original}".encode("utf-8", "surrogatepass")
            body += note_bytes + NOTE_LENGTH.pack(len(note_bytes))
        if fault:
            flags |= FAULTY
            fault_bytes = fault[:_FAULT_LIMIT].encode("utf-8", "surrogatepass")
            body += fault_bytes + FAULT_LENGTH.pack(len(fault_bytes))
        if masked:
            flags |= MASKED
        distance = rtt_us = 0
        # By number: a set of enumeration members would hash them in Python, twice as slow as all the rest.
        if not paired:
            pass
        elif type == 2:
            self._expect(station_number * 2 + direction, message_id, number, at)
        elif 3 <= type <= 5:
            distance, rtt_us = self._pair(segment, station_number * 2 + 1 - direction, message_id, number, at)
        length = len(body)
        _pack_record(
            segment.map,
            HEADER_SIZE + count * RECORD_SIZE,
            at,
            offset,
            length,
            station_number,
            action_number,
            flags,
            id_length,
            distance,
            rtt_us,
        )
        segment.count = count + 1
        segment.size = size = offset + length
        self._texts.append(body)
        if size >= segment.flush_at:
            self.flush()
        return number

    def flush(self) -> None:
        """Makes all that was appended visible to readers; costs two system calls, or none if there is nothing new."""
        segment = self._segment
        if segment is None or not self._texts:
            return
        if self._new_names:
            self._flush_names()
        data = b"".join(self._texts)
        if not self._write(segment.text, data, segment.size - len(data)):
            self.lost += len(self._texts)
            segment.mark_lost(len(self._texts))
        self._texts.clear()
        segment.flush_at = segment.size + _FLUSH_BYTES
        segment.publish()

    def close(self) -> None:
        """Flushes and closes; the files stay."""
        self.flush()
        for segment in (self._segment, self._previous):
            if segment is not None:
                segment.close()
        self._segment = self._previous = None
        if not self._closed:
            os.close(self._names_file)
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- pairing ----------------------------------------------------------------------------------

    def _expect(self, lane: int, message_id: str, number: int, at: float) -> None:
        """A CALL waits for its answer, in its lane: a station and a direction."""
        waiting = self._waiting.get(lane)
        if waiting is None:
            waiting = self._waiting[lane] = {}
        elif len(waiting) >= _WAITING_LIMIT:
            del waiting[next(iter(waiting))]
        waiting[message_id] = (number, at)

    def _pair(self, segment: "_Segment", lane: int, message_id: str, number: int, at: float) -> tuple[int, int]:
        """How far back the answered CALL is, and how long ago; (0, 0) if it is not known."""
        waiting = self._waiting.get(lane)
        call = waiting.pop(message_id, None) if waiting else None
        if call is None:
            return 0, 0
        call_number, called_at = call
        distance, back = number - call_number, call_number - segment.first
        if back < 0 and self._previous is not None:
            segment = self._previous
            back = call_number - segment.first
        if back >= 0:
            _pack_pair(segment.map, _FIRST_PAIR + back * RECORD_SIZE, distance)
        rtt_us = round((at - called_at) * 1_000_000)
        return distance, rtt_us if 0 < rtt_us <= _RTT_LIMIT_US else min(max(rtt_us, 1), _RTT_LIMIT_US)

    # -- names ------------------------------------------------------------------------------------

    def _name(self, kind: bytes, numbers: dict[str, int], name: str) -> int:
        short = name[:_NAME_LIMIT]
        number = numbers.get(short)
        if number is None and kind == ACTION and len(numbers) >= _ACTION_LIMIT:
            short = _OTHER_ACTION
            number = numbers.get(short)
        if number is None:
            number = numbers[short] = len(numbers)
            encoded = short.encode("utf-8", "surrogatepass")
            self._new_names.append(NAME_HEAD.pack(kind, len(encoded)) + encoded)
        return number

    def _flush_names(self) -> None:
        data = b"".join(self._new_names)
        if self._write(self._names_file, data, self._names_size):
            self._names_size += len(data)
            self._new_names.clear()

    def _continue_names(self) -> int:
        path = self._directory / "names"
        self._names_file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        names = Names(path)
        names.refresh()
        names.close()
        self._stations = {name: number for number, name in enumerate(names.stations)}
        self._actions = {name: number for number, name in enumerate(names.actions)}
        return names.size

    # -- segments ---------------------------------------------------------------------------------

    def _continue_segments(self) -> int:
        """Takes stock of what is there already, and gives the number of the next frame."""
        following = 0
        for first in segment_numbers(self._directory):
            index = self._directory / f"{stem(first)}.index"
            text = index.with_suffix(".text")
            try:
                count = _seal(index)
                size = index.stat().st_size + text.stat().st_size
            except (OSError, ValueError, TypeError):
                raise LocalError(f"the frames in {self._directory} are damaged: move them away") from None
            if count:
                self._kept.append((first, size))
                following = first + count
        # What a killed writer began and no reader saw.
        known = {stem(first) for first, _ in self._kept}
        for suffix in (".index", ".text", ".new"):
            for path in self._directory.glob(f"*{suffix}"):
                if path.stem not in known:
                    path.unlink()
        return following

    def _rotate(self) -> "_Segment | None":
        """Seals the full segment and begins the next; None if there is no room for it."""
        if self._closed:
            return None
        self.flush()
        full = self._segment
        if self._previous is not None:
            self._previous.close()
        self._previous = full
        self._segment = None
        if full is not None:
            self._next = full.first + full.count
            self._kept.append((full.first, full.size + full.index_size))
        self._keep_within_bounds()
        self._segment = self._make_segment()
        if full is not None and self._segment is not None:
            full.seal()
        return self._segment

    def _make_segment(self) -> "_Segment | None":
        while True:
            try:
                return _Segment(self._directory, self._next, self._capacity)
            except OSError as error:
                if error.errno not in _FULL or not self._drop_oldest():
                    return None

    def _keep_within_bounds(self) -> None:
        coming = self._segment_bytes + HEADER_SIZE + self._capacity * RECORD_SIZE
        while self._kept and sum(size for _, size in self._kept) + coming > self._max_bytes:
            self._drop_oldest()

    def _drop_oldest(self) -> bool:
        if not self._kept:
            return False
        first, _ = self._kept.pop(0)
        # The index goes first: a segment without one is none.
        for suffix in (".index", ".text"):
            (self._directory / f"{stem(first)}{suffix}").unlink(missing_ok=True)
        return True

    def _write(self, file: int, data: bytes, offset: int) -> bool:
        """Writes all of it, making room if the disk is full; False if that does not help."""
        view = memoryview(data)
        while view:
            try:
                written = os.pwrite(file, view, offset)
            except OSError as error:
                if error.errno not in _FULL or not self._drop_oldest():
                    return False
            else:
                view = view[written:]
                offset += written
        return True


class _Segment:
    """The two files of the segment that is being written; its records go straight into the mapped index."""

    def __init__(self, directory: Path, first: int, capacity: int) -> None:
        self.first = first
        self.count = 0
        self.size = 0
        self.flush_at = _FLUSH_BYTES
        self.index_size = HEADER_SIZE + capacity * RECORD_SIZE
        text = directory / f"{stem(first)}.text"
        index = text.with_suffix(".index")
        fresh = text.with_suffix(".new")
        self.text = os.open(text, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self.map = _made_index(fresh, first, self.index_size)
            # Under its own name it appears complete, to readers that look for it at any moment.
            fresh.rename(index)
        except OSError:
            os.close(self.text)
            for path in (fresh, text):
                path.unlink(missing_ok=True)
            raise
        self._slots = memoryview(self.map)[:HEADER_SIZE].cast("Q")

    def publish(self) -> None:
        """One store of eight bytes, which no reader can see half done."""
        self._slots[SLOT_COUNT] = self.count

    def seal(self) -> None:
        self._slots[SLOT_SEALED] = 1

    def mark_lost(self, newest: int) -> None:
        """The texts of the newest frames could not be written."""
        for number in range(self.count - newest, self.count):
            self.map[HEADER_SIZE + number * RECORD_SIZE + FLAGS_OFFSET] |= LOST

    def close(self) -> None:
        self._slots.release()
        self.map.close()
        os.close(self.text)


def _made_index(path: Path, first: int, size: int) -> mmap.mmap:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        # Written, not only sized: a page that the disk has no room for would kill the process when it is touched.
        header = memoryview(bytearray(HEADER_SIZE)).cast("Q")
        header[SLOT_MAGIC], header[SLOT_FIRST] = MAGIC, first
        data = header.tobytes() + bytes(size - HEADER_SIZE)
        written = 0
        while written < size:
            written += os.pwrite(file, data[written:], written)
        return mmap.mmap(file, size)
    finally:
        os.close(file)


def _seal(index: Path) -> int:
    """Says in a segment of an earlier run that the spool goes on behind it; gives its count."""
    with (
        index.open("r+b") as file,
        mmap.mmap(file.fileno(), 0) as mapped,
        memoryview(mapped)[:HEADER_SIZE] as header,
        header.cast("Q") as slots,
    ):
        slots[SLOT_SEALED] = 1
        return slots[SLOT_COUNT]
