"""What breaks: the CSMS hears of it, nothing charges there, and it is over when it is cleared (E06, G01, G05, N07)."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import ClearFaults, EvWants, Fault
from evtui.sim.fault_kinds import FAULTS, FaultKind, Level
from evtui.sim.messages import Message, StatusNotification
from evtui.sim.requests import ChangeAvailability, OperationalStatus, RequestStartTransaction, UnlockConnector
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType, StoppedReason
from evtui.sim.variables.notify_event import EventNotification, EventTrigger, NotifyEvent
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

pytestmark = proves("NotifyEvent", "N07.FR.02", "N07.FR.03")

TWO = (EvseSpec(), EvseSpec())
TETHERED = EvseSpec(connectors=(ConnectorSpec(ConnectorType.CTYPE2), ConnectorSpec(ConnectorType.CTYPE2)))
QUEUING = "MonitoringCtrlr.OfflineQueuingSeverity"


def notices(play: Playbook) -> list[NotifyEvent]:
    return [send.message for send in play.sent if isinstance(send.message, NotifyEvent)]


# -- what the CSMS hears --------------------------------------------------------------------------


@proves("TransactionEvent", "StatusNotification", "E06.FR.16", "G01.FR.01")
@pytest.mark.parametrize(
    ("kind", "sensor", "reason"),
    [
        (FaultKind.GROUND_FAULT, "RCD 1 Tripped", StoppedReason.GROUND_FAULT),
        (FaultKind.OVERCURRENT, "OverCurrentProtection 1 Tripped", StoppedReason.OVERCURRENT_FAULT),
        (FaultKind.OVER_TEMPERATURE, "TemperatureSensor 1 Protecting", StoppedReason.OTHER),
        (FaultKind.CONTACTOR_WELD, "PowerContactor 1 Problem", StoppedReason.OTHER),
    ],
)
def test_a_fault_while_charging_is_told_ends_the_transaction_and_makes_the_connector_faulted(
    kind: FaultKind, sensor: str, reason: StoppedReason
) -> None:
    play = Playbook().charging()
    assert script(play.fault(kind)) == [
        f"NotifyEvent {sensor}, EVSE 1 Problem",
        f"Ended AbnormalCondition EVConnected {reason} Transaction.Begin+Transaction.End",
        "StatusNotification 1/1 Faulted",
    ]
    reading = play.reading()
    assert (reading.power_w, reading.authorized, reading.plugged) == (0.0, False, True)


@proves("StatusNotification")
def test_a_fault_is_over_when_it_is_cleared_and_the_status_is_what_holds_then() -> None:
    play = Playbook().charging()
    play.fault(FaultKind.GROUND_FAULT)
    assert script(play.clear()) == [
        "NotifyEvent RCD 1 Tripped cleared, EVSE 1 Problem cleared",
        "StatusNotification 1/1 Occupied",
    ]
    play.fault(FaultKind.GROUND_FAULT)
    assert script(play.unplug()) == []
    assert script(play.clear())[-1] == "StatusNotification 1/1 Available"
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]
    assert script(play.present())[-1].startswith("Started Authorized")


@proves("N07.FR.05")
def test_events_are_hard_wired_numbered_and_name_cause_code_and_transaction() -> None:
    play = Playbook().charging()
    transaction_id = play.reading().transaction_id
    play.fault(FaultKind.GROUND_FAULT)
    play.clear()
    struck, cleared = notices(play)
    sensor, problem = struck.events
    assert [event.event_id for notice in (struck, cleared) for event in notice.events] == [1, 2, 3, 4]
    assert (sensor.trigger, sensor.notification) == (EventTrigger.ALERTING, EventNotification.HARD_WIRED_NOTIFICATION)
    assert (sensor.cause, problem.cause) == (None, sensor.event_id)
    assert (sensor.tech_code, sensor.tech_info) == ("CX002", "residual current above 30 mA")
    assert sensor.transaction_id == problem.transaction_id == transaction_id
    assert [event.actual_value for event in cleared.events] == ["false", "false"]


def test_code_and_text_can_be_those_of_another_make() -> None:
    play = Playbook().booted()
    play.event(Fault(FaultKind.PROBLEM, 1, tech_code="E-42", tech_info="the fan is stuck"))
    (event,) = notices(play)[0].events
    assert (event.ref.component, event.tech_code, event.tech_info) == ("EVSE", "E-42", "the fan is stuck")


@proves("StatusNotification")
def test_a_fault_of_the_station_is_one_of_all_its_connectors() -> None:
    play = Playbook(evses=TWO).booted()
    assert script(play.fault(FaultKind.POWER_QUALITY, 0)) == [
        "NotifyEvent ElectricalFeed Problem, ChargingStation Problem",
        "StatusNotification 1/1 Faulted",
        "StatusNotification 2/1 Faulted",
    ]
    assert play.station.variables.get("ChargingStation.AvailabilityState") == "Faulted"
    assert script(play.clear(2))[1:] == ["StatusNotification 1/1 Available", "StatusNotification 2/1 Available"]


@proves("TransactionEvent")
def test_the_quality_of_the_supply_ends_every_transaction() -> None:
    play = Playbook(evses=TWO).charging()
    play.plug_in(2)
    play.present(evse_id=2)
    play.wait(1)
    sent = script(play.fault(FaultKind.POWER_QUALITY, 0))
    assert [line for line in sent if "Ended AbnormalCondition" in line and "PowerQuality" in line] == sent[1:3]


@proves("StatusNotification")
def test_a_fault_of_one_connector_leaves_the_other_alone() -> None:
    play = Playbook(evses=(TETHERED,)).booted()
    assert script(play.fault(FaultKind.PROBLEM, 1, 2)) == [
        "NotifyEvent Connector 1/2 Problem",
        "StatusNotification 1/2 Faulted",
    ]
    play.plug_in(1, 1)
    play.present()
    play.wait(1)
    assert play.reading().charging_state == "Charging"
    assert play.station.variables.get("EVSE(1).AvailabilityState") == "Occupied"


@proves("StatusNotification")
def test_the_fault_of_a_connector_ends_what_runs_there_and_only_there() -> None:
    play = Playbook(evses=(TETHERED,)).charging()
    assert script(play.fault(FaultKind.OVER_TEMPERATURE, 1, 2)) == [
        "NotifyEvent TemperatureSensor 1/2 Protecting, Connector 1/2 Problem",
        "StatusNotification 1/2 Faulted",
    ]
    assert play.reading().charging_state == "Charging"
    assert script(play.fault(FaultKind.OVER_TEMPERATURE, 1, 1))[1].startswith("Ended AbnormalCondition")


def test_no_energy_flows_through_a_faulty_connector_that_a_driver_chose_afterwards() -> None:
    play = Playbook(evses=(TETHERED,), variables={"TxCtrlr.TxStartPoint": "Authorized"}).booted()
    play.fault(FaultKind.PROBLEM, 1, 2)
    play.present()
    play.plug_in(1, 2)
    play.wait(10)
    assert (play.reading().power_w, play.reading().offered_w) == (0.0, 0.0)
    play.clear()
    play.wait(10)
    assert play.reading().power_w > 0.0


def test_several_faults_are_over_when_the_last_one_is() -> None:
    play = Playbook().booted()
    play.fault(FaultKind.GROUND_FAULT)
    assert script(play.fault(FaultKind.OVERCURRENT)) == ["NotifyEvent OverCurrentProtection 1 Tripped"]
    assert script(play.clear(kind=FaultKind.GROUND_FAULT)) == ["NotifyEvent RCD 1 Tripped cleared"]
    assert play.reading().status == "Faulted"
    assert script(play.clear()) == [
        "NotifyEvent OverCurrentProtection 1 Tripped cleared, EVSE 1 Problem cleared",
        "StatusNotification 1/1 Available",
    ]


@pytest.mark.parametrize("kind", FAULTS)
def test_variables_say_how_it_is(kind: FaultKind) -> None:
    """What is above or below a fault has a Problem too, as the appendix says."""
    play = Playbook().booted()
    spec, get = FAULTS[kind], play.station.variables.get
    if not spec.blocking:
        return
    level = spec.levels[0]
    evse_id, connector_id = (0 if level is Level.STATION else 1), (1 if level is Level.CONNECTOR else 0)
    place = {Level.STATION: "", Level.EVSE: "(1)", Level.CONNECTOR: "(1,1)"}[level]
    whole = {Level.STATION: "ChargingStation", Level.EVSE: "EVSE", Level.CONNECTOR: "Connector"}[level]
    names = {f"{spec.component or whole}{place}.{spec.variable}"}
    names |= {"ChargingStation.Problem", "EVSE(1).Problem", "Connector(1,1).Problem"}
    assert {get(name) for name in names} == {"false"}
    play.fault(kind, evse_id, connector_id)
    assert {get(name) for name in names} == {"true"}
    play.clear(1, kind)
    assert {get(name) for name in names} == {"false"}


# -- what is refused ------------------------------------------------------------------------------


def test_nobody_starts_where_there_is_a_fault() -> None:
    play = Playbook().booted()
    play.plug_in()
    play.fault(FaultKind.GROUND_FAULT)
    assert script(play.present()) == []
    assert play.said(NoticeKind.REFUSED) == ['"DEADBEEF": this EVSE has a fault: ground fault']


@proves("RequestStartTransaction", "F01.FR.23")
def test_a_remote_start_where_there_is_a_fault_is_rejected() -> None:
    play = Playbook().booted()
    play.fault(FaultKind.GROUND_FAULT)
    answer, sent = play.ask(RequestStartTransaction(1, CARD, 1))
    assert (getattr(answer, "status", ""), sent) == ("Rejected", [])


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Fault(FaultKind.GROUND_FAULT), "ground fault is a fault of evse, not of station"),
        (Fault(FaultKind.POWER_QUALITY, 1), "power quality is a fault of station, not of evse"),
        (Fault(FaultKind.PROBLEM, 1, 7), "there is no connector 7 here"),
        (Fault(FaultKind.PROBLEM, 7), "there is no EVSE 7: this station has 1"),
        (Fault(FaultKind.PROBLEM, 0, 1), "there is no connector 1 here"),
        (ClearFaults(1), "there is no fault"),
        (Fault(FaultKind.PROBLEM, 1, tech_code="x" * 51), "a techCode has at most 50 characters, a techInfo 500"),
    ],
)
def test_what_cannot_break_there_says_so(event: Fault | ClearFaults, why: str) -> None:
    play = Playbook().booted()
    assert play.event(event) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == [why]


def test_what_is_broken_does_not_break_twice() -> None:
    play = Playbook().booted()
    play.fault(FaultKind.GROUND_FAULT)
    assert play.fault(FaultKind.GROUND_FAULT) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["it is there already: ground fault"]


# -- emergency stop -------------------------------------------------------------------------------


@proves("TransactionEvent", "E06.FR.16")
def test_an_emergency_stop_ends_everything_until_it_is_released() -> None:
    play = Playbook(evses=TWO).charging()
    assert script(play.fault(FaultKind.EMERGENCY_STOP, 0)) == [
        "NotifyEvent EmergencyStopSensor Active, ChargingStation Problem",
        "Ended AbnormalCondition EVConnected EmergencyStop Transaction.Begin+Transaction.End",
        "StatusNotification 1/1 Faulted",
        "StatusNotification 2/1 Faulted",
    ]
    assert play.clear() == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["the emergency stop must be released"]
    assert script(play.clear(kind=FaultKind.EMERGENCY_STOP)) == [
        "NotifyEvent EmergencyStopSensor Active cleared, ChargingStation Problem cleared",
        "StatusNotification 1/1 Occupied",
        "StatusNotification 2/1 Available",
    ]


# -- G05: the lock --------------------------------------------------------------------------------


def jam(play: Playbook, connector_id: int = 1) -> list[Message]:
    return play.fault(FaultKind.LOCK_FAILURE, 1, connector_id)


@proves("G05.FR.01", "G05.FR.02", "G05.FR.03")
def test_a_plug_that_cannot_be_locked_is_told_and_does_not_charge() -> None:
    play = Playbook().booted()
    assert jam(play) == []
    play.plug_in()
    assert script(play.present()) == ["Authorize DEADBEEF", "NotifyEvent ConnectorPlugRetentionLock 1/1 Problem"]
    (event,) = notices(play)[0].events
    assert (event.trigger, event.actual_value, event.tech_code) == (EventTrigger.DELTA, "true", "CX001")
    play.wait(20)
    reading = play.reading()
    assert (reading.transaction_id, reading.authorized, reading.power_w) == (None, False, 0.0)
    assert reading.status == "Occupied"
    assert play.said(NoticeKind.AUTHORIZATION_ENDED) == ["the plug cannot be locked"]
    assert play.station.variables.get("ConnectorPlugRetentionLock(1,1).Problem") == "true"


@proves("G05.FR.01")
def test_the_next_driver_cannot_charge_either_until_the_lock_works_again() -> None:
    play = Playbook().booted()
    jam(play)
    play.plug_in()
    play.present()
    assert script(play.present(OTHER_CARD)) == ["Authorize CAFE"]  # the problem is known
    assert script(play.clear()) == ["NotifyEvent ConnectorPlugRetentionLock 1/1 Problem cleared"]
    assert script(play.present())[0].startswith("Started Authorized")


@proves("G05.FR.01")
def test_with_the_identifier_first_the_lock_is_tried_when_the_cable_comes() -> None:
    play = Playbook().booted()
    jam(play)
    play.present()
    assert script(play.plug_in()) == [
        "StatusNotification 1/1 Occupied",
        "NotifyEvent ConnectorPlugRetentionLock 1/1 Problem",
    ]
    assert play.reading().transaction_id is None


@proves("G05.FR.01", "E06.FR.16")
def test_a_transaction_that_began_with_the_cable_gets_no_energy() -> None:
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}).booted()
    jam(play)
    play.plug_in()
    sent = script(play.present())
    assert sent == [
        "Authorize DEADBEEF",
        "NotifyEvent ConnectorPlugRetentionLock 1/1 Problem",
        "Updated AbnormalCondition",
    ]
    play.wait(20)
    assert (play.reading().power_w, play.reading().charging_state) == (0.0, "EVConnected")


@proves("G05.FR.01", "E06.FR.16")
def test_a_transaction_that_began_with_the_identifier_ends_when_the_plug_cannot_be_locked() -> None:
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "Authorized"}).booted()
    jam(play)
    play.present()
    sent = script(play.plug_in())
    assert [line.partition(" ")[0] for line in sent] == ["StatusNotification", "NotifyEvent", "Ended"]
    assert sent[-1].startswith("Ended AbnormalCondition EVConnected Other")
    play.wait(20)
    assert play.reading().transaction_id is None


@proves("G05.FR.01", "E06.FR.16")
def test_a_lock_that_lets_go_under_load_ends_the_session() -> None:
    play = Playbook().charging()
    assert script(jam(play)) == [
        "NotifyEvent ConnectorPlugRetentionLock 1/1 Problem",
        "Ended AbnormalCondition EVConnected Other Transaction.Begin+Transaction.End",
    ]
    assert play.reading().power_w == 0.0


def test_a_lock_that_was_mended_before_anybody_noticed_was_never_a_problem() -> None:
    play = Playbook().booted()
    jam(play)
    assert play.clear() == []
    play.plug_in()
    assert script(play.present())[1].startswith("Started Authorized")


def test_a_fixed_cable_has_no_lock() -> None:
    play = Playbook(evses=(TETHERED,)).booted()
    assert jam(play) == []
    assert play.said(NoticeKind.IMPOSSIBLE) == ["connector 1 has a fixed cable, and no lock"]


@proves("UnlockConnector", "F05.FR.01")
def test_a_lock_that_does_not_work_cannot_be_unlocked() -> None:
    play = Playbook().booted()
    jam(play)
    answer, _ = play.ask(UnlockConnector(1, 1))
    assert getattr(answer, "status", "") == "UnlockFailed"


def test_the_variable_of_the_lock_says_whether_it_holds_a_plug() -> None:
    play = Playbook().booted()
    lock = "ConnectorPlugRetentionLock(1,1).Active"
    play.plug_in()
    assert play.station.variables.get(lock) == "false"
    play.present()
    assert play.station.variables.get(lock) == "true"
    play.present()
    assert play.station.variables.get(lock) == "false"


# -- without a link -------------------------------------------------------------------------------


@proves("N07.FR.04")
def test_events_are_told_when_the_csms_is_there_again_in_the_order_in_which_they_happened() -> None:
    play = Playbook().charging()
    play.lose_link()
    play.fault(FaultKind.GROUND_FAULT)
    play.clear()
    assert script(play.link()) == [
        "NotifyEvent RCD 1 Tripped, EVSE 1 Problem",
        "Ended AbnormalCondition EVConnected GroundFault Transaction.Begin+Transaction.End",
        "NotifyEvent RCD 1 Tripped cleared, EVSE 1 Problem cleared",
    ]


@proves("N07.FR.04")
def test_events_that_are_not_severe_enough_to_be_queued_tell_how_it_is_then() -> None:
    play = Playbook(variables={QUEUING: "2"}).booted()
    play.lose_link()
    play.fault(FaultKind.OVER_TEMPERATURE)
    play.clear()
    play.fault(FaultKind.OVER_TEMPERATURE)
    assert script(play.link()) == [
        "StatusNotification 1/1 Faulted",
        "NotifyEvent TemperatureSensor 1 Protecting, EVSE 1 Problem",
    ]
    assert len(notices(play)) == 1


@proves("N07.FR.04")
def test_what_the_csms_never_heard_of_is_not_cleared() -> None:
    play = Playbook(variables={QUEUING: "2"}).booted()
    play.lose_link()
    play.fault(FaultKind.OVER_TEMPERATURE)
    play.clear()
    play.link()
    assert notices(play) == []


def test_nothing_is_told_before_the_csms_has_accepted_the_station() -> None:
    play = Playbook()
    play.fault(FaultKind.GROUND_FAULT)
    assert play.sent == []
    assert script(play.link())[1:] == [
        "StatusNotification 1/1 Faulted",
        "SecurityEvent StartupOfTheDevice",
        "NotifyEvent RCD 1 Tripped, EVSE 1 Problem",
    ]


def test_a_csms_that_knows_no_events_is_asked_once() -> None:
    play = Playbook().booted()
    play.csms.fail(NotifyEvent, "NotImplemented")
    play.fault(FaultKind.GROUND_FAULT)
    play.wait(600)
    assert len(notices(play)) == 1


# -- what outlasts it -----------------------------------------------------------------------------


@proves("ChangeAvailability", "G03.FR.07")
def test_a_repaired_connector_that_was_taken_out_of_operation_meanwhile_is_unavailable() -> None:
    play = Playbook().booted()
    play.fault(FaultKind.GROUND_FAULT)
    _, sent = play.ask(ChangeAvailability(OperationalStatus.INOPERATIVE, EvseRef(1)))
    assert sent == []
    assert script(play.clear())[-1] == "StatusNotification 1/1 Unavailable"


def test_what_is_broken_stays_broken_over_a_power_cut() -> None:
    play = Playbook().booted()
    play.fault(FaultKind.GROUND_FAULT)
    jam(play)
    play.cut_power()
    assert (play.reading().status, play.reading().lock) == ("Faulted", "jammed")
    assert not [message for message in play.link() if isinstance(message, NotifyEvent)]  # it knows
    play.clear()
    assert [event.event_id for event in notices(play)[-1].events] == [3, 4]
    assert play.reading().status == "Available"


def test_a_status_says_why_it_is_faulted_for_versions_that_tell_it_there() -> None:
    play = Playbook().booted()
    sent = play.fault(FaultKind.GROUND_FAULT)
    assert [message.fault for message in sent if isinstance(message, StatusNotification)] == [FaultKind.GROUND_FAULT]


@proves("TransactionEvent", "E06.FR.16", "E10.FR.01")
def test_a_transaction_that_waits_for_its_car_ends_by_a_fault_and_leaves_the_connector_free() -> None:
    variables = {"TxCtrlr.StopTxOnEVSideDisconnect": "false", "TxCtrlr.TxStopPoint": "Authorized"}
    play = Playbook(evses=(TETHERED,), variables=variables).charging()
    play.unplug()
    sent = script(play.fault(FaultKind.GROUND_FAULT))
    assert [line.partition(" ")[0] for line in sent] == [
        "NotifyEvent",
        "Ended",
        "StatusNotification",
        "StatusNotification",
    ]
    play.clear()
    assert play.reading().status == "Available"


@proves("G05.FR.01")
def test_a_plug_that_cannot_be_locked_is_offered_nothing_even_before_the_transaction_begins() -> None:
    """Energy begins it, and the car wants none yet."""
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "EnergyTransfer"}).booted()
    play.plug_in()
    play.event(EvWants(1, False))
    play.present()
    assert play.reading().offered_w > 0.0
    jam(play)
    assert play.reading().offered_w == 0.0
    assert play.said(NoticeKind.AUTHORIZATION_ENDED) == ["the plug cannot be locked"]
