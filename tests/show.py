"""The demo, played on a fleet whose clock moves when the show waits: the same show, without the waiting."""

import asyncio
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual import constants
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from evtui.console import STATIONS
from evtui.engine.beside import HostDoor
from evtui.engine.clock import ManualClock
from evtui.ocppj.frame import Frame
from evtui.ocppj.spool import SpoolReader
from evtui.settings import Settings
from evtui.tui.demo import DemoApp
from evtui.tui.farewell import WindowResult
from evtui.tui.recording import Cast, Tap
from evtui.tui.spans import send_only_what_changed
from tests.pictures import staged_fleet

TICK_S = 0.5


class Played:
    """What came of it: every frame, how the window ended, and the last screen, with the cast as long as it was then."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.result: WindowResult | None = None
        self.screen = ""
        self.cast_bytes = 0


class _Watched(DemoApp):
    """Says when it leaves, and when it has left."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.leaves, self.over = asyncio.Event(), asyncio.Event()

        leave = self.farewell.leave

        def leaves(reason: str) -> None:
            self.leaves.set()
            leave(reason)

        self.farewell.leave = leaves  # type: ignore[method-assign]

    def end(self, result: WindowResult) -> None:
        self.leaves.set()
        self.over.set()
        super().end(result)


async def play(cast: Path | None = None, size: tuple[int, int] = (80, 24), refuse: bool = False) -> Played:
    """Plays the show to its end; `cast` is where it is recorded. `refuse`: no command has any effect."""
    clock = ManualClock()
    played = Played()
    pilots: list[Pilot[WindowResult]] = []
    taps: list[Tap] = []
    async with staged_fleet(STATIONS, clock) as door:

        async def opened() -> HostDoor:
            return door

        def elapsed_s() -> float:
            return clock.now().elapsed_s

        async def rest(seconds: float) -> None:
            """As long as that, in steps that the window sees."""
            left = seconds
            while left > 0:
                step = min(left, TICK_S)
                left -= step
                await clock.advance(step)
                await app.pull()
                for pilot in pilots:
                    await pilot.pause()
            played.screen = screen_of(app)
            played.cast_bytes = os.stat(cast).st_size if cast else 0

        with patch.object(HeadlessDriver, "is_headless", False), patch.object(constants, "COLOR_SYSTEM", "truecolor"):
            send_only_what_changed()
            app = _Watched(opened, Settings(), refresh_hz=0, rest=rest)
            async with app.run_test(size=size, notifications=True) as pilot:
                pilots.append(pilot)
                if cast is not None:
                    assert app._driver is not None
                    taps.append(Tap(app._driver, Cast(cast.parent, size, path=cast, elapsed_s=elapsed_s), lambda: size))
                if refuse:
                    app.orders.submit = lambda *_, **__: None  # type: ignore[method-assign]
                await app.leaves.wait()
                while not app.over.is_set():
                    await clock.advance(0.1)
                    await pilot.pause()
                for tap in taps:
                    tap.close()
        (spool,) = await door.frames()
        with SpoolReader(spool.directory) as reader:
            played.frames = [reader.frame(number) for number in range(reader.refresh())]
        played.result = app.return_value
    return played


def screen_of(app: DemoApp) -> str:
    """What the screen says, a line each."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
