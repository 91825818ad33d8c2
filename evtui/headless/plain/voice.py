"""What goes to whoever listens, and what is typed: each in a thread of its own, so that neither holds anything up."""

import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress

MOST_WAITING = 10_000
"""Lines that wait for a stalled terminal; what comes on top of them is counted only."""

MOST_TYPED = 1 << 20
"""Bytes of a line; one that is longer is cut."""

_LAST_WORDS_S = 0.5


class Voice:
    """Says lines. `write` may block, and raise OSError when nobody is there any more: then `lost` is called, from
    another thread."""

    def __init__(self, write: Callable[[str], object], lost: Callable[[], None]) -> None:
        self._write = write
        self._lost = lost
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._missed = 0
        self._thread = threading.Thread(target=self._speak, name="voice", daemon=True)
        self._thread.start()

    def say(self, *lines: str) -> None:
        """Says lines, without anything that a terminal would obey."""
        if self._missed and not self._lines.full():
            missed, self._missed = self._missed, 0
            lines = (f"{missed} lines were not told: nobody took them", *lines)
        for line in lines:
            try:
                self._lines.put_nowait(_harmless(line))
            except queue.Full:
                self._missed += 1

    def close(self) -> None:
        """Waits until all is said; not for long, if nobody takes it."""
        with suppress(queue.Full):
            self._lines.put(None, timeout=_LAST_WORDS_S)
        self._thread.join(_LAST_WORDS_S)

    def _speak(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._write(f"{line}\n")
            except OSError:
                self._lost()
                return


def _harmless(line: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)


def listen(descriptor: int, heard: Callable[[str], None], ended: Callable[[], None]) -> None:
    """Calls `heard` with each line that comes in, and `ended` at the end of all, or at each ctrl+d of a terminal; both
    from another thread, which nobody has to end."""
    threading.Thread(target=_listen, args=(descriptor, heard, ended), name="ear", daemon=True).start()


def _listen(descriptor: int, heard: Callable[[str], None], ended: Callable[[], None]) -> None:
    pending, silent, again = b"", False, os.isatty(descriptor)
    with suppress(RuntimeError):  # the loop has ended meanwhile
        while True:
            try:
                typed = os.read(descriptor, 65_536)
            except OSError:
                typed, again = b"", False
            *lines, pending = (pending + typed).split(b"\n")
            if not typed and pending:
                lines, pending = [pending], b""
            for line in lines:
                heard(line[:MOST_TYPED].decode(errors="replace").strip())
            pending = pending[:MOST_TYPED]
            if not typed:
                ended()
                if silent or not again:
                    return
            silent = not typed
