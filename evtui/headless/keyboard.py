"""The one key that a run without a screen knows: q."""

import asyncio
import os
import select
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def on_key(stream: TextIO, key: str, pressed: Callable[[], None]) -> Iterator[None]:
    """Calls `pressed` in the running loop when the key is hit, without waiting for enter; does nothing where there is
    no keyboard, or the terminal is not ours: a run in the background would be stopped by the kernel.

    A thread reads, as an event loop would set the terminal non-blocking, and with it what is written to it.
    """
    if not _ours(stream):
        yield
        return
    descriptor = stream.fileno()
    loop = asyncio.get_running_loop()
    told_to_end, end = os.pipe()

    def listen() -> None:
        while True:
            ready, _, _ = select.select((descriptor, told_to_end), (), ())
            if told_to_end in ready:
                return
            try:
                typed = os.read(descriptor, 64)
            except OSError:
                return
            if not typed:
                return  # the terminal is gone; SIGHUP tells
            if key.encode() in typed.lower():
                loop.call_soon_threadsafe(pressed)

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSANOW)
    listener = threading.Thread(target=listen, name="keyboard", daemon=True)
    listener.start()
    try:
        yield
    finally:
        os.write(end, b"!")
        listener.join()
        os.close(told_to_end)
        os.close(end)
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _ours(stream: TextIO) -> bool:
    """Whether this process is the one that the terminal listens to."""
    try:
        return stream.isatty() and os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:
        return False  # a terminal of others
