"""The plan of a meter value: which samples it has, in which order, and how they are read.

Registers and power are totals without a phase, and registers of each phase follow if RegisterValuesWithoutPhases is
false; voltage and current are given for each phase that the outlet has.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from evtui.sim.physics.charging import Charging
from evtui.sim.physics.grid import NOMINAL_V
from evtui.sim.physics.wiring import Wiring
from evtui.sim.terms import Location, Measurand, Phase, ReadingContext

PHASES = (Phase.L1, Phase.L2, Phase.L3)
PHASES_TO_NEUTRAL = (Phase.L1_N, Phase.L2_N, Phase.L3_N)

Read = Callable[[Charging], Any]
"""Gives a figure, or a tuple of one for each phase."""


class _Reader(NamedTuple):
    """How a measurand is read from a meter; `phases` are the names of its figures, where it has one for each."""

    measurand: Measurand
    read: Read
    phases: tuple[Phase, ...] = ()
    location: Location | None = None


def _current_offered(meter: Charging) -> float:
    volts = meter.phases * NOMINAL_V or meter.voltage_v[0]
    return meter.offered_w / volts if volts else 0.0


def _soc(meter: Charging) -> float:
    """Whole percents, as the car sends them."""
    assert meter.soc_percent is not None
    return float(math.floor(meter.soc_percent))


_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        reader.measurand.value: reader
        for reader in (
            _Reader(Measurand.ENERGY_REGISTER, attrgetter("register_wh")),
            _Reader(Measurand.POWER, attrgetter("power_w")),
            _Reader(Measurand.POWER_OFFERED, attrgetter("offered_w")),
            _Reader(Measurand.POWER_FACTOR, attrgetter("power_factor")),
            _Reader(Measurand.CURRENT, attrgetter("current_a"), PHASES),
            _Reader(Measurand.CURRENT_OFFERED, _current_offered),
            _Reader(Measurand.VOLTAGE, attrgetter("voltage_v"), PHASES_TO_NEUTRAL),
            _Reader(Measurand.FREQUENCY, attrgetter("frequency_hz")),
            _Reader(Measurand.SOC, _soc, location=Location.EV),
        )
    }
)
"""Those of all measurands but ENERGY_INTERVAL: that is of the series, not of the meter."""

_EACH_REGISTER = _Reader(Measurand.ENERGY_REGISTER, attrgetter("phase_register_wh"), PHASES)


class Plan(NamedTuple):
    """`reads` give the values in order, each with whether it gives one for each phase; all but the energy of an
    interval, which goes in at `interval_at`. The columns say what each value is."""

    reads: tuple[tuple[Read, bool], ...]
    interval_at: int | None
    measurands: tuple[Measurand, ...]
    contexts: tuple[ReadingContext, ...]
    phases: tuple[Phase | None, ...]
    locations: tuple[Location | None, ...]


@lru_cache(maxsize=256)  # a fleet has a few lists of measurands, and a few kinds of EVSEs
def plan_of(
    measurands: tuple[str, ...], context: ReadingContext, wiring: Wiring, by_phase: bool, interval: bool
) -> Plan:
    """For those of these measurands that a meter with that wiring can tell. `by_phase`: the register's phases too;
    `interval`: the energy of an interval is known."""
    reads: list[tuple[Read, bool]] = []
    columns: list[tuple[Measurand, Phase | None, Location | None]] = []
    interval_at = None
    for name in measurands:
        if name == Measurand.ENERGY_INTERVAL:
            if interval:
                interval_at = len(columns)
                columns.append((Measurand.ENERGY_INTERVAL, None, None))
        elif _can_tell(wiring, name):
            for reader, phases in _rows(_READERS[name], wiring, by_phase):
                reads.append((reader.read, bool(reader.phases)))
                columns += [(reader.measurand, phase, reader.location) for phase in phases]
    return Plan(
        tuple(reads),
        interval_at,
        tuple([measurand for measurand, _, _ in columns]),
        (context,) * len(columns),
        tuple([phase for _, phase, _ in columns]),
        tuple([location for _, _, location in columns]),
    )


def _can_tell(wiring: Wiring, measurand: str) -> bool:
    """Direct current has no power factor; only a car on DC tells its state of charge."""
    if measurand == Measurand.POWER_FACTOR:
        return wiring.phases > 0
    return measurand != Measurand.SOC or wiring.tells_soc


def _rows(reader: _Reader, wiring: Wiring, by_phase: bool) -> Iterator[tuple[_Reader, tuple[Phase | None, ...]]]:
    """What is read for a measurand, and which phase each figure is of."""
    yield reader, reader.phases[: wiring.phases] or (None,)
    if by_phase and reader.measurand is Measurand.ENERGY_REGISTER and wiring.registers:
        yield _EACH_REGISTER, PHASES[: wiring.registers]
