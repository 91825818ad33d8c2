"""Meter values: what is sampled when (J01, J02)."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from evtui.sim.messages import MeterValue, Sample
from evtui.sim.metering.digits import told
from evtui.sim.metering.plan import PHASES, PHASES_TO_NEUTRAL, plan_of
from evtui.sim.physics.charging import Charging
from evtui.sim.physics.grid import NOMINAL_V
from evtui.sim.terms import Location, Measurand, Phase, ReadingContext
from evtui.sim.variables.device_model import DeviceModel


class Interval:
    """The energy between the samples of one series, to the digits that are told: they add up to the register's."""

    __slots__ = ("since_wh",)

    def __init__(self, register_wh: float) -> None:
        self.since_wh = told(register_wh)

    def step(self, register_wh: float) -> float:
        """What was imported since the sample before."""
        before_wh, self.since_wh = self.since_wh, told(register_wh)
        return self.since_wh - before_wh


# -- what is measured -----------------------------------------------------------------------------


def take(
    meter: Charging,
    measurands: tuple[str, ...],
    context: ReadingContext,
    timestamp: datetime,
    *,
    by_phase: bool,
    interval_wh: float | None = None,
) -> tuple[MeterValue, ...]:
    """One meter value of these measurands, as far as they can be measured there; empty when none can. Only a sample
    that is a step of a series tells the energy of an interval. `by_phase`: the register's phases are told too."""
    plan = plan_of(measurands, context, meter.wiring, by_phase, interval_wh is not None)
    values: list[float] = []
    for read, of_each_phase in plan.reads:
        if of_each_phase:
            values += read(meter)
        else:
            values.append(read(meter))
    if interval_wh is not None and plan.interval_at is not None:
        values.insert(plan.interval_at, interval_wh)
    if not values:
        return ()
    samples = [*map(Sample, plan.measurands, map(told, values), plan.contexts, plan.phases, plan.locations)]
    return (MeterValue(timestamp, tuple(samples)),)


def can(meter: Charging, measurands: tuple[str, ...]) -> bool:
    """Says whether one of them can be measured there now, by itself."""
    return bool(plan_of(measurands, ReadingContext.OTHER, meter.wiring, by_phase=False, interval=False).measurands)


def take_grid(
    meters: Sequence[Charging],
    measurands: Sequence[str],
    context: ReadingContext,
    timestamp: datetime,
    *,
    by_phase: bool,
    interval_wh: float,
) -> tuple[MeterValue, ...]:
    """The station's own meter, at its inlet: sums of what its EVSEs draw. It knows no offers and no car (J01.FR.14)."""
    widest = max(meters, key=lambda meter: meter.phases)
    phases = 3 if any(meter.phases == 0 for meter in meters) else widest.phases
    each = [_at_inlet(meter) for meter in meters]
    amperes = [math.fsum(currents[phase] for currents in each) for phase in range(phases)]
    totals: dict[str, list[tuple[float, Phase | None]]] = {
        Measurand.ENERGY_REGISTER: [
            (register_wh(meters), None),
            *(zip(_inlet_phases_wh(meters, phases), PHASES, strict=False) if by_phase else ()),
        ],
        Measurand.ENERGY_INTERVAL: [(interval_wh, None)],
        Measurand.POWER: [(math.fsum(meter.power_w for meter in meters), None)],
        Measurand.FREQUENCY: [(meters[0].frequency_hz, None)],
        Measurand.CURRENT: list(zip(amperes, PHASES, strict=False)),
    }
    if widest.phases:
        totals[Measurand.VOLTAGE] = list(zip(widest.voltage_v, PHASES_TO_NEUTRAL, strict=False))
    samples = tuple(
        Sample(Measurand(measurand), told(value), context, phase, Location.INLET)
        for measurand in measurands
        for value, phase in totals.get(measurand, ())
    )
    return (MeterValue(timestamp, samples),) if samples else ()


def by_phase(model: DeviceModel) -> bool:
    """Registers are told of each phase too."""
    return not model.flag("SampledDataCtrlr.RegisterValuesWithoutPhases")


