"""Who may ask: by which name, from which page, with which token; and what the documentation loads."""

import logging
import re
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from evtui.api.server import open_api
from evtui.config import ApiConfig
from evtui.errors import ConfigError
from evtui.web.docs import PUBLIC
from tests.api.client import Client, serving
from tests.host.fake_door import FakeDoor

TOKEN = "correct-horse-battery-staple"
PATHS = ("/api/fleet", "/api/stations/CP001", "/api/frames", "/api/events", "/metrics", "/api/commands/1", "/nothing")


@pytest_asyncio.fixture
async def guarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """An API for other machines."""
    monkeypatch.setenv("API_TOKEN", TOKEN)
    async with serving(FakeDoor(), ApiConfig("0.0.0.0", 0, token_env="API_TOKEN")) as client:
        yield client


# -- names and pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "192.0.2.7"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [*PATHS, *sorted(PUBLIC)])
async def test_other_names_and_other_sites_are_refused_everywhere(path: str, headers: dict[str, str]) -> None:
    door = FakeDoor()
    async with serving(door) as client:
        assert (await client.get(path, **headers)).status == 403
        assert (await client.post("/api/stations/CP001/commands/stop", {}, **headers)).status == 403
    assert door.commands == []


async def test_loopback_needs_no_token_and_its_own_pages_may_ask() -> None:
    async with serving(FakeDoor()) as client:
        for host in ("localhost", "127.0.0.1:1234", "[::1]"):
            assert (await client.get("/api/fleet", Host=host, Origin=f"http://{host}")).status == 200


async def test_answers_carry_security_headers() -> None:
    async with serving(FakeDoor()) as client:
        for path in ("/api/fleet", "/docs", "/nothing"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "access-control-allow-origin" not in headers


# -- token ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "machine.example"])
async def test_other_machines_are_not_let_in_without_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"--api-host: {host}")) as refused:
        async with open_api(ApiConfig(host, 0), FakeDoor()):
            pass
    assert "--api-token-env" in str(refused.value)


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_nothing_is_told(guarded: Client, path: str) -> None:
    answer = await guarded.get(path)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert b"CP001" not in answer.body
    assert (await guarded.get(path, Authorization=f"Bearer {TOKEN}x")).status == 401


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        f"Basic {b64encode(TOKEN.encode()).decode()}",
        f"Basic {b64encode(f'{TOKEN}:'.encode()).decode()}",
        f"Basic {b64encode(f'CP001:{TOKEN}x'.encode()).decode()}",
        TOKEN,
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN.upper()}",
        f"Bearer x {TOKEN}",
        "Bearer \xff",
        "Bearer " + "x" * 10_000,
    ],
)
async def test_what_is_not_the_token_is_refused_and_nothing_happens(guarded: Client, shown: str) -> None:
    answer = await guarded.post("/api/stations/CP001/commands/stop", Authorization=shown)
    assert answer.status == 401


async def test_the_token_opens(guarded: Client) -> None:
    for scheme in ("Bearer", "bearer"):
        assert (await guarded.get("/api/fleet", Authorization=f"{scheme} {TOKEN}")).status == 200
    answer = await guarded.post("/api/stations/CP001/commands/stop", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200


async def test_the_token_opens_as_the_password_of_basic_auth_too(guarded: Client) -> None:
    """A station that uploads its log knows nothing else."""
    shown = b64encode(f"CP001:{TOKEN}".encode()).decode()
    assert (await guarded.get("/api/fleet", Authorization=f"Basic {shown}")).status == 200


async def test_the_token_opens_no_door_to_other_sites(guarded: Client) -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert (await guarded.get("/api/fleet", Host="evil.example", **shown)).status == 403
    assert (await guarded.get("/api/fleet", Origin="http://198.51.100.1", **shown)).status == 403


async def test_other_machines_call_it_by_address_or_by_its_name(guarded: Client) -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    for host in ("192.0.2.1:8082", "[2001:db8::1]", socket.gethostname()):
        assert (await guarded.get("/api/fleet", Host=host, Origin=f"http://{host}", **shown)).status == 200


async def test_the_token_guards_loopback_too_when_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    async with serving(FakeDoor(), ApiConfig(port=0, token_file=str(file))) as client:
        assert (await client.get("/api/fleet")).status == 401
        assert (await client.get("/api/fleet", Authorization=f"Bearer {TOKEN}")).status == 200


async def test_the_token_is_never_logged(guarded: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await guarded.get("/api/fleet", Authorization=f"Bearer {TOKEN}")
    await guarded.get("/api/fleet", Authorization=f"Bearer {TOKEN}x")
    assert TOKEN not in caplog.text


# -- documentation --------------------------------------------------------------------------------


async def test_the_documentation_is_open_as_a_browser_cannot_show_a_token_for_a_page(guarded: Client) -> None:
    for path in PUBLIC:
        answer = await guarded.get(path)
        assert answer.status == 200
        assert b"CP001" not in answer.body
    assert (await guarded.get("/openapi.json")).json["security"] == [{"token": []}]


async def test_the_page_of_the_documentation_loads_from_here_alone() -> None:
    async with serving(FakeDoor()) as client:
        page = await client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        links = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
        assert len(links) == 4
        for link in links:
            asset = await client.get(f"/{link}")
            assert asset.status == 200
            assert asset.body
        assert b"://" not in page.body + (await client.get("/docs/start.js")).body
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "http" not in policy


async def test_the_description_is_whole() -> None:
    """Every reference leads somewhere, and every path says what it answers."""
    async with serving(FakeDoor()) as client:
        answer = await client.get("/openapi.json")
    description = answer.json
    assert description["openapi"].startswith("3.")
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', answer.body.decode()))
    assert references <= set(description["components"]["schemas"])
    assert {"FleetView", "StationDetail", "CommandRecord", "FramePage", "FleetEvent", "Problem"} <= references | {
        "FleetEvent"
    }
    identifiers = [operation["operationId"] for path in description["paths"].values() for operation in path.values()]
    assert len(identifiers) == len(set(identifiers))
    assert "security" not in description
