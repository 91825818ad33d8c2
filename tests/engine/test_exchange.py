"""The exchange over one link, without I/O: CALLs go out, events come in, whatever the peer says."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.dialects import v201, v201_requests
from evtui.dialects.registry import DIALECTS, Dialect
from evtui.dialects.translator import Call, Stateless
from evtui.engine.exchange import Exchange
from evtui.sim.actions import Reply, Send
from evtui.sim.events import Answered, Failed, Requested
from evtui.sim.instant import Instant
from evtui.sim.messages import Authorize, EmptyAnswer, Heartbeat, IdToken, LogStatus, TransactionEvent
from evtui.sim.requests import GetBaseReport, Refusal, ReportBase, StatusAnswer
from evtui.sim.spec import StationSpec
from evtui.sim.station import Station
from evtui.sim.terms import RegistrationStatus, TransactionEventType, TriggerReason, UploadLogStatus
from tests.sim.instants import at

ACCEPTED = RegistrationStatus.ACCEPTED
TIME = "2025-06-02T12:00:00Z"


def exchange(dialect: Dialect = DIALECTS["ocpp2.0.1"]) -> Exchange:
    station = Station(StationSpec("CP001"), at(0.0))
    return Exchange(dialect, dialect.translator(station), timeout_s=30.0)


def asked(over: Exchange, ref: int = 7) -> str:
    """Sends a Heartbeat; gives its message id."""
    assert over.send(Send(ref, Heartbeat()), 0.0) is None
    message_id: str = json.loads(over.outgoing.pop(0).text)[1]
    return message_id


def test_an_answer_is_told_by_the_ref_of_its_message() -> None:
    over = exchange()
    message_id = asked(over)
    meta, event = over.receive(json.dumps([3, message_id, {"currentTime": TIME}]), 0.1, ACCEPTED)
    assert isinstance(event, Answered)
    assert (event.ref, meta.action, over.trouble, over.deadline_s) == (7, "Heartbeat", "", None)


def test_the_payload_of_a_message_is_let_go_when_it_is_sent() -> None:
    over = exchange()
    asked(over)
    assert over._in_flight == Send(7, Heartbeat())
    assert not over.waiting


def test_a_late_answer_means_nothing() -> None:
    over = exchange()
    message_id = asked(over)
    assert over.deadline_s == 30.0
    assert over.expire(29.9) is None
    assert over.expire(30.0) == Failed(7, "Timeout", "no answer within 30 s")
    _, event = over.receive(json.dumps([3, message_id, {"currentTime": TIME}]), 31.0, ACCEPTED)
    assert event is None
    assert not over.outgoing


def test_an_answer_counts_once() -> None:
    over = exchange()
    text = json.dumps([3, asked(over), {"currentTime": TIME}])
    assert over.receive(text, 0.1, ACCEPTED)[1] is not None
    assert over.receive(text, 0.2, ACCEPTED)[1] is None


def test_what_json_cannot_say_fails_at_once_and_holds_nothing_up() -> None:
    over = exchange()
    failed = over.send(Send(1, Authorize(IdToken("\udcff"))), 0.0)
    assert failed is not None
    assert failed.ref == 1
    assert not over.outgoing
    asked(over)


def test_a_call_of_the_peer_is_answered_while_an_own_one_waits() -> None:
    """OCPP-J 4.1.1."""
    over = exchange()
    asked(over)
    _, event = over.receive('[2,"theirs","CostUpdated",{}]', 0.1, ACCEPTED)
    assert event is None
    assert json.loads(over.outgoing.pop(0).text)[:3] == [4, "theirs", "NotSupported"]
    assert over.deadline_s == 30.0


@pytest.mark.parametrize("registration", [None, RegistrationStatus.REJECTED])
def test_what_cannot_be_read_is_called_so_even_before_acceptance(registration: RegistrationStatus | None) -> None:
    over = exchange()
    over.receive("no JSON", 0.0, registration)
    assert json.loads(over.outgoing.pop(0).text)[:3] == [4, "-1", "RpcFrameworkError"]


REPORT = '[2,"theirs","GetBaseReport",{"requestId":7,"reportBase":"FullInventory"}]'


def test_a_request_is_told_and_answered_under_its_own_id() -> None:
    over = exchange()
    asked(over)
    meta, event = over.receive(REPORT, 0.1, ACCEPTED)
    assert event == Requested("theirs", GetBaseReport(7, ReportBase.FULL_INVENTORY), len(REPORT))
    assert (meta.action, len(over.outgoing)) == ("GetBaseReport", 0)
    over.reply(Reply("theirs", StatusAnswer("Accepted")))
    frame = over.outgoing.pop(0)
    assert json.loads(frame.text) == [3, "theirs", {"status": "Accepted"}]
    assert (frame.meta.action, frame.meta.fault) == ("GetBaseReport", "")
    assert over.deadline_s == 30.0, "the own CALL still waits"


def test_a_refusal_is_a_callerror() -> None:
    over = exchange()
    over.receive(REPORT, 0.1, ACCEPTED)
    over.reply(Reply("theirs", Refusal("OccurrenceConstraintViolation", "too many")))
    assert json.loads(over.outgoing.pop(0).text) == [4, "theirs", "OccurrenceConstraintViolation", "too many", {}]


def test_a_request_that_breaks_the_schema_never_reaches_the_station() -> None:
    over = exchange()
    _, event = over.receive('[2,"theirs","GetBaseReport",{"requestId":"x"}]', 0.1, ACCEPTED)
    assert event is None
    assert json.loads(over.outgoing.pop(0).text)[0] == 4


@pytest.mark.parametrize("number", ["1e300", "2147483648", "-1e18", "99999999999999999999999"])
def test_an_integer_of_more_than_32_bits_is_refused(number: str) -> None:
    over = exchange()
    _, event = over.receive(REPORT.replace("7", number), 0.1, ACCEPTED)
    assert event is None
    assert json.loads(over.outgoing.pop(0).text)[:2] == [4, "theirs"]


@pytest.mark.parametrize(
    ("registration", "told"),
    [(None, False), (RegistrationStatus.REJECTED, False), (RegistrationStatus.PENDING, True), (ACCEPTED, True)],
)
def test_a_request_before_acceptance_is_a_security_error(registration: RegistrationStatus | None, told: bool) -> None:
    """B01.FR.10, B03.FR.08; while Pending it is heard (B02.FR.01)."""
    over = exchange()
    _, event = over.receive(REPORT, 0.1, registration)
    assert (event is not None) is told
    assert [json.loads(frame.text)[2] for frame in over.outgoing] == ([] if told else ["SecurityError"])


# -- a dialect that is not word for word ----------------------------------------------------------


class Talker(Stateless):
    """Says nothing for what sim says but heartbeats, and statuses that sim does not know of."""

    watches = True

    def __init__(self) -> None:
        super().__init__(v201.render, v201.parse_answer, v201_requests.parse_request, v201_requests.render_answer)
        self.owes: list[Call] = []
        self.told: list[Call] = []

    def render(self, send: Send) -> Any:
        quiet = isinstance(send.message, LogStatus | TransactionEvent)
        return EmptyAnswer() if quiet else super().render(send)

    def parse_request(self, action: str, payload: Any) -> Any:
        return {"status": "Accepted"} if action == "ClearCache" else super().parse_request(action, payload)

    def observe(self, now: Instant) -> list[Call]:
        calls, self.owes = self.owes, []
        return calls

    def noted(self, call: Call) -> None:
        self.told.append(call)


STATUSES: list[Call] = [("LogStatusNotification", {"status": status}) for status in ("Uploading", "Uploaded")]


def talking(*owes: Call) -> tuple[Exchange, Talker]:
    talker = Talker()
    talker.owes += owes
    return Exchange(DIALECTS["ocpp2.0.1"], talker, timeout_s=30.0), talker


def said(over: Exchange) -> list[Any]:
    """What goes out now: action and message id of each CALL."""
    frames = [json.loads(frame.text) for frame in over.outgoing]
    over.outgoing.clear()
    return [(frame[2], frame[1]) for frame in frames]


def test_what_a_version_has_no_message_for_counts_as_answered() -> None:
    over, _ = talking()
    assert over.send(Send(7, LogStatus(UploadLogStatus.IDLE)), 0.0) == Answered(7, EmptyAnswer())
    assert not over.outgoing
    assert over.deadline_s is None
    asked(over)


def test_a_dialects_own_calls_go_one_at_a_time_and_before_what_the_station_says_later() -> None:
    """OCPP-J 4.1.1: one CALL in flight."""
    over, talker = talking(*STATUSES)
    over.observe(at(0.0))
    ((action, message_id),) = said(over)
    assert action == "LogStatusNotification"
    assert over.send(Send(7, Heartbeat()), 0.1) is None
    assert said(over) == []
    _, event = over.receive(json.dumps([3, message_id, {}]), 0.2, ACCEPTED)
    assert event is None, "the station knows nothing of it"
    ((_, message_id),) = said(over)
    _, event = over.receive(json.dumps([4, message_id, "InternalError", "", {}]), 0.3, ACCEPTED)
    assert event is None
    assert talker.told == STATUSES
    ((action, message_id),) = said(over)
    assert action == "Heartbeat"
    _, event = over.receive(json.dumps([3, message_id, {"currentTime": TIME}]), 0.4, ACCEPTED)
    assert isinstance(event, Answered)
    assert event.ref == 7


def test_what_the_station_had_to_say_before_goes_first_but_one_message_only() -> None:
    """A transaction's end before the status that follows from it; but statuses never wait for a long queue."""
    over, talker = talking()
    over.receive(json.dumps([3, asked(over), {"currentTime": TIME}]), 0.0, ACCEPTED)
    over.observe(at(0.0))
    message_id = asked(over)
    talker.owes += STATUSES
    over.observe(at(0.0))
    order = []
    for ref in range(8, 11):
        _, event = over.receive(json.dumps([3, message_id, {"currentTime": TIME}]), 0.1, ACCEPTED)
        if event is not None:
            over.send(Send(ref, Heartbeat()), 0.1)
        over.observe(at(0.1))
        ((action, message_id),) = said(over)
        order.append(action)
    assert order == ["Heartbeat", "LogStatusNotification", "LogStatusNotification"]


