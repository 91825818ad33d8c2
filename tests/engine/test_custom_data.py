"""TC_P_03: customData may be anywhere in whatever a CSMS says, and changes nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from evtui.dialects.registry import DIALECTS
from evtui.engine.exchange import Exchange
from evtui.ocppj.schemas import schemas_of
from evtui.sim import messages as say
from evtui.sim.actions import Send
from evtui.sim.events import Answered
from evtui.sim.terms import (
    BootReason,
    ConnectorStatus,
    RegistrationStatus,
    ReservationUpdateStatus,
    TransactionEventType,
    TriggerReason,
    UploadLogStatus,
)
from evtui.sim.variables.notify_event import NotifyEvent
from evtui.sim.variables.reports import NotifyReport
from tests.dialects.everything import CUSTOM, everything
from tests.engine.test_exchange import exchange
from tests.proof import proves

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

V201 = DIALECTS["ocpp2.0.1"]
SCHEMAS = schemas_of("2.0.1")
MESSAGES: tuple[say.Message, ...] = (
    say.BootNotification(BootReason.POWER_UP, "v", "m", None, None),
    say.Heartbeat(),
    say.StatusNotification(NOON, 1, 1, ConnectorStatus.AVAILABLE),
    say.Authorize(say.IdToken("A")),
    say.TransactionEvent(TransactionEventType.STARTED, NOON, TriggerReason.AUTHORIZED, 0, "t"),
    say.MeterValues(1, ()),
    say.SecurityEvent("StartupOfTheDevice", NOON),
    NotifyReport(1, NOON, 0, False, ()),
    NotifyEvent(NOON, ()),
    say.ReservationStatusUpdate(1, ReservationUpdateStatus.EXPIRED),
    say.DataTransfer("v"),
    say.LogStatus(UploadLogStatus.IDLE),
    say.NotifyCustomerInformation(1, "", 0, NOON, False),
    say.FirmwareStatus("Idle"),
)


def heard(action: str, payload: dict[str, Any]) -> tuple[object, list[Any]]:
    """What a request means to the station, and what it is answered at once."""
    over = exchange(V201)
    meta, event = over.receive(json.dumps([2, "m1", action, payload]), 0.0, RegistrationStatus.ACCEPTED)
    assert not meta.fault
    replies = [json.loads(each.text)[:3] for each in over.outgoing]
    return getattr(event, "request", None), replies


@pytest.mark.parametrize("kind", ["Request", "Response"])
@pytest.mark.parametrize("action", sorted(SCHEMAS.actions))
def test_every_schema_takes_it_wherever_it_may_be(action: str, kind: Any) -> None:
    payload = everything(action, kind, custom=True)
    assert payload["customData"] == CUSTOM
    assert SCHEMAS.validate(action, kind, payload) is None


@pytest.mark.parametrize(
    "action", [pytest.param(action, marks=proves(action)) for action in sorted(SCHEMAS.actions & V201.actions)]
)
def test_every_request_means_the_same_with_it(action: str) -> None:
    plain, custom = (everything(action, "Request", custom=each) for each in (False, True))
    assert heard(action, custom) == heard(action, plain)
    request, replies = heard(action, custom)
    assert request is not None or replies, "it is passed on, or answered by the dialect"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_answer_means_the_same_with_it(message: say.Message) -> None:
    answers = []
    for custom in (False, True):
        over: Exchange = exchange(V201)
        over.send(Send(1, message), 0.0)
        _, message_id, action, _ = json.loads(over.outgoing.pop(0).text)
        payload = everything(action, "Response", custom=custom)
        _, event = over.receive(json.dumps([3, message_id, payload]), 1.0, RegistrationStatus.ACCEPTED)
        assert isinstance(event, Answered)
        assert not over.trouble
        answers.append(event.answer)
    assert answers[0] == answers[1]
