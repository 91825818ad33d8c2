"""The CSMS over HTTP: the three endpoints of the original simulator, guarded."""

import asyncio
import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from evtui.csms.server import Csms
from tests.csms.stations import station


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0) as running:
        yield running


def _fetch(csms: Csms, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    assert csms.web_port is not None
    link = http.client.HTTPConnection("127.0.0.1", csms.web_port, timeout=20)
    try:
        link.request("GET", path, headers=headers)
        response = link.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        link.close()


async def get(csms: Csms, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return await asyncio.to_thread(_fetch, csms, path, headers)


async def read(csms: Csms, path: str) -> Any:
    status, _, body = await get(csms, path)
    assert status == 200
    return json.loads(body)


async def test_status(csms: Csms) -> None:
    before = await read(csms, "/api/status")
    assert (before["status"], before["total_messages"], before["last_activity"]) == ("online", 0, None)
    async with station(csms) as link:
        await link.boot()
        after = await read(csms, "/api/status")
    assert (after["total_messages"], after["active_connections"]) == (2, 1)
    assert after["uptime"] >= before["uptime"] >= 0
    assert after["last_activity"].endswith("Z")


async def test_connections(csms: Csms) -> None:
    assert await read(csms, "/api/connections") == []
    async with station(csms, "%3Cscript%3E") as link, station(csms, "CP002"):
        await link.boot()
        first, second = await read(csms, "/api/connections")
    assert (first["station_id"], first["ocpp_version"], first["registration"]) == ("<script>", "2.0.1", "Accepted")
    assert (first["messages_received"], first["messages_sent"]) == (1, 1)
    assert (second["station_id"], second["registration"]) == ("CP002", None)


async def test_messages_are_the_newest_frames_oldest_first(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.call("Heartbeat", {})
        messages = await read(csms, "/api/messages?limit=3")
    assert [(m["number"], m["direction"], m["type"], m["action"]) for m in messages] == [
        (1, "RECEIVED", "CALLRESULT", "BootNotification"),
        (2, "SENT", "CALL", "Heartbeat"),
        (3, "RECEIVED", "CALLRESULT", "Heartbeat"),
    ]
    assert json.loads(messages[1]["text"])[2] == "Heartbeat"


async def test_what_is_kept_for_messages_is_bounded_in_number_and_size(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        for _ in range(600):
            await link.call("Heartbeat", {})
        assert len(csms.tap.newest(5000)) == 1000
        for _ in range(10):
            await link.say("x" * 500_000)
            await link.hear()
        assert sum(len(frame.text) for frame in csms.tap.newest(5000)) <= 4_000_000
        assert len(await read(csms, "/api/messages?limit=1000")) < 20


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many"])
async def test_a_limit_out_of_bounds_is_refused(csms: Csms, limit: str) -> None:
    assert (await get(csms, f"/api/messages?limit={limit}"))[0] == 422


async def test_frames_full_of_html_stay_json(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.say('[2,"1","<script>alert(1)</script>",{}]')
        await link.hear()
        _, headers, body = await get(csms, "/api/messages")
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in headers
    assert "<script>" in json.loads(body)[2]["text"]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_other_names_and_other_sites_are_refused(csms: Csms, headers: dict[str, str]) -> None:
    status, _, body = await get(csms, "/api/status", **headers)
    assert status == 403
    assert b"uptime" not in body


async def test_the_documentation_loads_from_here_alone_and_is_whole(csms: Csms) -> None:
    """Every reference leads somewhere, and every path has a name of its own."""
    _, headers, page = await get(csms, "/docs")
    assert headers["content-type"].startswith("text/html")
    assert b"://" not in page
    assert "unsafe" not in headers["content-security-policy"]
    _, _, body = await get(csms, "/openapi.json")
    description = json.loads(body)
    assert {"/api/status", "/api/connections", "/api/messages"} <= description["paths"].keys()
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', body.decode()))
    assert references <= description["components"]["schemas"].keys()
    identifiers = [each["operationId"] for path in description["paths"].values() for each in path.values()]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("path", ["/redoc", "/docs/oauth2-redirect"])
async def test_there_is_no_page_that_loads_from_elsewhere(csms: Csms, path: str) -> None:
    assert (await get(csms, path))[0] == 404


async def test_stations_need_not_wait_for_http(csms: Csms) -> None:
    """The port is there from the start; who asks early is answered when HTTP is loaded."""
    async with station(csms) as link:
        assert (await link.boot())["status"] == "Accepted"
    assert (await read(csms, "/api/status"))["total_messages"] == 2


async def test_signals_stay_those_of_the_host(csms: Csms) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    await read(csms, "/api/status")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


async def test_closing_before_http_is_loaded_is_orderly() -> None:
    csms = Csms(port=0, web_port=0)
    await csms.start()
    await csms.close()
    async with Csms(port=csms.port, web_port=csms.web_port, exact=True, web_exact=True) as again:
        assert (await read(again, "/api/connections")) == []


async def test_closing_does_not_wait_for_an_idle_reader() -> None:
    async with Csms(port=0, web_port=0) as csms:
        await read(csms, "/api/status")
        _, writer = await asyncio.open_connection("127.0.0.1", csms.web_port)
        async with asyncio.timeout(5):
            await csms.close()
        writer.close()


def test_the_server_alone_does_not_load_the_web() -> None:
    """Stations come first: HTTP is loaded when they can connect already."""
    code = "import sys, evtui.csms.server; sys.exit(bool({'fastapi', 'uvicorn', 'pydantic'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
