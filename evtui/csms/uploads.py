"""The files that stations upload, such as their logs: in a bounded room on disk, the oldest go first."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from evtui.errors import LocalError

MOST_FILE_BYTES = 8 << 20
MOST_FILES = 500
MOST_BYTES = 128 << 20

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_PART = ".part"


class UploadRecord(msgspec.Struct, frozen=True):
    """A file that arrived; `at` is Unix time."""

    station_id: str
    name: str
    at: float
    size: int


class TooLongError(LocalError):
    """The file is longer than this place takes."""


class Uploads:
    """Files by station and name, in `directory`, which is made when the first one comes. None: nothing is taken."""

    def __init__(self, directory: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._directory = directory
        self._clock = clock
        self._files: dict[tuple[str, str], UploadRecord] = {}
        self._parts = 0

    @property
    def files(self) -> tuple[UploadRecord, ...]:
        """All that is kept, oldest first."""
        return tuple(self._files.values())

    def path(self, station_id: str, name: str) -> Path | None:
        """Where a file is, None if there is none."""
        return self._place(station_id, name) if (station_id, name) in self._files else None

    @contextmanager
    def take(self, station_id: str, name: str) -> Iterator["Taking"]:
        """Takes a file in; it counts when the context ends well, in place of one of the same name. LocalError for a
        name that is none, and where nothing is taken."""
        if not _NAME.fullmatch(name):
            raise LocalError("a file name has 1 to 200 letters, digits, and . _ - not at its beginning")
        place = self._place(station_id, name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._parts += 1
        draft = place.with_name(f".{self._parts}{_PART}")
        try:
            with draft.open("xb") as file:
                taking = Taking(file)
                yield taking
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        self._files.pop((station_id, name), None)
        self._files[station_id, name] = UploadRecord(station_id, name, self._clock(), taking.size)
        self._make_room()

    def _place(self, station_id: str, name: str) -> Path:
        if self._directory is None:
            raise LocalError("this CSMS takes no uploads")
        return self._directory / f"station-{sha256(station_id.encode()).hexdigest()[:16]}" / name

    def _make_room(self) -> None:
        size = sum(record.size for record in self._files.values())
        while len(self._files) > MOST_FILES or size > MOST_BYTES:
            oldest = next(iter(self._files))
            size -= self._files.pop(oldest).size
            self._place(*oldest).unlink(missing_ok=True)


class Taking:
    """A file that is coming in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0

    def write(self, piece: bytes) -> None:
        """The next piece. TooLongError when that is too much."""
        self.size += len(piece)
        if self.size > MOST_FILE_BYTES:
            raise TooLongError(f"at most {MOST_FILE_BYTES} bytes")
        self._file.write(piece)
