"""What happens besides drivers and identifiers: the cable at either end, the parking bay, the car's own mind."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import Event, EvFull, EvWants, OccupyBay, UnplugAtStation
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.requests import UnlockConnector
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("TransactionEvent")

TETHERED = EvseSpec(connectors=(ConnectorSpec(ConnectorType.CTYPE2),))
BAY = {"TxCtrlr.TxStartPoint": "ParkingBayOccupancy", "TxCtrlr.TxStopPoint": "ParkingBayOccupancy"}
KEPT = {"OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false"}


# -- the car --------------------------------------------------------------------------------------


@proves("E02.FR.13")
def test_a_car_that_suspends_draws_nothing_and_goes_on_when_it_resumes() -> None:
    play = Playbook().charging()
    assert script(play.event(EvWants(1, False))) == ["Updated ChargingStateChanged SuspendedEV"]
    before_wh = play.reading().register_wh
    play.wait(30)
    reading = play.reading()
    assert (reading.power_w, reading.register_wh, reading.ev_paused) == (0.0, before_wh, True)
    assert reading.offered_w > 0.0
    assert play.event(EvWants(1, True)) == []  # the contactor has to close first
    assert script(play.wait(1))[0] == "Updated ChargingStateChanged Charging"
    assert play.said(NoticeKind.EV) == ["suspends", "resumes"]


def test_a_car_that_has_suspended_before_it_was_offered_anything_does_not_begin_to_charge() -> None:
    play = Playbook().booted()
    play.plug_in()
    play.event(EvWants(1, False))
    play.present()
    play.wait(10)
    assert (play.reading().charging_state, play.reading().power_w) == ("SuspendedEV", 0.0)


def test_the_next_car_has_a_mind_of_its_own() -> None:
    play = Playbook().booted()
    play.plug_in()
    play.event(EvWants(1, False))
    play.unplug()
    play.charging()


def test_a_full_battery_suspends_for_good() -> None:
    play = Playbook().charging()
    assert script(play.event(EvFull(1))) == ["Updated ChargingStateChanged SuspendedEV"]
    reading = play.reading()
    assert (reading.soc_percent, reading.power_w) == (100.0, 0.0)
    play.wait(60)
    assert play.reading().register_wh == reading.register_wh
    assert play.event(EvFull(1)) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["the battery is full already"]


@proves("E06.FR.08")
def test_a_car_that_stops_ends_a_transaction_whose_stop_point_is_energy() -> None:
    play = Playbook(variables={"TxCtrlr.TxStopPoint": "EnergyTransfer"}).charging()
    assert script(play.event(EvWants(1, False)))[-1].startswith("Ended ChargingStateChanged EVConnected StoppedByEV")


# -- the cable at the station ---------------------------------------------------------------------


def test_a_plug_is_locked_into_the_socket_as_long_as_a_driver_may_charge() -> None:
    play = Playbook().charging()
    assert play.event(UnplugAtStation(1)) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["the plug is locked into the socket until the session ends"]
    play.present()
    assert script(play.event(UnplugAtStation(1))) == ["StatusNotification 1/1 Available"]
    assert play.said(NoticeKind.UNPLUGGED) == ["at the station"]


@proves("E06.FR.02")
def test_a_plug_that_nobody_locked_comes_off_and_ends_what_began_with_it() -> None:
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected"}).booted()
    play.plug_in()
    status, ended = script(play.event(UnplugAtStation(1)))
    assert status == "StatusNotification 1/1 Available", "first, as in TC_E_14"
    assert ended.startswith("Ended EVCommunicationLost Idle EVDisconnected")


def test_a_fixed_cable_comes_off_at_the_ev_only() -> None:
    play = Playbook(evses=(TETHERED,)).charging()
    assert play.event(UnplugAtStation(1)) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["connector 1 has a fixed cable: it comes off at the EV only"]
    assert play.reading().charging_state == "Charging"


@proves("E09.FR.03", "UnlockConnector")
def test_a_cable_that_was_left_in_the_socket_stays_there_until_it_is_unlocked() -> None:
    play = Playbook(variables=KEPT).charging()
    play.unplug()
    assert play.event(UnplugAtStation(1)) == []
    assert play.reading().status == "Occupied"
    _, sent = play.ask(UnlockConnector(1, 1))
    assert script(sent) == ["StatusNotification 1/1 Available"]


def test_a_cable_that_was_left_comes_off_when_the_lock_fails() -> None:
    play = Playbook(variables=KEPT).charging()
    play.unplug()
    play.fault(FaultKind.LOCK_FAILURE, 1, 1)
    assert script(play.event(UnplugAtStation(1))) == ["StatusNotification 1/1 Available"]


# -- the parking bay ------------------------------------------------------------------------------


@proves("E01.FR.01")
def test_a_car_in_the_bay_begins_a_transaction_and_ends_it_when_it_leaves() -> None:
    play = Playbook(variables=BAY).booted()
    assert script(play.event(OccupyBay(1, True))) == ["Started EVDetected Idle"]
    assert script(play.plug_in())[-1].startswith("Updated CablePluggedIn EVConnected evse 1/1")
    play.unplug()
    assert play.reading().transaction_id is not None  # it stands there still
    assert script(play.event(OccupyBay(1, False)))[0].startswith("Ended EVDeparted Idle EVDisconnected")


def test_the_bay_says_nothing_to_a_csms_whose_transactions_do_not_depend_on_it() -> None:
    play = Playbook().booted()
    assert play.event(OccupyBay(1, True)) == []
    assert play.station.variables.get("BayOccupancySensor(1).Active") == "true"
    play.event(OccupyBay(1, False))
    assert play.station.variables.get("BayOccupancySensor(1).Active") == "false"
    assert play.said(NoticeKind.BAY) == ["occupied", "free"]


def test_a_car_that_is_connected_stands_in_the_bay_and_cannot_leave() -> None:
    play = Playbook().booted()
    play.plug_in()
    for occupied in (True, False):
        assert play.event(OccupyBay(1, occupied)) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == [
        "the bay is occupied already",
        "the car is connected: it cannot leave",
    ]


# -- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (UnplugAtStation(1), "no cable is in"),
        (UnplugAtStation(2), "there is no EVSE 2: this station has 1"),
        (OccupyBay(1, False), "the bay is free already"),
        (EvWants(1, False), "no car is connected"),
        (EvFull(1), "no car is connected"),
    ],
)
def test_what_cannot_happen_says_why(event: Event, why: str) -> None:
    play = Playbook().booted()
    assert play.event(event) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == [why]


@pytest.mark.parametrize(
    ("first", "why"), [(True, "the car has not suspended"), (False, "the car has suspended already")]
)
def test_a_car_does_not_do_twice_what_it_does(first: bool, why: str) -> None:
    play = Playbook().booted()
    play.plug_in()
    if not first:
        play.event(EvWants(1, False))
    play.event(EvWants(1, first))
    assert play.said(NoticeKind.IMPOSSIBLE) == [why]
