"""B11, B12: a CSMS resets the station."""

from datetime import timedelta

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import FailResets
from evtui.sim.messages import Authorize, TransactionEvent
from evtui.sim.requests import (
    ChangeAvailability,
    OperationalStatus,
    RequestStartTransaction,
    ReserveNow,
    Reset,
    ResetType,
    StartAnswer,
    StatusAnswer,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import RegistrationStatus
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

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
    """B12.FR.01, FR.03: Scheduled; free EVSEs are Unavailable meanwhile; ScheduledReset is the reason of the boot."""
    book = Playbook(evses=TWO).charging()
    assert reset(book, ON_IDLE) == ("Scheduled", ["StatusNotification 2/1 Unavailable"])
    assert reset(book, ON_IDLE) == ("Scheduled", [])
    assert book.reading().charging_state == "Charging"
    book.wait(5)
    assert book.hangups == 0
    assert script(book.stop())[0].startswith("Ended StopAuthorized")
    assert back(book)[:3] == [
        "BootNotification ScheduledReset",
        "StatusNotification 1/1 Occupied",
        "StatusNotification 2/1 Available",
    ]


def test_b12_a_scheduled_reset_takes_no_reservation_away() -> None:
    """B11.FR.05."""
    book = Playbook(evses=TWO).charging()
    expires = book.now.utc + timedelta(minutes=5)
    book.ask(ReserveNow(1, expires, CARD, 2))
    assert reset(book, ON_IDLE) == ("Scheduled", [])
    book.stop()
    assert "StatusNotification 2/1 Reserved" in back(book)


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


def why(book: Playbook) -> str:
    answer = book.answers[-1].answer
    assert isinstance(answer, StatusAnswer)
    assert answer.info is not None
    return answer.info.reason_code


# -- resets that fail -----------------------------------------------------------------------------


def failing(count: int, retries: int) -> Playbook:
    """A station whose next resets fail."""
    book = Playbook(evses=TWO, variables={"OCPPCommCtrlr.ResetRetries": str(retries)}).booted()
    book.event(FailResets(count))
    return book


@pytest.mark.parametrize("request_", [IMMEDIATE, ON_IDLE])
def test_a_reset_that_fails_is_tried_again(request_: Reset) -> None:
    """OCPPCommCtrlr.ResetRetries."""
    book = failing(2, 3)
    assert reset(book, request_) == ("Accepted", [])
    assert (book.hangups, book.said(NoticeKind.WARNING)) == (0, ["the reset failed; again in 5 s"])
    book.wait(5)
    assert book.hangups == 0
    book.wait(5)
    assert back(book)[0] == "BootNotification RemoteReset"


def test_after_so_many_retries_the_station_goes_on() -> None:
    book = failing(9, 1)
    book.charging()
    assert reset(book, ON_IDLE) == ("Scheduled", ["StatusNotification 2/1 Unavailable"])
    book.stop()
    assert script(book.wait(6)) == ["StatusNotification 2/1 Available"]
    assert book.hangups == 0
    assert book.said(NoticeKind.WARNING)[-1] == "the reset failed too often: the station goes on"
    book.plug_in(2)
    book.present(evse_id=2)
    assert book.reading(2).transaction_id == "tx-2"


def test_each_reset_has_its_own_retries() -> None:
    book = failing(2, 0)
    for _ in range(2):
        reset(book, IMMEDIATE)
        assert not book.station.resets
    reset(book, IMMEDIATE)
    assert back(book)[0] == "BootNotification RemoteReset"


# -- one EVSE -------------------------------------------------------------------------------------


@proves("B11.FR.09", "B12.FR.09")
@pytest.mark.parametrize("type", ResetType)
def test_b11_fr_09_where_allow_reset_is_false_an_evse_is_not_reset(type: ResetType) -> None:
    """TC_B_28, TC_B_29."""
    book = Playbook(evses=TWO, variables={"EVSE(1).AllowReset": "false"}).charging()
    assert reset(book, Reset(type, 1)) == ("Rejected", [])
    assert why(book) == "UnsupportedParam"
    assert reset(book, Reset(type, 2))[0] == "Accepted"
    assert book.reading().charging_state == "Charging"


@pytest.mark.parametrize("evse_id", [0, 3])
def test_an_evse_that_does_not_exist_is_not_reset(evse_id: int) -> None:
    book = Playbook(evses=TWO).booted()
    assert reset(book, Reset(ResetType.IMMEDIATE, evse_id)) == ("Rejected", [])
    assert why(book) == "UnknownEvse"


@proves("StatusNotification", "B11.FR.08", "B11.FR.10")
@pytest.mark.parametrize("type", ResetType)
def test_b11_fr_08_an_idle_evse_is_away_for_a_moment_and_the_link_stays(type: ResetType) -> None:
    """TC_B_25: back within five seconds."""
    book = Playbook(evses=(EvseSpec(), EvseSpec((ConnectorSpec(), ConnectorSpec())))).booted()
    assert book.station.variables.get("EVSE(2).AllowReset") == "true"
    assert reset(book, Reset(type, 2)) == (
        "Accepted",
        ["StatusNotification 2/1 Unavailable", "StatusNotification 2/2 Unavailable"],
    )
    assert book.said(NoticeKind.RESET) == ["RemoteReset"]
    assert script(book.wait(5)) == ["StatusNotification 2/1 Available", "StatusNotification 2/2 Available"]
    assert book.hangups == 0
    assert book.wait(60) == []


@proves("TransactionEvent", "B12.FR.02", "B12.FR.08")
def test_b12_fr_08_an_immediate_reset_ends_what_runs_at_that_evse() -> None:
    """TC_B_27."""
    book = Playbook(evses=TWO).charging()
    book.plug_in(2)
    book.present(evse_id=2)
    assert reset(book, Reset(ResetType.IMMEDIATE, 1)) == ("Accepted", [ENDED, "StatusNotification 1/1 Unavailable"])
    assert "StatusNotification 1/1 Occupied" in script(book.wait(5))
    assert book.reading(2).transaction_id == "tx-2"
    assert not book.reading(1).authorized
    book.present()
    assert book.reading(1).transaction_id == "tx-3"


@proves("B12.FR.01", "B12.FR.07")
def test_b12_fr_07_on_idle_waits_for_the_transaction_of_that_evse_alone() -> None:
    """TC_B_26."""
    book = Playbook(evses=TWO).charging()
    assert reset(book, Reset(ResetType.ON_IDLE, 1)) == ("Scheduled", [])
    assert why(book) == "TxInProgress"
    book.plug_in(2)
    book.present(evse_id=2)
    assert book.reading(2).transaction_id == "tx-2"
    assert script(book.stop())[-1] == "StatusNotification 1/1 Unavailable"
    assert book.said(NoticeKind.RESET) == ["ScheduledReset"]
    assert "StatusNotification 1/1 Occupied" in script(book.wait(5))


def test_nothing_begins_at_an_evse_that_resets() -> None:
    book = Playbook(evses=TWO).booted()
    reset(book, Reset(ResetType.IMMEDIATE, 1))
    assert book.plug_in() == []
    assert book.present() == []
    assert book.said(NoticeKind.REFUSED) == ['"DEADBEEF": this EVSE is about to reset']
    for evse_id, status in ((1, "Rejected"), (2, "Accepted")):
        answer, _ = book.ask(RequestStartTransaction(1, CARD, evse_id))
        assert isinstance(answer, StartAnswer)
        assert answer.status == status
    assert script(book.wait(5)) == ["StatusNotification 1/1 Occupied"]


def test_nor_at_one_that_is_about_to() -> None:
    """A transaction that nobody is authorized for holds the reset up."""
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected"}).booted()
    book.plug_in()
    assert reset(book, Reset(ResetType.ON_IDLE, 1)) == ("Scheduled", [])
    assert book.present() == []
    assert "StatusNotification 1/1 Unavailable" in script(book.unplug())


def test_a_start_point_that_still_holds_begins_anew_when_the_evse_is_back() -> None:
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}).booted()
    book.plug_in()
    assert reset(book, Reset(ResetType.IMMEDIATE, 1))[1] == [ENDED, "StatusNotification 1/1 Unavailable"]
    assert script(book.wait(5))[:2] == [
        "StatusNotification 1/1 Occupied",
        "Started CablePluggedIn EVConnected evse 1/1 Transaction.Begin",
    ]


