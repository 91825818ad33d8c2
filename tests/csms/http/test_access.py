"""Who is let in: loopback as it is, other machines with a token, pages of other sites never."""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from evtui.csms.server import Csms
from evtui.errors import ConfigError
from evtui.web.token import Token
from tests.api.client import Client
from tests.csms.stations import station

TOKEN = "correct-horse"
PATHS = (
    "/api/status",
    "/api/connections",
    "/api/messages",
    "/api/trace",
    "/api/stations",
    "/api/stations/CP001",
    "/api/transactions",
    "/api/frames",
    "/api/events",
    "/api/id-tokens",
    "/api/schemas/2.0.1",
    "/api/uploads",
    "/metrics",
    "/nothing",
)


@pytest_asyncio.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[tuple[Csms, Client]]:
    """A CSMS that other machines reach."""
    files: dict[str, Any] = {"db": lambda port: tmp_path / "csms.db", "uploads": tmp_path / "up"}
    async with Csms(port=0, web_port=0, web_host="0.0.0.0", web_token=Token(TOKEN), **files) as csms:
        assert csms.web_port is not None
        yield csms, Client(csms.web_port)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "machine.example"])
async def test_other_machines_are_not_let_in_without_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match=f"^web_host: {host} lets other machines in"):
        await Csms(port=0, web_port=0, web_host=host).start()


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_nothing_is_told(guarded: tuple[Csms, Client], path: str) -> None:
    csms, client = guarded
    async with station(csms):
        answer = await client.get(path)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert b"CP001" not in answer.body


async def test_without_the_token_nothing_is_done(guarded: tuple[Csms, Client]) -> None:
    csms, client = guarded
    async with station(csms) as link:
        await link.boot()
        assert (await client.post("/api/stations/CP001/requests/ClearCache", {})).status == 401
        assert (await client.ask("PUT", "/api/id-tokens/Central/A", b"{}", {})).status == 401
        assert (await client.ask("PUT", "/uploads/CP001/a.log", b"x", {})).status == 401
    assert len(csms.books.tokens) == 0
    assert csms.uploads.files == ()


async def test_the_token_opens_and_so_does_an_upload_that_has_it_as_password(guarded: tuple[Csms, Client]) -> None:
    csms, client = guarded
    async with station(csms) as link:
        await link.boot()
        shown = {"Authorization": f"Bearer {TOKEN}"}
        assert (await client.get("/api/stations/CP001", **shown)).status == 200
        assert (await client.get("/api/stations/CP001", Host="192.0.2.7:8081", **shown)).status == 200
        basic = {"Authorization": f"Basic {b64encode(f'CP001:{TOKEN}'.encode()).decode()}"}
        assert (await client.ask("PUT", "/uploads/CP001/a.log", b"x", basic)).status == 201


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "192.0.2.7"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
@pytest.mark.parametrize("path", [*PATHS, "/docs", "/openapi.json"])
async def test_other_names_and_other_sites_are_refused_everywhere(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    assert (await client.get(path, **headers)).status == 403


async def test_answers_carry_security_headers(client: Client) -> None:
    for path in ("/api/status", "/docs", "/nothing"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


async def test_metrics_are_read_by_prometheus(csms: Csms, client: Client) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    async with station(csms) as link:
        await link.boot()
        answer = await client.get("/metrics")
    families = {each.name: each for each in text_string_to_metric_families(answer.body.decode())}
    assert families["evtui_csms_connections"].samples[0].value == 1
    assert families["evtui_csms_messages"].samples[0].value == 2
    assert all(each.documentation for each in families.values())
