"""The screen as a file: a picture of it as SVG, and what goes to the terminal as an asciicast (v2)."""

import os
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from textual.driver import Driver

from evtui.tui.frame_file import new_file
from evtui.tui.spans import STANDING

CAST_BYTES = 64 << 20
"""Where a recording ends by itself: hours of a busy fleet."""

_BEGIN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J\x1b[H"
_END = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_CLIPBOARD = "\x1b]52;"  # what was copied is nothing to write into the clipboard of whoever plays it
_DEFAULT_FONT = 'font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;'

Size = tuple[int, int]
"""Columns and lines."""


def self_contained(svg: str, font: str = _DEFAULT_FONT) -> str:
    """A picture that loads nothing from elsewhere."""
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family:\s*[^;]+;", font, svg)


def save_picture(directory: Path, svg: str) -> Path:
    """Writes a picture into a new file. OSError when it cannot."""
    path = _timed_file(directory, "svg")
    path.write_text(self_contained(svg), encoding="utf-8")
    return path


class Cast:
    """An asciicast (v2) in a new file in `directory`: a header, then one event a line, each written whole and at once,
    so that a crash leaves a file that plays. It ends by itself at `max_bytes`, or when the disk refuses: `trouble` says
    why. OSError when it cannot begin."""

    def __init__(
        self,
        directory: Path,
        size: Size,
        *,
        max_bytes: int = CAST_BYTES,
        elapsed_s: Callable[[], float] = time.monotonic,
        path: Path | None = None,
    ) -> None:
        self.path = path or _timed_file(directory, "cast")
        self.trouble = ""
        self._elapsed_s = elapsed_s
        self._began = elapsed_s()
        self._size = size
        self._room = max_bytes
        self._file: int | None = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        header = {
            "version": 2,
            "width": size[0],
            "height": size[1],
            "timestamp": int(time.time()),
            "title": "evtui",
            "env": {"TERM": os.environ.get("TERM", "xterm-256color")},
        }
        self._line(header)
        self._event("o", _BEGIN)

    @property
    def open(self) -> bool:
        """It still records."""
        return self._file is not None

    def output(self, text: str, size: Size) -> None:
        """What went to the terminal, which has this size now."""
        if size != self._size:
            self._size = size
            self._event("r", f"{size[0]}x{size[1]}")
        if text and not text.startswith(_CLIPBOARD):
            self._event("o", text)

    def close(self) -> None:
        """The end: who plays it gets the terminal back as it was."""
        self._room += len(_END) + 100
        self._event("o", _END)
        self._shut()

    def _event(self, code: str, data: str) -> None:
        self._line([round(self._elapsed_s() - self._began, 6), code, data])

    def _line(self, value: object) -> None:
        if self._file is None:
            return
        try:
            line = msgspec.json.encode(value) + b"\n"
        except UnicodeEncodeError:  # half of a surrogate pair, which no terminal got either
            return
        if len(line) > self._room:
            self._give_up("the recording is full")
            return
        self._room -= len(line)
        try:
            written = os.write(self._file, line)
            if written < len(line):
                os.ftruncate(self._file, os.lseek(self._file, 0, os.SEEK_CUR) - written)
                self._give_up("the recording ended: the disk is full")
        except OSError as error:
            self._give_up(f"the recording ended: {error.strerror}")

    def _give_up(self, reason: str) -> None:
        self.trouble = f"{reason}: {self.path}"
        self._shut()

    def _shut(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Tap:
    """Lets a cast hear what a driver writes, from now on until `close`."""

    def __init__(self, driver: Driver, cast: Cast, size: Callable[[], Size]) -> None:
        self.cast = cast
        self._driver = driver
        self._write = driver.write
        self._size = size
        driver.write = self._heard  # type: ignore[method-assign]
        STANDING.forget()  # the cast has seen nothing yet

    def _heard(self, data: str) -> None:
        self._write(data)
        self.cast.output(data, self._size())

    def close(self) -> None:
        """The driver is as it was, and the cast complete."""
        self._driver.write = self._write  # type: ignore[method-assign]
        self.cast.close()


def _timed_file(directory: Path, suffix: str) -> Path:
    return new_file(directory, f"evtui-{datetime.now().astimezone():%Y%m%d-%H%M%S}", suffix)
