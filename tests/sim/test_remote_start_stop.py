"""Block F: a CSMS starts and stops transactions; E14: it asks how one is."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.messages import Authorize, IdToken, IdTokenInfo, TransactionEvent
from evtui.sim.requests import (
    GetTransactionStatus,
    RequestStartTransaction,
    RequestStopTransaction,
    StartAnswer,
    StatusAnswer,
    StatusInfo,
    TransactionStatusAnswer,
)
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import AuthorizationStatus, IdTokenType, RegistrationStatus
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

pytestmark = proves(
    "RequestStartTransaction", "RequestStopTransaction", "GetTransactionStatus", "E14", "F01", "F02", "F03"
)

START = RequestStartTransaction(42, CARD, 1)
TWO = (EvseSpec(), EvseSpec())
ACCEPTED = StartAnswer("Accepted")


def plugged(**options: object) -> Playbook:
    book = Playbook(**options).booted()  # type: ignore[arg-type]
    book.plug_in()
    return book


def why(answer: object) -> str:
    """The reason code of a rejection."""
    assert isinstance(answer, StartAnswer | StatusAnswer)
    assert answer.status == "Rejected"
    assert answer.info is not None
    return answer.info.reason_code


# -- start ----------------------------------------------------------------------------------------


def test_f01_a_remote_start_is_authorized_first_and_tells_its_id_once() -> None:
    """F01.FR.01, FR.19, FR.25: triggerReason RemoteStart, remoteStartId in the first event only."""
    book = plugged()
    answer, sent = book.ask(START)
    assert answer == ACCEPTED
    assert script(sent) == [
        "Authorize DEADBEEF",
        "Started RemoteStart EVConnected evse 1/1 DEADBEEF Transaction.Begin",
    ]
    book.wait(5)
    assert [event.remote_start_id for event in book.events()] == [42] + [None] * (len(book.events()) - 1)
    assert book.reading().charging_state == "Charging"
    assert book.said(NoticeKind.REQUEST) == ["RequestStartTransaction: Accepted"]


def test_f01_fr_02_without_authorize_remote_start_nobody_is_asked() -> None:
    book = plugged(variables={"AuthCtrlr.AuthorizeRemoteStart": "false"})
    answer, sent = book.ask(START)
    assert answer == ACCEPTED
    assert script(sent) == ["Started RemoteStart EVConnected evse 1/1 DEADBEEF Transaction.Begin"]


def test_e05_an_identifier_that_was_not_asked_about_is_judged_in_the_answer_to_started() -> None:
    book = plugged(variables={"AuthCtrlr.AuthorizeRemoteStart": "false"})
    book.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.INVALID)
    book.ask(START)
    assert "Ended Deauthorized EVConnected DeAuthorized Transaction.Begin+Transaction.End" in script(
        message for message in book.events()
    )


@pytest.mark.parametrize("kind", [IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION])
def test_c05_fr_01_an_identifier_of_the_csms_itself_is_never_asked_about(kind: IdTokenType) -> None:
    book = plugged()
    _, sent = book.ask(RequestStartTransaction(1, IdToken("X", kind), 1))
    assert not any(isinstance(message, Authorize) for message in sent)
    assert len(book.events()) == 1


def test_f01_a_refused_identifier_starts_nothing() -> None:
    book = plugged()
    book.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    answer, sent = book.ask(START)
    assert (answer, script(sent)) == (ACCEPTED, ["Authorize DEADBEEF"])
    assert book.said(NoticeKind.REFUSED) == ['"DEADBEEF": the CSMS says Blocked']
    book.csms.tokens.clear()
    book.present()
    assert book.events()[0].trigger_reason == "Authorized"
    assert book.events()[0].remote_start_id is None, "the remote start came to nothing"


def test_f01_fr_13_a_transaction_that_waits_for_a_driver_is_named_in_the_answer() -> None:
    book = plugged(variables={"TxCtrlr.TxStartPoint": "EVConnected"})
    answer, sent = book.ask(START)
    assert answer == StartAnswer("Accepted", "tx-1")
    assert script(sent) == ["Authorize DEADBEEF", "Updated RemoteStart DEADBEEF"]
    assert [event.remote_start_id for event in book.events()] == [None, 42]


def test_f02_the_cable_may_come_later() -> None:
    """F02.FR.01, FR.21."""
    book = Playbook().booted()
    answer, sent = book.ask(START)
    assert (answer, script(sent)) == (ACCEPTED, ["Authorize DEADBEEF"])
    assert "Started RemoteStart EVConnected evse 1/1 DEADBEEF Transaction.Begin" in script(book.plug_in())
    assert book.events()[0].remote_start_id == 42


def test_f02_a_transaction_that_begins_with_the_driver_begins_without_a_cable() -> None:
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "Authorized"}).booted()
    _, sent = book.ask(START)
    assert script(sent) == ["Authorize DEADBEEF", "Started RemoteStart Idle DEADBEEF"]
    assert script(book.plug_in())[1] == "Updated CablePluggedIn EVConnected evse 1/1 Transaction.Begin"


def test_f02_fr_07_without_a_cable_in_time_it_ends() -> None:
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "Authorized", "TxCtrlr.EVConnectionTimeOut": "30"}).booted()
    book.ask(START)
    assert script(book.wait(30)) == ["Ended EVConnectTimeout Idle Timeout"]


def test_c01_fr_26_without_a_cable_in_time_the_authorization_ends() -> None:
    book = Playbook(variables={"TxCtrlr.EVConnectionTimeOut": "30"}).booted()
    book.ask(START)
    assert book.wait(30) == []
    assert book.said(NoticeKind.AUTHORIZATION_ENDED) == ["no cable came in time"]
    book.plug_in()
    book.present()
    assert book.events()[0].remote_start_id is None


def test_f01_fr_22_an_evse_where_somebody_is_authorized_is_not_for_another() -> None:
    book = Playbook().charging()
    answer, sent = book.ask(RequestStartTransaction(1, OTHER_CARD, 1))
    assert (why(answer), sent) == ("TxInProgress", [])


def test_f01_while_an_identifier_is_checked_no_other_starts() -> None:
    book = plugged()
    book.csms.keep_silent(Authorize)
    book.present()
    assert why(book.ask(START)[0]) == "TxInProgress"


@proves("F01.FR.24", "F02.FR.26")
@pytest.mark.parametrize("card", [CARD, OTHER_CARD])
@pytest.mark.parametrize("resumed", [False, True])
def test_f01_fr_24_a_transaction_that_has_had_its_driver_gets_no_other(card: IdToken, resumed: bool) -> None:
    """Its authorization is over, and it goes on until the cable is out."""
    book = Playbook(variables={"TxCtrlr.TxStopPoint": "EVConnected"}, resume_on_boot=True).charging()
    book.ask(RequestStopTransaction("tx-1"))
    if resumed:
        book.cut_power()
        book.link()
    answer, sent = book.ask(RequestStartTransaction(1, card, 1))
    assert (why(answer), sent) == ("TxInProgress", [])
    book.unplug()
    assert book.ask(RequestStartTransaction(1, card, 1))[0] == ACCEPTED


@proves("F01.FR.23", "F02.FR.25")
@pytest.mark.parametrize("evse_id", [1, None])
def test_f01_fr_23_a_faulted_evse_starts_nothing(evse_id: int | None) -> None:
    book = plugged()
    book.fault(FaultKind.GROUND_FAULT)
    answer, sent = book.ask(RequestStartTransaction(1, CARD, evse_id))
    assert (why(answer), sent) == ("Unspecified" if evse_id else "NotFound", [])


def test_an_evse_that_does_not_exist_is_rejected() -> None:
    assert why(Playbook().booted().ask(RequestStartTransaction(1, CARD, 2))[0]) == "UnknownEvse"


def test_f01_without_an_evse_the_one_with_a_cable_is_taken() -> None:
    book = Playbook(evses=TWO).booted()
    book.plug_in(2)
    book.ask(RequestStartTransaction(1, CARD))
    assert book.events()[0].evse_id == 2
    book.ask(RequestStartTransaction(2, OTHER_CARD))
    assert book.reading(1).authorized, "the free one is next"
    assert why(book.ask(RequestStartTransaction(3, IdToken("C")))[0]) == "NotFound"


def test_b02_fr_05_a_pending_station_starts_and_stops_nothing() -> None:
    book = Playbook(variables={"TxCtrlr.TxBeforeAcceptedEnabled": "true"})
    book.csms.boot = RegistrationStatus.PENDING
    book.link()
    book.plug_in()
    assert why(book.ask(START)[0]) == "CSNotAccepted"
    assert why(book.ask(RequestStopTransaction("tx-1"))[0]) == "CSNotAccepted"


def test_a_link_lost_before_the_answer_ends_the_remote_start() -> None:
    book = plugged()
    book.csms.keep_silent(Authorize)
    book.ask(START)
    book.lose_link()
    assert not book.reading().authorized
    assert book.said(NoticeKind.REFUSED)


# -- stop -----------------------------------------------------------------------------------------


@proves("F03.FR.03", "F03.FR.07")
def test_f03_fr_03_a_remote_stop_ends_the_transaction() -> None:
    book = Playbook().charging()
    answer, sent = book.ask(RequestStopTransaction("tx-1"))
    assert answer == StatusAnswer("Accepted")
    assert script(sent) == ["Ended RemoteStop EVConnected Remote Transaction.Begin+Transaction.End"]
    assert not book.reading().authorized


@proves("F03.FR.03")
@pytest.mark.parametrize("stop", ["EVConnected,Authorized", "PowerPathClosed", "Authorized,EnergyTransfer"])
def test_f03_fr_03_also_where_nobody_was_authorized_yet(stop: str) -> None:
    book = plugged(variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": stop})
    answer, sent = book.ask(RequestStopTransaction("tx-1"))
    assert answer == StatusAnswer("Accepted")
    assert script(sent) == ["Ended RemoteStop EVConnected Remote Transaction.Begin+Transaction.End"]


@proves("F03.FR.02")
@pytest.mark.parametrize("stop", ["EVConnected", "ParkingBayOccupancy", "EVConnected,EnergyTransfer"])
def test_f03_fr_02_nor_does_it_end_where_no_stop_point_is_of_the_driver(stop: str) -> None:
    book = plugged(variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": stop})
    _, sent = book.ask(RequestStopTransaction("tx-1"))
    assert script(sent) == ["Updated RemoteStop"]


@proves("F03.FR.02")
def test_f03_fr_02_where_the_stop_point_is_the_cable_only_the_energy_ends() -> None:
    book = Playbook(variables={"TxCtrlr.TxStopPoint": "EVConnected"}).charging()
    _, sent = book.ask(RequestStopTransaction("tx-1"))
    assert script(sent) == ["Updated RemoteStop", "Updated ChargingStateChanged EVConnected"]
    _, ended = book.unplug()
    assert isinstance(ended, TransactionEvent)
    assert (ended.event_type, ended.stopped_reason) == ("Ended", "Remote")


def test_f03_fr_08_a_transaction_that_does_not_run_is_not_stopped() -> None:
    book = Playbook().charging()
    answer, sent = book.ask(RequestStopTransaction("tx-2"))
    assert (answer, sent) == (StatusAnswer("Rejected", StatusInfo("TxNotFound")), [])
    assert book.reading().transaction_id == "tx-1"


# -- status ---------------------------------------------------------------------------------------


def test_e14_the_queue_is_told_and_whether_a_transaction_runs() -> None:
    """E14.FR.01 to FR.08."""
    book = Playbook().charging()
    assert book.ask(GetTransactionStatus("tx-1"))[0] == TransactionStatusAnswer(False, True)
    assert book.ask(GetTransactionStatus("tx-9"))[0] == TransactionStatusAnswer(False, False)
    assert book.ask(GetTransactionStatus())[0] == TransactionStatusAnswer(False, None)
    book.csms.keep_silent(TransactionEvent)
    book.stop()
    assert book.ask(GetTransactionStatus("tx-1"))[0] == TransactionStatusAnswer(True, False)
    assert book.ask(GetTransactionStatus())[0] == TransactionStatusAnswer(True, None)
