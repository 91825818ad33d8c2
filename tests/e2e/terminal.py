"""A terminal as a user has one: a pty, an emulator behind it, and hands on the keyboard."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.emulator import Emulator

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "escape": "\x1b",
    "space": " ",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "ctrl+c": "\x03",
    "ctrl+p": "\x10",
    "ctrl+q": "\x11",
    "ctrl+r": "\x12",
    "ctrl+s": "\x13",
    "ctrl+z": "\x1a",
}

# The child takes the pty as its controlling terminal and heeds signals, as a login shell's children do, also where the
# tests run under nohup or in the background; then it becomes the program.
_TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "[signal.signal(each, signal.SIG_DFL) for each in (signal.SIGHUP, signal.SIGINT)]; "
    "os.execv(sys.argv[1], sys.argv[1:])"
)

# Written behind the program's last byte, to see that all before it has been read: an OSC that nobody knows.
_LAST = b"\x1b]999;last\x07"


class Terminal:
    """A program in a terminal of its own; see `shown`."""

    def __init__(
        self, argv: Sequence[str], *, environment: Mapping[str, str], columns: int = 80, lines: int = 24, cwd: Path
    ) -> None:
        self._emulator = Emulator(columns, lines)
        self._changed = threading.Condition()
        self._raw = bytearray()
        self._reading = threading.Event()
        self._reading.set()
        self._over = False
        self._wake_out, self._wake_in = os.pipe()
        self._master, self._slave = pty.openpty()
        self._resize(columns, lines)
        self.settings_before = self._settings()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL, *argv],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            env=dict(environment),
            cwd=cwd,
        )
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    # -- what the user sees -----------------------------------------------------------------------

    def lines(self) -> list[str]:
        """The screen, line by line, without trailing blanks."""
        with self._changed:
            return self._emulator.lines()

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())

    def title(self) -> str:
        """The window's title."""
        with self._changed:
            return self._emulator.title

    def raw(self) -> bytes:
        """Every byte the program has written."""
        with self._changed:
            return bytes(self._raw)

    def bytes_written(self) -> int:
        """How many bytes the program has written."""
        with self._changed:
            return len(self._raw)

    def wait_for(self, what: str | Callable[[str], bool], timeout_s: float = 10) -> str:
        """Waits until the screen shows the text, or the predicate holds of it; the screen then."""
        shows = (lambda text: what in text) if isinstance(what, str) else what
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                text = "\n".join(self._emulator.lines())
                if shows(text):
                    return text
                left = deadline - time.monotonic()
                if left <= 0 or self._over:
                    raise AssertionError(f"not seen within {timeout_s} s: {what}\n{text}")
                self._changed.wait(left)

    def wait_for_bytes(self, what: bytes, timeout_s: float = 10, after: int = 0) -> None:
        """Waits until the program has written these bytes, somewhere after the given offset."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._raw.find(what, after) < 0:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"never written: {what!r}")
                self._changed.wait(left)

    def wait_until_silent(self, for_s: float = 1, timeout_s: float = 10) -> None:
        """Waits until nothing has been written for a while."""
        deadline = time.monotonic() + timeout_s
        while not self._silent(for_s):
            assert time.monotonic() < deadline, f"never silent for {for_s} s"

    def stays_silent(self, for_s: float) -> None:
        """Makes sure that nothing is written for so long."""
        written = self.bytes_written()
        assert self._silent(for_s), f"wrote {self.raw()[written:]!r}"

    def settings_restored(self) -> bool:
        """Whether the terminal's modes (echo, line editing, signals) are as they were before the program."""
        return self._settings() == self.settings_before

    # -- what the user does -----------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Presses keys, by their names or as characters."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def resize(self, columns: int, lines: int) -> None:
        """Makes the window another size."""
        with self._changed:
            self._emulator.resize(columns, lines)
        self._resize(columns, lines)

    def stall(self) -> None:
        """Stops reading, as a terminal does whose line hangs: the program's output piles up."""
        self._reading.clear()
        self._wake()

    def resume(self) -> None:
        """Reads again."""
        self._reading.set()

    def hang_up(self) -> None:
        """Closes the terminal under the program."""
        self._over = True
        self._wake()
        self._reading.set()
        self._reader.join(5)
        for end in (self._master, self._slave):
            os.close(end)
        self._master = self._slave = -1

    # -- the program ------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Sends the program a signal."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float = 10) -> int:
        """Waits until the program has ended, and until all it wrote has been read; its exit code."""
        code = self._process.wait(timeout_s)
        if self._slave >= 0:
            written = self.bytes_written()
            os.write(self._slave, _LAST)
            self.wait_for_bytes(_LAST, after=written)
        return code

    def close(self) -> None:
        """Ends the program if it still runs, and the terminal."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        if self._master >= 0:
            self.hang_up()
        for end in (self._wake_in, self._wake_out):
            os.close(end)

    # -- inside -----------------------------------------------------------------------------------

    def _read(self) -> None:
        while True:
            self._reading.wait()
            if self._over:
                return
            ready, _, _ = select.select([self._master, self._wake_out], [], [])
            if self._wake_out in ready:
                os.read(self._wake_out, 1)
                continue
            if not self._reading.is_set():  # select looks at one after the other: it may have missed the wake-up
                continue
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            with self._changed:
                self._raw += data
                self._emulator.feed(data)
                self._changed.notify_all()

    def _silent(self, for_s: float) -> bool:
        with self._changed:
            written = len(self._raw)
            return not self._changed.wait_for(lambda: len(self._raw) > written, for_s)

    def _wake(self) -> None:
        os.write(self._wake_in, b"!")

    def _resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _settings(self) -> list[Any]:
        return termios.tcgetattr(self._slave)


@contextmanager
def shown(
    argv: Sequence[str], *, environment: Mapping[str, str], cwd: Path, columns: int = 80, lines: int = 24
) -> Iterator[Terminal]:
    """A program in a terminal, for as long as the block runs; what it showed last is printed if the block fails."""
    terminal = Terminal(argv, environment=environment, cwd=cwd, columns=columns, lines=lines)
    try:
        yield terminal
    except BaseException:
        print(f"-- the screen at the failure --\n{terminal.text()}")
        raise
    finally:
        terminal.close()
