"""OCPP-J part 4 at a whole station: what a CSMS may send, and what comes back by the rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from evtui.engine.door import LinkState
from tests.engine.scripted import ScriptedCsms, bench
from tests.proof import proves

pytestmark = proves("OCPP-J.4")

LONG_ID = "x" * 37


def call(action: str, payload: object, message_id: object = "a") -> str:
    return json.dumps([2, message_id, action, payload])


@pytest.mark.parametrize(
    ("text", "message_id", "code"),
    [
        pytest.param(call("MakeCoffee", {}), "a", "NotImplemented", id="unknown-action"),
        pytest.param(call("getVariables", {}), "a", "NotImplemented", id="actions-have-case"),
        pytest.param(call("SetChargingProfile", {}), "a", "NotSupported", id="known-and-not-supported"),
        pytest.param(call("BootNotification", {}), "a", "NotSupported", id="wrong-direction"),
        pytest.param(call("GetVariables", {}), "a", "OccurrenceConstraintViolation", id="missing-field"),
        pytest.param(call("Reset", {"type": 5}), "a", "TypeConstraintViolation", id="wrong-type"),
        pytest.param(call("Reset", {"type": "Soft"}), "a", "PropertyConstraintViolation", id="wrong-value"),
        pytest.param(call("Reset", []), "a", "FormatViolation", id="payload-no-object"),
        pytest.param(call("Reset", None), "a", "FormatViolation", id="payload-null"),
        pytest.param(json.dumps([2, "a", "Reset"]), "a", "RpcFrameworkError", id="no-payload"),
        pytest.param(json.dumps([2, "a"]), "a", "RpcFrameworkError", id="no-action"),
        pytest.param(call("Reset", {"type": "OnIdle"}, LONG_ID), "-1", "RpcFrameworkError", id="id-too-long"),
        pytest.param(call("Reset", {"type": "OnIdle"}, 5), "-1", "RpcFrameworkError", id="id-a-number"),
        pytest.param(call("Reset", {"type": "OnIdle"}, ""), "-1", "RpcFrameworkError", id="id-empty"),
        pytest.param("[2", "-1", "RpcFrameworkError", id="no-json"),
        pytest.param("{}", "-1", "RpcFrameworkError", id="no-list"),
        pytest.param("[]", "-1", "RpcFrameworkError", id="nothing"),
        pytest.param('[5,"a",{}]', "a", "MessageTypeNotSupported", id="type-5"),
        pytest.param('[6,"a","X",{}]', "a", "MessageTypeNotSupported", id="type-6"),
        pytest.param(f'[9,"{LONG_ID}",{{}}]', "-1", "MessageTypeNotSupported", id="type-9-id-too-long"),
    ],
)
async def test_what_is_wrong_is_said_with_its_code(tmp_path: Path, text: str, message_id: str, code: str) -> None:
    """OCPP-J 4.2.3, 4.3, 4.4."""
    async with bench(tmp_path) as it:
        it.csms.links["CP001"].push(text)
        await it.advance(0)
        [reply] = it.csms.replies
        assert reply[:3] == [4, message_id, code]
        assert len(reply) == 5
        assert isinstance(reply[3], str)
        assert len(reply[3]) <= 255
        assert reply[4] == {}
        assert (await it.row()).link is LinkState.ONLINE


async def test_an_id_of_36_characters_is_answered_by_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.links["CP001"].push(call("GetTransactionStatus", {}, "x" * 36))
        await it.advance(0)
        assert it.csms.replies == [[3, "x" * 36, {"messagesInQueue": False}]]


async def test_an_answer_is_never_held_up_by_a_call_that_waits_for_its_own(tmp_path: Path) -> None:
    """OCPP-J 4.1.1: one CALL in flight each way, and neither waits for the other."""
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        await it.order("plug-in", "CP001")
        await it.order("authorize", "CP001", within_s=10)
        sent = len(it.csms.calls)
        for number in range(20):
            it.csms.links["CP001"].push(call("GetTransactionStatus", {}, f"c-{number}"))
        await it.advance(0)
        assert [reply[1] for reply in it.csms.replies] == [f"c-{number}" for number in range(20)]
        assert len(it.csms.calls) == sent, "no second CALL while one is in flight"


async def test_a_late_answer_is_ignored_and_disturbs_nobody(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        await it.order("plug-in", "CP001")
        await it.order("authorize", "CP001", within_s=10)
        late = it.csms.last_id
        await it.advance(21)
        it.csms.links["CP001"].push(json.dumps([3, late, {"idTokenInfo": {"status": "Accepted"}}]))
        await it.advance(1)
        assert not (await it.evse()).authorized
        assert not it.csms.replies, "and nobody answers an answer"


@pytest.mark.parametrize("action", ["StatusNotification", "Heartbeat", "SecurityEventNotification"])
async def test_what_is_neither_a_transaction_nor_security_is_sent_once(tmp_path: Path, action: str) -> None:
    """A timed-out CALL is dropped; E13 and A04 name the exceptions."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers[action] = lambda payload: None

    variables = {
        "OCPPCommCtrlr.MessageTimeout[Default]": "5",
        "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "3",
        "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "10",
    }
    async with bench(tmp_path, before=prepare, variables=variables) as it:
        await it.advance(299 if action != "Heartbeat" else 320)
        assert it.csms.actions().count(action) == (3 if action == "SecurityEventNotification" else 1)


async def test_message_ids_are_never_the_same_twice_over_reconnects(tmp_path: Path) -> None:
    """OCPP-J 4.1.4."""
    ids: list[str] = []

    def note(csms: ScriptedCsms) -> None:
        take = csms.take

        def noting(link: Any, frame: list[Any]) -> None:
            if frame[0] == 2:
                ids.append(frame[1])
            take(link, frame)

        csms.take = noting  # type: ignore[method-assign]

    async with bench(tmp_path, before=note) as it:
        await it.order("start", "CP001")
        for _ in range(3):
            await it.advance(2)
            it.csms.links["CP001"].cut()
            await it.advance(30)
        assert len(ids) > 20
        assert len(set(ids)) == len(ids)
        assert {len(each) for each in ids} == {36}
