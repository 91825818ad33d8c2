"""The API's life: its port, when it loads, how it ends, and that the door is all it needs."""

import asyncio
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evtui.api import server
from evtui.api.server import open_api
from evtui.config import ApiConfig
from evtui.errors import ConfigError
from evtui.host.lifeline import Lifeline
from evtui.host.remote import RemoteDoor
from evtui.host.server import DoorServer
from tests.api.client import Client, serving
from tests.engine.scripted import bench
from tests.host.fake_door import FakeDoor


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


async def test_a_taken_port_moves_to_the_next_free_one_and_says_so(taken: int) -> None:
    async with open_api(ApiConfig(port=taken), FakeDoor()) as api:
        assert api.port > taken
        assert api.url == f"http://127.0.0.1:{api.port}"
        assert api.moved == f"port {taken} is taken, so the API is on {api.port}"


async def test_a_port_that_was_asked_for_does_not_move_and_the_error_names_the_option(taken: int) -> None:
    with pytest.raises(ConfigError, match=f"--api-port: port {taken} on 127.0.0.1 is taken"):
        async with open_api(ApiConfig(port=taken, exact=True), FakeDoor()):
            pass


async def test_an_address_that_is_not_ours_is_one_line_that_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "x")
    with pytest.raises(ConfigError, match=r"--api-host: cannot listen on 192\.0\.2\.1") as refused:
        async with open_api(ApiConfig("192.0.2.1", token_env="API_TOKEN"), FakeDoor()):
            pass
    assert "\n" not in str(refused.value)


async def test_the_port_is_there_at_once_and_free_again_at_the_end() -> None:
    async with open_api(ApiConfig(port=0), FakeDoor()) as api:
        socket.create_connection(("127.0.0.1", api.port)).close()
        assert api.moved == ""
    socket.create_server(("127.0.0.1", api.port)).close()


async def test_whoever_asks_early_is_answered_when_the_fleet_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import of fastapi would hold up the first frames."""
    monkeypatch.setattr(server, "PATIENCE_S", 60.0)
    async with bench(tmp_path, boot=False) as it, serving(it.door) as client:
        asking = asyncio.get_running_loop().create_task(client.get("/api/fleet"))
        await it.advance(0)
        answer = await asking
        assert answer.json["totals"]["online"] == 1


async def test_closing_before_it_is_loaded_is_orderly() -> None:
    async with asyncio.timeout(20), open_api(ApiConfig(port=0), FakeDoor()):
        pass


async def test_closing_does_not_wait_for_an_idle_reader() -> None:
    async with asyncio.timeout(20):
        async with serving(FakeDoor()) as client:
            await client.get("/api/fleet")
            _, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.close()


async def test_signals_stay_those_of_the_host() -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with serving(FakeDoor()) as client:
        await client.get("/api/fleet")
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


async def test_it_serves_a_door_in_another_process_as_well(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="evtui-", dir="/tmp") as directory:
        async with bench(tmp_path) as it:
            house = DoorServer(it.door, Lifeline())
            await house.listen(Path(directory) / "door")
            door = await RemoteDoor.connect(Path(directory) / "door")
            async with serving(door) as client, client.events() as stream:
                assert (await client.post("/api/stations/CP001/commands/start")).status == 200
                assert (await client.get("/api/fleet")).json["totals"]["transactions"] == 1
                it.fleet.frames.flush()
                assert (await client.get("/api/frames?limit=1")).json["frames"]
                assert (await stream.next())["event"] == "connecting"
                await house.close()
                assert await stream.ended()
                await _tells_that_the_fleet_is_gone(client)
            door.close()


async def _tells_that_the_fleet_is_gone(client: Client) -> None:
    for path in ("/api/fleet", "/api/stations/CP001", "/metrics"):
        answer = await client.get(path)
        assert (answer.status, answer.json["error"]) == (503, "the fleet's process is gone")


def test_a_host_that_may_offer_it_loads_none_of_what_it_needs() -> None:
    code = "import sys, evtui.host.site; print(*sorted(each.split('.')[0] for each in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert {"fastapi", "uvicorn", "prometheus_client", "pydantic"}.isdisjoint(done.stdout.split())
