"""OCPP-J as a play: this comes in, that goes out."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import BusyError, LocalError
from evtui.ocppj.frame import FrameType
from evtui.ocppj.received import BadResult, CallError, FrameMeta, Ignored, Refuse, Request, Result, TimedOut
from evtui.ocppj.rpc import Rpc
from evtui.ocppj.schemas import schemas_of
from tests.ocppj.samples import boot_notification, transaction_event

V201 = schemas_of("2.0.1")
V16 = schemas_of("1.6")
TIMEOUT_S = 30.0


def _numbers() -> Iterator[str]:
    return (f"id-{n}" for n in range(1, 1_000_000))


def station(supported: frozenset[str] = frozenset({"Reset", "GetVariables", "ClearCache"})) -> Rpc:
    """A station of 2.0.1 that answers three CALLs."""
    return Rpc(V201, supported, _numbers().__next__)


def old_station() -> Rpc:
    """A charge point of 1.6."""
    return Rpc(V16, frozenset({"Reset"}), _numbers().__next__)


def frame(*parts: Any) -> str:
    return json.dumps(parts)


RESET = frame(2, "c-1", "Reset", {"type": "Immediate"})

# -- sending --------------------------------------------------------------------------------------


def test_a_call_goes_out_with_a_new_id() -> None:
    rpc = station()
    sent = rpc.call("Heartbeat", {}, 10.0, TIMEOUT_S)
    assert sent.text == '[2,"id-1","Heartbeat",{}]'
    assert sent.meta == FrameMeta(FrameType.CALL, "Heartbeat", "id-1")
    assert rpc.in_flight is not None
    assert rpc.in_flight.deadline_s == 40.0


def test_message_ids_are_random_uuids() -> None:
    """RFC 9562, version 4; spelled in 36 characters"""
    ids = {Rpc(V201, frozenset()).call("Heartbeat", {}, 0, 1).meta.message_id for _ in range(100)}
    assert len(ids) == 100
    assert {str(UUID(message_id)) for message_id in ids} == ids
    assert {(UUID(message_id).version, UUID(message_id).variant) for message_id in ids} == {(4, RFC_4122)}
    assert len({message_id[at] for message_id in ids for at in (0, 35)}) == 16


def test_a_second_call_has_to_wait() -> None:
    """OCPP-J 4.1.1"""
    rpc = station()
    rpc.call("BootNotification", boot_notification(), 0, TIMEOUT_S)
    with pytest.raises(BusyError, match="BootNotification is in flight"):
        rpc.call("Heartbeat", {}, 1, TIMEOUT_S)


def test_after_the_answer_the_next_call_may_go() -> None:
    rpc = station()
    first = rpc.call("TransactionEvent", transaction_event(), 5.0, TIMEOUT_S)
    assert rpc.receive(frame(3, "id-1", {}), 5.25) == Result(
        FrameMeta(FrameType.CALLRESULT, "TransactionEvent", "id-1"), "TransactionEvent", "id-1", {}, 0.25
    )
    assert rpc.in_flight is None
    assert rpc.call("Heartbeat", {}, 6, TIMEOUT_S).meta.message_id != first.meta.message_id


def test_a_retry_may_reuse_its_message_id() -> None:
    """ERR-201 4.6"""
    rpc = station()
    rpc.call("TransactionEvent", transaction_event(), 0, TIMEOUT_S)
    rpc.reset()
    again = rpc.call("TransactionEvent", transaction_event(), 60, TIMEOUT_S, message_id="id-1")
    assert json.loads(again.text)[1] == "id-1"
    assert isinstance(rpc.receive(frame(3, "id-1", {}), 61), Result)


def test_an_own_invalid_payload_is_sent_with_its_fault_on_record() -> None:
    sent = station().call("BootNotification", {"reason": "Bored"}, 0, TIMEOUT_S)
    assert json.loads(sent.text)[3] == {"reason": "Bored"}
    assert sent.meta.fault == "chargingStation: is missing (and 1 more)"
    answer = station().result("c-1", "Reset", {})
    assert answer.meta.fault == "status: is missing"


@pytest.mark.parametrize("payload", [{"mood": "\ud800"}, {"mood": object()}])
def test_what_json_cannot_say_is_our_own_mistake(payload: dict[str, Any]) -> None:
    rpc = station()
    with pytest.raises(LocalError):
        rpc.call("Heartbeat", payload, 0, TIMEOUT_S)
    assert rpc.in_flight is None


def test_an_unknown_action_or_error_code_is_our_own_mistake() -> None:
    with pytest.raises(LocalError, match="no action"):
        station().call("Dance", {}, 0, TIMEOUT_S)
    with pytest.raises(LocalError, match="no error code"):
        station().error("c-1", "Sorry", "")


# -- answers --------------------------------------------------------------------------------------


def test_a_callerror_is_the_answer_too() -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    got = rpc.receive(frame(4, "id-1", "InternalError", "out of coffee", {"since": 9}), 1.5)
    assert got == CallError(
        FrameMeta(FrameType.CALLERROR, "Heartbeat", "id-1"),
        "Heartbeat",
        "id-1",
        "InternalError",
        "out of coffee",
        {"since": 9},
        1.5,
    )
    assert rpc.in_flight is None


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (["NoSuchCode", "", {}], "NoSuchCode is no error code of OCPP-J"),
        (["InternalError"], "a CALLERROR is [4, id, code, description, details]"),
        ([], "a CALLERROR is [4, id, code, description, details]"),
        ([7, None, []], "code and description of a CALLERROR are strings, details an object"),
        (["InternalError", "x" * 256, {}], "the description has 256 characters, at most 255 are allowed"),
    ],
)
def test_a_malformed_callerror_still_ends_the_waiting(parts: list[Any], fault: str) -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    got = rpc.receive(frame(4, "id-1", *parts), 1)
    assert isinstance(got, CallError)
    assert got.meta.fault == fault
    assert rpc.in_flight is None


def test_both_spellings_of_the_codes_of_16_are_known() -> None:
    for code in ("FormationViolation", "FormatViolation", "OccurenceConstraintViolation"):
        rpc = old_station()
        rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
        assert rpc.receive(frame(4, "id-1", code, "", {}), 1).meta.fault == ""


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ([{}], "currentTime: is missing"),
        ([{"currentTime": "noon"}], "currentTime: is not a date-time"),
        ([None], "the payload is not an object"),
        ([], "a CALLRESULT is [3, id, payload]"),
        ([{"currentTime": "2026-11-23T20:00:00Z"}, {}], "a CALLRESULT is [3, id, payload]"),
    ],
)
def test_a_callresult_that_breaks_the_rules_ends_the_waiting_and_says_so(parts: list[Any], fault: str) -> None:
    """2.0.1 has no answer to an answer: nothing goes on the wire."""
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    got = rpc.receive(frame(3, "id-1", *parts), 1)
    assert isinstance(got, BadResult)
    assert (got.meta.fault, str(got.fault)) == (fault, fault)
    assert (got.action, got.message_id, got.rtt_s) == ("Heartbeat", "id-1", 1)
    assert rpc.in_flight is None


def test_an_answer_that_comes_twice_counts_once() -> None:
    rpc = station()
    rpc.call("TransactionEvent", transaction_event(), 0, TIMEOUT_S)
    assert isinstance(rpc.receive(frame(3, "id-1", {}), 1), Result)
    rpc.call("Heartbeat", {}, 2, TIMEOUT_S)
    got = rpc.receive(frame(3, "id-1", {}), 3)
    assert got == Ignored(
        FrameMeta(FrameType.CALLRESULT, "TransactionEvent", "id-1"),
        "TransactionEvent is not waiting for this answer: it had been answered",
    )
    assert rpc.in_flight is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (frame(3, "who", {}), "answers no CALL of ours"),
        (frame(4, "who", "InternalError", "", {}), "answers no CALL of ours"),
        (frame(4, "-1", "RpcFrameworkError", "", {}), "the peer could not read a frame of ours"),
        (frame(3, 7, {}), "the message id is not a string"),
        (frame(3), "the message id is not a string"),
        (frame(4), "the message id is not a string"),
    ],
)
def test_answers_that_nobody_waits_for_are_never_answered(text: str, reason: str) -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    got = rpc.receive(text, 1)
    assert isinstance(got, Ignored)
    assert got.reason == got.meta.fault == reason
    assert rpc.in_flight is not None


# -- time and loss --------------------------------------------------------------------------------


def test_a_call_without_answer_times_out_and_the_late_answer_is_ignored() -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 100, TIMEOUT_S)
    assert rpc.expire(129.9) is None
    assert rpc.expire(130) == TimedOut("Heartbeat", "id-1", 30)
    assert rpc.in_flight is None
    assert rpc.expire(1_000) is None
    got = rpc.receive(frame(3, "id-1", {"currentTime": "2026-11-23T20:00:00Z"}), 131)
    assert isinstance(got, Ignored)
    assert (got.meta.action, got.meta.fault) == ("Heartbeat", "")


def test_a_lost_link_gives_back_what_was_in_flight() -> None:
    rpc = station()
    assert rpc.reset() is None
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    lost = rpc.reset()
    assert lost is not None
    assert (lost.action, lost.message_id) == ("Heartbeat", "id-1")
    assert rpc.call("Heartbeat", {}, 1, TIMEOUT_S).meta.message_id == "id-2"


def test_of_two_calls_with_one_id_the_later_is_remembered() -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    rpc.reset()
    rpc.call("TransactionEvent", transaction_event(), 60, TIMEOUT_S, message_id="id-1")
    rpc.expire(90)
    got = rpc.receive(frame(3, "id-1", {}), 91)
    assert isinstance(got, Ignored)
    assert got.reason == "TransactionEvent is not waiting for this answer: it had timed out"


def test_what_is_remembered_of_the_past_is_bounded() -> None:
    rpc = station()
    for _ in range(1_000):
        rpc.call("Heartbeat", {}, 0, 0)
        rpc.expire(0)
    assert rpc.receive(frame(3, "id-1", {}), 1).meta.fault == "answers no CALL of ours"
    assert rpc.receive(frame(3, "id-1000", {}), 1).meta.fault == ""


# -- CALLs of the peer ----------------------------------------------------------------------------


def test_a_call_of_the_peer_is_a_request_that_we_answer() -> None:
    rpc = station()
    got = rpc.receive(RESET, 0)
    assert got == Request(FrameMeta(FrameType.CALL, "Reset", "c-1"), "c-1", "Reset", {"type": "Immediate"})
    answer = rpc.result("c-1", "Reset", {"status": "Accepted"})
    assert answer.text == '[3,"c-1",{"status":"Accepted"}]'
    assert answer.meta == FrameMeta(FrameType.CALLRESULT, "Reset", "c-1")


def test_calls_cross_and_neither_waits_for_the_other() -> None:
    """OCPP-J 4.1.1"""
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    assert isinstance(rpc.receive(RESET, 1), Request)
    rpc.result("c-1", "Reset", {"status": "Accepted"})
    assert isinstance(rpc.receive(frame(3, "id-1", {"currentTime": "2026-11-23T20:00:00Z"}), 2), Result)


def test_the_same_id_in_both_directions_is_two_messages() -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S, message_id="c-1")
    assert isinstance(rpc.receive(RESET, 1), Request)
    assert rpc.in_flight is not None


def test_a_call_whose_id_is_being_answered_is_an_error_and_the_first_is_answered_all_the_same() -> None:
    """OCPP-J 4.2.3."""
    rpc = station()
    assert isinstance(rpc.receive(RESET, 0), Request)
    doubled = rpc.receive(RESET, 1)
    assert isinstance(doubled, Refuse)
    assert json.loads(doubled.reply.text)[:3] == [4, "c-1", "RpcFrameworkError"]
    assert json.loads(rpc.result("c-1", "Reset", {"status": "Accepted"}).text)[0] == 3


def test_an_id_that_another_call_had_is_marked_and_the_call_served() -> None:
    """OCPP-J 4.1.4; only a retry may have the id of its first attempt (ERR-201 4.6)."""
    rpc = station()
    faults = []
    for text in (RESET, RESET, frame(2, "c-1", "ClearCache", {})):
        got = rpc.receive(text, 0)
        assert isinstance(got, Request)
        faults.append(got.meta.fault)
        rpc.error("c-1", "GenericError", "")
    assert faults == ["", "", "the message id was used before, for another CALL"]


def test_the_ids_that_are_remembered_do_not_pile_up() -> None:
    rpc = station()
    for number in range(1_000):
        rpc.receive(frame(2, f"c-{number}", "ClearCache", {}), 0)
        rpc.error(f"c-{number}", "GenericError", "")
    assert len(rpc._heard) <= 64


@pytest.mark.parametrize("how", ["result", "error", "reset"])
def test_a_retried_call_is_a_request_again_once_the_first_is_done_with(how: str) -> None:
    rpc = station()
    rpc.receive(RESET, 0)
    match how:
        case "result":
            rpc.result("c-1", "Reset", {"status": "Rejected"})
        case "error":
            rpc.error("c-1", "InternalError", "")
        case _:
            rpc.reset()
    assert isinstance(rpc.receive(RESET, 1), Request)


def test_calls_that_are_never_answered_do_not_pile_up() -> None:
    rpc = station()
    for n in range(1_000):
        assert isinstance(rpc.receive(frame(2, f"c-{n}", "ClearCache", {}), 0), Request)
    assert isinstance(rpc.receive(frame(2, "c-0", "ClearCache", {}), 0), Request)
    assert isinstance(rpc.receive(frame(2, "c-999", "ClearCache", {}), 0), Refuse)


def test_the_csms_uses_the_same_engine() -> None:
    csms = Rpc(V201, frozenset({"BootNotification"}))
    boot = station().call("BootNotification", boot_notification(), 0, TIMEOUT_S)
    got = csms.receive(boot.text, 0)
    assert isinstance(got, Request)
    assert got.payload == boot_notification()
    reset = csms.call("Reset", {"type": "OnIdle"}, 0, TIMEOUT_S)
    assert isinstance(station().receive(reset.text, 0), Request)


# -- refusals -------------------------------------------------------------------------------------


def refused(rpc: Rpc, text: str | bytes) -> list[Any]:
    """What goes out for it: message type, id, code, description."""
    got = rpc.receive(text, 0)
    assert isinstance(got, Refuse)
    reply = json.loads(got.reply.text)
    assert got.reply.meta.type is FrameType.CALLERROR
    assert got.reply.meta.message_id == reply[1]
    assert (reply[2], reply[3], reply[4]) == (got.code, got.reason, {})
    assert len(reply[3]) <= 255
    return list(reply[:4])


@pytest.mark.parametrize("rpc", [station(), old_station()], ids=["2.0.1", "1.6"])
def test_unknown_is_not_implemented_and_known_but_unsupported_is_not_supported(rpc: Rpc) -> None:
    """OCPP-J 4.3: the two that everybody swaps."""
    assert refused(rpc, frame(2, "c-1", "Dance", {}))[2] == "NotImplemented"
    assert refused(rpc, frame(2, "c-2", "DataTransfer", {"vendorId": "ACME"}))[2] == "NotSupported"


def test_a_message_of_the_wrong_direction_is_not_supported() -> None:
    assert refused(station(), frame(2, "c-1", "Heartbeat", {}))[2] == "NotSupported"


def test_only_a_frame_at_fault_is_marked() -> None:
    """A CSMS may well ask for what this station does not do."""
    assert station().receive(frame(2, "c-1", "DataTransfer", {"vendorId": "ACME"}), 0).meta.fault == ""
    assert station().receive(frame(2, "c-1", "DataTransfer", {}), 0).meta.fault == "vendorId: is missing"
    assert station().receive(frame(2, "c-1", "Dance", {}), 0).meta.fault == "Dance is no action of OCPP 2.0.1"


@pytest.mark.parametrize(
    ("payload", "code", "description"),
    [
        ({}, "OccurrenceConstraintViolation", "type: is missing"),
        ({"type": 1}, "TypeConstraintViolation", "type: must be of type string, is a number (and 1 more)"),
        ({"type": "Now"}, "PropertyConstraintViolation", 'type: "Now" is not one of Immediate, OnIdle'),
        ({"type": "OnIdle", "mood": 1}, "FormatViolation", "mood: is no field of this message"),
        ([], "FormatViolation", "the payload is not an object"),
        (None, "FormatViolation", "the payload is not an object"),
    ],
)
def test_a_call_that_breaks_its_schema_is_refused_with_the_code_that_fits(
    payload: Any, code: str, description: str
) -> None:
    rpc = station()
    text = frame(2, "c-1", "Reset", payload)
    assert refused(rpc, text) == [4, "c-1", code, description]
    assert rpc.receive(text, 0).meta == FrameMeta(FrameType.CALL, "Reset", "c-1", description)


def test_16_spells_a_code_its_own_way() -> None:
    assert refused(old_station(), frame(2, "c-1", "Reset", {}))[2] == "OccurenceConstraintViolation"
    assert old_station().error("c-1", "OccurrenceConstraintViolation", "").text.startswith('[4,"c-1","Occurence')
    assert refused(old_station(), frame(2, "c-1"))[2] == "FormationViolation"
    assert refused(old_station(), frame(2, "c-1", "Reset", {"type": "Soft", "mood": 1}))[2] == "FormationViolation"


@pytest.mark.parametrize("text", [frame(2, "c-1"), frame(2, "c-1", "Reset"), frame(2, "c-1", 7, {}), '[2,"c-1",{},{}]'])
def test_a_call_of_the_wrong_shape_is_refused_by_its_id(text: str) -> None:
    assert refused(station(), text)[:3] == [4, "c-1", "RpcFrameworkError"]


UNREADABLE: list[str | bytes] = [
    "",
    "hello",
    "{}",
    "[]",
    "null",
    '"text"',
    "[2",
    "[2]",
    '[2,7,"Reset",{}]',
    '[2,null,"Reset",{}]',
    '[2,"","Reset",{}]',
    frame(2, "x" * 37, "Reset", {}),
    '["2","c-1","Reset",{}]',
    '[true,"c-1","Reset",{}]',
    '[2.5,"c-1","Reset",{}]',
    '[2,"c-1","Reset",{"type":NaN}]',
    '[2,"c-1","Reset",{"type":1e999}]',
    '[2,"c-1","Reset",{"type":"\\ud800"}]',
    "[2,\"c-1\",'Reset',{}]",
    "\ufeff" + RESET,
    RESET + RESET,
    "\ud800",
    "[" * 100_000,
    '[2,"c-1","Reset",' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "]",
    "[" + "9" * 5_000 + ',"c-1"]',
    RESET.encode(),
    b"\xff\xfe\x00",
    b"",
]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_the_unreadable_is_answered_with_id_minus_one(text: str | bytes) -> None:
    """OCPP-J 4.2.3"""
    got = station().receive(text, 0)
    assert refused(station(), text)[:3] == [4, "-1", "RpcFrameworkError"]
    assert got.meta.message_id == ""
    assert 0 < len(got.meta.fault) <= 200
    assert got.meta.fault.isprintable()


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_in_16_the_unreadable_is_dropped(text: str | bytes) -> None:
    got = old_station().receive(text, 0)
    assert isinstance(got, Ignored)
    assert got.meta.fault == got.reason


def test_an_unknown_message_type_is_not_supported() -> None:
    """OCPP-J 4.4"""
    assert refused(station(), frame(9, "c-1", {}))[:3] == [4, "c-1", "MessageTypeNotSupported"]
    assert refused(station(), frame(9, ["c-1"]))[:3] == [4, "-1", "MessageTypeNotSupported"]
    assert refused(station(), frame(10**50))[:3] == [4, "-1", "MessageTypeNotSupported"]
    assert isinstance(old_station().receive(frame(9, "c-1", {}), 0), Ignored)


def test_the_types_of_21_are_not_those_of_201() -> None:
    assert refused(station(), frame(5, "c-1", "InternalError", "", {}))[2] == "MessageTypeNotSupported"
    assert station().receive(frame(6, "c-1", "NotifyPeriodicEventStream", {}), 0).meta.type is FrameType.SEND


def test_a_doubled_key_counts_with_its_last_value() -> None:
    got = station().receive('[2,"c-1","Reset",{"type":"OnIdle","type":"Immediate"}]', 0)
    assert isinstance(got, Request)
    assert got.payload == {"type": "Immediate"}


def test_a_hostile_action_name_does_nothing_to_a_terminal() -> None:
    got = station().receive(frame(2, "c-1", "\x1b[2J" * 1_000, {}), 0)
    assert isinstance(got, Refuse)
    assert got.meta.action.isprintable()
    assert got.reason.isprintable()


def test_a_hostile_description_is_sent_tame() -> None:
    text = station().error("c-1", "InternalError", "\x1b[2J\ud800" * 1_000).text
    description = json.loads(text)[3]
    assert description.isprintable()
    assert len(description) <= 255


@given(st.text(st.characters(exclude_categories=[])) | st.binary())
def test_any_text_is_something(text: str | bytes) -> None:
    assert isinstance(station().receive(text, 0), Refuse | Ignored)


PART = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["id-1", "c-1", "Reset"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.integers(0, 8), st.lists(PART, max_size=5))
def test_any_list_is_something_and_an_answer_is_never_answered(number: int, parts: list[Any]) -> None:
    rpc = station()
    rpc.call("Heartbeat", {}, 0, TIMEOUT_S)
    got = rpc.receive(frame(number, *parts), 1)
    if number in (3, 4):
        assert not isinstance(got, Refuse | Request)
    elif isinstance(got, Refuse):
        assert len(json.loads(got.reply.text)) == 5
