"""What the CSMS does with each message of a 2.0.1 station."""

from typing import Any

import pytest

from evtui.csms.books import Books
from evtui.csms.handlers import dialogues
from evtui.csms.handlers.v201 import HANDLERS
from evtui.csms.moment import from_wire
from evtui.csms.policy import BootStatus, Policy
from evtui.csms.registry import BootInfo, ConnectorState, StationRecord
from evtui.csms.tokens import Token, TokenEntry
from evtui.ocppj.schemas import schemas_of
from tests.csms.messages import FROM_STATIONS, payload

NOW = 1_767_323_045.678
STAMP = "2026-01-02T03:04:05.000Z"


class Desk:
    """Books with one accepted station, and a handler call for each message."""

    def __init__(self) -> None:
        self.books = Books()
        self.station: StationRecord = self.books.registry.station("CP001")

    def tell(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Hands a request in that must be valid, and gives an answer that is."""
        schemas = schemas_of("2.0.1")
        assert schemas.validate(action, "Request", request) is None
        answer = HANDLERS[action](self.books, self.station, request, NOW)
        assert schemas.validate(action, "Response", answer) is None
        return answer


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_all_24_messages_of_a_station_and_data_transfer_are_handled() -> None:
    assert len(FROM_STATIONS) == 24
    assert set(HANDLERS) == {*FROM_STATIONS, "DataTransfer"}
    assert list(dialogues()) == ["ocpp2.0.1", "ocpp1.6"]


@pytest.mark.parametrize("full", [False, True], ids=["required fields", "all fields"])
@pytest.mark.parametrize("action", [*FROM_STATIONS, "DataTransfer"])
def test_every_message_gets_a_valid_answer(desk: Desk, action: str, full: bool) -> None:
    desk.tell(action, payload(action, full))
    desk.tell(action, payload(action, full))


# -- provisioning ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Accepted", "Pending", "Rejected"])
def test_a_boot_is_answered_as_the_policy_says(desk: Desk, status: BootStatus) -> None:
    """B01, B02, B03."""
    desk.station.policy = Policy(status, interval_s=17, clock_offset_s=3600)
    answer = desk.tell("BootNotification", payload("BootNotification", False))
    assert (answer["status"], answer["interval"]) == (status, 17)
    assert from_wire(answer["currentTime"], 0) == pytest.approx(NOW + 3600, abs=0.001)
    assert desk.station.registration == status


def test_what_a_boot_says_is_kept(desk: Desk) -> None:
    desk.tell(
        "BootNotification",
        {
            "reason": "Watchdog",
            "chargingStation": {
                "model": "M1",
                "vendorName": "V1",
                "serialNumber": "S1",
                "firmwareVersion": "F1",
                "modem": {"iccid": "I1"},
            },
        },
    )
    assert desk.station.boot == BootInfo(NOW, "Watchdog", "V1", "M1", "S1", "F1", "I1", None)


def test_a_heartbeat_is_answered_with_the_time(desk: Desk) -> None:
    assert desk.tell("Heartbeat", {}) == {"currentTime": "2026-01-02T03:04:05.678Z"}


def _report(seq_no: int, tbc: bool, name: str) -> dict[str, Any]:
    item = {"component": {"name": "TxCtrlr"}, "variable": {"name": name}, "variableAttribute": [{"value": "1"}]}
    return {"requestId": 7, "generatedAt": STAMP, "seqNo": seq_no, "tbc": tbc, "reportData": [item]}


def test_a_device_model_is_taken_over_when_its_report_is_complete(desk: Desk) -> None:
    """B07: pages are assembled, in whatever order they come."""
    desk.tell("NotifyReport", _report(1, False, "B"))
    assert not desk.station.device_model.variables
    desk.tell("NotifyReport", _report(0, True, "A"))
    assert list(desk.station.device_model.variables) == ["TxCtrlr.A", "TxCtrlr.B"]
    (report,) = desk.station.reports
    assert (report.kind, report.request_id, len(report.items)) == ("NotifyReport", 7, 2)


def test_reports_of_other_kinds_are_kept_as_they_are(desk: Desk) -> None:
    desk.tell("NotifyCustomerInformation", {"data": "a", "tbc": True, "seqNo": 0, "generatedAt": STAMP, "requestId": 1})
    desk.tell("NotifyCustomerInformation", {"data": "b", "seqNo": 1, "generatedAt": STAMP, "requestId": 1})
    (report,) = desk.station.reports
    assert report.items == (b'"a"', b'"b"')


# -- authorization and transactions ---------------------------------------------------------------

CARD = {"idToken": "DEADBEEF", "type": "ISO14443"}


def test_a_token_is_judged_in_authorize_and_in_transaction_events(desk: Desk) -> None:
    """C01, E05: a station that started by itself learns that the token is no good."""
    desk.books.tokens.put(Token("DEADBEEF", "ISO14443"), TokenEntry("Invalid"))
    assert desk.tell("Authorize", {"idToken": CARD}) == {"idTokenInfo": {"status": "Invalid"}}
    event = payload("TransactionEvent", False)
    assert desk.tell("TransactionEvent", {**event, "idToken": CARD}) == {"idTokenInfo": {"status": "Invalid"}}
    assert desk.tell("TransactionEvent", event) == {}


def test_a_doubled_event_is_answered_but_kept_once(desk: Desk) -> None:
    event = payload("TransactionEvent", True)
    assert desk.tell("TransactionEvent", event) == desk.tell("TransactionEvent", event)
    (transaction,) = desk.books.transactions.of("CP001")
    assert transaction.record().events == 1


def test_samples_of_a_transaction_and_of_its_evse_meet(desk: Desk) -> None:
    """The classic flow: MeterValues during a transaction count for it, and for what the EVSE shows."""
    started = {
        **payload("TransactionEvent", False),
        "eventType": "Started",
        "timestamp": STAMP,
        "evse": {"id": 2, "connectorId": 1},
        "meterValue": [{"timestamp": STAMP, "sampledValue": [{"value": 1000}]}],
    }
    desk.tell("TransactionEvent", started)
    later = "2026-01-02T03:04:06Z"
    samples = [{"value": 1250}, {"value": 22_000, "measurand": "Power.Active.Import"}]
    desk.tell("MeterValues", {"evseId": 2, "meterValue": [{"timestamp": later, "sampledValue": samples}]})
    (transaction,) = desk.books.transactions.of("CP001")
    assert transaction.record().energy_wh == 250
    at, reading = desk.station.readings[2]
    assert (at, reading.power_w, reading.energy_wh) == (from_wire(later, 0), 22_000, 1250)


# -- availability, and what is noted --------------------------------------------------------------


def test_the_last_word_on_a_connector_counts(desk: Desk) -> None:
    for status in ("Available", "Occupied"):
        desk.tell(
            "StatusNotification",
            {"timestamp": STAMP, "connectorStatus": status, "evseId": 1, "connectorId": 2},
        )
    assert desk.station.connectors == {(1, 2): ConnectorState("Occupied", from_wire(STAMP, 0))}


def test_availability_of_a_connector_may_come_as_an_event(desk: Desk) -> None:
    """G01 (2.1), B01.FR.05 (2.1)."""
    event = {
        "eventId": 1,
        "timestamp": STAMP,
        "trigger": "Delta",
        "actualValue": "Faulted",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "AvailabilityState"},
    }
    desk.tell("NotifyEvent", {"generatedAt": STAMP, "seqNo": 0, "eventData": [event]})
    assert desk.station.connectors[1, 1].status == "Faulted"
    assert desk.station.notices[-1].text == "Connector.AvailabilityState Delta Faulted"


def test_the_values_of_write_only_variables_are_not_kept(desk: Desk) -> None:
    password = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    own = {"component": {"name": "Vendor"}, "variable": {"name": "Pin"}}
    event = {
        "eventId": 1,
        "timestamp": STAMP,
        "trigger": "Delta",
        "actualValue": "hush-hush",
        "eventNotificationType": "CustomMonitor",
        **password,
    }
    desk.tell("NotifyEvent", {"generatedAt": STAMP, "seqNo": 0, "eventData": [event]})
    report = [
        {**password, "variableAttribute": [{"value": "hush-hush"}]},
        {**own, "variableAttribute": [{"value": "hush-hush", "mutability": "WriteOnly"}]},
    ]
    desk.tell("NotifyReport", {"requestId": 1, "generatedAt": STAMP, "seqNo": 0, "reportData": report})
    station = desk.station
    assert [notice.text for notice in station.notices] == ["SecurityCtrlr.BasicAuthPassword Delta ***"]
    attributes = [each.attributes[0].value for each in station.device_model.variables.values()]
    assert attributes == ["***", "***"]
    assert b"hush" not in b"".join(station.reports[0].items)


def test_made_up_connectors_and_notices_do_not_fill_the_memory(desk: Desk) -> None:
    status = payload("StatusNotification", False)
    values = payload("MeterValues", False)
    for number in range(1000):
        desk.tell("StatusNotification", {**status, "evseId": number})
        desk.tell("MeterValues", {**values, "evseId": number})
        desk.tell("SecurityEventNotification", {"type": str(number), "timestamp": STAMP})
    assert len(desk.station.connectors) == len(desk.station.readings) == 256
    assert len(desk.station.notices) == 200
    assert desk.station.notices[-1].text == "999"


def test_progress_of_firmware_and_logs_is_kept(desk: Desk) -> None:
    desk.tell("FirmwareStatusNotification", {"status": "Installing", "requestId": 1})
    desk.tell("LogStatusNotification", {"status": "Uploading", "requestId": 1})
    assert (desk.station.firmware_status, desk.station.log_status) == ("Installing", "Uploading")


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("DataTransfer", "UnknownVendorId"),
        ("Get15118EVCertificate", "Failed"),
        ("GetCertificateStatus", "Failed"),
        ("NotifyEVChargingNeeds", "Rejected"),
        ("NotifyEVChargingSchedule", "Accepted"),
        ("SignCertificate", "Rejected"),
    ],
)
def test_what_the_csms_cannot_do_it_says(desk: Desk, action: str, status: str) -> None:
    assert desk.tell(action, payload(action, False))["status"] == status
    assert desk.station.notices[-1].action == action
