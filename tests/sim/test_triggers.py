"""F06: a CSMS has messages sent when it wants to see them; the answer always goes first."""

import pytest

from evtui.sim.messages import BootNotification, MeterValues, TransactionEvent
from evtui.sim.requests import MessageTrigger, StatusAnswer, TriggerMessage
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import RegistrationStatus
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.playbook import Playbook, measured, script

pytestmark = proves("TriggerMessage", "LogStatusNotification", "FirmwareStatusNotification", "F06")

TWO = (EvseSpec(), EvseSpec())


def pulled(book: Playbook, what: MessageTrigger, evse: EvseRef | None = None) -> tuple[str, list[str]]:
    answer, sent = book.ask(TriggerMessage(what, evse))
    assert isinstance(answer, StatusAnswer)
    return answer.status, script(sent)


@pytest.mark.parametrize(
    ("what", "sent"),
    [
        (MessageTrigger.HEARTBEAT, ["Heartbeat"]),
        (MessageTrigger.LOG_STATUS_NOTIFICATION, ["LogStatus Idle"]),
        (MessageTrigger.FIRMWARE_STATUS_NOTIFICATION, ["FirmwareStatus Idle"]),
        (MessageTrigger.METER_VALUES, ["MeterValues 1 Trigger", "MeterValues 2 Trigger"]),
    ],
)
def test_f06_what_needs_no_place_is_sent_of_all(what: MessageTrigger, sent: list[str]) -> None:
    """F06.FR.04, FR.06, FR.11; L01.FR.25."""
    assert pulled(Playbook(evses=TWO).booted(), what) == ("Accepted", sent)


def test_f06_a_place_that_does_not_matter_is_ignored() -> None:
    assert pulled(Playbook().booted(), MessageTrigger.HEARTBEAT, EvseRef(9)) == ("Accepted", ["Heartbeat"])


def test_f06_fr_06_triggered_values_are_those_of_clock_aligned_data() -> None:
    book = Playbook(variables={"AlignedDataCtrlr.Measurands": "Voltage,Frequency"}).booted()
    _, (values,) = book.ask(TriggerMessage(MessageTrigger.METER_VALUES, EvseRef(1)))
    assert isinstance(values, MeterValues)
    assert measured(values) == ["Voltage L1-N", "Voltage L2-N", "Voltage L3-N", "Frequency"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AlignedDataCtrlr.Enabled", "false"),
        ("AlignedDataCtrlr.Measurands", ""),
        ("AlignedDataCtrlr.Measurands", "SoC"),
        ("AlignedDataCtrlr.Measurands", "Energy.Active.Import.Interval"),
    ],
)
def test_f06_values_that_would_be_empty_are_refused(name: str, value: str) -> None:
    """F06.FR.04: what is accepted is sent. A car on AC does not tell its charge, and a mere look ends no interval."""
    book = Playbook(variables={name: value}).charging()
    assert pulled(book, MessageTrigger.METER_VALUES) == ("Rejected", [])


def test_f06_fr_12_a_status_is_that_of_a_connector_which_is_named() -> None:
    book = Playbook().booted()
    status = MessageTrigger.STATUS_NOTIFICATION
    assert pulled(book, status, EvseRef(1, 1)) == ("Accepted", ["StatusNotification 1/1 Available"])
    for evse in (None, EvseRef(1), EvseRef(1, 2), EvseRef(2, 1), EvseRef(0, 1)):
        assert pulled(book, status, evse) == ("Rejected", [])


def test_f06_fr_07_a_transaction_tells_how_it_is() -> None:
    """The measurands of TxUpdated, and the charging state as it is."""
    book = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "0"}).charging()
    answer, sent = book.ask(TriggerMessage(MessageTrigger.TRANSACTION_EVENT))
    assert (answer, script(sent)) == (StatusAnswer("Accepted"), ["Updated Trigger Charging Trigger"])
    (event,) = sent
    assert isinstance(event, TransactionEvent)
    assert "Power.Active.Import" in measured(event)
    assert [each.seq_no for each in book.events()] == list(range(len(book.events())))


def test_f06_where_no_transaction_runs_none_is_told() -> None:
    book = Playbook(evses=TWO).charging()
    assert pulled(book, MessageTrigger.TRANSACTION_EVENT, EvseRef(2)) == ("Rejected", [])
    assert pulled(book, MessageTrigger.TRANSACTION_EVENT, EvseRef(3)) == ("Rejected", [])


def test_f06_fr_10_a_pending_station_promises_no_event_of_a_transaction_that_it_cannot_send() -> None:
    """Its Started waits for Accepted (B02.FR.02), and events go in order."""
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxBeforeAcceptedEnabled": "true"})
    book.csms.boot = RegistrationStatus.PENDING
    book.link()
    book.plug_in()
    assert pulled(book, MessageTrigger.TRANSACTION_EVENT) == ("Rejected", [])


def test_f06_fr_17_an_accepted_station_does_not_boot_again() -> None:
    assert pulled(Playbook().booted(), MessageTrigger.BOOT_NOTIFICATION) == ("Rejected", [])


def test_b02_a_pending_station_boots_when_it_is_told_to() -> None:
    """B02.FR.02: without waiting for the interval."""
    book = Playbook()
    book.csms.boot = RegistrationStatus.PENDING
    book.link()
    answer, sent = book.ask(TriggerMessage(MessageTrigger.BOOT_NOTIFICATION))
    assert (answer, script(sent)) == (StatusAnswer("Accepted"), ["BootNotification Triggered"])
    assert pulled(book, MessageTrigger.STATUS_NOTIFICATION, EvseRef(1, 1)) == (
        "Accepted",
        ["StatusNotification 1/1 Available"],
    )
    book.csms.boot = RegistrationStatus.ACCEPTED
    boot = book.wait(300)[0]
    assert isinstance(boot, BootNotification)
    assert boot.reason == "PowerUp"
    assert book.station.online


@pytest.mark.parametrize(
    "what",
    [
        MessageTrigger.SIGN_CHARGING_STATION_CERTIFICATE,
        MessageTrigger.SIGN_V2G_CERTIFICATE,
        MessageTrigger.SIGN_COMBINED_CERTIFICATE,
        MessageTrigger.PUBLISH_FIRMWARE_STATUS_NOTIFICATION,
    ],
)
def test_f06_fr_08_what_is_not_known_is_a_status_and_no_error(what: MessageTrigger) -> None:
    assert pulled(Playbook().booted(), what) == ("NotImplemented", [])