def test_an_event_that_is_not_said_does_not_let_the_dialect_go_before_the_next_of_its_transaction() -> None:
    over, talker = talking()
    talker.owes += STATUSES
    event = TransactionEvent(TransactionEventType.UPDATED, at(0.0).utc, TriggerReason.AUTHORIZED, 0, "tx-1")
    assert over.send(Send(7, event), 0.0) is not None
    over.observe(at(0.0))
    assert said(over) == []
    over.send(Send(8, Heartbeat()), 0.0)
    assert [action for action, _ in said(over)] == ["Heartbeat"]


def test_what_else_is_not_said_lets_the_dialect_go_first() -> None:
    """A status of its own stands where the station's would."""
    over, talker = talking()
    talker.owes += STATUSES
    assert over.send(Send(7, LogStatus(UploadLogStatus.IDLE)), 0.0) is not None
    over.observe(at(0.0))
    over.send(Send(8, Heartbeat()), 0.0)
    assert [action for action, _ in said(over)] == ["LogStatusNotification"]


def test_a_dialects_own_call_that_times_out_lets_the_next_go() -> None:
    over, talker = talking(*STATUSES)
    over.observe(at(0.0))
    said(over)
    assert over.expire(30.0) is None
    assert [action for action, _ in said(over)] == ["LogStatusNotification"]
    assert talker.told == STATUSES[:1]


