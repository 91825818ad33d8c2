"""The one key that a run without a screen knows: q."""

import asyncio
import os
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def on_key(stream: TextIO, key: str, pressed: Callable[[], None]) -> Iterator[None]:
    """Calls `pressed` when the key is hit, without waiting for enter; does nothing where there is no keyboard.

    A run in the background may not touch the terminal: the kernel would stop it.
    """
    if not _ours(stream):
        yield
        return
    descriptor = stream.fileno()
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            typed = os.read(descriptor, 64)
        except OSError:
            typed = b""
        if key.encode() in typed.lower():
            pressed()
        elif not typed:
            loop.remove_reader(descriptor)  # the terminal is gone; SIGHUP tells

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSANOW)
    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _ours(stream: TextIO) -> bool:
    """Whether this process is the one that the terminal listens to."""
    try:
        return stream.isatty() and os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:
        return False  # a terminal of others
