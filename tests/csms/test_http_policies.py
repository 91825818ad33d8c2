"""Policies over HTTP."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from evtui.csms.policy import Misbehaviour, Policy
from evtui.csms.server import Csms
from tests.csms.stations import station
from tests.csms.test_http_passwords import ask


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0) as running:
        yield running


async def test_a_policy_is_put_read_and_taken_away(csms: Csms) -> None:
    path = "/api/stations/CP001/policy"
    wanted = {"boot_status": "Pending", "misbehaviour": [{"kind": "late", "delay_ms": 5}]}
    status, text = await ask(csms, "PUT", path, json.dumps(wanted))
    assert status == 200
    assert csms.books.registry.policy_of("CP001") == Policy("Pending", misbehaviour=(Misbehaviour("late", delay_ms=5),))
    assert await ask(csms, "GET", path) == (200, text)
    async with station(csms) as link:
        assert (await link.boot())["status"] == "Pending"
    assert await ask(csms, "DELETE", path) == (204, "")
    assert json.loads((await ask(csms, "GET", path))[1])["boot_status"] == "Accepted"


async def test_the_policy_of_all_others(csms: Csms) -> None:
    assert (await ask(csms, "PUT", "/api/policy", '{"interval_s": 5}'))[0] == 200
    assert json.loads((await ask(csms, "GET", "/api/policy"))[1])["interval_s"] == 5
    assert csms.books.registry.policy_of("CP001").interval_s == 5


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("CP001", '{"boot_status": "accepted"}', "boot_status"),
        ("CP001", '{"interval": 5}', "interval"),
        ("CP001", '{"misbehaviour": [{"kind": "callerror", "code": "Oops"}]}', "misbehaviour[0].code"),
        ("a%3Ab", "{}", "a station id has"),
    ],
)
async def test_what_is_no_policy_is_refused(csms: Csms, path: str, body: str, said: str) -> None:
    status, text = await ask(csms, "PUT", f"/api/stations/{path}/policy", body)
    assert status == 422
    assert said in text
