"""OCPP 2.0.1, from CSMS to station: every request is understood, every answer is one that the schema allows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from evtui.dialects import v201_requests as dialect
from evtui.errors import ProtocolError
from evtui.ocppj.schemas import Schemas
from evtui.sim import requests as ask
from evtui.sim.messages import DataTransfer, DataTransferAnswer, IdToken, IdTokenInfo
from evtui.sim.spec import ConnectorSpec, EvseSpec, StationSpec
from evtui.sim.terms import AuthorizationStatus, ConnectorType, DataTransferStatus, IdTokenType, LogType
from evtui.sim.variables import provisioning
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.reports import EvseRef, NotifyReport, ReportRow, VariableRef
from evtui.sim.variables.standard_variables import definitions

SCHEMAS = Schemas("2.0.1")
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TOKEN = {"idToken": "04A1", "type": "ISO14443"}
ADDITION = {"additionalIdToken": "A", "type": "t"}
PLACE = {"component": {"name": "EVSE", "evse": {"id": 1, "connectorId": 2}}, "variable": {"name": "Power"}}
REF = VariableRef("EVSE", "Power", evse=EvseRef(1, 2))

REQUESTS: list[tuple[str, dict[str, Any], ask.Request]] = [
    ("GetVariables", {"getVariableData": [PLACE]}, ask.GetVariables((ask.GetVariable(REF),))),
    (
        "SetVariables",
        {"setVariableData": [{**PLACE, "attributeValue": "7", "attributeType": "Target"}]},
        ask.SetVariables((ask.SetVariableTo(REF, "7", ask.AttributeType.TARGET),)),
    ),
    (
        "GetBaseReport",
        {"requestId": 3, "reportBase": "FullInventory"},
        ask.GetBaseReport(3, ask.ReportBase.FULL_INVENTORY),
    ),
    (
        "GetReport",
        {"requestId": 4, "componentVariable": [{"component": {"name": "EVSE"}}], "componentCriteria": ["Available"]},
        ask.GetReport(4, (VariableRef("EVSE", ""),), ("Available",)),
    ),
    (
        "RequestStartTransaction",
        {"remoteStartId": 5, "idToken": TOKEN, "groupIdToken": {"idToken": "G", "type": "Central"}, "evseId": 1},
        ask.RequestStartTransaction(5, IdToken("04A1"), 1, IdToken("G", IdTokenType.CENTRAL)),
    ),
    ("RequestStopTransaction", {"transactionId": "t"}, ask.RequestStopTransaction("t")),
    (
        "TriggerMessage",
        {"requestedMessage": "MeterValues", "evse": {"id": 1}},
        ask.TriggerMessage(ask.MessageTrigger.METER_VALUES, EvseRef(1)),
    ),
    ("GetTransactionStatus", {}, ask.GetTransactionStatus()),
    (
        "ChangeAvailability",
        {"operationalStatus": "Inoperative"},
        ask.ChangeAvailability(ask.OperationalStatus.INOPERATIVE),
    ),
    ("UnlockConnector", {"evseId": 1, "connectorId": 1}, ask.UnlockConnector(1, 1)),
    ("Reset", {"type": "OnIdle", "evseId": 2}, ask.Reset(ask.ResetType.ON_IDLE, 2)),
    (
        "ReserveNow",
        {
            "id": 6,
            "expiryDateTime": "2026-05-04T14:00:00+02:00",
            "idToken": TOKEN,
            "groupIdToken": {"idToken": "G", "type": "Central"},
            "connectorType": "cCCS2",
        },
        ask.ReserveNow(6, NOW, IdToken("04A1"), None, "cCCS2", IdToken("G", IdTokenType.CENTRAL)),
    ),
    ("CancelReservation", {"reservationId": -6}, ask.CancelReservation(-6)),
    ("ClearCache", {}, ask.ClearCache()),
    ("GetLocalListVersion", {}, ask.GetLocalListVersion()),
    (
        "GetLog",
        {
            "logType": "SecurityLog",
            "requestId": 6,
            "log": {"remoteLocation": "http://h/", "oldestTimestamp": "2026-05-04T14:00:00+02:00"},
            "retries": 2,
            "retryInterval": 10,
        },
        ask.GetLog(6, LogType.SECURITY, "http://h/", NOW, None, 2, 10),
    ),
    (
        "CustomerInformation",
        {"requestId": 7, "report": True, "clear": False, "idToken": TOKEN},
        ask.CustomerInformation(7, True, False, IdToken("04A1")),
    ),
    (
        "CustomerInformation",
        {
            "requestId": 8,
            "report": False,
            "clear": True,
            "customerIdentifier": "C-1",
            "customerCertificate": {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": "aa",
                "issuerKeyHash": "bb",
                "serialNumber": "cc",
            },
        },
        ask.CustomerInformation(8, False, True, None, "C-1", ask.CertificateHash("SHA256", "aa", "bb", "cc")),
    ),
    (
        "SendLocalList",
        {
            "versionNumber": 3,
            "updateType": "Differential",
            "localAuthorizationList": [
                {
                    "idToken": TOKEN,
                    "idTokenInfo": {
                        "status": "Accepted",
                        "cacheExpiryDateTime": "2026-05-04T14:00:00+02:00",
                        "evseId": [1],
                        "groupIdToken": {"idToken": "G", "type": "Central"},
                        "personalMessage": {"format": "UTF8", "content": "hello"},
                    },
                },
                {"idToken": {"idToken": "4711", "type": "KeyCode", "additionalInfo": [ADDITION]}},
            ],
        },
        ask.SendLocalList(
            3,
            ask.UpdateType.DIFFERENTIAL,
            (
                ask.AuthorizationData(
                    IdToken("04A1"),
                    IdTokenInfo(AuthorizationStatus.ACCEPTED, IdToken("G", IdTokenType.CENTRAL), NOW, (1,)),
                ),
                ask.AuthorizationData(IdToken("4711", IdTokenType.KEY_CODE)),
            ),
        ),
    ),
    ("SendLocalList", {"versionNumber": 4, "updateType": "Full"}, ask.SendLocalList(4, ask.UpdateType.FULL)),
]


@pytest.mark.parametrize(("action", "payload", "request_"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_a_request_is_understood(action: str, payload: dict[str, Any], request_: ask.Request) -> None:
    assert SCHEMAS.validate(action, "Request", payload) is None
    assert dialect.parse_request(action, payload) == request_


@pytest.mark.parametrize("moment", ["2026-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_no_clock_can_show_is_refused(moment: str) -> None:
    with pytest.raises(ProtocolError):
        dialect.parse_request("ReserveNow", {"id": 1, "expiryDateTime": moment, "idToken": TOKEN, "evseId": 1})


def test_data_transfer_keeps_its_data_as_it_came() -> None:
    request = dialect.parse_request("DataTransfer", {"vendorId": "v", "data": {"aKey_B": [1, None]}})
    assert request == DataTransfer("v", None, '{"aKey_B":[1,null]}')
    assert dialect.parse_request("DataTransfer", {"vendorId": "v", "data": None}) == DataTransfer("v", None, "null")
    assert dialect.parse_request("DataTransfer", {"vendorId": "v"}) == DataTransfer("v")


def test_what_stays_refused_is_not_among_the_actions() -> None:
    assert "SetChargingProfile" not in dialect.ACTIONS
    assert dialect.ACTIONS.issubset(SCHEMAS.actions)


def test_a_number_that_only_looks_like_a_fraction_is_whole() -> None:
    """JSON Schema calls 1.0 an integer."""
    request = dialect.parse_request("UnlockConnector", {"evseId": 1.0, "connectorId": 2.0})
    assert repr(request) == "UnlockConnector(evse_id=1, connector_id=2, ends_transaction=False)"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_calendar_has_is_refused(at: str) -> None:
    payload = {"logType": "SecurityLog", "requestId": 6, "log": {"remoteLocation": "http://h/", "oldestTimestamp": at}}
    with pytest.raises(ProtocolError, match="no such date"):
        dialect.parse_request("GetLog", payload)


def test_a_list_with_a_time_beyond_all_calendars_cannot_be_used() -> None:
    info = {"status": "Accepted", "cacheExpiryDateTime": "9999-12-31T23:59:59-14:00"}
    payload = {
        "versionNumber": 1,
        "updateType": "Full",
        "localAuthorizationList": [{"idToken": TOKEN, "idTokenInfo": info}],
    }
    assert SCHEMAS.validate("SendLocalList", "Request", payload) is None
    with pytest.raises(ProtocolError):
        dialect.parse_request("SendLocalList", payload)


INFO = ask.StatusInfo("a reason code far too long", "x" * 600)
ANSWERS: list[tuple[str, ask.RequestAnswer]] = [
    ("Reset", ask.StatusAnswer("Scheduled")),
    ("DataTransfer", DataTransferAnswer(DataTransferStatus.ACCEPTED, '{"a":[null,1.5]}')),
    ("DataTransfer", DataTransferAnswer(DataTransferStatus.UNKNOWN_VENDOR_ID)),
    ("UnlockConnector", ask.StatusAnswer("OngoingAuthorizedTransaction", INFO)),
    ("RequestStartTransaction", ask.StartAnswer("Accepted", "t")),
    ("GetTransactionStatus", ask.TransactionStatusAnswer(False)),
    ("GetTransactionStatus", ask.TransactionStatusAnswer(True, True)),
    ("GetLocalListVersion", ask.ListVersionAnswer(0)),
    ("GetLog", ask.LogAnswer("Accepted", "CP001.log")),
    ("GetLog", ask.LogAnswer("Rejected", info=INFO)),
    ("CustomerInformation", ask.StatusAnswer("Invalid", INFO)),
    ("ClearCache", ask.StatusAnswer("Rejected", INFO)),
    ("SendLocalList", ask.StatusAnswer("VersionMismatch", INFO)),
    ("GetVariables", ask.GetVariablesAnswer((ask.VariableAnswer(REF, "Accepted", None, "7"),))),
    ("SetVariables", ask.SetVariablesAnswer((ask.VariableAnswer(REF, "Rejected", info=INFO),))),
]


@pytest.mark.parametrize(("action", "answer"), ANSWERS)
def test_an_answer_fits_its_schema(action: str, answer: ask.RequestAnswer) -> None:
    assert SCHEMAS.validate(action, "Response", dialect.render_answer(answer)) is None


def test_a_report_fits_its_schema() -> None:
    rows = (
        ReportRow(REF, "22000", "ReadOnly", "decimal", True, unit="W", max_limit=22000.0),
        ReportRow(VariableRef("C", "V", variable_instance="i"), None, "WriteOnly", "string", True),
    )
    payload = dialect.render_notify_report(NotifyReport(1, NOW, 0, False, rows), "2026-05-04T12:00:00Z")
    assert SCHEMAS.validate("NotifyReport", "Request", payload) is None
    assert "value" not in payload["reportData"][1]["variableAttribute"][0]


def test_an_answer_names_the_attribute_even_where_none_was_named() -> None:
    """B05.FR.12, B06.FR.11."""
    row = ask.VariableAnswer(REF, "Accepted", None, "7")
    assert dialect.render_answer(ask.GetVariablesAnswer((row,)))["getVariableResult"][0]["attributeType"] == "Actual"
    assert dialect.render_answer(ask.SetVariablesAnswer((row,)))["setVariableResult"][0]["attributeType"] == "Actual"


def test_all_that_a_station_has_fits_the_schema() -> None:
    """Two kinds of station, each variable: names, values and lists within their lengths."""
    dc = (EvseSpec(), EvseSpec(connectors=(ConnectorSpec(ConnectorType.CCCS2, 0), ConnectorSpec())))
    for evses in ((EvseSpec(),), dc):
        model = DeviceModel(definitions(StationSpec("CP001", evses=evses)))
        for page in provisioning.pages(1, provisioning.base_report(model, ask.ReportBase.FULL_INVENTORY), NOW):
            payload = dialect.render_notify_report(page, "2026-05-04T12:00:00Z")
            assert SCHEMAS.validate("NotifyReport", "Request", payload) is None