@proves("B11.FR.05", "B12.FR.06")
def test_b11_fr_05_reserved_and_unavailable_are_so_again() -> None:
    book = Playbook(evses=TWO).booted()
    book.ask(ReserveNow(1, book.now.utc + timedelta(minutes=5), CARD, 1))
    book.ask(ChangeAvailability(OperationalStatus.INOPERATIVE, EvseRef(2)))
    assert reset(book, Reset(ResetType.ON_IDLE, 1))[1] == ["StatusNotification 1/1 Unavailable"]
    assert reset(book, Reset(ResetType.ON_IDLE, 2))[1] == []
    answer, _ = book.ask(ReserveNow(2, book.now.utc + timedelta(minutes=5), OTHER_CARD, 1))
    assert answer == StatusAnswer("Unavailable")
    assert script(book.wait(5)) == ["StatusNotification 1/1 Reserved"]


def test_a_reset_of_the_station_is_one_of_all_its_evses() -> None:
    book = Playbook(evses=TWO).booted()
    reset(book, Reset(ResetType.IMMEDIATE, 1))
    reset(book, IMMEDIATE)
    assert back(book)[:3] == [
        "BootNotification RemoteReset",
        "StatusNotification 1/1 Available",
        "StatusNotification 2/1 Available",
    ]
    assert book.wait(10) == []


def test_a_second_reset_of_an_evse_that_resets_changes_nothing() -> None:
    book = Playbook().booted()
    reset(book, Reset(ResetType.IMMEDIATE, 1))
    book.wait(2)
    assert reset(book, Reset(ResetType.IMMEDIATE, 1)) == ("Accepted", [])
    assert script(book.wait(2)) == ["StatusNotification 1/1 Available"]
    assert book.wait(10) == []


# -- what outlasts it -----------------------------------------------------------------------------


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
