"""Frames as lines on a stream, written by a thread of its own: who stalls the terminal does not stall the CSMS."""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from shutil import get_terminal_size
from typing import TextIO

from evtui.csms.lint.findings import Finding
from evtui.csms.log import finding_line, line
from evtui.ocppj.frame import Frame

KEEP = 10_000
"""Frames that wait for a slow reader; beyond it the oldest are left out, and the log says how many."""


class FrameLog:
    """`add` never waits. On a terminal lines have colour and are cut at its width, elsewhere they are whole."""

    def __init__(self, stream: TextIO, ascii_only: bool = False, keep: int = KEEP) -> None:
        self._stream = stream
        self._ascii = ascii_only
        self._frames: deque[Frame | Finding] = deque(maxlen=keep)
        self._left_out = 0
        self._news = asyncio.Event()

    def add(self, frame: Frame | Finding) -> None:
        """A frame came or went, or the linter has found something."""
        self._left_out += len(self._frames) == self._frames.maxlen
        self._frames.append(frame)
        self._news.set()

    async def run(self, lost: Callable[[], None]) -> None:
        """Writes until it is cancelled; calls `lost` and ends when the stream is gone."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="frame log")
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                frames, left_out = tuple(self._frames), self._left_out
                self._frames.clear()
                self._left_out = 0
                await loop.run_in_executor(thread, self._write, frames, left_out)
        except OSError:
            with open(os.devnull, "w") as nowhere:  # noqa: ASYNC230 (what is still buffered goes nowhere)
                os.dup2(nowhere.fileno(), self._stream.fileno())
            lost()
        finally:
            thread.shutdown(wait=False)

    def _write(self, frames: tuple[Frame | Finding, ...], left_out: int) -> None:
        terminal = self._stream.isatty()
        width = get_terminal_size().columns if terminal else None
        colour = terminal and not os.environ.get("NO_COLOR")
        if left_out:
            self._stream.write(f"... {left_out} frames left out: the reader is too slow\n")
        for frame in frames:
            if isinstance(frame, Frame):
                text = line(frame, width=width, colour=colour, ascii_only=self._ascii)
            else:
                text = finding_line(frame, width=width, colour=colour, ascii_only=self._ascii)
            self._stream.write(f"{text}\n")
        self._stream.flush()
