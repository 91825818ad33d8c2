"""A station's password over HTTP: written, and never to be read."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from evtui.csms.server import Csms
from tests.csms.stations import station
from tests.csms.test_doors import SECRET, basic, refusal


@pytest_asyncio.fixture
async def csms(tmp_path: Path) -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0, db=lambda port: tmp_path / "csms.db") as running:
        yield running


def _ask(csms: Csms, method: str, path: str, body: str | None) -> tuple[int, str]:
    assert csms.web_port is not None
    link = http.client.HTTPConnection("127.0.0.1", csms.web_port, timeout=20)
    try:
        link.request(method, path, body, {"content-type": "application/json"} if body is not None else {})
        response = link.getresponse()
        return response.status, response.read().decode()
    finally:
        link.close()


async def ask(csms: Csms, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    return await asyncio.to_thread(_ask, csms, method, path, body)


def _all_in(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir())


async def test_a_password_is_put_and_taken_away(csms: Csms, tmp_path: Path) -> None:
    assert await ask(csms, "PUT", "/api/stations/CP001/password", json.dumps({"password": SECRET})) == (204, "")
    assert (await refusal(csms))[0] == 401
    async with station(csms, additional_headers=basic("CP001")) as link:
        await link.boot()
    assert SECRET.encode() not in _all_in(tmp_path)
    assert (await ask(csms, "GET", "/api/stations/CP001/password"))[0] in (404, 405)
    assert await ask(csms, "DELETE", "/api/stations/CP001/password") == (204, "")
    async with station(csms):
        pass


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("CP001", '{"password": "shortish"}', "16 to 64 printable characters"),
        ("CP001", '{"password": 1234567890123456}', "password"),
        ("CP001", '{"pass": "shortish"}', "pass"),
        ("CP001", "shortish", "no JSON"),
        ("CP%3A001", json.dumps({"password": SECRET}), "a station id has"),
        ("x" * 49, json.dumps({"password": SECRET}), "a station id has"),
    ],
)
async def test_what_is_no_password_is_refused_without_telling_it(csms: Csms, path: str, body: str, said: str) -> None:
    status, text = await ask(csms, "PUT", f"/api/stations/{path}/password", body)
    assert status == 422
    assert said in text
    assert "shortish" not in text
    assert SECRET not in text
