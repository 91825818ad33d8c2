"""OCPP 1.6, from central system to charge point: every request is understood, every answer is one of the schema's."""

from typing import Any

import pytest

from evtui.dialects.registry import DIALECTS
from evtui.errors import ProtocolError
from evtui.sim import requests as ask
from evtui.sim.messages import DataTransfer, DataTransferAnswer, IdToken
from evtui.sim.terms import DataTransferStatus
from evtui.sim.variables.reports import EvseRef
from tests.dialects.v16 import SCHEMAS, TWO_AND_ONE, Subject
from tests.proof import proves

INOPERATIVE, OPERATIVE = ask.OperationalStatus.INOPERATIVE, ask.OperationalStatus.OPERATIVE
PROFILE = {
    "chargingProfile": {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]},
    }
}

REQUESTS: list[tuple[str, dict[str, Any], ask.Request]] = [
    ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, ask.ChangeAvailability(INOPERATIVE)),
    ("ChangeAvailability", {"connectorId": 2, "type": "Operative"}, ask.ChangeAvailability(OPERATIVE, EvseRef(1, 2))),
    ("ChangeAvailability", {"connectorId": 4, "type": "Operative"}, ask.ChangeAvailability(OPERATIVE, EvseRef(0, 0))),
    ("ChangeAvailability", {"connectorId": -1, "type": "Operative"}, ask.ChangeAvailability(OPERATIVE, EvseRef(0, 0))),
    ("ClearCache", {}, ask.ClearCache()),
    ("RemoteStartTransaction", {"idTag": "A"}, ask.RequestStartTransaction(1, IdToken("A"))),
    ("RemoteStartTransaction", {"idTag": "A", "connectorId": 3}, ask.RequestStartTransaction(1, IdToken("A"), 2)),
    ("RemoteStartTransaction", {"idTag": "A", "connectorId": 0}, ask.RequestStartTransaction(1, IdToken("A"), 0)),
    (
        "RemoteStartTransaction",
        {"idTag": "A", **PROFILE},
        ask.RequestStartTransaction(1, IdToken("A")),
    ),
    ("RemoteStopTransaction", {"transactionId": 5}, ask.RequestStopTransaction("unknown")),
    ("Reset", {"type": "Soft"}, ask.Reset(ask.ResetType.IMMEDIATE)),
    ("Reset", {"type": "Hard"}, ask.Reset(ask.ResetType.IMMEDIATE)),
    ("UnlockConnector", {"connectorId": 2}, ask.UnlockConnector(1, 2, True)),
    ("UnlockConnector", {"connectorId": 9}, ask.UnlockConnector(0, 0, True)),
]


@pytest.mark.parametrize(("action", "payload", "request_"), REQUESTS)
def test_a_request_is_understood(action: str, payload: dict[str, Any], request_: ask.Request) -> None:
    assert Subject(TWO_AND_ONE).asked(action, payload).request == request_


@proves("DataTransfer", version="1.6")
def test_data_is_text_in_16() -> None:
    payload = {"vendorId": "v", "messageId": "m", "data": 'a "b"'}
    assert Subject().asked("DataTransfer", payload).request == DataTransfer("v", "m", r'"a \"b\""')
    assert Subject().asked("DataTransfer", {"vendorId": "v"}).request == DataTransfer("v")


@proves("DataTransfer", version="1.6")
@pytest.mark.parametrize(("data", "text"), [('"a \\"b\\""', 'a "b"'), ('{"a":1}', '{"a":1}'), ("null", "null")])
def test_data_that_is_no_text_goes_as_it_is_written(data: str, text: str) -> None:
    answer = DataTransferAnswer(DataTransferStatus.ACCEPTED, data)
    payload = Subject().answered("DataTransfer", {"vendorId": "v"}, answer)
    assert payload == {"status": "Accepted", "data": text}


@proves("RemoteStartTransaction", version="1.6")
def test_each_remote_start_has_a_number_of_its_own_for_the_station() -> None:
    subject = Subject()
    starts = [subject.asked("RemoteStartTransaction", {"idTag": "A"}).request for _ in range(2)]
    assert [start.remote_start_id for start in starts if isinstance(start, ask.RequestStartTransaction)] == [1, 2]


def test_all_requests_of_the_core_profile_are_there_and_no_others() -> None:
    core = {
        *("ChangeAvailability", "ChangeConfiguration", "ClearCache", "DataTransfer", "GetConfiguration"),
        *("RemoteStartTransaction", "RemoteStopTransaction", "Reset", "UnlockConnector"),
    }
    assert DIALECTS["ocpp1.6"].actions == core
    assert core <= SCHEMAS.actions


LOCKED = ask.StatusInfo("FixedCable")
ANSWERS: list[tuple[str, dict[str, Any], ask.RequestAnswer, str]] = [
    ("ChangeAvailability", {"connectorId": 0, "type": "Operative"}, ask.StatusAnswer("Scheduled", LOCKED), "Scheduled"),
    ("ClearCache", {}, ask.StatusAnswer("Rejected", ask.StatusInfo("NotEnabled")), "Rejected"),
    ("DataTransfer", {"vendorId": "v"}, DataTransferAnswer(DataTransferStatus.UNKNOWN_VENDOR_ID), "UnknownVendorId"),
    ("RemoteStartTransaction", {"idTag": "A"}, ask.StartAnswer("Accepted", "tx-1"), "Accepted"),
    ("RemoteStopTransaction", {"transactionId": 5}, ask.StatusAnswer("Rejected", LOCKED), "Rejected"),
    ("Reset", {"type": "Soft"}, ask.StatusAnswer("Accepted"), "Accepted"),
    ("UnlockConnector", {"connectorId": 1}, ask.StatusAnswer("Unlocked"), "Unlocked"),
    ("UnlockConnector", {"connectorId": 1}, ask.StatusAnswer("UnlockFailed"), "UnlockFailed"),
    ("UnlockConnector", {"connectorId": 1}, ask.StatusAnswer("UnlockFailed", LOCKED), "NotSupported"),
    ("UnlockConnector", {"connectorId": 9}, ask.StatusAnswer("UnknownConnector"), "NotSupported"),
]


@pytest.mark.parametrize(("action", "payload", "answer", "status"), ANSWERS)
def test_an_answer_has_the_words_of_16(
    action: str, payload: dict[str, Any], answer: ask.RequestAnswer, status: str
) -> None:
    assert Subject().answered(action, payload, answer) == {"status": status}


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("ChangeAvailability", {"connectorId": 10**300, "type": "Operative"}),
        ("RemoteStartTransaction", {"idTag": "A", "connectorId": 2**31}),
        ("UnlockConnector", {"connectorId": -(2**40)}),
    ],
)
def test_an_integer_of_more_than_32_bits_is_no_connector(action: str, payload: dict[str, Any]) -> None:
    assert SCHEMAS.validate(action, "Request", payload) is None
    with pytest.raises(ProtocolError):
        Subject().translator.parse_request(action, payload)


def test_a_transaction_number_of_any_size_is_only_unknown() -> None:
    request = Subject().asked("RemoteStopTransaction", {"transactionId": 10**300}).request
    assert isinstance(request, ask.RequestStopTransaction)