def _inlet_phases_wh(meters: Sequence[Charging], phases: int) -> list[float]:
    """A rectifier took its energy from all phases alike."""
    sums = [0.0] * phases
    for meter in meters:
        phase_wh = (*meter.phase_register_wh, 0.0, 0.0, 0.0)
        rest_wh = meter.register_wh - math.fsum(phase_wh)
        for phase in range(phases):
            sums[phase] += phase_wh[phase] + rest_wh / phases
    return sums


def register_wh(meters: Sequence[Charging]) -> float:
    """The station's own register."""
    return math.fsum(meter.register_wh for meter in meters)


def _at_inlet(meter: Charging) -> tuple[float, float, float]:
    """What an EVSE draws from the grid on each phase; a rectifier loads all three alike."""
    if meter.phases == 0:
        each = meter.power_w / (3 * NOMINAL_V)
        return each, each, each
    a, b, c = (*meter.current_a, 0.0, 0.0)[:3]
    return a, b, c


# -- when -----------------------------------------------------------------------------------------


_HAIR_S = 1e-4
"""Clock-aligned values are taken a hair after their boundary, never before it."""


class Periodic:
    """Due every `interval_s` from its start on. Late is late: however many were missed, one is due."""

    __slots__ = ("_interval_s", "_start_s", "due_s")

    def __init__(self) -> None:
        self._start_s = 0.0
        self._interval_s = 0
        self.due_s = math.inf

    def start(self, elapsed_s: float, interval_s: int) -> None:
        """Counts from now; an interval of 0 means never."""
        self._start_s = elapsed_s
        self._interval_s = interval_s
        self.due_s = elapsed_s + interval_s if interval_s else math.inf

    def keep_to(self, elapsed_s: float, interval_s: int) -> None:
        """Starts anew if the interval is another one now."""
        if interval_s != self._interval_s:
            self.start(elapsed_s, interval_s)

    def take(self, elapsed_s: float) -> bool:
        """It is due; the next one is then the first of its row that lies ahead."""
        if elapsed_s < self.due_s:
            return False
        turn = math.floor((elapsed_s - self._start_s) / self._interval_s) + 1
        self.due_s = self._start_s + turn * self._interval_s
        if self.due_s <= elapsed_s:  # what a float cannot tell apart
            self.due_s = self._start_s + (turn + 1) * self._interval_s
        return True


class ClockAligned:
    """Due at whole multiples of the interval since midnight, by the station's clock. Late as with `Periodic`."""

    __slots__ = ("_boundary", "_interval_s", "due_s")

    def __init__(self) -> None:
        self._interval_s = 0
        self._boundary: datetime | None = None
        self.due_s = math.inf

    def keep_to(self, interval_s: int, at: datetime, elapsed_s: float) -> None:
        """Plans anew if the interval is another one now."""
        if interval_s != self._interval_s:
            self._interval_s = interval_s
            self.plan(at, elapsed_s)

    def plan(self, at: datetime, elapsed_s: float) -> None:
        """The next boundary after `at`, the station's time at `elapsed_s`; again whenever its clock is set."""
        if not self._interval_s:
            self._boundary = None
            self.due_s = math.inf
            return
        self._boundary = self._last(at) + timedelta(seconds=self._interval_s)
        tomorrow = _midnight(at) + timedelta(days=1)
        self._boundary = min(self._boundary, tomorrow)
        self.due_s = elapsed_s + (self._boundary - at).total_seconds() + _HAIR_S

    def take(self, at: datetime, elapsed_s: float) -> datetime | None:
        """The boundary that is due, the last of several that were missed."""
        boundary = self._boundary
        if boundary is None or elapsed_s < self.due_s:
            return None
        at = max(at, boundary)
        boundary = max(boundary, self._last(at))
        self.plan(at, elapsed_s)
        return boundary

    def _last(self, at: datetime) -> datetime:
        midnight, interval = _midnight(at), timedelta(seconds=self._interval_s)
        return midnight + (at - midnight) // interval * interval


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
