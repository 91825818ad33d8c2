"""J01, J02, E06.FR.11: what is measured, when, and in which message it goes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.actions import NoticeKind
from evtui.sim.metering import kept_values
from evtui.sim.metering.sampling import Periodic
from evtui.sim.requests import MessageTrigger, SetVariables, SetVariableTo, TriggerMessage
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import Location, Measurand, TriggerReason
from evtui.sim.variables.reports import VariableRef
from tests.proof import proves
from tests.sim.measured import DC, by, ended, samples_of
from tests.sim.playbook import Playbook, contexts, measured, script

pytestmark = proves("MeterValues", "TransactionEvent", "J01", "J02")

# -- what -----------------------------------------------------------------------------------------


def test_voltage_and_current_are_given_for_each_phase_and_totals_without_one() -> None:
    """J02, chapter 2.3; RegisterValuesWithoutPhases."""
    play = Playbook().charging()
    play.wait(1)
    assert measured(samples_of(play)[0]) == [
        "Energy.Active.Import.Register",
        "Current.Import L1",
        "Current.Import L2",
        "Current.Import L3",
        "Voltage L1-N",
        "Voltage L2-N",
        "Voltage L3-N",
        "Power.Active.Import",
        "Frequency",
    ]


_ALL = ",".join(Measurand)


@pytest.mark.parametrize("evses", [(EvseSpec(),), DC])
def test_no_value_has_more_decimals_than_the_wire_takes(evses: tuple[EvseSpec, ...]) -> None:
    """Part 2, primitive datatypes: six. A station's meter shows three."""
    play = Playbook(evses=evses, variables={"SampledDataCtrlr.TxUpdatedMeasurands": _ALL}).charging()
    play.wait(7)
    values = [s.value for event in samples_of(play) for each in event.meter_values for s in each.samples]
    assert len(values) > 7 * 8
    assert [value for value in values if value != round(value, 3)] == []


def test_a_single_phase_car_draws_on_one_of_three_phases() -> None:
    play = Playbook().booted()
    play.plug_in(ev="nissan-leaf")
    play.present()
    play.wait(2)
    currents = [s.value for s in samples_of(play)[-1].meter_values[0].samples if s.measurand is Measurand.CURRENT]
    assert currents[0] > 25.0
    assert currents[1:] == [0.0, 0.0]


def test_a_dc_outlet_has_no_phases_and_its_car_tells_its_charge() -> None:
    play = Playbook(evses=DC).booted()
    play.plug_in(ev="vw-id4")
    play.present()
    play.wait(2)
    values = samples_of(play)[-1].meter_values[0].samples
    assert [(str(s.measurand), s.phase, s.location) for s in values] == [
        ("Energy.Active.Import.Register", None, None),
        ("Current.Import", None, None),
        ("Voltage", None, None),
        ("Power.Active.Import", None, None),
        ("Frequency", None, None),
        ("SoC", None, Location.EV),
    ]
    assert values[-1].value == int(values[-1].value)


def test_an_ac_station_cannot_measure_the_charge_of_a_car() -> None:
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedMeasurands": "SoC,Voltage"}).charging()
    play.wait(1)
    assert measured(samples_of(play)[0]) == ["Voltage L1-N", "Voltage L2-N", "Voltage L3-N"]


@pytest.mark.parametrize("measurand", Measurand)
def test_every_measurand_that_can_be_chosen_is_measured(measurand: Measurand) -> None:
    """Both series of samples and both of clock-aligned values; alternating current has no SoC, direct current no power
    factor."""
    evses = DC if measurand is Measurand.SOC else (EvseSpec(),)
    chosen = (
        "SampledDataCtrlr.TxUpdatedMeasurands",
        "SampledDataCtrlr.TxEndedMeasurands",
        "AlignedDataCtrlr.Measurands",
        "AlignedDataCtrlr.TxEndedMeasurands",
    )
    intervals = {"AlignedDataCtrlr.Interval": "1", "AlignedDataCtrlr.TxEndedInterval": "1"}
    play = Playbook(evses=evses, variables={**dict.fromkeys(chosen, measurand), **intervals}).charging()
    play.wait(2)
    play.present()
    periodic, aligned = samples_of(play)[-1], samples_of(play, TriggerReason.METER_VALUE_CLOCK)[-1]
    for value in (periodic.meter_values[0], aligned.meter_values[0], *ended(play).meter_values[-2:]):
        assert {sample.measurand for sample in value.samples} == {measurand}


