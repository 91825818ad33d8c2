"""A program in a terminal of a given size: counts its bytes, presses keys, and waits for what they paint."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

_PART = 1 << 16


class PseudoTerminal:
    """Runs `argv` in so many columns and lines. What it writes is counted in `written`, and not kept."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], columns: int, lines: int) -> None:
        self.written = 0
        self._ours, self._theirs = pty.openpty()
        self._size(columns, lines)
        self.process = subprocess.Popen(
            argv,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.watch(5.0, until=lambda part: self.process.poll() is not None)
            self.process.kill()
            self.process.wait()
        for end in (self._ours, self._theirs):
            os.close(end)

    def resize(self, columns: int, lines: int) -> None:
        """Another size; the program is told."""
        self._size(columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def press(self, text: str) -> None:
        """Keys, as a terminal sends them."""
        os.write(self._ours, text.encode())

    def watch(self, seconds: float, until: Callable[[bytes], bool] | None = None) -> float | None:
        """Reads for so long, or until a part of what is written fits; the seconds until then, None if none did."""
        began = time.perf_counter()
        while (left := began + seconds - time.perf_counter()) > 0:
            ready, _, _ = select.select([self._ours], [], [], min(left, 0.1))
            part = os.read(self._ours, _PART) if ready else b""
            self.written += len(part)
            if until is not None and until(part):
                return time.perf_counter() - began
        return None

    def wait_for(self, text: str, seconds: float) -> float | None:
        """Reads until a text is painted, which must come in one run of cells; how long that took."""
        wanted, tail = text.encode(), b""

        def seen(part: bytes) -> bool:
            nonlocal tail
            tail = (tail + part)[-_PART - len(wanted) :]
            return wanted in tail

        return self.watch(seconds, seen)

    def _size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
