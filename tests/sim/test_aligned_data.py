"""J01: clock-aligned values of EVSEs and of the station's own meter, at multiples of an interval since midnight."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.messages import MeterValues, TransactionEvent
from evtui.sim.metering.sampling import ClockAligned
from evtui.sim.requests import MessageTrigger, TriggerMessage
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import Location, Measurand, Phase, TriggerReason
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.measured import DC, REGISTER, by, ended, samples_of
from tests.sim.playbook import BEGIN, OTHER_CARD, Playbook, line, script

pytestmark = proves("MeterValues", "TransactionEvent", "J01")

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WITHOUT_PHASES = "SampledDataCtrlr.RegisterValuesWithoutPhases"
ALIGNED = {"AlignedDataCtrlr.Interval": "10", "SampledDataCtrlr.TxUpdatedInterval": "0"}


def test_an_idle_station_tells_each_evse_and_its_own_meter_at_round_times() -> None:
    """J01.FR.14."""
    play = Playbook(evses=(EvseSpec(), EvseSpec()), variables=ALIGNED).booted()
    sent = play.wait(10)
    assert script(sent) == [f"MeterValues {evse_id} Sample.Clock" for evse_id in (0, 1, 2)]
    for message in sent:
        assert isinstance(message, MeterValues)
        assert message.meter_values[0].timestamp == NOON + timedelta(seconds=10)


def test_the_station_meter_sums_its_evses_at_the_inlet() -> None:
    """J01.FR.03, J01.FR.04: no offers, no charge of a car."""
    play = Playbook(
        evses=(EvseSpec(), EvseSpec()), variables={**ALIGNED, "AlignedDataCtrlr.Measurands": ",".join(Measurand)}
    ).booted()
    for evse_id in (1, 2):
        play.plug_in(evse_id)
        play.present(evse_id=evse_id)
    station = next(message for message in play.wait(10) if isinstance(message, MeterValues))
    assert station.evse_id == 0
    values = station.meter_values[0].samples
    assert {sample.location for sample in values} == {Location.INLET}
    assert {sample.measurand for sample in values} == {
        Measurand.ENERGY_REGISTER,
        Measurand.ENERGY_INTERVAL,
        Measurand.POWER,
        Measurand.CURRENT,
        Measurand.VOLTAGE,
        Measurand.FREQUENCY,
    }
    evses = [play.reading(evse_id) for evse_id in (1, 2)]
    assert by(values, Measurand.ENERGY_REGISTER) == [round(sum(evse.register_wh for evse in evses), 3)]
    assert by(values, Measurand.POWER) == [round(sum(evse.power_w for evse in evses), 3)]
    later = next(each for each in play.wait(10) if isinstance(each, MeterValues)).meter_values[0].samples
    before, after = by(values, Measurand.ENERGY_REGISTER), by(later, Measurand.ENERGY_REGISTER)
    assert by(later, Measurand.ENERGY_INTERVAL) == [pytest.approx(after[0] - before[0], abs=1e-6)]


def test_an_evse_in_a_transaction_tells_them_in_an_event_of_it() -> None:
    """J01.FR.22, TC_J_02."""
    play = Playbook(evses=(EvseSpec(), EvseSpec()), variables=ALIGNED).charging()
    assert script(play.wait(10)) == [
        "Updated MeterValueClock Sample.Clock",
        "MeterValues 0 Sample.Clock",
        "MeterValues 2 Sample.Clock",
    ]


def test_the_time_of_such_an_event_is_the_round_one_of_its_values() -> None:
    """TC_J_02: the times of the events are as far apart as the interval says."""
    play = Playbook(variables=ALIGNED).charging()
    play.wait(30)
    events = samples_of(play, TriggerReason.METER_VALUE_CLOCK)
    assert [event.timestamp for event in events] == [NOON + timedelta(seconds=each) for each in (10, 20, 30)]
    assert all(event.meter_values[0].timestamp == event.timestamp for event in events)


def test_values_only_while_idle_are_not_sent_while_a_transaction_runs() -> None:
    """J01.FR.19, J01.FR.20."""
    play = Playbook(
        evses=(EvseSpec(), EvseSpec()), variables={**ALIGNED, "AlignedDataCtrlr.SendDuringIdle": "true"}
    ).charging()
    assert script(play.wait(20)) == []
    play.present()
    assert len(play.wait(10)) == 3


def test_a_clock_that_is_set_moves_the_round_times() -> None:
    play = Playbook(variables={**ALIGNED, "AlignedDataCtrlr.Interval": "60"})
    play.csms.clock_off_s = 30.0
    play.link()
    sent = play.wait(31)
    assert [message.meter_values[0].timestamp for message in sent if isinstance(message, MeterValues)] == [
        NOON + timedelta(seconds=60)
    ] * 2


def test_late_round_times_are_told_once_as_the_last_of_them() -> None:
    play = Playbook(variables={**ALIGNED, "AlignedDataCtrlr.Measurands": "Frequency"}).booted()
    sent = play.sleep(35)
    assert [line(message) for message in sent] == ["MeterValues 0 Sample.Clock", "MeterValues 1 Sample.Clock"]
    for message in sent:
        assert isinstance(message, MeterValues)
        assert message.meter_values[0].timestamp == NOON + timedelta(seconds=30)


def test_a_late_tick_keeps_the_values_for_the_end_in_the_order_of_time() -> None:
    play = Playbook(
        variables={"AlignedDataCtrlr.TxEndedInterval": "5", "SampledDataCtrlr.TxEndedInterval": "3"}
    ).charging()
    play.sleep(60.1)
    play.present()
    times = [value.timestamp for value in ended(play).meter_values]
    assert len(times) == 4
    assert times == sorted(times)


@given(interval_s=st.integers(1, 86_400), at_s=st.floats(0, 3 * 86_400))
def test_round_times_are_counted_from_midnight(interval_s: int, at_s: float) -> None:
    at = BEGIN + timedelta(seconds=at_s)
    aligned = ClockAligned()
    aligned.keep_to(interval_s, at, 100.0)
    assert aligned.due_s is not None
    assert 0.0 < aligned.due_s - 100.0 <= interval_s + 0.001
    later = at + timedelta(seconds=aligned.due_s - 100.0)
    boundary = aligned.take(later, aligned.due_s)
    assert boundary is not None
    assert 0.0 < (later - boundary).total_seconds() < 0.001
    since_midnight = boundary - boundary.replace(hour=0, minute=0, second=0, microsecond=0)
    assert since_midnight.total_seconds() % interval_s == 0


def test_a_rectifier_loads_all_phases_of_the_inlet_alike() -> None:
    play = Playbook(
        evses=DC, variables={**ALIGNED, "AlignedDataCtrlr.Measurands": "Current.Import,Power.Active.Import"}
    ).charging()
    inlet = next(each for each in play.wait(10) if isinstance(each, MeterValues)).meter_values[0].samples
    [power_w] = by(inlet, Measurand.POWER)
    assert by(inlet, Measurand.CURRENT) == [pytest.approx(power_w / (3 * 230.0), abs=0.001)] * 3


def test_registers_are_told_of_each_phase_too_where_that_is_wanted() -> None:
    """RegisterValuesWithoutPhases is false, as in TC_J_02: of an EVSE, at the inlet, and when triggered."""
    measurands = dict.fromkeys(("AlignedDataCtrlr.Measurands", "SampledDataCtrlr.TxUpdatedMeasurands"), REGISTER)
    play = Playbook(evses=(EvseSpec(), *DC), variables={**ALIGNED, **measurands, WITHOUT_PHASES: "false"}).charging()
    play.plug_in(2)
    play.present(OTHER_CARD, 2)
    sent = play.wait(10) + play.ask(TriggerMessage(MessageTrigger.METER_VALUES, EvseRef(1)))[1]
    told = [line(each) for each in sent if isinstance(each, MeterValues | TransactionEvent)]
    assert told[-4:] == [
        "Updated MeterValueClock Sample.Clock",
        "Updated MeterValueClock Sample.Clock",
        "MeterValues 0 Sample.Clock",
        "MeterValues 1 Trigger",
    ]
    for each in sent[-4:]:
        assert isinstance(each, MeterValues | TransactionEvent)
        total, *phases = each.meter_values[0].samples
        assert total.phase is None
        direct = len(phases) == 0
        assert [sample.phase for sample in phases] == ([] if direct else [Phase.L1, Phase.L2, Phase.L3])
        assert direct or sum(sample.value for sample in phases) == pytest.approx(total.value, abs=0.002)
    play.set(WITHOUT_PHASES, "true")
    assert all(len(each.meter_values[0].samples) == 1 for each in play.wait(10) if isinstance(each, MeterValues))