def test_the_energy_of_the_intervals_adds_up_to_that_of_the_register() -> None:
    """Each series counts by itself from the beginning of the transaction to its end."""
    both = "Energy.Active.Import.Register,Energy.Active.Import.Interval"
    names = ("SampledDataCtrlr.TxUpdated", "SampledDataCtrlr.TxEnded", "AlignedDataCtrlr.TxEnded")
    variables = {f"{name}Measurands": both for name in names}
    intervals = {f"{name}Interval": str(each) for name, each in zip(names, (1, 2, 3), strict=True)}
    play = Playbook(variables=variables | intervals | {"AlignedDataCtrlr.Interval": "0"}).charging()
    begin_wh = play.events()[0].meter_values[0].samples[0].value
    play.wait(10)
    play.present()
    series = {
        "updated": [event.meter_values[0] for event in samples_of(play)],
        "ended": [each for each in ended(play).meter_values if each.samples[0].context != "Sample.Clock"],
        "aligned": [each for each in ended(play).meter_values if each.samples[0].context == "Sample.Clock"],
    }
    for name, values in series.items():
        steps = [by(value.samples, Measurand.ENERGY_INTERVAL) for value in values]
        assert bool(steps[0]) is (name != "ended"), "a beginning ends no interval"
        assert all(step >= 0.0 for [step] in steps[1:])
        told_wh = values[-1].samples[0].value - begin_wh
        assert sum(sum(step) for step in steps) == pytest.approx(told_wh, abs=1e-6)


def test_a_change_of_state_or_a_look_ends_no_interval() -> None:
    both = "Energy.Active.Import.Register,Energy.Active.Import.Interval"
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedMeasurands": both}).charging()
    play.wait(1)
    before_wh = samples_of(play)[-1].meter_values[0].samples[0].value
    play.wait(0.3)
    play.ask(TriggerMessage(MessageTrigger.TRANSACTION_EVENT))
    assert measured(play.events()[-1]) == ["Energy.Active.Import.Register"]
    play.wait(1)
    register, interval = samples_of(play)[-1].meter_values[0].samples
    assert interval.value == pytest.approx(register.value - before_wh, abs=1e-6)


@pytest.mark.parametrize(
    ("controller", "left"),
    [
        ("SampledDataCtrlr", "Transaction.Begin+Sample.Clock"),
        ("AlignedDataCtrlr", "Transaction.Begin+Sample.Periodic+Transaction.End"),
    ],
)
def test_what_is_not_enabled_is_not_measured(controller: str, left: str) -> None:
    """SampledDataCtrlr.Enabled, AlignedDataCtrlr.Enabled: set while a transaction runs, and set back."""
    intervals = {
        "SampledDataCtrlr.TxEndedInterval": "2",
        "AlignedDataCtrlr.TxEndedInterval": "3",
        "AlignedDataCtrlr.Interval": "2",
    }
    play = Playbook(variables=intervals).charging()
    play.set(f"{controller}.Enabled", "false")
    sent = play.wait(3)
    silent, heard = ("MeterValuePeriodic", "Sample.Clock")[:: 1 if controller == "SampledDataCtrlr" else -1]
    assert not any(silent in each for each in script(sent))
    assert any(heard in each for each in script(sent))
    play.present()
    assert contexts(ended(play)) == left
    play.set(f"{controller}.Enabled", "true")
    play.present()
    play.wait(4)
    assert samples_of(play)[-1].transaction_id == "tx-2"
    assert samples_of(play, TriggerReason.METER_VALUE_CLOCK)[-1].transaction_id == "tx-2"


def test_what_is_sent_agrees_with_itself_to_the_digits_sent() -> None:
    """P = V * I * PF over the phases, and what is offered covers what is drawn."""
    play = Playbook(
        variables={
            "SampledDataCtrlr.TxUpdatedMeasurands": ",".join(Measurand),
        }
    ).charging()
    play.wait(10)
    for event in samples_of(play):
        values = event.meter_values[0].samples
        [power_w] = by(values, Measurand.POWER)
        volts, amperes = by(values, Measurand.VOLTAGE), by(values, Measurand.CURRENT)
        apparent_va = sum(v * a for v, a in zip(volts, amperes, strict=True))
        assert 0.9 <= power_w / apparent_va <= 1.0
        assert power_w <= by(values, Measurand.POWER_OFFERED)[0]
        [offered_w], [offered_a] = by(values, Measurand.POWER_OFFERED), by(values, Measurand.CURRENT_OFFERED)
        assert max(amperes) <= offered_a
        assert offered_a == pytest.approx(offered_w / (3 * 230.0), abs=0.001)
        assert by(values, Measurand.POWER_FACTOR) == [pytest.approx(power_w / apparent_va, abs=0.001)]


def test_direct_current_has_no_power_factor_and_is_offered_at_the_voltage_of_the_pack() -> None:
    every = {"SampledDataCtrlr.TxUpdatedMeasurands": ",".join(Measurand)}
    play = Playbook(evses=DC, variables=every).charging()
    play.wait(2)
    values = samples_of(play)[-1].meter_values[0].samples
    assert by(values, Measurand.POWER_FACTOR) == []
    [volts], [offered_w] = by(values, Measurand.VOLTAGE), by(values, Measurand.POWER_OFFERED)
    assert by(values, Measurand.CURRENT_OFFERED) == [pytest.approx(offered_w / volts, rel=0.001)]


