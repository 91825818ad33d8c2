"""Frames written to a file, for a bug report or a test."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from evtui.ocppj.frame import Frame, FrameType
from evtui.tui.json_text import pretty

_TRIES = 1000
_INDENTED = 262_144  # characters beyond which nobody reads line by line


def write_frames(directory: Path, number: int, frames: Sequence[Frame]) -> Path:
    """Writes whole frames, indented unless huge, into a new file in `directory`: a JSON array of them, or plain
    text if one is no OCPP-J message. Never overwrites; OSError when it cannot write."""
    readable = all(frame.type != FrameType.UNREADABLE for frame in frames)
    station = re.sub(r"[^\w-]", "_", frames[0].station)[:40] or "station"
    stem = f"evtui-{station}-{number}"
    texts = [pretty(frame.text) if len(frame.text) <= _INDENTED else frame.text for frame in frames]
    content = "[\n" + ",\n".join(texts) + "\n]\n" if readable else "\n".join(frame.text for frame in frames) + "\n"
    path = new_file(directory, stem, "json" if readable else "txt")
    path.write_text(content, encoding="utf-8", errors="backslashreplace")
    return path


class FrameLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame as a line of JSON: `at` is Unix time, `text` what was on the wire."""

    number: int
    at: float
    station: str
    direction: str
    type: str
    action: str
    text: str
    fault: str = ""
    masked: bool = False
    pair: int | None = None
    rtt_s: float | None = None
    note: str = ""
    original: str = ""


class LogFile:
    """A new file of frames in `directory`, a line of JSON each. OSError when it cannot be written."""

    def __init__(self, directory: Path) -> None:
        self.path = new_file(directory, "evtui-frames", "jsonl")
        self.written = 0
        self._file = self.path.open("wb")

    def write(self, frames: Iterable[Frame | None]) -> None:
        """Adds frames; those that are no longer kept are left out."""
        for frame in frames:
            if frame is not None:
                self._file.write(_line(frame) + b"\n")
                self.written += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _line(frame: Frame) -> bytes:
    line = FrameLine(
        frame.number,
        round(frame.at, 6),
        _encodable(frame.station),
        frame.direction.name,
        frame.type.name,
        _encodable(frame.action),
        _encodable(frame.text),
        _encodable(frame.fault),
        frame.masked,
        frame.pair,
        frame.rtt_s,
        _encodable(frame.note),
        _encodable(frame.original),
    )
    return msgspec.json.encode(line)


def _encodable(text: str) -> str:
    """Halves of surrogate pairs, which a peer may send, as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def new_file(directory: Path, stem: str, suffix: str) -> Path:
    """An empty file that was not there before."""
    for attempt in range(_TRIES):
        path = directory / f"{stem}{f'-{attempt}' if attempt else ''}.{suffix}"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{_TRIES} files named {stem} are there already")
