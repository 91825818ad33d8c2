"""B11, B12: a CSMS resets the station."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.messages import Authorize, TransactionEvent
from evtui.sim.requests import (
    ChangeAvailability,
    OperationalStatus,
    RequestStartTransaction,
    Reset,
    ResetType,
    StartAnswer,
    StatusAnswer,
)
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import RegistrationStatus
from tests.proof import proves
from tests.sim.playbook import CARD, Playbook, script

pytestmark = proves("Reset", "B11", "B12")

IMMEDIATE, ON_IDLE = Reset(ResetType.IMMEDIATE), Reset(ResetType.ON_IDLE)
TWO = (EvseSpec(), EvseSpec())
ENDED = "Ended ResetCommand EVConnected ImmediateReset Transaction.Begin+Transaction.End"


def reset(book: Playbook, request: Reset) -> tuple[str, list[str]]:
    answer, sent = book.ask(request)
    assert isinstance(answer, StatusAnswer)
    return answer.status, script(sent)


def back(book: Playbook) -> list[str]:
    """The link is lost because the station hung up, and comes again."""
    assert book.hangups == 1
    assert book.lose_link() == []
    return script(book.link())


@pytest.mark.parametrize("request_", [IMMEDIATE, ON_IDLE])
def test_b11_an_idle_station_resets_at_once(request_: Reset) -> None:
    """B11.FR.01, FR.03: and says why it boots."""
    book = Playbook().booted()
    assert reset(book, request_) == ("Accepted", [])
    assert back(book) == [
        "BootNotification RemoteReset",
        "StatusNotification 1/1 Available",
        "SecurityEvent ResetOrReboot",
    ]
    assert book.said(NoticeKind.RESET) == ["RemoteReset"]


def test_b12_an_immediate_reset_ends_what_runs_and_delivers_it_first() -> None:
    """B12.FR.02, FR.04."""
    book = Playbook().charging()
    assert reset(book, IMMEDIATE) == ("Accepted", [ENDED])
    assert back(book)[:2] == ["BootNotification RemoteReset", "StatusNotification 1/1 Occupied"]
    assert book.wait(5) == [], "the driver has to begin again"
    assert [event.seq_no for event in book.events()] == list(range(len(book.events())))


def test_b12_what_the_csms_does_not_take_in_time_is_kept() -> None:
    book = Playbook().charging()
    book.csms.keep_silent(TransactionEvent)
    reset(book, IMMEDIATE)
    assert book.hangups == 0
    book.wait(29)
    assert book.hangups == 0
    book.wait(2)
    assert book.hangups == 1
    book.csms.behave(TransactionEvent)
    book.lose_link()
    assert script(book.link())[-1] == ENDED
    assert book.sent[-1].offline


def test_b12_on_idle_waits_for_the_last_transaction() -> None:
    """B12.FR.01: Scheduled, and ScheduledReset is the reason of the boot."""
    book = Playbook(evses=TWO).charging()
    assert reset(book, ON_IDLE) == ("Scheduled", [])
    assert book.reading().charging_state == "Charging"
    book.wait(5)
    assert book.hangups == 0
    assert script(book.stop())[0].startswith("Ended StopAuthorized")
    assert back(book)[0] == "BootNotification ScheduledReset"


def test_b12_nothing_begins_while_a_reset_waits() -> None:
    book = Playbook(evses=TWO).charging()
    reset(book, ON_IDLE)
    book.plug_in(2)
    assert book.present(evse_id=2) == []
    assert book.said(NoticeKind.REFUSED) == ['"DEADBEEF": the station is about to reset']
    answer, _ = book.ask(RequestStartTransaction(1, CARD, 2))
    assert isinstance(answer, StartAnswer)
    assert answer.status == "Rejected"


def test_b12_immediate_does_not_wait_for_on_idle() -> None:
    book = Playbook().charging()
    reset(book, ON_IDLE)
    assert reset(book, IMMEDIATE) == ("Accepted", [ENDED])
    assert back(book)[0] == "BootNotification RemoteReset"


def test_b11_a_start_point_that_still_holds_begins_a_new_transaction_after_the_boot() -> None:
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}).booted()
    book.plug_in()
    assert reset(book, IMMEDIATE)[1] == [ENDED]
    assert back(book)[-1] == "Started CablePluggedIn EVConnected evse 1/1 Transaction.Begin"
    assert {event.transaction_id for event in book.events()} == {"tx-1", "tx-2"}


def test_b11_fr_09_an_evse_alone_is_not_reset() -> None:
    book = Playbook(evses=TWO).booted()
    assert reset(book, Reset(ResetType.IMMEDIATE, 1)) == ("Rejected", [])
    assert reset(book, Reset(ResetType.ON_IDLE, 7)) == ("Rejected", [])
    assert book.hangups == 0


def test_b01_fr_07_what_is_out_of_service_stays_so() -> None:
    book = Playbook().booted()
    book.ask(ChangeAvailability(OperationalStatus.INOPERATIVE))
    reset(book, IMMEDIATE)
    assert "StatusNotification 1/1 Unavailable" in back(book)


def test_b12_a_link_that_is_lost_does_not_hold_a_scheduled_reset_up() -> None:
    book = Playbook().charging()
    reset(book, ON_IDLE)
    book.lose_link()
    book.stop()
    assert book.hangups == 1, "the station dials at once, whatever it was waiting for"
    sent = script(book.link())
    assert sent[0] == "BootNotification ScheduledReset"
    assert sent[-1].startswith("Ended StopAuthorized")


def test_after_a_reset_the_station_has_to_be_accepted_again() -> None:
    """B01.FR.09."""
    book = Playbook().booted()
    reset(book, IMMEDIATE)
    assert book.station.registration is None
    assert book.station.deadline_s is None or book.station.deadline_s > book.now.elapsed_s
    book.csms.boot = RegistrationStatus.REJECTED
    assert back(book) == ["BootNotification RemoteReset"]


def test_an_identifier_that_is_being_checked_is_forgotten() -> None:
    book = Playbook().booted()
    book.plug_in()
    book.csms.keep_silent(Authorize)
    book.present()
    assert reset(book, IMMEDIATE)[0] == "Accepted"
    book.csms.behave(Authorize)
    back(book)
    assert not book.reading().authorized
    assert book.present() != []
