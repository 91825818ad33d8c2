"""E01-E10: from which point to which a transaction runs, and what each of its events says."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.messages import IdTokenInfo, TransactionEvent, TransactionEventAnswer
from evtui.sim.requests import Reset, ResetType, StatusAnswer
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import (
    AuthorizationStatus,
    ChargingState,
    ConnectorType,
    TransactionEventType,
    TriggerReason,
    TxPoint,
)
from evtui.sim.transaction import START_TRIGGERS, Transaction, points, starts, stops
from tests.proof import proves
from tests.sim.playbook import BEGIN, CARD, OTHER_CARD, Playbook, contexts, script

pytestmark = proves("TransactionEvent", "E01")

QUIET = {
    "SampledDataCtrlr.TxUpdatedInterval": "0",
    "SampledDataCtrlr.TxStartedMeasurands": "",
    "SampledDataCtrlr.TxEndedMeasurands": "",
}
"""No meter values: only what happens."""


def playbook(start: str = "PowerPathClosed", stop: str = "EVConnected,Authorized", **more: str) -> Playbook:
    variables = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop, **QUIET}
    variables.update({f"TxCtrlr.{name}": value for name, value in more.items()})
    return Playbook(variables=variables).booted()


def transaction_lines(play: Playbook) -> list[str]:
    return script(play.events())


# -- start points ---------------------------------------------------------------------------------

STARTS_CABLE_FIRST = {
    "ParkingBayOccupancy": [
        "Started EVDetected Idle",
        "Updated CablePluggedIn EVConnected evse 1/1",
        "Updated Authorized DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "EVConnected": [
        "Started CablePluggedIn EVConnected evse 1/1",
        "Updated Authorized DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "Authorized": [
        "Started Authorized EVConnected evse 1/1 DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "PowerPathClosed": [
        "Started Authorized EVConnected evse 1/1 DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "EnergyTransfer": ["Started ChargingStateChanged Charging evse 1/1 DEADBEEF 3 phases"],
    "DataSigned": [],
    "Authorized,EVConnected": [
        "Started CablePluggedIn EVConnected evse 1/1",
        "Updated Authorized DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "DataSigned,EnergyTransfer": ["Started ChargingStateChanged Charging evse 1/1 DEADBEEF 3 phases"],
}


@pytest.mark.parametrize("start", STARTS_CABLE_FIRST)
def test_with_the_cable_first_a_transaction_begins_at_the_first_of_its_start_points(start: str) -> None:
    """E01.FR.01-06, E02."""
    play = playbook(start)
    play.plug_in()
    play.present()
    play.wait(1)
    assert transaction_lines(play) == STARTS_CABLE_FIRST[start]


STARTS_TOKEN_FIRST = {
    "ParkingBayOccupancy": [
        "Started EVDetected Idle DEADBEEF",
        "Updated CablePluggedIn EVConnected evse 1/1",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "EVConnected": [
        "Started CablePluggedIn EVConnected evse 1/1 DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "Authorized": [
        "Started Authorized Idle DEADBEEF",
        "Updated CablePluggedIn EVConnected evse 1/1",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "PowerPathClosed": [
        "Started CablePluggedIn EVConnected evse 1/1 DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ],
    "EnergyTransfer": ["Started ChargingStateChanged Charging evse 1/1 DEADBEEF 3 phases"],
    "DataSigned": [],
}


@pytest.mark.parametrize("start", STARTS_TOKEN_FIRST)
def test_with_the_identifier_first_a_transaction_begins_at_the_first_of_its_start_points(start: str) -> None:
    """E01.FR.01-06, E03."""
    play = playbook(start)
    play.present()
    play.plug_in()
    play.wait(1)
    assert transaction_lines(play) == STARTS_TOKEN_FIRST[start]


def test_no_energy_flows_that_no_transaction_records() -> None:
    play = playbook("DataSigned")
    play.plug_in()
    play.present()
    play.wait(10)
    assert play.reading().power_w == 0.0
    assert play.reading().authorized


def test_no_energy_flows_when_a_reset_comes_between_the_contactor_and_the_transaction() -> None:
    """B12: a reset that waits for other transactions lets no new one begin."""
    variables = {"TxCtrlr.TxStartPoint": "EnergyTransfer", **QUIET}
    play = Playbook(evses=(EvseSpec(), EvseSpec()), variables=variables).charging()
    play.plug_in(evse_id=2)
    play.present(evse_id=2)
    answer, _ = play.ask(Reset(ResetType.ON_IDLE))
    assert isinstance(answer, StatusAnswer)
    assert answer.status == "Scheduled"
    play.wait(5)
    assert play.reading(2).power_w == 0.0
    assert play.reading(2).transaction_id is None
    assert play.reading(1).charging_state == "Charging"


def test_values_of_the_beginning_wait_until_the_evse_is_known_and_are_told_again_when_charging_starts() -> None:
    """E01.FR.17, E02.FR.21, E03.FR.11; TC_J_08 wants them in the event that tells the EVSE."""
    play = Playbook(
        variables={"TxCtrlr.TxStartPoint": "Authorized", "SampledDataCtrlr.TxUpdatedInterval": "0"}
    ).booted()
    assert script(play.present()) == ["Authorize DEADBEEF", "Started Authorized Idle DEADBEEF"]
    assert script(play.plug_in())[1] == "Updated CablePluggedIn EVConnected evse 1/1 Transaction.Begin"
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging 3 phases Transaction.Begin"]
    play.present()
    assert contexts(play.events()[-1]) == "Transaction.Begin+Transaction.End"
    assert play.events()[-1].meter_values[0].timestamp == play.events()[1].timestamp


def test_a_transaction_that_never_charged_measures_itself_once_its_evse_is_known() -> None:
    """E06.FR.11."""
    play = Playbook(
        variables={"TxCtrlr.TxStartPoint": "Authorized", "SampledDataCtrlr.TxUpdatedInterval": "0"}
    ).booted()
    play.present()
    play.plug_in()
    assert script(play.present()) == [
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End"
    ]


def test_an_identifier_starts_a_second_transaction_while_the_cable_stays_in() -> None:
    play = playbook("EVConnected", "Authorized")
    play.plug_in()
    play.present()
    play.wait(1)
    play.present()
    assert script(play.present()) == ["Started Authorized EVConnected evse 1/1 DEADBEEF"]
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging 3 phases"]


# -- stop points ----------------------------------------------------------------------------------

STOPS_BY_TOKEN = {
    "Authorized": ["Ended StopAuthorized EVConnected Local DEADBEEF"],
    "PowerPathClosed": ["Ended StopAuthorized EVConnected Local DEADBEEF"],
    "EVConnected,Authorized": ["Ended StopAuthorized EVConnected Local DEADBEEF"],
    "EVConnected": [
        "Updated StopAuthorized DEADBEEF",
        "Updated ChargingStateChanged EVConnected",
        "Ended EVCommunicationLost Idle Local",
    ],
    "EnergyTransfer": ["Updated StopAuthorized DEADBEEF", "Ended ChargingStateChanged EVConnected Local"],
    "ParkingBayOccupancy": [
        "Updated StopAuthorized DEADBEEF",
        "Updated ChargingStateChanged EVConnected",
        "Updated EVCommunicationLost Idle",
        "Ended EVDeparted Idle Local",
    ],
}


@pytest.mark.parametrize("stop", STOPS_BY_TOKEN)
def test_an_identifier_presented_again_ends_the_authorization_and_the_stop_points_say_what_ends_the_transaction(
    stop: str,
) -> None:
    """E06, E07.FR.01, E07.FR.02, E07.FR.05."""
    play = playbook("PowerPathClosed", stop).charging()
    before = len(play.events())
    play.present()
    assert not play.reading().authorized
    assert play.reading().power_w == 0.0
    play.unplug()
    assert script(play.events()[before:]) == STOPS_BY_TOKEN[stop]


STOPS_BY_UNPLUG = {
    "Authorized": ["Ended EVCommunicationLost Idle EVDisconnected"],
    "PowerPathClosed": ["Ended EVCommunicationLost Idle EVDisconnected"],
    "EVConnected": ["Ended EVCommunicationLost Idle EVDisconnected"],
    "EnergyTransfer": ["Ended EVCommunicationLost Idle EVDisconnected"],
    "ParkingBayOccupancy": ["Updated EVCommunicationLost Idle", "Ended EVDeparted Idle EVDisconnected"],
}


@pytest.mark.parametrize("stop", STOPS_BY_UNPLUG)
def test_pulling_the_cable_at_the_car_deauthorizes_and_the_stop_points_say_what_ends_the_transaction(
    stop: str,
) -> None:
    """E09.FR.01, E06.FR.02, E06.FR.06."""
    play = playbook("PowerPathClosed", stop, StopTxOnEVSideDisconnect="true").charging()
    before = len(play.events())
    sent = play.unplug()
    assert script(play.events()[before:]) == STOPS_BY_UNPLUG[stop]
    assert "StatusNotification 1/1 Available" in script(sent)
    assert not play.reading().authorized


STOPS_BY_FULL_CAR = {
    "EnergyTransfer": ["Ended ChargingStateChanged EVConnected StoppedByEV"],
    "EVConnected,Authorized": ["Updated ChargingStateChanged SuspendedEV"],
}


@pytest.mark.parametrize("stop", STOPS_BY_FULL_CAR)
def test_a_full_car_suspends_the_transaction_or_ends_it_when_energy_is_the_stop_point(stop: str) -> None:
    """E06.FR.07, E01.FR.19."""
    play = playbook("PowerPathClosed", stop).charging()
    before = len(play.events())
    play.wait(300)
    assert script(play.events()[before:]) == STOPS_BY_FULL_CAR[stop]
    assert play.reading().soc_percent == 100.0


def test_a_limit_below_six_ampere_suspends_and_a_higher_one_lets_it_charge_again() -> None:
    """E02.FR.13: SuspendedEVSE, then Charging."""
    play = playbook().charging()
    evse = play.station._evses[0]
    evse.charging.set_limit("csms", "A test", 1_000.0, play.now)
    assert script(play.sleep(0)) == ["Updated ChargingStateChanged SuspendedEVSE"]
    evse.charging.set_limit("csms", "A test", None, play.now)
    assert play.sleep(0) == []
    assert script(play.wait(5)) == ["Updated ChargingStateChanged Charging"]


# -- no cable -------------------------------------------------------------------------------------


def test_an_authorization_without_a_cable_ends_after_the_timeout() -> None:
    """C01.FR.26."""
    play = playbook(EVConnectionTimeOut="30")
    play.present()
    play.wait(29.9)
    assert play.reading().authorized
    play.wait(0.2)
    assert not play.reading().authorized
    assert play.said(NoticeKind.AUTHORIZATION_ENDED) == ["no cable came in time"]
    assert transaction_lines(play) == []
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]


def test_a_transaction_without_a_cable_ends_after_the_timeout() -> None:
    """E03.FR.05."""
    play = playbook("Authorized", "Authorized", EVConnectionTimeOut="30")
    play.present()
    assert script(play.wait(31)) == ["Ended EVConnectTimeout Idle Timeout"]
    assert play.said(NoticeKind.SESSION_ENDED) == ["Timeout"]


def test_a_transaction_without_a_cable_ends_even_if_its_stop_points_do_not_say_so() -> None:
    """E03.FR.05."""
    play = playbook("Authorized", "EVConnected", EVConnectionTimeOut="30")
    play.present()
    assert script(play.wait(31)) == ["Ended EVConnectTimeout Idle Timeout"]


def test_a_transaction_that_ends_with_the_parking_bay_is_only_deauthorized_by_the_timeout() -> None:
    """E03.FR.15."""
    play = playbook("Authorized", "ParkingBayOccupancy", EVConnectionTimeOut="30")
    play.present()
    assert script(play.wait(31)) == ["Updated EVConnectTimeout"]
    assert play.reading().transaction_id == "tx-1"


def test_a_cable_in_time_keeps_the_authorization() -> None:
    play = playbook(EVConnectionTimeOut="30")
    play.present()
    play.wait(29)
    play.plug_in()
    play.wait(10)
    assert play.reading().charging_state == "Charging"


# -- invalid identifiers ----------------------------------------------------------------------------


def invalidated(stop: str, stop_tx: str, max_energy: str = "0") -> Playbook:
    """A transaction whose identifier was accepted, and is called invalid in the answer to its Started."""
    play = playbook("PowerPathClosed", stop, StopTxOnInvalidId=stop_tx, MaxEnergyOnInvalidId=max_energy)
    play.plug_in()
    play.csms.keep_silent(TransactionEvent)
    play.present()
    play.wait(1)
    play.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    return play


@pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected,Authorized"])
def test_an_invalid_identifier_ends_the_transaction_when_its_stop_points_say_so(stop: str) -> None:
    """E05.FR.10."""
    play = invalidated(stop, "true")
    assert script(play.answer()) == [
        "Updated ChargingStateChanged Charging 3 phases",
        "Ended Deauthorized EVConnected DeAuthorized",
    ]
    assert play.said(NoticeKind.REFUSED) == ['"DEADBEEF": the CSMS says Blocked']


def test_an_invalid_identifier_ends_a_transaction_by_its_energy_even_before_that_flows() -> None:
    """E05.FR.10: the contactor is still open when the CSMS answers."""
    play = playbook("EVConnected", "EnergyTransfer")
    play.plug_in()
    play.csms.replies[TransactionEvent] = lambda: TransactionEventAnswer(IdTokenInfo(AuthorizationStatus.BLOCKED))
    assert script(play.present()) == [
        "Authorize DEADBEEF",
        "Updated Authorized DEADBEEF",
        "Ended Deauthorized EVConnected DeAuthorized",
    ]
    play.wait(10)
    assert play.reading().power_w == 0.0


def test_an_invalid_identifier_ends_only_the_energy_when_the_stop_points_do_not_say_more() -> None:
    """E05.FR.09."""
    play = invalidated("EVConnected", "true")
    assert script(play.answer())[1:] == ["Updated Deauthorized", "Updated ChargingStateChanged EVConnected"]
    assert play.reading().power_w == 0.0
    assert script(play.unplug())[:1] == ["Ended EVCommunicationLost Idle DeAuthorized"]


def test_an_invalid_identifier_may_keep_its_transaction_without_energy() -> None:
    """E05.FR.02."""
    play = invalidated("EVConnected,Authorized", "false")
    assert script(play.answer())[1:] == ["Updated ChargingStateChanged SuspendedEVSE"]
    assert play.reading().authorized
    assert script(play.wait(60)) == []
    assert script(play.present()) == ["Ended StopAuthorized EVConnected Local DEADBEEF"]


def test_energy_as_stop_point_ends_the_transaction_of_an_invalid_identifier() -> None:
    """E05.FR.02."""
    play = invalidated("EnergyTransfer", "false")
    assert script(play.answer())[1:] == ["Ended ChargingStateChanged SuspendedEVSE DeAuthorized"]


def test_an_invalid_identifier_gets_the_energy_that_it_is_allowed() -> None:
    """E05.FR.03."""
    play = invalidated("EVConnected,Authorized", "false", max_energy="2000")
    play.sleep(0)
    register_wh = play.reading().register_wh
    play.answer()
    play.wait(2)
    assert play.reading().charging_state == "Charging"
    assert script(play.wait(10)) == ["Updated ChargingStateChanged SuspendedEVSE"]
    assert play.reading().register_wh - register_wh == pytest.approx(2_000, abs=5)


def test_the_word_on_an_identifier_of_an_earlier_transaction_ends_nothing() -> None:
    play = playbook().charging()
    play.lose_link()
    play.present()
    play.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    play.set("AuthCtrlr.OfflineTxForUnknownIdEnabled", "true")
    play.present(OTHER_CARD)
    play.wait(1)
    play.link()
    assert play.reading().charging_state == "Charging"


# -- what an event tells ----------------------------------------------------------------------------


def test_numbers_begin_at_zero_in_each_transaction_and_have_no_gaps() -> None:
    """E01.FR.07, E 1.3.2.1."""
    play = Playbook().charging()
    play.wait(5)
    play.present()
    play.unplug()
    play.charging()
    play.wait(5)
    play.present()
    for transaction_id in ("tx-1", "tx-2"):
        numbers = [event.seq_no for event in play.events() if event.transaction_id == transaction_id]
        assert numbers == list(range(len(numbers)))


def test_the_end_tells_the_seconds_spent_charging() -> None:
    play = playbook().charging()
    play.wait(20)
    play.present()
    ended = play.events()[-1]
    assert ended.time_spent_charging_s == 20
    assert play.station.variables.get("TxCtrlr.ChargingTime") == "0"


def test_a_single_phase_car_tells_one_phase() -> None:
    """E02.FR.18."""
    play = playbook()
    play.plug_in(ev="nissan-leaf")
    play.present()
    assert script(play.wait(1)) == ["Updated ChargingStateChanged Charging 1 phases"]


def test_a_cable_that_is_brought_along_tells_once_what_it_carries() -> None:
    """cableMaxCurrent, with the EVSE; an attached cable is no news."""
    evses = (
        EvseSpec(connectors=(ConnectorSpec(cable_a=20.0),)),
        EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CTYPE2, cable_a=20.0),)),
    )
    play = Playbook(evses=evses, variables=QUIET).booted()
    for evse_id in (1, 2):
        play.plug_in(evse_id)
        play.present(evse_id=evse_id)
    play.wait(1)
    told = [(event.transaction_id, event.cable_max_current_a) for event in play.events()]
    assert told == [("tx-1", 20), ("tx-2", None), ("tx-1", None), ("tx-2", None)]


def test_direct_current_has_no_phases_to_tell() -> None:
    dc = (EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CCCS2, phases=0),), rated_w=150_000.0),)
    play = Playbook(evses=dc, variables=QUIET).booted()
    play.plug_in(ev="vw-id4")
    play.present()
    assert script(play.wait(5)) == ["Updated ChargingStateChanged Charging"]


def test_transactions_that_wait_for_the_boot_begin_when_it_is_accepted() -> None:
    """B01-B03: TxBeforeAcceptedEnabled false."""
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected", **QUIET})
    play.plug_in()
    play.wait(10)
    assert script(play.link())[-1] == "Started CablePluggedIn EVConnected evse 1/1"


def test_transactions_may_begin_before_the_boot_if_the_station_is_told_so() -> None:
    """TxBeforeAcceptedEnabled true: queued, and marked offline."""
    play = Playbook(
        variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxBeforeAcceptedEnabled": "true", **QUIET}
    )
    play.plug_in()
    assert play.station.queued == 1
    play.link()
    assert play.sent[-1].offline
    assert script(play.events()) == ["Started CablePluggedIn EVConnected evse 1/1"]


def test_a_station_that_is_told_to_begin_before_the_boot_begins_at_once() -> None:
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected", **QUIET})
    play.plug_in()
    assert play.station.queued == 0
    play.set("TxCtrlr.TxBeforeAcceptedEnabled", "true")
    assert play.station.queued == 1


# -- what cannot be done ----------------------------------------------------------------------------


def test_what_cannot_be_done_is_said_and_changes_nothing() -> None:
    two = (EvseSpec(connectors=(ConnectorSpec(), ConnectorSpec())),)
    play = Playbook(evses=two).booted()
    assert play.unplug() == []
    assert play.stop() == []
    assert play.plug_in(evse_id=3) == []
    assert play.plug_in(connector_id=3) == []
    assert play.plug_in(ev="horse") == []
    assert script(play.plug_in(connector_id=2)) == ["StatusNotification 1/2 Occupied"]
    assert play.plug_in(connector_id=1) == []
    assert play.present(evse_id=0) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == [
        "no cable is in",
        "there is nothing to stop",
        "there is no EVSE 3: this station has 1",
        "there is no connector 3 here",
        "no EV model 'horse' in the catalogue; the nearest is phev",
        "a cable is in already",
        "there is no EVSE 0: this station has 1",
    ]


def test_only_the_connector_that_changed_tells_its_status() -> None:
    """G01.FR.08."""
    two = (EvseSpec(connectors=(ConnectorSpec(), ConnectorSpec())),)
    play = Playbook(evses=two).booted()
    assert script(play.plug_in(connector_id=2)) == ["StatusNotification 1/2 Occupied"]
    assert script(play.unplug()) == ["StatusNotification 1/2 Available"]


def test_stopping_locally_presents_the_identifier_again() -> None:
    play = playbook().charging()
    assert script(play.stop()) == ["Ended StopAuthorized EVConnected Local DEADBEEF"]


def test_stopping_locally_ends_a_transaction_that_nobody_was_authorized_for() -> None:
    play = playbook("EVConnected", "EVConnected")
    play.plug_in()
    assert script(play.stop()) == ["Ended AbnormalCondition EVConnected Local"]


def test_stopping_locally_ends_an_authorization_that_waits_for_its_cable() -> None:
    play = playbook()
    play.present()
    play.stop()
    assert not play.reading().authorized
    assert len(play.said(NoticeKind.AUTHORIZATION_ENDED)) == 1


# -- the tables -------------------------------------------------------------------------------------


def test_the_power_path_is_closed_by_a_driver_and_a_car_whatever_the_relay_does() -> None:
    assert TxPoint.POWER_PATH_CLOSED in points(in_bay=False, connected=True, authorized=True, energy=False)
    assert TxPoint.POWER_PATH_CLOSED not in points(in_bay=True, connected=True, authorized=False, energy=False)


def test_every_start_point_knows_its_trigger() -> None:
    assert set(START_TRIGGERS) == set(TxPoint)


def test_only_a_point_that_is_reached_begins_and_only_one_that_is_left_ends() -> None:
    connected, both = frozenset({TxPoint.EV_CONNECTED}), frozenset({TxPoint.EV_CONNECTED, TxPoint.AUTHORIZED})
    assert starts(frozenset(), connected, ("EVConnected",))
    assert not starts(connected, connected, ("EVConnected",))
    assert starts(connected, both, ("EVConnected",))
    assert stops(both, connected, ("Authorized",))
    assert not stops(connected, both, ("Authorized",))
    assert not stops(both, connected, ("EVConnected",))


def test_a_field_that_is_told_once_is_not_told_again() -> None:
    """E01.FR.16, E03.FR.01, E02.FR.13, E02.FR.18."""
    transaction = Transaction("tx", BEGIN, 0.0)
    transaction.owe(CARD, None, None)
    first, second = (
        transaction.event(
            TransactionEventType.UPDATED, TriggerReason.METER_VALUE_CLOCK, BEGIN, 1, 1, ChargingState.CHARGING, 3
        )
        for _ in range(2)
    )
    assert (first.evse_id, first.id_token, first.charging_state, first.number_of_phases_used) == (
        1,
        CARD,
        ChargingState.CHARGING,
        3,
    )
    assert (second.evse_id, second.id_token, second.charging_state, second.number_of_phases_used) == (None,) * 4
