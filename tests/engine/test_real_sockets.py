"""The same over real sockets and wall time: a permissive CSMS of the websockets library at the other end."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, basic_auth, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, LinkState, StationRow, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.ocppj.spool import SpoolWriter
from tests.peers.scripted_csms import answer_to

PASSWORD = "correct horse battery"
QUICK = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
}


class PermissiveCsms:
    """Accepts everything; remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    async def serve(self, link: ServerConnection) -> None:
        assert link.request is not None
        station = link.request.path.rpartition("/")[2]
        try:
            async for text in link:
                _, message_id, action, payload = json.loads(text)
                self.calls.append((station, action, payload))
                answer = answer_to(action, payload, now=datetime.now(UTC), heartbeat_s=300)
                await link.send(json.dumps([3, message_id, answer]))
        except ConnectionClosed:
            pass

    @asynccontextmanager
    async def live(self, port: int = 0, **options: Any) -> AsyncIterator[Server]:
        subprotocols = options.pop("subprotocols", [Subprotocol("ocpp2.0.1")])
        async with serve(self.serve, "127.0.0.1", port, subprotocols=subprotocols, **options) as server:
            yield server


def port_of(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


def url_of(server: Server) -> str:
    return f"ws://127.0.0.1:{port_of(server)}"


@asynccontextmanager
async def running(
    directory: Path, url: str, stations: int = 1, csms: CsmsConfig | None = None
) -> AsyncIterator[tuple[Fleet, LocalDoor]]:
    group = GroupConfig(count=stations, variables=QUICK)
    config = FleetConfig(groups=(group,), csms=csms or CsmsConfig())
    with SpoolWriter(directory) as spool:
        async with Fleet(config, clock=SystemClock(config.speed), frames=spool, csms_url=url) as fleet:
            yield fleet, LocalDoor(fleet)


async def until(door: LocalDoor, what: Callable[[tuple[StationRow, ...]], bool]) -> None:
    """Waits for a view that fits, from event to event."""
    number = 0
    while not what((await door.fleet(View())).rows):
        number = (await door.events(number))[-1].number


def all_are(link: LinkState) -> Callable[[tuple[StationRow, ...]], bool]:
    return lambda rows: all(row.link is link for row in rows)


async def test_stations_charge_and_deliver_all_before_the_end(tmp_path: Path) -> None:
    csms = PermissiveCsms()
    async with csms.live() as server, running(tmp_path, f"{url_of(server)}/ocpp", 3) as (fleet, door):
        outcome = await door.submit(Command("start", tuple(Target(f"CP00{n}", 1) for n in (1, 2, 3))))
        assert outcome.text == "3 started"
        assert await fleet.shutdown(5.0) == {}
    for station in ("CP001", "CP002", "CP003"):
        events = [payload for who, action, payload in csms.calls if (who, action) == (station, "TransactionEvent")]
        assert [event["seqNo"] for event in events] == list(range(len(events)))
        assert (events[0]["eventType"], events[-1]["eventType"]) == ("Started", "Ended")


async def test_a_csms_that_dies_and_comes_back_gets_all_that_happened_meanwhile(tmp_path: Path) -> None:
    csms = PermissiveCsms()
    async with csms.live() as first:
        port = port_of(first)
    async with running(tmp_path, f"ws://127.0.0.1:{port}", 2) as (fleet, door):
        await until(door, lambda rows: all("(tcp)" in row.trouble for row in rows))
        async with csms.live(port):
            await until(door, all_are(LinkState.ONLINE))
            assert (await door.submit(Command("start", (Target("CP001", 1),)))).done
        await until(door, lambda rows: rows[0].link is not LinkState.ONLINE)
        assert (await door.submit(Command("stop", (Target("CP001", 1),)))).done
        assert (await door.fleet(View())).totals.queued > 0
        async with csms.live(port):
            await until(door, all_are(LinkState.ONLINE))
            assert await fleet.shutdown(5.0) == {}
    events = [payload for _, action, payload in csms.calls if action == "TransactionEvent"]
    assert events[-1]["eventType"] == "Ended"
    assert events[-1]["offline"] is True
    assert [action for _, action, _ in csms.calls].count("BootNotification") == 2


async def test_a_password_is_sent_and_stays_out_of_what_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "CP001").write_text(PASSWORD)
    config = CsmsConfig(password_file=str(tmp_path / "{id}"))
    auth: Callable[..., Awaitable[Any]] = basic_auth(credentials=("CP001", PASSWORD))
    csms = PermissiveCsms()
    async with (
        csms.live(process_request=auth) as server,
        running(tmp_path / "spool", url_of(server), csms=config) as (_, door),
    ):
        await until(door, all_are(LinkState.ONLINE))
        assert PASSWORD not in repr(await door.station("CP001"))
        assert PASSWORD not in repr(await door.events(0))


async def test_a_wrong_password_is_told_as_an_http_status(tmp_path: Path) -> None:
    auth: Callable[..., Awaitable[Any]] = basic_auth(credentials=("CP001", "another"))
    csms = PermissiveCsms()
    async with csms.live(process_request=auth) as server, running(tmp_path, url_of(server)) as (_, door):
        await until(door, lambda rows: "(http)" in rows[0].trouble and "401" in rows[0].trouble)


async def test_a_server_that_speaks_no_ocpp_is_told_as_such(tmp_path: Path) -> None:
    csms = PermissiveCsms()
    async with csms.live(subprotocols=None) as server, running(tmp_path, url_of(server)) as (_, door):
        await until(door, lambda rows: "(subprotocol)" in rows[0].trouble)


async def test_a_frame_beyond_all_bounds_ends_the_link_and_not_the_station(tmp_path: Path) -> None:
    class Flooding(PermissiveCsms):
        flooded = False

        async def serve(self, link: ServerConnection) -> None:
            if not self.flooded:
                self.flooded = True
                await link.send("[" * (2 << 20))
            await super().serve(link)

    async with Flooding().live() as server, running(tmp_path, url_of(server)) as (_, door):
        await until(door, all_are(LinkState.ONLINE))
        waiting = [event for event in await door.events(0) if event.kind == "waiting"]
        assert "bytes" in waiting[0].text


async def test_leaving_closes_every_link(tmp_path: Path) -> None:
    csms = PermissiveCsms()
    async with csms.live() as server:
        async with running(tmp_path, url_of(server), 2) as (_, door):
            await until(door, all_are(LinkState.ONLINE))
            links = set(server.connections)
            assert len(links) == 2
        assert [link.close_code for link in links] == [1000, 1000]
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("CP0")]
