"""What the CSMS does with each message of a 1.6 station, in the same books as for 2.0.1."""

from typing import Any

import pytest

from evtui.csms.books import Books
from evtui.csms.handlers.v16 import HANDLERS
from evtui.csms.moment import from_wire
from evtui.csms.numbers import MOST, Numbers, Start
from evtui.csms.policy import BootStatus, Policy
from evtui.csms.registry import BootInfo, ConnectorState, StationRecord
from evtui.csms.server import Csms
from evtui.csms.tokens import Token, TokenEntry
from evtui.errors import LocalError
from evtui.ocppj.schemas import schemas_of
from tests.csms.messages import FROM_CHARGE_POINTS, old_payload
from tests.csms.stations import station, until

NOW = 1_767_323_045.678
BEGIN, LATER, END = (f"2026-01-02T03:04:0{second}.000Z" for second in (5, 6, 9))
START = {"connectorId": 2, "idTag": "DEADBEEF", "meterStart": 1000, "timestamp": BEGIN}


class Desk:
    """Books with one accepted station, and a handler call for each message."""

    def __init__(self) -> None:
        self.books = Books()
        self.station: StationRecord = self.books.registry.station("CP001")

    def tell(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Hands a request in that must be valid, and gives an answer that is."""
        schemas = schemas_of("1.6")
        assert schemas.validate(action, "Request", request) is None
        answer = HANDLERS[action](self.books, self.station, request, NOW)
        assert schemas.validate(action, "Response", answer) is None
        return answer

    def start(self, **changes: Any) -> int:
        number: int = self.tell("StartTransaction", {**START, **changes})["transactionId"]
        return number


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_all_messages_of_a_charge_point_are_handled() -> None:
    assert set(HANDLERS) == set(FROM_CHARGE_POINTS)


@pytest.mark.parametrize("full", [False, True], ids=["required fields", "all fields"])
@pytest.mark.parametrize("action", FROM_CHARGE_POINTS)
def test_every_message_gets_a_valid_answer(desk: Desk, action: str, full: bool) -> None:
    desk.tell(action, old_payload(action, full))
    desk.tell(action, old_payload(action, full))


@pytest.mark.parametrize("status", ["Accepted", "Pending", "Rejected"])
def test_a_boot_is_answered_as_the_policy_says_and_kept(desk: Desk, status: BootStatus) -> None:
    """S16 4.2."""
    desk.station.policy = Policy(status, interval_s=17, clock_offset_s=3600)
    request = {
        "chargePointVendor": "V1",
        "chargePointModel": "M1",
        "chargePointSerialNumber": "S1",
        "firmwareVersion": "F1",
    }
    answer = desk.tell("BootNotification", request)
    assert (answer["status"], answer["interval"]) == (status, 17)
    assert from_wire(answer["currentTime"], 0) == pytest.approx(NOW + 3600, abs=0.001)
    assert desk.station.registration == status
    assert desk.station.boot == BootInfo(NOW, "", "V1", "M1", "S1", "F1")


def test_a_heartbeat_is_answered_with_the_time(desk: Desk) -> None:
    assert desk.tell("Heartbeat", {}) == {"currentTime": "2026-01-02T03:04:05.678Z"}


# -- authorization --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("Accepted", "Accepted"),
        ("Blocked", "Blocked"),
        ("ConcurrentTx", "ConcurrentTx"),
        ("NoCredit", "Invalid"),
        ("NotAtThisTime", "Invalid"),
        ("Unknown", "Invalid"),
    ],
)
def test_an_id_tag_is_judged_in_the_words_of_16(desk: Desk, status: str, word: str) -> None:
    desk.books.tokens.put(Token("DeadBeef", "eMAID"), TokenEntry(status, Token("FAMILY", "Central")))
    assert desk.tell("Authorize", {"idTag": "DEADBEEF"}) == {"idTagInfo": {"status": word, "parentIdTag": "FAMILY"}}


def test_an_id_tag_that_is_not_listed_is_as_the_table_says(desk: Desk) -> None:
    assert desk.tell("Authorize", {"idTag": "CAFE"}) == {"idTagInfo": {"status": "Accepted"}}
    desk.books.tokens.unlisted = "Unknown"
    assert desk.tell("Authorize", {"idTag": "CAFE"}) == {"idTagInfo": {"status": "Invalid"}}


def test_a_group_that_is_too_long_for_an_id_tag_is_left_out(desk: Desk) -> None:
    desk.books.tokens.put(Token("A", "Central"), TokenEntry("Accepted", Token("G" * 21, "Central")))
    assert desk.tell("Authorize", {"idTag": "A"}) == {"idTagInfo": {"status": "Accepted"}}


def test_a_token_that_is_good_for_another_place_is_invalid_where_it_starts(desk: Desk) -> None:
    desk.books.tokens.put(Token("DEADBEEF", "ISO14443"), TokenEntry(evse_ids=(1,)))
    assert desk.tell("Authorize", {"idTag": "DEADBEEF"})["idTagInfo"]["status"] == "Accepted"
    assert desk.tell("StartTransaction", START)["idTagInfo"]["status"] == "Invalid"
    assert desk.tell("StartTransaction", {**START, "connectorId": 1})["idTagInfo"]["status"] == "Accepted"


# -- transactions ---------------------------------------------------------------------------------


def test_a_transaction_gets_a_number_of_its_own(desk: Desk) -> None:
    """S16 4.8, ERR-16 3.54: positive."""
    first, second = desk.start(), desk.start(connectorId=1)
    assert 0 < first < second < 2**31


def test_a_start_that_is_told_again_gets_the_number_it_had(desk: Desk) -> None:
    """Its answer may have been lost."""
    assert desk.start() == desk.start()
    assert len(desk.books.transactions) == 1


def test_numbers_do_not_fill_the_memory() -> None:
    numbers = Numbers()
    given = [numbers.of(Start("CP001", 1, "A", meter, BEGIN), NOW) for meter in range(MOST + 100)]
    assert len(set(given)) == len(given)
    assert len(numbers._given) == MOST


def test_a_session_is_kept_from_its_start_to_its_end(desk: Desk) -> None:
    number = desk.start(reservationId=4)
    values = [{"timestamp": LATER, "sampledValue": [{"value": "1.5", "unit": "kWh"}]}]
    assert desk.tell("MeterValues", {"connectorId": 2, "transactionId": number, "meterValue": values}) == {}
    (transaction,) = desk.books.transactions.of("CP001")
    assert transaction.record().energy_wh == 500
    stop = {"transactionId": number, "meterStop": 3000, "timestamp": END, "reason": "Remote", "idTag": "DEADBEEF"}
    assert desk.tell("StopTransaction", stop) == {"idTagInfo": {"status": "Accepted"}}
    record = transaction.record()
    assert (record.transaction_id, record.evse_id, record.connector_id) == (str(number), 2, 1)
    assert record.id_token == Token("DEADBEEF", "")
    assert (record.started_at, record.ended_at) == (from_wire(BEGIN, 0), from_wire(END, 0))
    assert (record.stopped_reason, record.energy_wh, record.gaps) == ("Remote", 2000, ())
    at, reading = desk.station.readings[2]
    assert (at, reading.energy_wh) == (from_wire(END, 0), 3000)


def test_an_end_without_a_reason_is_local(desk: Desk) -> None:
    """S16 4.10."""
    number = desk.start()
    assert desk.tell("StopTransaction", {"transactionId": number, "meterStop": 1001, "timestamp": END}) == {}
    assert desk.books.transactions.of("CP001")[0].record().stopped_reason == "Local"


def test_an_end_whose_start_never_came_leaves_a_gap_and_one_without_a_number_a_note(desk: Desk) -> None:
    """ERR-16 3.18: never refused."""
    desk.tell("StopTransaction", {"transactionId": 4711, "meterStop": 1001, "timestamp": END})
    (transaction,) = desk.books.transactions.of("CP001")
    assert transaction.gaps == ((0, 0),)
    desk.tell("StopTransaction", {"transactionId": -1, "meterStop": 1001, "timestamp": END})
    assert len(desk.books.transactions) == 1
    assert desk.station.notices[-1].text == "-1: its StartTransaction never came"


def test_values_without_a_number_belong_to_what_runs_at_the_connector(desk: Desk) -> None:
    """S16 4.7: clock-aligned values, and those of the main meter."""
    desk.start()
    values = [{"timestamp": LATER, "sampledValue": [{"value": "1200"}]}]
    desk.tell("MeterValues", {"connectorId": 2, "meterValue": values})
    desk.tell("MeterValues", {"connectorId": 0, "meterValue": values})
    desk.tell("MeterValues", {"connectorId": 1, "transactionId": -1, "meterValue": values})
    assert desk.books.transactions.of("CP001")[0].record().energy_wh == 200
    assert set(desk.station.readings) == {0, 1, 2}


# -- statuses, and what is noted ------------------------------------------------------------------


def test_the_last_word_on_a_connector_counts(desk: Desk) -> None:
    for number, status in ((0, "Available"), (2, "Preparing"), (2, "Charging")):
        request = {"connectorId": number, "errorCode": "NoError", "status": status, "timestamp": BEGIN}
        desk.tell("StatusNotification", request)
    at = from_wire(BEGIN, 0)
    assert desk.station.connectors == {
        (0, 0): ConnectorState("Available", at),
        (2, 1): ConnectorState("Charging", at),
    }
    assert not desk.station.notices


def test_an_error_is_noted(desk: Desk) -> None:
    request = {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted", "vendorErrorCode": "CX002"}
    desk.tell("StatusNotification", request)
    assert desk.station.connectors[1, 1] == ConnectorState("Faulted", NOW)
    assert desk.station.notices[-1].text == "connector 1: GroundFailure CX002"


def test_progress_of_firmware_and_diagnostics_is_kept(desk: Desk) -> None:
    desk.tell("FirmwareStatusNotification", {"status": "Installing"})
    desk.tell("DiagnosticsStatusNotification", {"status": "Uploading"})
    assert (desk.station.firmware_status, desk.station.log_status) == ("Installing", "Uploading")


@pytest.mark.parametrize(("action", "status"), [("DataTransfer", "UnknownVendorId"), ("SignCertificate", "Rejected")])
def test_what_the_csms_cannot_do_it_says(desk: Desk, action: str, status: str) -> None:
    assert desk.tell(action, old_payload(action, False))["status"] == status
    assert desk.station.notices[-1].action == action


# -- over a socket --------------------------------------------------------------------------------

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


async def test_a_station_of_16_is_spoken_to_in_16(csms: Csms) -> None:
    async with station(csms, subprotocols=("ocpp1.6",)) as it:
        assert it.link.subprotocol == "ocpp1.6"
        assert (await it.ask("Heartbeat", {}))[2] == "SecurityError", "errata of OCPP-J 1.6, 3.10"
        _, message_id, action, payload = await it.hear()
        assert (action, payload) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
        await it.say([4, message_id, "NotSupported", "", {}])
        await until(lambda: csms.books.registry.station("CP001").registration == "Accepted")
        assert (await it.call("BootNotification", BOOT))["status"] == "Accepted"
        assert (await it.call("StartTransaction", START))["transactionId"] > 0
        assert csms.books.registry.station("CP001").version == "1.6"
        assert (await it.ask("TransactionEvent", {}))[2] == "NotImplemented"


async def test_a_rejected_station_is_asked_nothing(csms: Csms) -> None:
    """S16 4.2."""
    csms.books.registry.set_policy(Policy("Rejected"))
    async with station(csms, subprotocols=("ocpp1.6",)) as it:
        await it.call("BootNotification", BOOT)
        with pytest.raises(LocalError, match="Rejected"):
            await csms.call("CP001", "GetConfiguration", {})


async def test_a_pending_station_may_send_what_it_is_asked_for(csms: Csms) -> None:
    """S16 4.2."""
    csms.books.registry.set_policy(Policy("Pending"))
    async with station(csms, subprotocols=("ocpp1.6",)) as it:
        await it.call("BootNotification", BOOT)
        values = {"connectorId": 1, "meterValue": [{"timestamp": BEGIN, "sampledValue": [{"value": "1"}]}]}
        assert (await it.ask("MeterValues", values))[2] == "SecurityError"
        csms.books.registry.station("CP001").instructed.add("MeterValues")
        assert await it.call("MeterValues", values) == {}
