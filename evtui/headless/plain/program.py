"""The plain window as a program: on stdin and stdout, until it is closed."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from evtui.engine.beside import HostDoor
from evtui.headless.plain.voice import Voice, listen
from evtui.headless.plain.window import HOST_GONE, PlainResult, PlainWindow


def run_plain(
    connect: Callable[[], Awaitable[HostDoor]],
    *,
    ascii: bool = False,
    read_only: bool = False,
    disconnect: Callable[[], None] = lambda: None,
) -> PlainResult:
    """Runs the window on stdin and stdout until it is closed; see `evtui.tui.window.run_window`."""
    return asyncio.run(_run(connect, ascii, read_only, disconnect))


async def _run(
    connect: Callable[[], Awaitable[HostDoor]], ascii: bool, read_only: bool, disconnect: Callable[[], None]
) -> PlainResult:
    loop = asyncio.get_running_loop()
    try:
        door = await connect()
    except HOST_GONE as error:
        print(f"evtui: {error}", file=sys.stderr)
        return PlainResult(1)
    encoding = "ascii" if ascii else sys.stdout.encoding

    def write(text: str) -> None:
        data = text.encode(encoding, "backslashreplace")
        while data:
            data = data[os.write(1, data) :]

    def lost() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(window.lost)

    voice = Voice(write, lost)
    window = PlainWindow(door, voice.say, read_only=read_only, patient=sys.stdin.isatty())
    loop.add_signal_handler(signal.SIGINT, window.interrupt)
    loop.add_signal_handler(signal.SIGTERM, window.end, 128 + signal.SIGTERM)
    listen(
        sys.stdin.fileno(),
        lambda line: _soon(loop, window, line),
        lambda: _soon(loop, window, None),
    )
    try:
        return await window.run()
    except HOST_GONE as error:
        voice.say(f"the host is gone: {error}")
        return PlainResult(1)
    finally:
        disconnect()
        voice.close()


def _soon(loop: asyncio.AbstractEventLoop, window: PlainWindow, line: str | None) -> None:
    loop.call_soon_threadsafe(window.hear, line)
