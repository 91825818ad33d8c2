"""The command send: a CALL that somebody wrote goes when it is its turn, and nobody but them hears the answer."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from evtui.engine.door import Command, Target
from tests.engine.scripted import CallError, Payload, ScriptedCsms, bench


def refuse(payload: Payload) -> Payload:
    raise CallError("NotSupported", "not \x1b[31m here")


async def test_it_goes_as_it_was_typed_and_the_answer_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = lambda payload: {"status": "Accepted"}
        text = '{"vendorId": "v",\n "data": 1.10}'
        outcome = await it.order("send", "CP001", action="DataTransfer", payload=text)
        assert (outcome.done, outcome.text) == (True, 'CP001: DataTransfer: CALLRESULT in 0 ms {"status":"Accepted"}')
        assert json.loads(outcome.results[0].answer) == {"status": "Accepted"}
        assert it.csms.texts[-1] == f'[2,"{it.csms.last_id}","DataTransfer",{text}]'
        call, answer = it.frames()[-2:]
        assert (call.text, call.pair, call.fault) == (it.csms.texts[-1], answer.number, "")


async def test_a_callerror_is_told_with_all_that_it_says(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Heartbeat"] = refuse
        outcome = await it.order("send", "CP001", action="Heartbeat")
        assert (outcome.done, outcome.text) == (
            False,
            "CP001: Heartbeat: CALLERROR NotSupported: not \\x1b[31m here",
        )
        assert json.loads(outcome.results[0].answer)["errorCode"] == "NotSupported"


async def test_silence_ends_with_the_message_timeout(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Heartbeat"] = lambda payload: None
        outcome = await it.order("send", "CP001", action="Heartbeat", within_s=31)
        assert (outcome.done, outcome.text) == (False, "CP001: Heartbeat: no answer within 30 s")


async def test_a_lost_connection_ends_it_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Heartbeat"] = lambda payload: it.csms.links["CP001"].cut()
        outcome = await it.order("send", "CP001", action="Heartbeat")
        assert outcome.text == "CP001: Heartbeat: the connection was lost before the answer came"
        outcome = await it.order("send", "CP001", action="Heartbeat")
        assert (outcome.done, outcome.text) == (False, "CP001 has no connection")


async def test_it_waits_until_what_is_in_flight_has_its_answer(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        spoiled = {"action": "Authorize", "payload": '{"idToken":{}}', "invalid": "send"}
        loop = asyncio.get_running_loop()
        first = loop.create_task(it.door.submit(Command("send", (Target("CP001"),), spoiled)))
        await it.advance(0.0)
        silent = it.csms.last_id
        second = loop.create_task(it.door.submit(Command("send", (Target("CP001"),), {"action": "Heartbeat"})))
        await it.advance(1.0)
        assert it.csms.actions()[-1] == "Authorize"
        it.csms.links["CP001"].push(json.dumps([3, silent, {"idTokenInfo": {"status": "Invalid"}}]))
        await it.advance(0.0)
        assert (await first).text.startswith("CP001: Authorize: CALLRESULT")
        assert (await second).text.startswith("CP001: Heartbeat: CALLRESULT")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"action": "Heartbeat", "payload": '{"a":1}'}, "Heartbeat is not sent: a: is no field of this message"),
        ({"action": "Heartbeat", "payload": "{"}, "Heartbeat is not sent: not JSON: "),
        ({"action": "Made"}, "Made is not sent: OCPP 2.0.1 has no action Made"),
        ({"action": ""}, "action: say which message, such as Heartbeat"),
        ({"action": "Heartbeat", "message_id": "m" * 37}, "message-id: 37 characters, at most 36 are allowed"),
        ({"action": "Heartbeat", "payload": '"\ud800"'}, "payload: this is no Unicode text"),
    ],
)
async def test_what_is_invalid_is_not_sent(tmp_path: Path, given: dict[str, Any], reason: str) -> None:
    async with bench(tmp_path) as it:
        before = len(it.csms.texts)
        outcome = await it.order("send", "CP001", **given)
        assert not outcome.done
        assert outcome.text.startswith(f"CP001: {reason}")
        assert len(it.csms.texts) == before


@pytest.mark.parametrize(
    ("action", "payload"), [("Heartbeat", '{"a":1}'), ("Made", "{}"), ("Heartbeat", "[[1,"), ("BootNotification", "5")]
)
async def test_unless_it_is_meant_to_be(tmp_path: Path, action: str, payload: str) -> None:
    async with bench(tmp_path) as it:
        await it.order("send", "CP001", action=action, payload=payload, invalid="send", message_id="mine", within_s=31)
        assert it.csms.texts[-1] == f'[2,"mine","{action}",{payload}]'
        sent = next(frame for frame in it.frames() if frame.text == f'[2,"mine","{action}",{payload}]')
        assert sent.fault, "the log says what is wrong with it"


async def test_the_station_takes_no_note_of_the_answer(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["BootNotification"] = lambda payload: {
            "currentTime": "2020-01-01T00:00:00Z",
            "interval": 1,
            "status": "Rejected",
        }
        boot = '{"reason":"Unknown","chargingStation":{"model":"m","vendorName":"v"}}'
        outcome = await it.order("send", "CP001", action="BootNotification", payload=boot)
        assert outcome.done
        assert (await it.row()).link == "online"
        assert (await it.row()).trouble == ""
        outcome = await it.order("start", "CP001", within_s=2)
        assert outcome.done, outcome.text


async def test_secrets_in_an_answer_are_masked(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = lambda payload: {
            "status": "Accepted",
            "data": {"idToken": "1234", "type": "KeyCode"},
        }
        outcome = await it.order("send", "CP001", action="DataTransfer", payload='{"vendorId":"v"}')
        assert "1234" not in outcome.text + outcome.results[0].answer


async def test_in_16_the_number_that_the_csms_gave_a_transaction_is_known(tmp_path: Path) -> None:
    """S16 4.8: a StopTransaction written by hand needs it."""

    def speak_16(csms: ScriptedCsms) -> None:
        csms.subprotocol = "ocpp1.6"

    async with bench(tmp_path, before=speak_16) as it:
        assert (await it.order("start", "CP001", within_s=2)).done
        detail = await it.door.station("CP001")
        assert detail is not None
        assert detail.transactions[0].number == it.csms.transactions
        assert detail.id_token == "DEADBEEF"
        outcome = await it.order("send", "CP001", action="Heartbeat")
        assert outcome.text.startswith("CP001: Heartbeat: CALLRESULT")
        refused = await it.order("send", "CP001", action="TransactionEvent")
        assert "OCPP 1.6 has no action TransactionEvent" in refused.text
