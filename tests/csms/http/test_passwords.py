"""A station's password over HTTP: written, and never to be read."""

import json
from pathlib import Path

import pytest

from evtui.csms.server import Csms
from tests.api.client import Client
from tests.csms.stations import station
from tests.csms.test_doors import SECRET, basic, refusal

PATH = "/api/stations/CP001/password"


def _all_in(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir())


async def test_a_password_is_put_and_taken_away(csms: Csms, client: Client, tmp_path: Path) -> None:
    body = json.dumps({"password": SECRET}).encode()
    assert (await client.ask("PUT", PATH, body, {}))[::2] == (204, b"")
    assert (await refusal(csms))[0] == 401
    async with station(csms, additional_headers=basic("CP001")) as link:
        await link.boot()
    assert SECRET.encode() not in _all_in(tmp_path)
    assert (await client.get(PATH)).status in (404, 405)
    assert (await client.ask("DELETE", PATH, None, {})).status == 204
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
async def test_what_is_no_password_is_refused_without_telling_it(
    client: Client, path: str, body: str, said: str
) -> None:
    answer = await client.ask("PUT", f"/api/stations/{path}/password", body.encode(), {})
    text = answer.body.decode()
    assert answer.status == 422
    assert said in text
    assert "shortish" not in text
    assert SECRET not in text
