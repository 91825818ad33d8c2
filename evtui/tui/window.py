"""Opens the window on a door and gives back how it ended."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec

from evtui.settings import Settings
from evtui.tui.app import DoorFactory, EvtuiApp
from evtui.tui.farewell import WindowResult
from evtui.tui.spans import let_go_of_lines, send_only_what_changed
from evtui.tui.themes import check_theme

FREEZE_AFTER_S = 3.0
"""When the first screen stands, what lives by then lives on: a look of the garbage collector at all of it would keep a
key waiting for a tenth of a second."""

_GRACE_S = 2.0  # a stalled terminal can hold the event loop up for good


def run_window(
    connect: DoorFactory,
    settings: Settings | None = None,
    *,
    settings_path: Path | None = None,
    theme: str | None = None,
    ascii: bool = False,
    refresh_hz: float | None = None,
    marker: str = "quadrant",
    read_only: bool = False,
    banner: str = "",
    record_dir: str | None = None,
    demo: bool = False,
    disconnect: Callable[[], None] = lambda: None,
) -> WindowResult:
    """Runs the window until it is closed. `connect` opens the door inside the window's event loop; a failure of it ends
    the window with code 1 and the reason. `disconnect` closes it there, however the window ends: a host that believes
    in a window that has crashed would wait for it. `demo` plays the show. ConfigError when settings.toml names an
    unknown theme.

    Call `evtui.tui.environment.prepare_environment` before this module is imported.
    """
    settings = settings or Settings()
    check_theme(settings.theme, f"{settings.path or 'settings.toml'}: theme")
    if theme is not None:
        settings = msgspec.structs.replace(settings, theme=check_theme(theme, "--theme"))
    send_only_what_changed()
    let_go_of_lines()
    kind = EvtuiApp
    if demo:
        from evtui.tui.demo import DemoApp

        kind = DemoApp
    app = kind(
        connect,
        settings,
        settings_path=settings_path,
        ascii=ascii,
        refresh_hz=refresh_hz,
        marker=marker,
        read_only=read_only,
        banner=banner,
        record_dir=None if record_dir is None else Path(record_dir),
    )
    return asyncio.run(_run(app, disconnect))


async def _run(app: EvtuiApp, disconnect: Callable[[], None]) -> WindowResult:
    loop = asyncio.get_running_loop()
    _take_signals(app, loop)
    freezing = loop.call_later(FREEZE_AFTER_S, _keep_what_lives)
    try:
        result = await app.run_async()
    finally:
        freezing.cancel()
        disconnect()
    if result is not None:
        return result
    return WindowResult(app.return_code or 1, "" if app.return_code else "evtui: the window closed unexpectedly")


def _keep_what_lives() -> None:
    gc.freeze()
    gc.enable()  # it was off while all this was loaded


def _take_signals(app: EvtuiApp, loop: asyncio.AbstractEventLoop) -> None:
    """A terminal that is gone ends the window at once, even under nohup; SIGTERM restores the terminal first."""
    if threading.current_thread() is not threading.main_thread():
        return

    def hung_up(number: int, frame: FrameType | None) -> None:
        os._exit(128 + number)

    def terminate(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(app.exit, WindowResult(128 + number), 128 + number)
        timer = threading.Timer(_GRACE_S, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGTERM, terminate)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, hung_up)
