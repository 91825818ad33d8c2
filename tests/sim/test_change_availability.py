"""G03, G04: a CSMS takes the station, an EVSE or a connector out of operation, and back."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.messages import Authorize
from evtui.sim.requests import (
    ChangeAvailability,
    OperationalStatus,
    RequestStartTransaction,
    StartAnswer,
    StatusAnswer,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.playbook import CARD, Playbook, script

pytestmark = proves("ChangeAvailability", "StatusNotification", "G03", "G04")

OUT, BACK = OperationalStatus.INOPERATIVE, OperationalStatus.OPERATIVE
TWO = (EvseSpec(), EvseSpec())
TWIN = (EvseSpec((ConnectorSpec(), ConnectorSpec())),)


def change(book: Playbook, to: OperationalStatus, evse: EvseRef | None = None) -> tuple[str, list[str]]:
    answer, sent = book.ask(ChangeAvailability(to, evse))
    assert isinstance(answer, StatusAnswer)
    return answer.status, script(sent)


def test_g03_an_evse_goes_out_of_service_and_back() -> None:
    """G03.FR.01 to FR.04; only what changed is told."""
    book = Playbook(evses=TWO).booted()
    assert change(book, OUT, EvseRef(1)) == ("Accepted", ["StatusNotification 1/1 Unavailable"])
    assert change(book, OUT, EvseRef(1)) == ("Accepted", []), "it is so already"
    assert book.station.variables.get("EVSE(1).AvailabilityState") == "Unavailable"
    assert book.station.variables.get("ChargingStation.AvailabilityState") == "Available"
    assert change(book, BACK, EvseRef(1)) == ("Accepted", ["StatusNotification 1/1 Available"])


def test_g03_nobody_charges_where_it_is_out_of_service() -> None:
    book = Playbook().booted()
    change(book, OUT)
    assert book.plug_in() == []
    assert book.present() == []
    assert book.reading().status == "Unavailable"
    assert book.said(NoticeKind.REFUSED) == ['"DEADBEEF": this EVSE is out of service']
    answer, sent = book.ask(RequestStartTransaction(1, CARD, 1))
    assert isinstance(answer, StartAnswer)
    assert (answer.status, sent) == ("Rejected", [])
    assert change(book, BACK) == ("Accepted", ["StatusNotification 1/1 Occupied"])
    book.present()
    assert book.reading().transaction_id == "tx-1"


def test_g03_a_start_point_reached_meanwhile_counts_when_it_is_back() -> None:
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected"}).booted()
    change(book, OUT)
    book.plug_in()
    assert book.events() == []
    assert change(book, BACK)[1] == [
        "StatusNotification 1/1 Occupied",
        "Started CablePluggedIn EVConnected evse 1/1 Transaction.Begin",
    ]


@pytest.mark.parametrize("evse", [None, EvseRef(1), EvseRef(1, 1)])
def test_g03_fr_05_the_end_of_a_transaction_is_waited_for(evse: EvseRef | None) -> None:
    """Scheduled, on each level; a driver who charges notices nothing."""
    book = Playbook().charging()
    assert change(book, OUT, evse) == ("Scheduled", [])
    assert book.reading().charging_state == "Charging"
    assert script(book.stop()) == [
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End",
        "StatusNotification 1/1 Unavailable",
    ]
    assert book.unplug() == [], "Unavailable it stays"


def test_g03_what_is_scheduled_is_undone_by_operative() -> None:
    book = Playbook().charging()
    change(book, OUT)
    assert change(book, BACK) == ("Accepted", [])
    assert script(book.stop())[1:] == []


def test_g04_the_free_evses_of_a_station_go_at_once() -> None:
    book = Playbook(evses=TWO).charging()
    assert change(book, OUT) == ("Scheduled", ["StatusNotification 2/1 Unavailable"])
    assert script(book.stop())[-1] == "StatusNotification 1/1 Unavailable"
    assert book.station.variables.get("ChargingStation.AvailabilityState") == "Unavailable"


def test_g03_fr_06_what_was_out_before_the_whole_was_stays_out_when_the_whole_is_back() -> None:
    """G03.FR.06 to FR.08, G04.FR.06 to FR.08."""
    book = Playbook(evses=TWO).booted()
    change(book, OUT, EvseRef(2))
    assert change(book, OUT) == ("Accepted", ["StatusNotification 1/1 Unavailable"])
    assert change(book, BACK) == ("Accepted", ["StatusNotification 1/1 Available"])
    assert change(book, BACK, EvseRef(2)) == ("Accepted", ["StatusNotification 2/1 Available"])


def test_g03_one_connector_of_two() -> None:
    book = Playbook(evses=TWIN).booted()
    assert change(book, OUT, EvseRef(1, 2)) == ("Accepted", ["StatusNotification 1/2 Unavailable"])
    assert book.station.variables.get("EVSE(1).AvailabilityState") == "Available"
    book.plug_in(connector_id=1)
    book.present()
    assert book.reading().transaction_id is not None
    assert change(book, BACK, EvseRef(1, 2)) == ("Accepted", ["StatusNotification 1/2 Available"])


def test_g03_the_connector_beside_a_transaction_goes_at_once() -> None:
    book = Playbook(evses=TWIN).charging()
    assert change(book, OUT, EvseRef(1, 2)) == ("Accepted", ["StatusNotification 1/2 Unavailable"])


def test_a_driver_without_a_cable_is_turned_away() -> None:
    book = Playbook().booted()
    book.present()
    change(book, OUT)
    assert not book.reading().authorized
    assert book.said(NoticeKind.AUTHORIZATION_ENDED) == ["this EVSE is out of service"]
    assert book.wait(200) == []


def test_an_answer_that_comes_too_late_authorizes_nobody() -> None:
    book = Playbook().booted()
    book.csms.keep_silent(Authorize)
    book.present()
    change(book, OUT)
    book.answer()
    assert not book.reading().authorized


@pytest.mark.parametrize("evse", [EvseRef(0), EvseRef(2), EvseRef(1, 0), EvseRef(1, 2)])
def test_a_place_that_does_not_exist_is_rejected(evse: EvseRef) -> None:
    assert change(Playbook().booted(), OUT, evse) == ("Rejected", [])


def test_b04_after_a_lost_link_it_is_still_so() -> None:
    book = Playbook().booted()
    change(book, OUT)
    book.lose_link()
    book.elapsed_s += 600
    assert script(book.link()) == ["StatusNotification 1/1 Unavailable"]
