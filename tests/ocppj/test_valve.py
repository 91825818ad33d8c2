"""A network that is cut: against real sockets, plain and TLS, on the loop of the standard library and on uvloop."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.typing import Subprotocol

from evtui.errors import LinkError
from evtui.ocppj import connection as module
from evtui.ocppj.connection import Connection, connect
from evtui.ocppj.endpoint import Endpoint
from tests.certificates import Certificates
from tests.ocppj.listening import heard

Loop = Callable[[], asyncio.AbstractEventLoop]
Scenario = Callable[[Connection, ServerConnection], Coroutine[Any, Any, None]]
Run = Callable[..., None]

HASTE_S = 0.15
TIMEOUT_S = 30.0


@asynccontextmanager
async def both_ends(
    certificates: Certificates | None, **options: Any
) -> AsyncIterator[tuple[Connection, ServerConnection]]:
    """A connection, seen from the station and from the CSMS."""
    other: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()

    async def handler(websocket: ServerConnection) -> None:
        other.set_result(websocket)
        await websocket.wait_closed()

    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server_cert, certificates.server_key)
    async with serve(handler, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")], ssl=context) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        url = f"{'ws' if certificates is None else 'wss'}://127.0.0.1:{port}/CP001"
        ca = None if certificates is None else certificates.ca
        station = await connect(Endpoint(url, ca=ca), **options)
        yield station, await other
        station.open()
        await station.close()


@pytest.fixture(params=["plain", "tls"])
def run(request: pytest.FixtureRequest, certificates: Certificates) -> Run:
    """Runs a scenario on each loop."""
    trust = certificates if request.param == "tls" else None

    def all_loops(scenario: Scenario, **options: Any) -> None:
        async def play() -> None:
            async with asyncio.timeout(TIMEOUT_S), both_ends(trust, **options) as (station, csms):
                await scenario(station, csms)

        factories: tuple[Loop, ...] = (asyncio.new_event_loop, uvloop.new_event_loop)
        for factory in factories:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(play())

    return all_loops


async def nothing(what: Awaitable[object]) -> None:
    """Nothing comes of it, at least not soon."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(HASTE_S):
            await what


def test_nothing_passes_either_way_until_the_network_is_restored(run: Run) -> None:
    async def scenario(station: Connection, csms: ServerConnection) -> None:
        station.shut()
        await station.send("one")
        await station.send("two")
        await csms.send("three")
        await nothing(csms.recv())
        await nothing(heard(station))
        assert not station.gone
        station.open()
        assert [await csms.recv(), await csms.recv(), await heard(station)] == ["one", "two", "three"]

    run(scenario)


def test_a_ping_of_the_csms_gets_no_pong(run: Run) -> None:
    async def scenario(station: Connection, csms: ServerConnection) -> None:
        station.shut()
        pong = await csms.ping()
        await nothing(asyncio.shield(pong))
        station.open()
        await pong

    run(scenario)


def test_a_station_that_loses_its_power_says_nothing_until_it_is_back(run: Run) -> None:
    async def scenario(station: Connection, csms: ServerConnection) -> None:
        station.shut()
        station.abort()
        with pytest.raises(LinkError, match="broke off"):
            await heard(station)
        assert station.gone
        await csms.send("are you there?")
        await nothing(csms.recv())
        assert csms.state is State.OPEN
        station.open()
        with pytest.raises(ConnectionClosed):
            await csms.recv()

    run(scenario)


def test_a_station_that_pings_notices_and_its_csms_does_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PONG_TIMEOUT_S", 0.2)
    monkeypatch.setattr(module, "CLOSE_TIMEOUT_S", 0.1)

    async def scenario(station: Connection, csms: ServerConnection) -> None:
        await asyncio.sleep(0.1)  # pings that are answered
        station.shut()
        with pytest.raises(LinkError, match="did not answer a WebSocket ping"):
            await heard(station)
        await nothing(csms.recv())
        assert csms.state is State.OPEN
        station.open()
        with pytest.raises(ConnectionClosed):
            await csms.recv()

    run(scenario, ping_interval_s=0.05)


def test_a_goodbye_into_a_cut_network_is_not_waited_for_longer_than_any(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_TIMEOUT_S", 0.1)

    async def scenario(station: Connection, csms: ServerConnection) -> None:
        station.shut()
        await station.close()
        assert station.gone
        assert csms.state is State.OPEN

    run(scenario)


def test_what_the_peer_did_meanwhile_is_noticed_when_the_network_is_restored(run: Run) -> None:
    async def scenario(station: Connection, csms: ServerConnection) -> None:
        station.shut()
        csms.transport.abort()
        await nothing(heard(station))
        station.open()
        with pytest.raises(LinkError):
            await heard(station)

    run(scenario)


async def test_the_socket_of_a_lost_station_is_closed_when_it_is_let_go() -> None:
    async with both_ends(None) as (station, _):
        sock: socket.socket = station._websocket.transport.get_extra_info("socket")
        station.shut()
        station.abort()
        await asyncio.sleep(0)
        assert sock.fileno() != -1
        station.open()
        await asyncio.sleep(0)
        assert sock.fileno() == -1
