"""Pictures of the dashboard: a real CSMS on a clock that moves when told, stations driven by hand, and Chromium."""

import math
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evtui.csms.moment import to_wire
from evtui.csms.server import Csms
from tests.csms.http.browser import Look, looking
from tests.csms.stations import RawStation, station

BEGAN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC).timestamp()
SECONDS = 240
MODELS = (("AC22", 21_000.0, 41.0), ("AC11", 11_000.0, 52.0), ("DC150", 128_000.0, 77.0))


class Session:
    """A station that charges; times are those of the CSMS's clock."""

    def __init__(self, link: RawStation, number: int, csms: Csms) -> None:
        self._link = link
        self._csms = csms
        self.model, self._most_w, self._wh = MODELS[number % 3]
        self._begins = 8 + 17 * number
        self._seq_no = 0
        self._register_wh = 120_000.0 + 977 * number
        self._number = number

    async def boot(self) -> None:
        """Says who it is."""
        firmware = {"firmwareVersion": "4.2.1", "serialNumber": f"EVT-{self._number + 1:06d}"}
        about = {"model": self.model, "vendorName": "evtui", **firmware}
        await self._link.call("BootNotification", {"reason": "PowerUp", "chargingStation": about})
        await self._status("Available")

    async def step(self, second: int) -> None:
        """What it says in that second, if anything."""
        if second < self._begins:
            if (second + self._number) % 30 == 0:
                await self._link.call("Heartbeat", {})
            return
        since = second - self._begins
        power_w = self._most_w * min(1.0, since / 3) * (1 - 0.75 / (1 + math.exp((150 - since) / 14)))
        self._register_wh += power_w / 240  # fifteen times faster than life
        if since == 0:
            await self._status("Occupied")
        if since % 3 == 0:
            await self._event("Updated" if since else "Started", power_w, 12 + since / 3)

    async def _status(self, status: str) -> None:
        at = to_wire(self._csms.clock())
        told = {"evseId": 1, "connectorId": 1, "connectorStatus": status, "timestamp": at}
        await self._link.call("StatusNotification", told)

    async def _event(self, kind: str, power_w: float, soc: float) -> None:
        at = to_wire(self._csms.clock())
        samples = [
            {"measurand": "Power.Active.Import", "value": round(power_w), "unitOfMeasure": {"unit": "W"}},
            {"measurand": "Energy.Active.Import.Register", "value": round(self._register_wh)},
            {"measurand": "SoC", "value": min(100, round(soc))},
        ]
        token = {"idToken": f"04A2{self._number:02d}C7", "type": "ISO14443"}
        began = {"evse": {"id": 1, "connectorId": 1}, "idToken": token} if kind == "Started" else {}
        await self._link.call(
            "TransactionEvent",
            {
                "eventType": kind,
                "timestamp": at,
                "triggerReason": "Authorized" if began else "MeterValuePeriodic",
                "seqNo": self._seq_no,
                "transactionInfo": {"transactionId": f"8c0de5a1-{self._number:04d}", "chargingState": "Charging"},
                "meterValue": [{"timestamp": at, "sampledValue": samples}],
                **began,
            },
        )
        self._seq_no += 1


@asynccontextmanager
async def _morning() -> AsyncIterator[Csms]:
    """A CSMS after some minutes of work."""
    now = [BEGAN]
    with tempfile.TemporaryDirectory(prefix="evtui-") as folder:
        files: dict[str, Any] = {"db": lambda port: Path(folder) / "csms.db"}
        async with Csms(clock=lambda: now[0], speed=15.0, **files) as csms, AsyncExitStack() as stack:
            links = [await stack.enter_async_context(station(csms, f"CP{number:03d}")) for number in range(1, 9)]
            sessions = [Session(link, number, csms) for number, link in enumerate(links)]
            for each in sessions:
                await each.boot()
            await links[7].ask("Heartbeat", {"reason": "a field that does not belong here"})
            for second in range(SECONDS):
                now[0] = BEGAN + second
                for each in sessions[:7]:
                    await each.step(second)
                csms.watch.tick()
            yield csms


async def _open(look: Look, path: str) -> None:
    await look.page.add_init_script("Math.random = () => 0.4711")
    await look.page.clock.set_fixed_time(datetime.fromtimestamp(BEGAN + SECONDS, UTC))
    await look.open(path)
    await look.page.locator("main h1").wait_for()
    await look.page.wait_for_timeout(1500)


async def _frames(look: Look) -> None:
    await look.page.fill("[data-filter]", "~a TransactionEvent & ~s CP00*")
    await look.page.wait_for_timeout(600)
    await look.page.locator(".frame").nth(5).click()
    await look.page.wait_for_timeout(600)


async def _request(look: Look) -> None:
    await look.page.get_by_role("button", name="Start", exact=True).click()
    await look.page.locator("dialog").get_by_label("evseId").wait_for()
    await look.page.wait_for_timeout(300)


async def _nothing(look: Look) -> None:
    pass


Picture = tuple[str, int, int, str, Callable[[Look], Awaitable[None]]]
PICTURES: dict[str, Picture] = {
    "dashboard": ("/", 1280, 1180, "light", _nothing),
    "dashboard-station": ("/stations/CP001", 1280, 1180, "dark", _nothing),
    "dashboard-frames": ("/frames", 1280, 900, "light", _frames),
    "dashboard-request": ("/stations/CP008", 1280, 900, "light", _request),
    "dashboard-phone": ("/", 390, 844, "dark", _nothing),
}


async def take(name: str, folder: Path) -> None:
    """Makes a picture of the dashboard in a folder."""
    path, width, height, theme, act = PICTURES[name]
    async with (
        _morning() as csms,
        looking(f"http://localhost:{csms.web_port}", width=width, height=height, theme=theme) as look,
    ):
        await _open(look, path)
        await act(look)
        await look.page.screenshot(path=folder / f"{name}.png")
    print(f"screenshots/{name}.png")
