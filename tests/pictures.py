"""`make screenshots`: a picture of each screen, with the real engine, a fixed seed, and a clock that moves when told.

Nothing in a picture depends on when, where or how fast it is made: the fleet charges at 08:00 UTC on a Monday.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import resvg_py
from textual.pilot import Pilot

from evtui.config import FleetConfig, GroupConfig
from evtui.echonet.house import House
from evtui.engine.beside import (
    Alone,
    Attendance,
    HostDoor,
    NodeView,
)
from evtui.engine.clock import ManualClock
from evtui.engine.door import Command, Door, Target
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.spool import SpoolWriter
from evtui.settings import Settings
from evtui.sim.chance import Chance
from evtui.tui.app import EvtuiApp
from evtui.tui.farewell import WindowResult
from evtui.tui.recording import self_contained
from tests import dashboard_pictures
from tests.echonet.quiet_wire import QuietWire, hand
from tests.peers.scripted_csms import answer_to

FOLDER = Path(__file__).parent.parent / "screenshots"
FONT = "DejaVu Sans Mono"
SEED = 7

Shown = Pilot[WindowResult]


class _Link:
    """A connection to a CSMS that accepts everything, and answers after some milliseconds of the clock."""

    subprotocol = "ocpp2.0.1"

    def __init__(self, clock: ManualClock, station: str) -> None:
        self._clock = clock
        self._chance = Chance(SEED, station, "round trips")
        self._answers: list[str] = []
        self._ring: Callable[[], None] = lambda: None

    async def send(self, text: str) -> None:
        self.offer(text)

    def offer(self, text: str) -> bool:
        kind, message_id, *rest = json.loads(text)
        if kind == 2:
            now = self._clock.now()
            answer = answer_to(*rest, now=now.utc, heartbeat_s=300)
            due_s = now.elapsed_s + self._chance.uniform(0.004, 0.030)
            text = json.dumps([3, message_id, answer], separators=(",", ":"))
            self._clock.call_at(due_s, lambda: self._arrived(text))
        return True

    def _arrived(self, text: str) -> None:
        self._answers.append(text)
        self._ring()

    def attend(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    @property
    def ready(self) -> bool:
        return bool(self._answers)

    def take(self) -> str:
        return self._answers.pop(0)

    def ping_every(self, interval_s: float) -> None:
        pass

    gone = False

    def shut(self) -> None:
        pass

    def open(self) -> None:
        pass

    def abort(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Site(LocalDoor, Alone):
    """A fleet in this process, and what is beside it."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet)
        self.record = fleet.record_echonet
        self.house: House | None = None

    async def node(self) -> NodeView | None:
        return None if self.house is None else await self.house.view()

    async def attendance(self) -> Attendance:
        return Attendance()


@asynccontextmanager
async def staged_fleet(stations: int, clock: ManualClock) -> AsyncIterator[Site]:
    """A fleet that has just booted."""

    async def connect(endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int) -> _Link:
        return _Link(clock, endpoint.url)

    config = FleetConfig(groups=(GroupConfig(count=stations),), seed=SEED)
    with tempfile.TemporaryDirectory(prefix="evtui-") as folder:
        spool = SpoolWriter(Path(folder), max_bytes=64 << 20)
        try:
            async with Fleet(
                config, clock=clock, frames=spool, csms_url="ws://127.0.0.1:9000", connect=connect, steady_ids=True
            ) as fleet:
                await clock.advance(8)
                yield Site(fleet)
        finally:
            spool.close()


async def _order(door: Door, clock: ManualClock, name: str, *stations: int) -> None:
    """Carries a command out on the first EVSE of these stations."""
    targets = tuple(Target(f"CP{number:03d}", 1) for number in stations)
    async with asyncio.TaskGroup() as tasks:
        ordered = tasks.create_task(door.submit(Command(name, targets)))
        while not ordered.done():
            await clock.advance(0.25)


async def _charging(door: Door, clock: ManualClock) -> None:
    """Sessions in every state of a working day."""
    await _order(door, clock, "start", 1)
    await clock.advance(6)
    await _order(door, clock, "start", 2)
    await clock.advance(13)
    await _order(door, clock, "plug-in", 3)
    await clock.advance(2)


async def _busy(door: Door, clock: ManualClock) -> None:
    """A large fleet with a wave of sessions."""
    for station in range(1, 60, 3):
        await _order(door, clock, "start", station)
    await clock.advance(9)