def test_values_have_three_decimals_at_most() -> None:
    play = Playbook().charging()
    play.wait(5)
    for event in play.events():
        for value in event.meter_values:
            assert all(sample.value == round(sample.value, 3) for sample in value.samples)


def test_the_register_goes_on_from_one_transaction_to_the_next() -> None:
    """J02.FR.16: the next one begins with what the last one ended with, and nothing ever falls."""
    measurands = dict.fromkeys(
        ("SampledDataCtrlr.TxStartedMeasurands", "SampledDataCtrlr.TxEndedMeasurands"), "Energy.Active.Import.Register"
    )
    play = Playbook(variables=measurands).charging()
    play.wait(3)
    play.present()
    play.wait(20)
    play.present()
    play.wait(3)
    play.present()
    assert [event.transaction_id for event in play.events() if event.event_type == "Ended"] == ["tx-1", "tx-2"]
    samples = [value.samples for event in play.events() for value in event.meter_values]
    registers = [wh for each in samples for wh in by(each, Measurand.ENERGY_REGISTER)]
    begin = {e.transaction_id: e.meter_values[0].samples[0].value for e in play.events() if e.event_type == "Started"}
    end = {e.transaction_id: e.meter_values[-1].samples[0].value for e in play.events() if e.event_type == "Ended"}
    assert begin["tx-1"] < end["tx-1"] == begin["tx-2"] < end["tx-2"]
    assert max(registers) == end["tx-2"]


# -- when -----------------------------------------------------------------------------------------


def test_samples_are_taken_at_their_second_from_the_start_on() -> None:
    """J02.FR.11."""
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "5"}).booted()
    play.plug_in()
    play.present()
    begin = play.now.utc
    play.wait(21)
    assert [(event.timestamp - begin).total_seconds() for event in samples_of(play)] == [5.0, 10.0, 15.0, 20.0]


def test_an_interval_of_zero_means_no_samples() -> None:
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "0"}).charging()
    play.wait(20)
    assert samples_of(play) == []


def test_no_measurands_mean_no_samples() -> None:
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedMeasurands": ""}).charging()
    play.wait(20)
    assert samples_of(play) == []


def test_a_changed_interval_counts_from_now_on() -> None:
    play = Playbook().charging()
    play.wait(2)
    play.set("SampledDataCtrlr.TxUpdatedInterval", "4")
    changed = play.now.utc
    play.wait(9)
    later = [event.timestamp - changed for event in samples_of(play) if event.timestamp > changed]
    assert later == [timedelta(seconds=4), timedelta(seconds=8)]


def test_changed_measurands_count_from_now_on() -> None:
    play = Playbook().charging()
    play.set("SampledDataCtrlr.TxUpdatedMeasurands", "Frequency")
    play.wait(1)
    assert measured(samples_of(play)[-1]) == ["Frequency"]


@pytest.mark.parametrize("by_csms", [False, True])
def test_whoever_changes_what_a_sample_is_has_the_next_one_so(by_csms: bool) -> None:
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedMeasurands": Measurand.ENERGY_REGISTER}).charging()

    def change(variable: str, value: str) -> None:
        if by_csms:
            play.ask(SetVariables((SetVariableTo(VariableRef("SampledDataCtrlr", variable), value),)))
        else:
            play.set(f"SampledDataCtrlr.{variable}", value)
        play.wait(1)

    change("RegisterValuesWithoutPhases", "false")
    assert len(measured(samples_of(play)[-1])) == 4
    change("RegisterValuesWithoutPhases", "true")
    assert measured(samples_of(play)[-1]) == [Measurand.ENERGY_REGISTER]
    change("TxUpdatedMeasurands", "Frequency")
    assert measured(samples_of(play)[-1]) == [Measurand.FREQUENCY]
    before = len(samples_of(play))
    change("Enabled", "false")
    assert len(samples_of(play)) == before


def test_a_late_tick_brings_one_sample_however_many_were_due() -> None:
    play = Playbook().charging()
    play.sleep(4.2)
    assert len(samples_of(play)) == 1
    play.wait(1)
    assert len(samples_of(play)) == 2


def test_a_machine_that_was_away_counts_no_energy_for_that_time_and_says_so() -> None:
    play = Playbook().charging()
    play.wait(1)
    before_wh = play.reading().register_wh
    play.sleep(3_600)
    assert play.reading().register_wh == pytest.approx(before_wh, abs=1.0)
    [said] = play.said(NoticeKind.WARNING)
    assert said.startswith("nothing happened here for 360")
    samples = len(samples_of(play))
    play.wait(1)
    assert len(samples_of(play)) <= samples + 1
    assert play.reading().register_wh > before_wh


