"""Policies over HTTP."""

import json

import pytest

from evtui.csms.policy import Misbehaviour, Policy
from evtui.csms.server import Csms
from tests.api.client import Answer, Client
from tests.csms.stations import station


async def put(client: Client, path: str, body: str) -> Answer:
    return await client.ask("PUT", path, body.encode(), {})


async def test_a_policy_is_put_read_and_taken_away(csms: Csms, client: Client) -> None:
    path = "/api/stations/CP001/policy"
    wanted = {"boot_status": "Pending", "misbehaviour": [{"kind": "late", "delay_ms": 5}]}
    answer = await put(client, path, json.dumps(wanted))
    assert answer.status == 200
    assert csms.books.registry.policy_of("CP001") == Policy("Pending", misbehaviour=(Misbehaviour("late", delay_ms=5),))
    assert (await client.get(path)).json == answer.json
    async with station(csms) as link:
        assert (await link.boot())["status"] == "Pending"
    assert (await client.ask("DELETE", path, None, {})).status == 204
    assert (await client.get(path)).json["boot_status"] == "Accepted"


async def test_the_policy_of_all_others(csms: Csms, client: Client) -> None:
    assert (await put(client, "/api/policy", '{"interval_s": 5}')).status == 200
    assert (await client.get("/api/policy")).json["interval_s"] == 5
    assert csms.books.registry.policy_of("CP001").interval_s == 5


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("CP001", '{"boot_status": "accepted"}', "boot_status"),
        ("CP001", '{"interval": 5}', "interval"),
        ("CP001", '{"misbehaviour": [{"kind": "callerror", "code": "Oops"}]}', "misbehaviour[0].code"),
        ("a%3Ab", "{}", "a station id has"),
        ("a%0Ab", "{}", "a station id has"),
    ],
)
async def test_what_is_no_policy_is_refused(client: Client, path: str, body: str, said: str) -> None:
    answer = await put(client, f"/api/stations/{path}/policy", body)
    assert answer.status == 422
    assert said in answer.json["error"]