CONVERSATION = (
    "10810001 05FF01 0EF001 62 01 D600",
    "10810002 05FF01 02A102 62 04 C700 D300 D800 DA00",
    "10810003 05FF01 02A102 61 01 EB 04 00002710",
    "10810004 05FF01 02A102 62 02 D300 EB00",
    "10810005 05FF01 02A103 61 01 DA 01 42",
)
"""What a controller of the house asks: which chargers there are, how one does; then it limits that one, and starts
another."""


async def _house(door: Site, clock: ManualClock) -> None:
    """A working day, and a controller in the house."""
    await _charging(door, clock)
    with patch("socket.gethostname", lambda: "home"):
        door.house = House(door, QuietWire.make(), lambda station, text: None, record=door.record)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(door.house.run())
        for datagram in CONVERSATION:
            await clock.advance(1)
            await hand(door.house, datagram)
        await clock.advance(3)
        running.cancel()


async def _press(pilot: Shown, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        if busy := [worker for worker in pilot.app.workers if worker.group != "live"]:
            await pilot.app.workers.wait_for_complete(busy)
        await _refresh(pilot)


async def _refresh(pilot: Shown) -> None:
    assert isinstance(pilot.app, EvtuiApp)
    await pilot.app.pull()
    await pilot.pause()


async def _take(
    name: str,
    *keys: str,
    size: tuple[int, int],
    stations: int = 4,
    before: Callable[..., Awaitable[None]] = _charging,
    ascii: bool = False,
) -> None:
    """Runs a fleet up to the moment, opens a window, presses the keys, and keeps what is seen."""
    clock = ManualClock()
    async with staged_fleet(stations, clock) as door:
        await before(door, clock)

        async def opened() -> HostDoor:
            return door

        app = EvtuiApp(opened, Settings(), ascii=ascii, refresh_hz=0)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await _refresh(pilot)
            await _press(pilot, *keys)
            _keep(name, app.export_screenshot(title="evtui", simplify=True))


def _keep(name: str, svg: str) -> None:
    """Writes the picture twice: as SVG that loads nothing from elsewhere, and as PNG."""
    svg = self_contained(svg)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
    plain = self_contained(svg, f"font-family: {FONT};")
    png = resvg_py.svg_to_bytes(svg_string=plain, monospace_family=FONT)
    (FOLDER / f"{name}.png").write_bytes(bytes(png))
    print(f"screenshots/{name}.svg, .png")


async def _film() -> None:
    """The demo, as an asciicast and as an animated GIF."""
    from tests.film import film
    from tests.show import play  # which stands on the fleet of these pictures

    with tempfile.TemporaryDirectory(prefix="evtui-") as folder:
        cast = Path(folder) / "demo.cast"
        await play(cast, size=(80, 24))
        film(cast, FOLDER / "demo.gif")
    print("screenshots/demo.gif")


async def _all(wanted: set[str]) -> None:
    pictures: dict[str, Callable[[], Awaitable[None]]] = {
        "fleet": lambda: _take("fleet", size=(120, 36)),
        "fleet-80x24": lambda: _take("fleet-80x24", size=(80, 24)),
        "fleet-200x50": lambda: _take("fleet-200x50", size=(200, 50), stations=8),
        "fleet-large": lambda: _take("fleet-large", "f", size=(120, 36), stations=60, before=_busy),
        "fleet-ascii": lambda: _take("fleet-ascii", size=(80, 24), ascii=True),
        "station": lambda: _take("station", "enter", size=(120, 36)),
        "station-80x24": lambda: _take("station-80x24", "enter", size=(80, 24)),
        "frame": lambda: _take("frame", "tab", "up", "up", "enter", size=(120, 36)),
        "echonet": lambda: _take("echonet", "e", "right", size=(120, 36), before=_house),
        "help": lambda: _take("help", "question_mark", size=(120, 36)),
        "quit": lambda: _take("quit", "q", size=(120, 36)),
        "demo": _film,
        **{name: partial(dashboard_pictures.take, name, FOLDER) for name in dashboard_pictures.PICTURES},
    }
    for name, take in pictures.items():
        if not wanted or name in wanted:
            await take()


def main() -> None:
    """Makes all pictures, or those that are named."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(_all(set(sys.argv[1:])))


if __name__ == "__main__":
    main()
