"""The two flows, message by message."""

import pytest

from evtui.errors import LocalError
from evtui.sim import flows
from evtui.sim.actions import NoticeKind
from evtui.sim.messages import MeterValues, TransactionEvent
from evtui.sim.spec import EvseSpec
from tests.sim.playbook import Playbook, measured, messages, script


def test_conformant_session_is_what_the_standard_wants_message_by_message() -> None:
    play = Playbook("conformant")
    assert script(play.link()) == [
        "BootNotification PowerUp",
        "StatusNotification 1/1 Available",
        "SecurityEvent StartupOfTheDevice",
    ]
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]
    assert script(play.present()) == [
        "Authorize DEADBEEF",
        "Started Authorized EVConnected evse 1/1 DEADBEEF Transaction.Begin",
    ]
    assert script(play.wait(30)) == [
        "Updated ChargingStateChanged Charging 3 phases",
        *["Updated MeterValuePeriodic Sample.Periodic"] * 30,
    ]
    assert script(play.present()) == [
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End",
    ]
    assert script(play.unplug()) == ["StatusNotification 1/1 Available"]
    assert script(play.wait(60)) == []


def test_classic_session_sends_meter_values_each_whole_second_of_the_transaction() -> None:
    play = Playbook("classic")
    assert script(play.link()) == ["BootNotification PowerUp", "StatusNotification 1/1 Occupied"]
    assert script(play.present()) == ["Authorize DEADBEEF"]
    assert script(play.wait(30)) == [
        "Started ChargingStateChanged Charging evse 1/1 DEADBEEF 3 phases Transaction.Begin",
        *["MeterValues 1 Sample.Clock"] * 30,
    ]
    assert script(play.present()) == [
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End",
    ]
    assert script(play.unplug()) == ["StatusNotification 1/1 Available"]
    assert script(play.wait(60)) == []


def test_classic_meter_values_carry_the_five_measurands_at_whole_seconds() -> None:
    play = Playbook("classic").booted()
    play.present()
    play.wait(3)
    values = [message for message in messages(play.sent) if isinstance(message, MeterValues)]
    assert measured(values[0]) == [
        "Energy.Active.Import.Register",
        "Power.Active.Import",
        "Current.Import L1",
        "Current.Import L2",
        "Current.Import L3",
        "Voltage L1-N",
        "Voltage L2-N",
        "Voltage L3-N",
        "Frequency",
    ]
    assert [value.meter_values[0].timestamp.isoformat() for value in values] == [
        f"2026-05-04T12:00:0{second}+00:00" for second in (1, 2, 3)
    ]


def test_classic_station_says_when_it_changes_the_interval_and_changes_it_only_for_the_transaction() -> None:
    play = Playbook("classic").booted()
    interval = play.station.variables
    assert interval.get("AlignedDataCtrlr.Interval") == "0"
    play.present()
    play.wait(1)
    assert interval.get("AlignedDataCtrlr.Interval") == "1"
    play.present()
    assert interval.get("AlignedDataCtrlr.Interval") == "0"
    assert play.said(NoticeKind.VARIABLE) == [
        "AlignedDataCtrlr.Interval is 1 now: a transaction runs",
        "AlignedDataCtrlr.Interval is 0 now: no transaction runs any more",
    ]


def test_classic_interval_can_be_configured() -> None:
    play = Playbook("classic", variables={"AlignedDataCtrlr.Interval": "5"}).booted()
    play.present()
    sent = [message for message in play.wait(20) if isinstance(message, MeterValues)]
    assert [value.meter_values[0].timestamp.second for value in sent] == [5, 10, 15, 20]


def test_classic_interval_that_somebody_else_sets_stays() -> None:
    play = Playbook("classic").booted()
    play.set("AlignedDataCtrlr.Interval", "10")
    play.present()
    play.wait(1)
    play.present()
    assert play.station.variables.get("AlignedDataCtrlr.Interval") == "10"


def test_classic_interval_goes_back_with_the_last_transaction_of_several() -> None:
    play = Playbook("classic", evses=(EvseSpec(), EvseSpec())).booted()
    play.present(evse_id=1)
    play.present(evse_id=2)
    play.wait(1)
    play.present(evse_id=1)
    assert play.station.variables.get("AlignedDataCtrlr.Interval") == "1"
    play.present(evse_id=2)
    assert play.station.variables.get("AlignedDataCtrlr.Interval") == "0"


def test_classic_meter_values_are_not_queued_without_a_link() -> None:
    play = Playbook("classic").charging()
    play.lose_link()
    play.wait(10)
    assert script(play.link()) == []
    assert script(play.wait(2)) == ["MeterValues 1 Sample.Clock"] * 2


def test_one_session_of_thirty_seconds_brings_the_default_car_eight_to_nine_kilowatt_hours() -> None:
    for flow in flows.FLOWS:
        play = Playbook(flow).charging()
        play.wait(29.5)
        play.present()
        [ended] = [event for event in play.events() if event.event_type == "Ended"]
        begin, end = (value.samples[0].value for value in ended.meter_values)
        assert 8_000 < end - begin < 9_000


def test_a_second_session_begins_where_the_register_stood() -> None:
    """J02.FR.16, J02.FR.17."""
    play = Playbook().charging()
    play.wait(3)
    play.present()
    play.unplug()
    play.plug_in()
    play.present()
    first_end, second_begin = (
        event for event in play.events() if event.event_type == "Ended" or event.transaction_id == "tx-2"
    )
    assert isinstance(second_begin, TransactionEvent)
    assert second_begin.meter_values[0].samples[0].value == first_end.meter_values[-1].samples[0].value


def test_the_interval_of_a_flow_is_one_variable() -> None:
    assert flows.interval_variable(flows.find("conformant")) == "SampledDataCtrlr.TxUpdatedInterval"
    assert flows.interval_variable(flows.find("classic")) == "AlignedDataCtrlr.Interval"


def test_an_unknown_flow_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LocalError, match="conformant and classic are the flows"):
        flows.find("classical")


@pytest.mark.parametrize(("flow", "asked"), [("conformant", 1), ("classic", 2)])
def test_only_a_classic_station_asks_about_its_driver_each_time(flow: str, asked: int) -> None:
    """The cache of a conformant one is on."""
    play = Playbook(flow).charging()
    for _ in range(2):
        play.present()
        play.wait(1)
    assert script(messages(play.sent)).count("Authorize DEADBEEF") == asked
