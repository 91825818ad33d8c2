"""Which samples a meter value has follows the connector and the car, as long as they stay."""

from datetime import UTC, datetime

import pytest

from evtui.sim.messages import Sample
from evtui.sim.metering import sampling
from evtui.sim.physics.charging import Charging
from evtui.sim.physics.ev import find
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType, Location, Measurand, Phase, ReadingContext
from tests.sim.instants import at

DC = ConnectorSpec(ConnectorType.CCCS2, phases=0)
AC_1 = ConnectorSpec(phases=1)
EVERYTHING = tuple(Measurand)
NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)


def taken(meter: Charging, *, by_phase: bool = True, interval_wh: float | None = 1.0) -> tuple[Sample, ...]:
    [value] = sampling.take(meter, EVERYTHING, ReadingContext.OTHER, NOON, by_phase=by_phase, interval_wh=interval_wh)
    return value.samples


def phases(meter: Charging, measurand: Measurand) -> list[Phase | None]:
    return [sample.phase for sample in taken(meter) if sample.measurand is measurand]


def figures(meter: Charging) -> list[float]:
    """All that it shows, in the order of the measurands."""
    told: dict[Measurand, tuple[float, ...]] = {
        Measurand.ENERGY_REGISTER: (meter.register_wh, *meter.phase_register_wh),
        Measurand.ENERGY_INTERVAL: (1.0,),
        Measurand.POWER: (meter.power_w,),
        Measurand.POWER_OFFERED: (meter.offered_w,),
        Measurand.POWER_FACTOR: (meter.power_factor,) if meter.phases else (),
        Measurand.CURRENT: meter.current_a,
        Measurand.VOLTAGE: meter.voltage_v,
        Measurand.FREQUENCY: (meter.frequency_hz,),
        Measurand.SOC: () if meter.phases or meter.soc_percent is None else (float(int(meter.soc_percent)),),
    }
    return [round(each, 3) for measurand in EVERYTHING for each in told.get(measurand, ())]


@pytest.mark.parametrize(
    "connectors", [(ConnectorSpec(),), (AC_1,), (DC,), (ConnectorSpec(), DC), (DC, ConnectorSpec(), AC_1)]
)
def test_every_figure_of_every_connector_is_told_with_a_car_and_without(connectors: tuple[ConnectorSpec, ...]) -> None:
    meter = Charging(EvseSpec(connectors), 1, "CP001", 1)
    second = 0
    for number in (*range(1, len(connectors) + 1), 1):
        meter.plug(find("hyundai-ioniq-5"), at(float(second)), number)
        meter.offer(True, at(float(second)))
        for _ in range(4):
            second += 1
            meter.advance(at(float(second)))
        values = [s.value for s in taken(meter) if s.measurand is not Measurand.CURRENT_OFFERED]
        assert values == figures(meter)
        meter.unplug(at(float(second)))
        values = [s.value for s in taken(meter) if s.measurand is not Measurand.CURRENT_OFFERED]
        assert values == figures(meter)


def test_phases_are_named_where_there_are_any() -> None:
    ac, dc = Charging(EvseSpec(), 1, "CP001", 1), Charging(EvseSpec((DC,)), 1, "CP001", 1)
    assert phases(ac, Measurand.CURRENT) == [Phase.L1, Phase.L2, Phase.L3]
    assert phases(ac, Measurand.VOLTAGE) == [Phase.L1_N, Phase.L2_N, Phase.L3_N]
    assert phases(ac, Measurand.ENERGY_REGISTER) == [None, Phase.L1, Phase.L2, Phase.L3]
    assert phases(dc, Measurand.CURRENT) == phases(dc, Measurand.VOLTAGE) == [None]
    assert phases(dc, Measurand.ENERGY_REGISTER) == [None]


def test_the_state_of_charge_comes_with_a_car_on_dc_and_goes_with_it() -> None:
    meter = Charging(EvseSpec((DC, ConnectorSpec())), 1, "CP001", 1)

    def told() -> list[Location | None]:
        return [sample.location for sample in taken(meter) if sample.measurand is Measurand.SOC]

    assert not told()
    meter.plug(find("hyundai-ioniq-5"), at(0.0), 1)
    assert told() == [Location.EV]
    meter.plug(find("hyundai-ioniq-5"), at(1.0), 2)
    assert not told()
    meter.plug(find("hyundai-ioniq-5"), at(2.0), 1)
    meter.unplug(at(3.0))
    assert not told()


def test_the_energy_of_an_interval_stands_where_it_was_asked_for() -> None:
    meter = Charging(EvseSpec(), 1, "CP001", 1)
    measurands = (Measurand.POWER, Measurand.ENERGY_INTERVAL, Measurand.FREQUENCY)
    [value] = sampling.take(meter, measurands, ReadingContext.OTHER, NOON, by_phase=False, interval_wh=7.0)
    assert [sample.measurand for sample in value.samples] == list(measurands)
    assert value.samples[1].value == 7.0
    [value] = sampling.take(meter, measurands, ReadingContext.OTHER, NOON, by_phase=False)
    assert [sample.measurand for sample in value.samples] == [Measurand.POWER, Measurand.FREQUENCY]


def test_what_cannot_be_measured_there_gives_no_meter_value() -> None:
    meter = Charging(EvseSpec(), 1, "CP001", 1)
    soc = (Measurand.SOC.value,)
    assert sampling.take(meter, soc, ReadingContext.OTHER, NOON, by_phase=False) == ()
    assert not sampling.can(meter, soc)
    assert sampling.can(meter, (*soc, Measurand.POWER.value))
