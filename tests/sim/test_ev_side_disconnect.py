"""E09, E10: the cable is pulled at the car, and the transaction ends or waits for the car to come back."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.messages import IdTokenInfo, TransactionEvent
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import AuthorizationStatus, ConnectorType
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, contexts, script

pytestmark = proves("TransactionEvent", "E09", "E10")

QUIET = {
    "SampledDataCtrlr.TxUpdatedInterval": "0",
    "SampledDataCtrlr.TxStartedMeasurands": "",
    "SampledDataCtrlr.TxEndedMeasurands": "",
}
SOCKET = (EvseSpec(),)
FIXED_CABLE = (EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CTYPE2),)),)
TWO_CABLES = (EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CTYPE2), ConnectorSpec(ConnectorType.CTYPE1, 1))),)
SUSPENDED = {
    "socket": ["Updated EVCommunicationLost Idle"],
    "fixed cable": ["Updated EVCommunicationLost Idle", "StatusNotification 1/1 Available"],
}


def playbook(stop: str, evses: tuple[EvseSpec, ...] = SOCKET, **variables: str) -> Playbook:
    variables = {f"TxCtrlr.{name}": value for name, value in variables.items()}
    return Playbook(evses=evses, variables={**QUIET, "TxCtrlr.TxStopPoint": stop, **variables}).booted()


def suspended(
    stop: str = "ParkingBayOccupancy,Authorized", evses: tuple[EvseSpec, ...] = SOCKET, kind: str = "socket"
) -> Playbook:
    play = playbook(stop, evses, StopTxOnEVSideDisconnect="false", EVConnectionTimeOut="60").charging()
    assert script(play.unplug()) == SUSPENDED[kind]
    return play


# -- E10: the transaction waits ---------------------------------------------------------------------


def test_a_suspended_transaction_resumes_when_the_car_is_plugged_in_again() -> None:
    """TC_E_26."""
    play = suspended()
    play.wait(10)
    assert play.reading().status == "Occupied"
    assert script(play.plug_in()) == ["Updated CablePluggedIn EVConnected"]
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging"]
    assert len({event.transaction_id for event in play.events()}) == 1


def test_another_car_may_come_to_a_suspended_transaction_and_use_other_phases() -> None:
    """E02.FR.19: the number of phases is told whenever it is another one."""
    play = suspended()
    play.plug_in(ev="nissan-leaf")
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging 1 phases"]
    play.unplug()
    play.plug_in(ev="nissan-leaf")
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging"]


def test_a_fixed_cable_that_hangs_is_available_and_its_transaction_resumes_with_it() -> None:
    """TC_E_26, step 3."""
    play = suspended(evses=FIXED_CABLE, kind="fixed cable")
    play.wait(59)
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied", "Updated CablePluggedIn EVConnected"]
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging"]


def test_a_socket_stays_locked_until_the_identifier_is_presented() -> None:
    """E10.FR.01."""
    play = suspended()
    assert set(script(play.wait(1_000))) == {"Heartbeat"}
    assert script(play.present()) == ["Ended StopAuthorized Idle Local DEADBEEF", "StatusNotification 1/1 Available"]


def test_a_fixed_cable_is_given_up_after_the_timeout() -> None:
    """E10.FR.02, TC_E_27."""
    play = suspended(evses=FIXED_CABLE, kind="fixed cable")
    assert script(play.wait(59)) == []
    assert script(play.wait(2)) == ["Ended EVConnectTimeout Idle Timeout"]
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]


def test_a_fixed_cable_that_is_given_up_only_deauthorizes_where_the_parking_bay_ends_the_transaction() -> None:
    """E10.FR.02, TC_E_27: then the car is gone from the bay too."""
    play = suspended("ParkingBayOccupancy", FIXED_CABLE, "fixed cable")
    assert script(play.wait(61)) == ["Updated EVConnectTimeout", "Ended EVDeparted Idle Timeout"]


def test_a_transaction_that_waits_for_its_car_takes_no_other_connector() -> None:
    """E01.FR.14."""
    play = suspended(evses=TWO_CABLES, kind="fixed cable")
    assert play.plug_in(connector_id=2) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["the other connector is still in use"]
    assert script(play.plug_in(connector_id=1))[1] == "Updated CablePluggedIn EVConnected"


def test_a_transaction_that_outlasts_its_car_takes_no_other_connector_either() -> None:
    """E01.FR.14: no stop point ends this one."""
    play = playbook("DataSigned", TWO_CABLES).charging()
    play.unplug()
    assert not play.reading().authorized
    assert play.reading().transaction_id == "tx-1"
    assert play.plug_in(connector_id=2) == []


def test_the_meter_is_read_when_the_transaction_is_interrupted_and_when_it_goes_on() -> None:
    """ReadingContext Interruption.Begin and .End: the registers are the same."""
    variables = {
        "TxCtrlr.TxStopPoint": "Authorized",
        "TxCtrlr.StopTxOnEVSideDisconnect": "false",
        "SampledDataCtrlr.TxUpdatedInterval": "600",
    }
    play = Playbook(variables=variables).charging()
    (lost,) = play.unplug()
    play.wait(20)
    (back,) = play.plug_in()
    assert isinstance(lost, TransactionEvent)
    assert isinstance(back, TransactionEvent)
    assert [contexts(lost), contexts(back)] == ["Interruption.Begin", "Interruption.End"]
    assert lost.meter_values[0].samples[0].value == back.meter_values[0].samples[0].value
    play.set("SampledDataCtrlr.TxUpdatedInterval", "0")
    (lost,) = play.unplug()
    assert isinstance(lost, TransactionEvent)
    assert contexts(lost) == "", "nothing is to be sampled while it runs"


def test_a_car_that_is_pulled_off_for_good_interrupts_nothing() -> None:
    play = Playbook(variables={"TxCtrlr.TxStopPoint": "ParkingBayOccupancy"}).charging()
    lost, departed = (message for message in play.unplug() if isinstance(message, TransactionEvent))
    assert (lost.trigger_reason, contexts(lost)) == ("EVCommunicationLost", "")
    assert departed.event_type == "Ended"


# -- a stop point, or the driver's wish --------------------------------------------------------------


def test_a_stop_point_beats_the_wish_to_suspend() -> None:
    """E06.FR.02, TC_E_20: TxStopPoint EVConnected ends the transaction when the car is gone."""
    play = playbook("EVConnected", StopTxOnEVSideDisconnect="false").charging()
    assert script(play.unplug()) == [
        "Ended EVCommunicationLost Idle EVDisconnected",
        "StatusNotification 1/1 Available",
    ]


@pytest.mark.parametrize("stop", ["EVConnected", "PowerPathClosed"])
def test_a_full_car_that_is_pulled_off_was_disconnected(stop: str) -> None:
    """TC_E_20, TC_E_37: the stop point is left by the cable, whatever the car wanted before."""
    play = playbook(stop, StopTxOnEVSideDisconnect="false").charging()
    play.wait(300)
    assert play.reading().charging_state == "SuspendedEV"
    assert script(play.unplug())[:1] == ["Ended EVCommunicationLost Idle EVDisconnected"]


# -- E09: the cable in the socket --------------------------------------------------------------------


def test_an_unlocked_cable_frees_the_connector() -> None:
    """E09.FR.02, TC_E_24."""
    play = playbook("Authorized").charging()
    assert script(play.unplug()) == [
        "Ended EVCommunicationLost Idle EVDisconnected",
        "StatusNotification 1/1 Available",
    ]


def locked(stop: str = "EVConnected,Authorized") -> Playbook:
    play = playbook(stop)
    play.set("OCPPCommCtrlr.UnlockOnEVSideDisconnect", "false")
    return play


def test_a_locked_cable_keeps_the_connector_occupied_until_the_identifier_is_presented() -> None:
    """E09.FR.03, TC_E_17, TC_E_25."""
    play = locked().charging()
    assert script(play.unplug()) == ["Ended EVCommunicationLost Idle EVDisconnected"]
    assert play.reading().status == "Occupied"
    assert not play.reading().plugged
    assert script(play.present()) == ["StatusNotification 1/1 Available"]
    assert play.said(NoticeKind.AUTHORIZATION_ENDED) == ["the cable is unlocked"]


def test_a_locked_cable_can_be_used_again_by_whoever_is_authorized() -> None:
    play = locked().charging()
    play.unplug()
    assert script(play.plug_in()) == []
    assert script(play.present(OTHER_CARD))[1] == "Started Authorized EVConnected evse 1/1 CAFE"


def test_somebody_else_who_brings_no_car_does_not_unlock_the_cable() -> None:
    play = locked().charging()
    play.unplug()
    play.present(OTHER_CARD)
    play.wait(200)
    assert play.reading().status == "Occupied"
    assert script(play.present()) == ["StatusNotification 1/1 Available"]


def test_a_cable_that_nobody_authorized_is_not_locked() -> None:
    play = locked()
    play.plug_in()
    assert script(play.unplug()) == ["StatusNotification 1/1 Available"]


def test_the_cable_of_an_identifier_that_the_csms_calls_invalid_stays_locked_until_its_owner_comes() -> None:
    """E05.FR.11."""
    play = locked()
    play.plug_in()
    play.csms.keep_silent(TransactionEvent)
    play.present()
    play.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    assert "Ended Deauthorized EVConnected DeAuthorized" in script(play.answer())
    assert script(play.unplug()) == []
    assert play.reading().status == "Occupied"
    assert script(play.present()) == ["StatusNotification 1/1 Available"]
    play.plug_in()
    assert script(play.unplug()) == ["StatusNotification 1/1 Available"], "the next car is nobody's"