def test_what_json_cannot_say_fails_also_when_it_had_to_wait() -> None:
    over, _ = talking(STATUSES[0])
    over.observe(at(0.0))
    ((_, message_id),) = said(over)
    assert over.send(Send(7, Authorize(IdToken("\udcff"))), 0.0) is None
    over.receive(json.dumps([3, message_id, {}]), 0.1, ACCEPTED)
    assert (over.deadline_s or 0.0) <= 0.1, "the station is to hear of it at once"
    failed = over.expire(0.1)
    assert failed is not None
    assert failed.ref == 7
    assert over.expire(0.1) is None


def test_what_could_not_be_said_is_told_whatever_is_answered_before_that() -> None:
    over, talker = talking(STATUSES[0])
    over.observe(at(0.0))
    ((_, message_id),) = said(over)
    assert over.send(Send(7, Authorize(IdToken("\udcff"))), 0.0) is None
    talker.owes += STATUSES[1:]
    over.observe(at(0.0))
    over.receive(json.dumps([3, message_id, {}]), 0.1, ACCEPTED)
    ((_, message_id),) = said(over)
    over.receive(json.dumps([3, message_id, {}]), 0.2, ACCEPTED)
    assert over.deadline_s is not None
    assert over.deadline_s <= 0.2
    failed = over.expire(0.2)
    assert failed is not None
    assert failed.ref == 7
    assert over.deadline_s is None


def test_a_dialect_answers_by_itself_what_the_station_need_not_know() -> None:
    over, _ = talking()
    _, event = over.receive('[2,"theirs","ClearCache",{}]', 0.0, ACCEPTED)
    assert event is None
    assert json.loads(over.outgoing.pop(0).text) == [3, "theirs", {"status": "Accepted"}]


@pytest.mark.parametrize("action", ["ClearCache", "CostUpdated", "MakeCoffee"])
def test_where_a_version_wants_silence_a_rejected_station_keeps_it(action: str) -> None:
    dialect = msgspec.structs.replace(DIALECTS["ocpp2.0.1"], silent_while_rejected=True)
    over = Exchange(dialect, Talker(), timeout_s=30.0)
    text = f'[2,"theirs","{action}",{{}}]'
    assert over.receive(text, 0.0, RegistrationStatus.REJECTED)[1] is None
    assert not over.outgoing
    over.receive(text, 1.0, ACCEPTED)
    assert over.outgoing, "the same CALL, once the station is accepted"


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.sampled_from([2, 3, 4, 5, 6, 99, "3"]),
    st.booleans(),
    st.lists(json_values, max_size=4),
    st.none() | st.sampled_from(RegistrationStatus),
)
def test_nothing_a_peer_says_raises(
    kind: object, answers: bool, rest: list[object], registration: RegistrationStatus | None
) -> None:
    over = exchange()
    message_id = asked(over)
    text = json.dumps([kind, message_id, *rest] if answers else [kind, *rest])
    _, event = over.receive(text, 0.1, registration)
    assert event is None or event.ref == 7 or isinstance(event, Requested)
    assert over.trouble.isprintable()
    for frame in over.outgoing:
        assert json.loads(frame.text)[0] == 4
