"""Certification's test cases of block J, step by step (OCPP 2.0.1 Part 6): what its tool does and validates."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from evtui.sim.messages import Message, MeterValue, MeterValues, TransactionEvent
from evtui.sim.terms import ReadingContext
from tests.proof import proves
from tests.sim.octt import Octt, ended, events

pytestmark = proves("MeterValues", "TransactionEvent")

ALIGNED = {"AlignedDataCtrlr__Interval": "10", "SampledDataCtrlr__RegisterValuesWithoutPhases": "false"}
MEASURANDS = ("Energy.Active.Import.Register", "Voltage", "Frequency")


def check(values: Iterable[MeterValue], context: ReadingContext, measurands: tuple[str, ...]) -> None:
    """Each has that context, and a value of each measurand."""
    values = list(values)
    assert values
    for value in values:
        assert {sample.context for sample in value.samples} == {context}
        assert {sample.measurand for sample in value.samples} == set(measurands)


def steps(times: Iterable[datetime]) -> set[timedelta]:
    """How far apart different times are."""
    return {later - earlier for earlier, later in pairwise(sorted(set(times)))}


def aligned(sent: list[Message]) -> list[MeterValue]:
    return [value for each in sent if isinstance(each, MeterValues) for value in each.meter_values]


@proves("J01.FR.01", "J01.FR.02", "J01.FR.14")
def test_tc_j_01_clock_aligned_without_a_transaction() -> None:
    sent = Octt(**ALIGNED).wait(31)
    assert {each.evse_id for each in sent if isinstance(each, MeterValues)} == {0, 1}
    check(aligned(sent), ReadingContext.SAMPLE_CLOCK, MEASURANDS)
    assert steps(value.timestamp for value in aligned(sent)) == {timedelta(seconds=10)}


@proves("J01.FR.03", "J01.FR.06", "J01.FR.08", "J01.FR.22")
def test_tc_j_02_clock_aligned_in_a_transaction() -> None:
    tool = Octt(**ALIGNED)
    tool.energy_transfer_started()
    sent = tool.wait(31)
    told = events(sent)
    assert {event.trigger_reason for event in told} == {"MeterValueClock"}
    assert steps(event.timestamp for event in told) == {timedelta(seconds=10)}
    check((value for event in told for value in event.meter_values), ReadingContext.SAMPLE_CLOCK, MEASURANDS)
    assert {each.evse_id for each in sent if isinstance(each, MeterValues)} == {0}
    check(aligned(sent), ReadingContext.SAMPLE_CLOCK, MEASURANDS)
    assert steps(value.timestamp for value in aligned(sent)) == {timedelta(seconds=10)}


@proves("J01.FR.15", "E06.FR.11", "E07.FR.08")
def test_tc_j_03_clock_aligned_in_the_end() -> None:
    tool = Octt(
        AlignedDataCtrlr__TxEndedInterval="5",
        AlignedDataCtrlr__TxEndedMeasurands=",".join(MEASURANDS),
        SampledDataCtrlr__TxEndedMeasurands="",
    )
    tool.energy_transfer_started()
    tool.wait(21)
    values = ended(tool.stop_authorized()).meter_values
    check(values, ReadingContext.SAMPLE_CLOCK, MEASURANDS)
    assert steps(value.timestamp for value in values) == {timedelta(seconds=5)}


@proves("J01.FR.19", "J01.FR.20")
def test_tc_j_06_no_clock_aligned_values_in_a_transaction() -> None:
    tool = Octt(AlignedDataCtrlr__SendDuringIdle="true", **ALIGNED)
    before = aligned(tool.wait(21))
    tool.energy_transfer_started()
    assert not [event for event in events(tool.wait(30)) if event.meter_values]
    tool.parking_bay_unoccupied()
    after = aligned(tool.wait(21))
    check(before + after, ReadingContext.SAMPLE_CLOCK, MEASURANDS)
    assert steps(value.timestamp for value in before) == steps(value.timestamp for value in after)


STARTED = {"SampledDataCtrlr__TxStartedMeasurands": ",".join(MEASURANDS)}


@proves("J02.FR.01", "J02.FR.02", "J02.FR.10", "E01.FR.09", "E02.FR.09")
@pytest.mark.parametrize("start", ["EVConnected", "PowerPathClosed", "EnergyTransfer"])
def test_tc_j_07_sampled_when_a_transaction_starts_at_a_known_evse(start: str) -> None:
    tool = Octt(start=start, **STARTED)
    tool.ev_connected_pre_session()
    tool.energy_transfer_started()
    started = tool.events()[0]
    assert started.event_type == "Started"
    check(started.meter_values, ReadingContext.TRANSACTION_BEGIN, MEASURANDS)


@proves("E01.FR.17", "E02.FR.21", "E03.FR.11", "E04.FR.11", "E05.FR.08")
@pytest.mark.parametrize("start", ["Authorized", "ParkingBayOccupancy"])
def test_tc_j_08_sampled_as_soon_as_the_evse_is_known(start: str) -> None:
    """And again when charging starts, as the requirements have it."""
    tool = Octt(start=start, **STARTED)
    tool.parking_bay_occupied()
    tool.energy_transfer_started()
    started, *others = tool.events()
    assert started.meter_values == ()
    first = next(event for event in others if event.evse_id is not None)
    check(first.meter_values, ReadingContext.TRANSACTION_BEGIN, MEASURANDS)
    charging = next(event for event in others if event.charging_state == "Charging")
    check(charging.meter_values, ReadingContext.TRANSACTION_BEGIN, MEASURANDS)


@proves("J02.FR.11", "J02.FR.14", "E02.FR.10", "E03.FR.08", "E11.FR.03", "E12.FR.03")
def test_tc_j_09_sampled_while_a_transaction_runs() -> None:
    tool = Octt(SampledDataCtrlr__TxUpdatedInterval="10", SampledDataCtrlr__TxUpdatedMeasurands=",".join(MEASURANDS))
    tool.energy_transfer_started()
    told = events(tool.wait(51))
    assert {event.trigger_reason for event in told} == {"MeterValuePeriodic"}
    check((value for event in told for value in event.meter_values), ReadingContext.SAMPLE_PERIODIC, MEASURANDS)
    assert steps(event.timestamp for event in told) == {timedelta(seconds=10)}


@proves("E06.FR.11", "E07.FR.08", "E08.FR.09", "E09.FR.05", "E10.FR.04", "E12.FR.07")
@pytest.mark.parametrize("how", ["stopped", "pulled at the car", "without a link"])
def test_tc_j_10_sampled_in_the_end(how: str) -> None:
    tool = Octt(
        SampledDataCtrlr__TxEndedInterval="10",
        SampledDataCtrlr__TxEndedMeasurands=",".join(MEASURANDS),
        AlignedDataCtrlr__TxEndedMeasurands="",
    )
    tool.energy_transfer_started()
    tool.wait(41)
    if how == "stopped":
        sent: list[Message] = tool.stop_authorized()
    elif how == "pulled at the car":
        sent = tool.unplug()
    else:
        tool.lose_link()
        tool.present()
        sent = tool.link()
    event = ended(sent)
    assert isinstance(event, TransactionEvent)
    begin, *periodic, end = event.meter_values
    check([begin], ReadingContext.TRANSACTION_BEGIN, MEASURANDS)
    check(periodic, ReadingContext.SAMPLE_PERIODIC, MEASURANDS)
    check([end], ReadingContext.TRANSACTION_END, MEASURANDS)
    assert steps(value.timestamp for value in periodic) == {timedelta(seconds=10)}
