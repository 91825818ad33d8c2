"""Frames written to a file, for a bug report or a test."""

import re
from collections.abc import Sequence
from pathlib import Path

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
    for attempt in range(_TRIES):
        path = directory / f"{stem}{f'-{attempt}' if attempt else ''}.{'json' if readable else 'txt'}"
        try:
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{_TRIES} files named {stem} are there already")