def test_each_sample_is_told_with_power_and_energy() -> None:
    play = Playbook().charging()
    play.wait(3)
    samples = [notice for notice in play.notices if notice.kind is NoticeKind.SAMPLE]
    assert len(samples) == 3
    for notice, event in zip(samples, samples_of(play), strict=True):
        [power_w] = by(event.meter_values[0].samples, Measurand.POWER)
        assert notice.power_w == pytest.approx(power_w, abs=0.001)
        assert notice.energy_wh is not None
        assert notice.transaction_id == "tx-1"


def test_each_kind_of_event_measures_what_its_variable_says() -> None:
    """SampledDataCtrlr.TxStartedMeasurands, TxUpdatedMeasurands, TxEndedMeasurands; Ended alone tells of the beginning
    by its own."""
    measurands = {"Started": "Voltage", "Updated": "Frequency", "Ended": "Power.Active.Import"}
    play = Playbook(variables={f"SampledDataCtrlr.Tx{each}Measurands": what for each, what in measurands.items()})
    play.charging()
    play.wait(2)
    play.present()
    told = {kind: set[str]() for kind in measurands}
    for event in play.events():
        told[event.event_type] |= {s.measurand for value in event.meter_values for s in value.samples}
    assert told == {kind: {what} for kind, what in measurands.items()}


# -- the end --------------------------------------------------------------------------------------


def test_the_end_tells_the_beginning_the_samples_in_between_and_itself() -> None:
    """E06.FR.11, J02, chapter 2.1."""
    play = Playbook(variables={"SampledDataCtrlr.TxEndedInterval": "2"}).charging()
    play.wait(6)
    play.present()
    assert contexts(ended(play)) == (
        "Transaction.Begin+Sample.Periodic+Sample.Periodic+Sample.Periodic+Transaction.End"
    )
    assert measured(ended(play)) == [
        "Energy.Active.Import.Register",
        "Current.Import L1",
        "Current.Import L2",
        "Current.Import L3",
    ]


def test_clock_aligned_values_may_be_wanted_in_the_end_only() -> None:
    """AlignedDataCtrlr.TxEndedInterval; in the order of time."""
    play = Playbook(
        variables={"AlignedDataCtrlr.TxEndedInterval": "2", "AlignedDataCtrlr.TxEndedMeasurands": "Frequency"}
    ).charging()
    play.wait(4)
    play.present()
    values = ended(play).meter_values
    assert [value.samples[0].context for value in values] == [
        "Transaction.Begin",
        "Sample.Clock",
        "Sample.Clock",
        "Transaction.End",
    ]
    assert [value.timestamp.second for value in values[1:3]] == [2, 4]
    assert [value.timestamp for value in values] == sorted(value.timestamp for value in values)


def test_a_long_transaction_thins_what_its_end_tells_and_keeps_beginning_and_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E06.FR.12, E06.FR.13."""
    monkeypatch.setattr(kept_values, "MOST", 10)
    play = Playbook(variables={"SampledDataCtrlr.TxEndedInterval": "1"}).charging()
    play.wait(40)
    play.present()
    values = ended(play).meter_values
    assert len(values) <= 11
    assert values[0].samples[0].context == "Transaction.Begin"
    assert values[-1].samples[0].context == "Transaction.End"
    assert [value.timestamp for value in values] == sorted(value.timestamp for value in values)


# -- when exactly -------------------------------------------------------------------------------


@given(start_s=st.floats(0, 1e6), interval_s=st.integers(1, 1_000), turns=st.integers(1, 10_000))
def test_a_tick_exactly_at_the_due_time_is_never_due_again(start_s: float, interval_s: int, turns: int) -> None:
    """Whatever floats make of it: or a station would send samples without end."""
    periodic = Periodic()
    periodic.start(start_s, interval_s)
    exact_s = start_s + turns * interval_s
    periodic.take(exact_s)
    assert exact_s < periodic.due_s <= exact_s + 1.001 * interval_s


@given(
    interval_s=st.integers(1, 100),
    gaps_s=st.lists(st.floats(0.001, 500), min_size=1, max_size=30),
)
def test_however_late_a_tick_is_one_sample_is_due_and_the_next_lies_ahead(interval_s: int, gaps_s: list[float]) -> None:
    periodic = Periodic()
    periodic.keep_to(7.0, interval_s)
    elapsed_s, taken = 7.0, 0
    for gap_s in gaps_s:
        elapsed_s += gap_s
        taken += periodic.take(elapsed_s)
        assert not periodic.take(elapsed_s)
        assert periodic.due_s is not None
        assert elapsed_s < periodic.due_s <= elapsed_s + interval_s
    assert taken <= (elapsed_s - 7.0) / interval_s + 1
