"""Commands over HTTP: an answer is the effect, or the reason why there is none."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from evtui.api import commands as limits
from evtui.api.commands import Commands
from evtui.api.records import State
from evtui.engine.commands import COMMANDS, Scope
from evtui.engine.door import Command, Outcome, View
from evtui.sim.spec import EvseSpec
from tests.api.client import fleet, serving
from tests.engine.scripted import bench
from tests.host.fake_door import FakeDoor


def path_of(name: str, station: str = "CP001") -> str:
    return (
        f"/api/commands/{name}" if COMMANDS[name].scope is Scope.FLEET else f"/api/stations/{station}/commands/{name}"
    )


# -- the registry ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_of_the_registry_reaches_the_door_with_all_its_arguments(name: str) -> None:
    spec, door = COMMANDS[name], FakeDoor()
    arguments: dict[str, Any] = {each.name.replace("-", "_"): f"<{each.name}>" for each in spec.arguments}
    if spec.scope is Scope.EVSE:
        arguments["evse_id"] = 1
    async with serving(door) as client:
        answer = await client.post(path_of(name), arguments)
    assert answer.status == 200, answer.body
    [command] = door.commands
    assert command.name == name
    assert command.arguments == {each.name: f"<{each.name}>" for each in spec.arguments}
    assert [(each.station_id, each.evse_id) for each in command.targets] == {
        Scope.FLEET: [],
        Scope.STATION: [("CP001", 0)],
        Scope.EVSE: [("CP001", 1)],
    }[spec.scope]


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_of_the_registry_is_documented(name: str) -> None:
    async with serving(FakeDoor()) as client:
        description = (await client.get("/openapi.json")).json
    path = path_of(name, "{station_id}")
    operation = description["paths"][path]["post"]
    assert operation["summary"] == COMMANDS[name].title
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    properties = description["components"]["schemas"][body]["properties"]
    assert set(properties) - {"evse_id"} == {each.name.replace("-", "_") for each in COMMANDS[name].arguments}
    for argument in COMMANDS[name].arguments:
        told = properties[argument.name.replace("-", "_")]["description"]
        assert all(f"{value}: {meaning}" in told for value, meaning in argument.choices)
    assert {"200", "202", "409", "422"} <= set(operation["responses"])


# -- effects --------------------------------------------------------------------------------------


async def test_a_command_answers_when_it_has_taken_effect(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        answer = await client.post("/api/stations/CP001/commands/start", {"evse_id": 1})
        transaction = (await it.evse()).transaction_id
        assert answer.status == 200
        assert answer.json["state"] == "done"
        assert answer.json["text"] == f"CP001: transaction {transaction} started"
        [result] = answer.json["results"]
        assert result == {
            "target": {"station_id": "CP001", "evse_id": 1},
            "done": True,
            "text": f"transaction {transaction} started",
        }


async def test_a_command_without_a_body_takes_the_defaults_and_every_evse(tmp_path: Path) -> None:
    async with fleet(tmp_path, evses=(EvseSpec(), EvseSpec())) as (client, it):
        answer = await client.post("/api/stations/CP001/commands/plug-in")
        assert answer.json["text"] == "2 plugged in"
        assert [evse.plugged for evse in (await it.row()).evses] == [True, True]


async def test_arguments_reach_the_wire(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        await client.post("/api/stations/CP001/commands/start", {"id_token": "0000", "id_token_type": "Central"})
        authorize = next(payload for _, action, payload in it.csms.calls if action == "Authorize")
        assert authorize == {"idToken": {"idToken": "0000", "type": "Central"}}


async def test_what_has_no_effect_answers_409_and_the_reason(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        it.csms.answers["Authorize"] = lambda payload: {"idTokenInfo": {"status": "Invalid"}}
        answer = await client.post("/api/stations/CP001/commands/start")
        assert answer.status == 409
        assert answer.json["state"] == "refused"
        assert answer.json["text"] == 'CP001: "DEADBEEF": the CSMS says Invalid'


async def test_an_evse_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        answer = await client.post("/api/stations/CP001/commands/start", {"evse_id": 7})
        assert (answer.status, answer.json["text"]) == (409, "CP001: there is no EVSE 7")


async def test_stations_are_added_and_removed(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        assert (await client.post("/api/commands/add-stations", {"count": 2})).json["text"] == "added CP002 to CP003"
        assert (await client.post("/api/stations/CP001/commands/remove-station")).status == 200
        assert (await client.get("/api/stations/CP001")).status == 404
        assert [row["id"] for row in (await client.get("/api/fleet")).json["rows"]] == ["CP002", "CP003"]


# -- waiting --------------------------------------------------------------------------------------


async def test_after_the_wait_202_gives_an_id_to_ask_about(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        it.csms.answers["Authorize"] = lambda payload: None
        answer = await client.post("/api/stations/CP001/commands/start?wait=0")
        assert (answer.status, answer.json["state"]) == (202, "running")
        assert answer.headers["location"] == f"/api/commands/{answer.json['id']}"
        assert (await client.get(answer.headers["location"])).json == answer.json
        await it.advance(10)
        ended = await client.get(f"{answer.headers['location']}?wait=20")
        assert ended.status == 200
        assert ended.json["state"] == "refused"
        assert ended.json["text"] == "CP001: presented; the CSMS has not answered within 10 s"


async def test_a_short_wait_is_long_enough_for_what_is_quick(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        assert (await client.post("/api/stations/CP001/commands/plug-in?wait=20")).status == 200


@pytest.mark.parametrize("wait", ["-1", "601", "nan", "inf", "soon", "1e400"])
async def test_a_wait_out_of_bounds_is_refused(tmp_path: Path, wait: str) -> None:
    async with fleet(tmp_path) as (client, it):
        assert (await client.post(f"/api/stations/CP001/commands/start?wait={wait}")).status == 422
        assert not (await it.evse()).plugged


@pytest.mark.parametrize("number", ["0", "7", "9" * 400])
async def test_an_id_that_was_never_given_is_not_found(tmp_path: Path, number: str) -> None:
    async with fleet(tmp_path) as (client, _):
        assert (await client.get(f"/api/commands/{number}")).status == 404


async def test_the_end_of_the_api_ends_the_wait(tmp_path: Path) -> None:
    asked = asyncio.Event()
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: asked.set()
        async with serving(it.door) as client:
            waiting = asyncio.get_running_loop().create_task(client.post("/api/stations/CP001/commands/start"))
            await asked.wait()
        answer = await waiting
        assert (answer.status, answer.json["text"]) == (409, "the fleet has ended")


async def test_only_the_newest_finished_commands_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEEP", 3)
    commands = Commands(FakeDoor())
    for _ in range(5):
        await commands.record(commands.submit(Command("start")), None)
    assert [await commands.record(number, None) is not None for number in range(1, 6)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert commands.finished == {("start", State.DONE): 5}


class _Silent(FakeDoor):
    async def submit(self, command: Command) -> Outcome:
        self.commands.append(command)
        await asyncio.Event().wait()
        raise AssertionError


async def test_too_many_commands_at_a_time_are_refused_and_the_running_ones_are_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_RUNNING", 2)
    monkeypatch.setattr(limits, "KEEP", 0)
    async with serving(_Silent()) as client:
        for _ in range(2):
            assert (await client.post("/api/stations/CP001/commands/stop?wait=0")).status == 202
        answer = await client.post("/api/stations/CP001/commands/stop?wait=0")
        assert (answer.status, answer.json["error"]) == (429, "2 commands are running already; wait for one of them")
        assert (await client.get("/api/commands/1")).json["state"] == "running"


class _Broken(FakeDoor):
    async def submit(self, command: Command) -> Outcome:
        raise KeyError("secret")


async def test_a_bug_behind_the_door_ends_one_command_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(_Broken()) as client:
        answer = await client.post("/api/stations/CP001/commands/stop")
        assert answer.status == 409
        assert "which is a bug" in answer.json["text"]
        assert b"secret" not in answer.body
        assert (await client.get("/api/fleet")).status == 200
    assert [record.exc_info is not None for record in caplog.records if record.name == "evtui.api"] == [True]


# -- what is asked wrongly ------------------------------------------------------------------------


async def test_a_command_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        answer = await client.post("/api/stations/CP001/commands/strat")
        assert (answer.status, answer.json["error"]) == (404, "there is no command strat; did you mean start?")
        assert "there are start," in (await client.post("/api/commands/%1b%00")).json["error"]


async def test_a_rule_on_an_action_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        path = "/api/stations/CP001/commands/add-rule"
        answer = await client.post(path, {"action": "drop", "filter": "~a Heartbeet"})
        assert answer.status == 409
        assert "OCPP has no action Heartbeet; did you mean Heartbeat?" in answer.json["text"]
        answer = await client.post(path, {"action": "drop", "filter": "~a 'AcmeSelfTest'"})
        assert answer.status == 200, answer.json


async def test_a_command_acts_on_all_stations_that_a_filter_lets_through(tmp_path: Path) -> None:
    async with fleet(tmp_path, 3) as (client, _):
        answer = await client.post("/api/fleet/commands/add-rule", {"action": "drop"})
        assert (answer.status, answer.json["text"]) == (200, "3 have the rule")
        answer = await client.post(f"/api/fleet/commands/clear-rules?filter={quote('~s CP002')}")
        assert (answer.status, answer.json["text"]) == (200, "CP002: 1 rule gone")
        answer = await client.post(f"/api/fleet/commands/start?filter={quote('~s XX')}")
        assert (answer.status, answer.json["text"]) == (409, "start: the filter lets no station through")
        assert (await client.post("/api/fleet/commands/start?filter=(")).status == 422
        answer = await client.post("/api/fleet/commands/start", {"evse_id": 1})
        assert (answer.status, answer.json["error"]) == (422, "evse_id: on many stations, a command is for every EVSE")


async def test_a_command_at_the_wrong_place_is_told_the_right_one(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        answer = await client.post("/api/commands/start")
        assert answer.json["error"] == "start is a command of a station: POST /api/stations/ID/commands/start"
        answer = await client.post("/api/stations/CP001/commands/add-stations")
        assert answer.json["error"] == "add-stations is a command of the fleet: POST /api/commands/add-stations"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "the body is no JSON"),
        (b"\xff\xfe", "the body is no JSON"),
        (b'{"id_token": "\\ud800"}', "the body is no JSON"),
        (b"[" * 60_000, "the body is no JSON"),
        (b'{"evse_id": ' + b"9" * 60_000 + b"}", "the body is no JSON"),
        (b"null", "the body is no JSON object"),
        (b"[]", "the body is no JSON object"),
        (b'{"evse": 1}', "evse: there is no such key; did you mean evse_id?"),
        (b'{"id-token": "x"}', "id-token: there is no such key; did you mean id_token?"),
        (b'{"evse_id": -1}', "evse_id: must be at least 0, not -1"),
        (b'{"evse_id": "1"}', 'evse_id: must be a whole number, not text in quotes ("...")'),
        (b'{"evse_id": 99999999999999999999999}', "evse_id: must be at most 65535"),
        (b'{"id_token": {"a": 1}}', "id_token: must be "),
        (b'{"id_token": null}', "id_token: must be "),
        (b'{"\\u001b[31m": 1}', "\\x1b[31m: there is no such key"),
    ],
)
async def test_arguments_that_are_wrong_are_refused_in_a_line_and_nothing_happens(
    tmp_path: Path, body: bytes, reason: str
) -> None:
    async with fleet(tmp_path) as (client, it):
        answer = await client.ask(
            "POST", "/api/stations/CP001/commands/start", body, {"Content-Type": "application/json"}
        )
        assert answer.status == 422
        assert answer.json["error"].startswith(reason)
        assert answer.json["error"].isprintable()
        assert not (await it.evse()).plugged


@pytest.mark.parametrize("count", [0, -1, "many", 10**30, 1.5, True, "\x1b[31m"])
async def test_a_number_of_stations_that_is_none_is_a_reason(tmp_path: Path, count: object) -> None:
    async with fleet(tmp_path) as (client, it):
        answer = await client.post("/api/commands/add-stations", {"count": count})
        assert answer.status == 409
        assert "is no number from 1 to" in answer.json["text"]
        assert (await it.door.fleet(View())).totals.stations == 1


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
async def test_a_body_that_is_not_said_to_be_json_is_refused(tmp_path: Path, kind: str) -> None:
    """A form of another site's page can send these without asking first."""
    async with fleet(tmp_path) as (client, it):
        headers = {"Content-Type": kind} if kind else {}
        answer = await client.ask("POST", "/api/stations/CP001/commands/start", b'{"evse_id": 1}', headers)
        assert answer.status == 415
        assert not (await it.evse()).plugged


async def test_a_body_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        answer = await client.post("/api/stations/CP001/commands/start", {"id_token": "x" * 70_000})
        assert answer.status == 413
        assert not (await it.evse()).plugged
        body = json.dumps({"id_token": "x" * 60_000}).encode()
        answer = await client.ask("POST", path_of("start"), body, {"Content-Type": "application/json; charset=utf-8"})
        assert answer.status == 409  # it came through: the station says what it thinks of it
