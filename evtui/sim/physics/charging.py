"""The power path of one EVSE: contactor, car, and the meter whose register never runs back.

Between two moments power is a straight line, so energy is its exact integral. These moments lie on a grid of physics
time that begins at plug-in, and wherever something happens (contactor closed, ramp over, limit set, battery full).
Reading or advancing in between changes nothing: same seed and same events, same figures.
"""

from collections.abc import Sequence
from enum import IntEnum
from math import inf, sqrt

from evtui.sim.chance import Chance
from evtui.sim.instant import Instant
from evtui.sim.metering.reading import Limit
from evtui.sim.physics import limits, outlet, phase_registers
from evtui.sim.physics.ev import EvModel
from evtui.sim.physics.grid import Grid
from evtui.sim.physics.wiring import Wiring
from evtui.sim.spec import EvseSpec

MAX_GAP_S = 5.0
"""Wall time between two `advance` that is still integrated while energy flows; beyond it the machine was away."""

_STEP_S = 0.5  # of wall time, but within these two of physics time
_MIN_STEP_S, _MAX_STEP_S = 2.0, 60.0
_ADVANCE_S = 1.0  # of wall time
_LATE_S = 0.001  # a deadline is never a hair before what it waits for

_CONTACTOR_S = 2.0
_PRECHARGE_S = 8.0
_SOFT_START_S = 2.0
_FOLLOW_S = 3.0  # the standard leaves an EV 5 s to follow a new limit
_DC_RAMP_A_PER_S = 30.0

_DEAD = (0.0,)  # V and A of an open contactor for DC
_SAME_STEP = 1e-6  # of a step: nearer than that to a grid point is on it
_JOULE_PER_WH = 3600.0
_MIN_REGISTER_WH, _MAX_REGISTER_WH = 1_000_000.0, 50_000_000.0


class _Stage(IntEnum):
    """Where a session stands: no energy; contactor or pre-charge; ramp to a new limit; at the limit."""

    OFF = 0
    CLOSING = 1
    RAMPING = 2
    FOLLOWING = 3


_OFF, _CLOSING, _RAMPING, _FOLLOWING = _Stage  # a module's names are looked up five times as fast


class Charging:
    """An EVSE's power path with whatever is plugged in, and the figures it shows:

    | figure | |
    |---|---|
    | power_w | what the car draws, measured at the outlet; the registers grow by nothing else |
    | register_wh | the lifetime register of the EVSE's meter: active energy import |
    | phase_register_wh | what of it went over each phase; empty where there is only direct current |
    | phases | those in use; those of the connector when no car is there; 0 for DC |
    | voltage_v | each phase of the connector against neutral; DC: the outlet, 0 while its contactor is open |
    | current_a | of the same; with the voltages and the power factor they multiply and add up to power_w |
    | frequency_hz | the grid's |
    | offered_w | what the EVSE tells the car that it may draw; 0 when nothing is offered |
    | soc_percent | the car's state of charge; None without a car |
    | flowing | energy really flows: the contactor is closed and the car draws |
    | suspended_by_evse | energy would be offered, but the limits leave less than a car may draw (6 A for AC) |
    | wiring | which of these a meter value can tell |
    | deadline_s | when, in elapsed time, `advance` is due: a second after the last one, or earlier when the flow is \
about to begin or the battery to be full; None while nothing moves |

    They are computed once, by `_show`, for the moment of the last `advance` or of what happened after it.

    Every method that takes `now` returns the wall seconds it had to skip: 0.0, or the length of a gap of more than
    `MAX_GAP_S` in which energy flowed, of which nothing was integrated.
    """

    __slots__ = (
        "_anchor",
        "_ceiling",
        "_chance",
        "_closed_t",
        "_connector",
        "_currents",
        "_efficiency",
        "_elapsed_s",
        "_ends_full",
        "_ev0",
        "_ev1",
        "_ev_w",
        "_grid",
        "_live",
        "_most_a",
        "_ohm",
        "_open_v",
        "_outlet_phases",
        "_p0",
        "_p1",
        "_percent_per_joule",
        "_phase_register0_wh",
        "_phases",
        "_register0_wh",
        "_skipped_s",
        "_soc0",
        "_sources",
        "_speed",
        "_stage",
        "_step_s",
        "_t",
        "_t0",
        "_t1",
        "_v0",
        "_v1",
        "arrivals",
        "current_a",
        "deadline_s",
        "ev",
        "flowing",
        "frequency_hz",
        "offered_w",
        "offering",
        "paused",
        "phase_register_wh",
        "phases",
        "power_w",
        "register_wh",
        "soc_percent",
        "spec",
        "suspended_by_evse",
        "voltage_v",
        "wiring",
    )

    def __init__(self, spec: EvseSpec, seed: int, station_id: str, evse_id: int, speed: float = 60.0) -> None:
        self.spec = spec
        self.ev: EvModel | None = None
        self.arrivals = 0  # how often chance has decided on a car's SoC
        self.offering = False  # energy is offered, whether or not the limits leave any
        self.paused = False  # the car wants nothing, though it is not full
        self._connector = spec.connectors[0]
        self._outlet_phases = limits.used_phases(self._connector, None)
        self._grid = Grid(seed, station_id)
        self._chance = Chance(seed, station_id, f"evse/{evse_id}/arrival")
        self._speed = speed
        self._step_s = min(max(_STEP_S * speed, _MIN_STEP_S), _MAX_STEP_S)
        self._sources: dict[str, tuple[str, float]] = {}
        self._currents: dict[str, tuple[str, float]] = {}
        self._stage = _OFF
        self._live = False  # a segment is running
        self._elapsed_s = 0.0
        self._t = 0.0  # physics time without what was skipped
        self._skipped_s = 0.0
        self._anchor = 0.0
        self._closed_t = 0.0
        # The segment: from (t0, index 0) to (t1, index 1), straight lines between.
        self._t0 = self._t1 = 0.0
        self._p0 = self._p1 = 0.0  # power
        self._ev0 = self._ev1 = 0.0  # what the pack takes
        self._v0: tuple[float, ...] = ()  # the grid's phases without load; DC: the pack's voltage
        self._v1: tuple[float, ...] = ()
        self._ends_full = False
        self._soc0 = 0.0
        meter = Chance(seed, station_id, f"evse/{evse_id}/register")
        self._register0_wh = meter.uniform(_MIN_REGISTER_WH, _MAX_REGISTER_WH)
        widest = max(limits.used_phases(connector, None) for connector in spec.connectors)
        self._phase_register0_wh = phase_registers.divide(self._register0_wh, widest)
        # What holds until the next event.
        self._phases = 0
        self._ohm = 0.0
        self._efficiency = 1.0
        self._percent_per_joule = 0.0
        self._ceiling = limits.Ceiling((), 0.0, 0.0, 0.0)
        self._most_a = 0.0  # its current; for AC the active part
        self._wire()
        self._show()

    # -- what happens -----------------------------------------------------------------------------

    def restore(self, register_wh: float, phase_wh: Sequence[float], arrivals: int) -> None:
        """The meter goes on where it stood, and chance where it was. Only before anything is plugged in."""
        self._register0_wh = register_wh
        if len(phase_wh) == len(self._phase_register0_wh):  # as many as there were
            self._phase_register0_wh = tuple(phase_wh)
        self._chance.skip(arrivals)
        self.arrivals = arrivals
        self._show()

    def plug(self, model: EvModel, now: Instant, connector_id: int = 1, soc_percent: float | None = None) -> float:
        """The cable of a car goes in; the car arrives at a SoC of its model's range, unless it is known."""
        skipped_s = self.unplug(now)
        self.ev = model
        self._connector = self.spec.connectors[connector_id - 1]
        self._outlet_phases = limits.used_phases(self._connector, None)
        self._soc0 = self._chance.uniform(*model.arrival_percent) if soc_percent is None else soc_percent
        self.arrivals = self._chance.drawn
        self.paused = False
        self._anchor = self._t
        self._phases = limits.used_phases(self._connector, model)
        self._efficiency = model.ac_efficiency if self._phases else 1.0
        self._percent_per_joule = self._efficiency * 100.0 / (_JOULE_PER_WH * model.battery_wh)
        if self._phases:
            self._ohm = outlet.grid_ohm(limits.evse_a(self.spec, self._connector))
        self._open_v = self._volts_at(self._t, self._soc0)
        self._wire()
        self._measure(model)
        self._show()
        return skipped_s

    def unplug(self, now: Instant) -> float:
        """The cable is out; the flow, if any, is cut."""
        skipped_s = self.advance(now)
        self._settle()
        self._stage = _OFF
        self._live = self.offering = False
        self.ev = None
        self._wire()
        self._show()
        return skipped_s

    def offer(self, on: bool, now: Instant) -> float:
        """Energy is offered to the car, or no longer: then the flow ends at once."""
        skipped_s = self.advance(now)
        if on != self.offering and self.ev is not None:
            self.offering = on
            self._react(self.ev)
        return skipped_s

    def pause(self, paused: bool, now: Instant) -> float:
        """The car opens its switch S2, or closes it: then it draws nothing (IEC 61851-1 state B), however much it is
        offered."""
        skipped_s = self.advance(now)
        if self.ev is not None and paused is not self.paused:
            self.paused = paused
            self._react(self.ev)
        return skipped_s

    def fill(self, now: Instant) -> float:
        """The battery is full."""
        skipped_s = self.advance(now)
        if self.ev is not None:
            self._settle()
            self._live = False
            self._soc0 = 100.0
            self._react(self.ev)
        return skipped_s

    def set_limit(
        self, source: str, name: str, power_w: float | None, now: Instant, current_a: float | None = None
    ) -> float:
        """A limit of a later source (`source` is its stable word, `name` is for people), in W or in A for each phase;
        None takes it away."""
        skipped_s = self.advance(now)
        for held, figure in ((self._sources, power_w), (self._currents, current_a)):
            if figure is None:
                held.pop(source, None)
            else:
                held[source] = (name, max(figure, 0.0))
        if self.ev is not None:
            before = self._ceiling
            self._measure(self.ev)
            if (self._ceiling.power_w, self._ceiling.offered_w) != (before.power_w, before.offered_w):
                self._react(self.ev)
            self._show()
        return skipped_s

    def advance(self, now: Instant) -> float:
        """Moves to `now`, never backwards while energy flows."""
        gap_s = now.elapsed_s - self._elapsed_s
        self._elapsed_s = now.elapsed_s
        t = now.physics_s - self._skipped_s
        skipped_s = 0.0
        if not self._live:
            self._t = t
        elif gap_s > MAX_GAP_S:
            self._skipped_s += t - self._t
            skipped_s = gap_s
        else:
            while t >= self._t1:
                self._next()
            if t > self._t:
                self._t = t
        self._show()
        return skipped_s

    # -- what shows -------------------------------------------------------------------------------

    def _show(self) -> None:
        """The figures of this moment: whatever changes anything ends with it."""
        t, ev, phases, offered_w = self._t, self.ev, self._phases, self._ceiling.offered_w
        self.deadline_s: float | None
        # How far the segment is.
        if self._live:
            dt, whole = t - self._t0, self._t1 - self._t0
            f, rise_w = dt / whole, self._p1 - self._p0
            power_w = self._p0 + rise_w * f
            joule = dt * (self._p0 + 0.5 * rise_w * dt / whole)
            volts = _between(self._v0, self._v1, f)
            wh = joule / _JOULE_PER_WH
            self.register_wh = self._register0_wh + wh
            self.phase_register_wh = phase_registers.count(self._phase_register0_wh, wh, self._v0, self._v1, phases)
            self._ev_w = self._ev0 + (self._ev1 - self._ev0) * f
            self.flowing = self._stage is not _CLOSING
            self.deadline_s = self._elapsed_s + _ADVANCE_S
            if self._ends_full or not self.flowing:
                self.deadline_s = min(self.deadline_s, self._elapsed_s + (self._t1 - t) / self._speed + _LATE_S)
        else:
            power_w = joule = 0.0
            volts = self._volts_at(t, self._soc0)
            self.register_wh, self.phase_register_wh = self._register0_wh, self._phase_register0_wh
            self._ev_w = self._accepts_w(ev, self._soc0) if ev is not None else 0.0
            self.flowing = False
            self.deadline_s = None
        self.power_w, self._open_v = power_w, volts
        soc = self._soc0 + joule * self._percent_per_joule
        self.soc_percent = None if ev is None else soc if soc < 100.0 else 100.0
        # At the outlet.
        self.frequency_hz = self._grid.frequency_hz(t + self._skipped_s)
        if self._outlet_phases:
            open_v = volts[: self._outlet_phases]
            self.voltage_v, self.current_a = outlet.loaded(power_w, open_v, phases, self._ohm)
        elif self._live:
            self.voltage_v, self.current_a = volts, (power_w / volts[0],)
        else:
            self.voltage_v, self.current_a = _DEAD, _DEAD
        # To the car.
        self.suspended_by_evse = self.offering and offered_w == 0.0
        if not self.offering:
            offered_w = 0.0
        elif not phases:
            offered_w = min(offered_w, self._most_a * volts[0])
        self.offered_w = offered_w

    @property
    def ev_wants(self) -> bool:
        """A car is plugged in, not full, and has not suspended by itself."""
        return self.ev is not None and self._soc0 < 100.0 and not self.paused

    @property
    def full(self) -> bool:
        """Nothing more goes into the battery."""
        return self._soc0 >= 100.0

    @property
    def power_factor(self) -> float:
        """Power over the sum of voltage times current; 1 for DC and without a flow."""
        apparent_va = sum(v * a for v, a in zip(self.voltage_v, self.current_a, strict=True))
        return self.power_w / apparent_va if apparent_va else 1.0

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The whole chain, from the car to the grid and on to the later sources; empty without a car."""
        if self.ev is None:
            return ()
        chain = self._ceiling.chain if self._phases else self._chain(self.ev)
        return (limits.pack(self._ev_w, self._line_v), *chain)

    @property
    def limit_w(self) -> float | None:
        """The power of the link that wins; None without a car."""
        if self.ev is None:
            return None
        if self._phases:
            ev_w, ceiling_w = self._ev_w, self._ceiling.power_w
            return ev_w if ev_w < ceiling_w else ceiling_w
        return limits.winner(self.limits).power_w

    @property
    def limited_by(self) -> str | None:
        """The source of the link that wins; None without a car."""
        return limits.winner(self.limits).source if self.ev is not None else None

    def _wire(self) -> None:
        """The connector in use is another one, or the car."""
        phases = self._outlet_phases
        self.phases = phases if self.ev is None else self._phases
        self.wiring = Wiring(phases, len(self._phase_register0_wh), self.ev is not None and not phases)

    # -- limits and volts -------------------------------------------------------------------------

    def _accepts_w(self, model: EvModel, soc_percent: float) -> float:
        """What the pack takes, as drawn from the outlet; for DC that is where it is metered."""
        if soc_percent >= 100.0:
            return 0.0
        return model.curve.at(soc_percent) / self._efficiency

    def _chain(self, model: EvModel) -> tuple[Limit, ...]:
        return limits.chain(self.spec, self._connector, model, self._sources, self._line_v, self._currents)

    def _measure(self, model: EvModel) -> None:
        """Takes the limits together that do not follow the SoC."""
        self._ceiling = limits.ceiling(self._chain(model))
        current_a = self._ceiling.current_a
        self._most_a = outlet.active_a(current_a) if self._phases else current_a

    @property
    def _line_v(self) -> float:
        """W for each A that the limits are converted with."""
        return limits.line_voltage_v(self._phases, self._open_v[0])

    def _volts_at(self, t: float, soc_percent: float) -> tuple[float, ...]:
        """The grid's phases without load; DC: the pack's voltage."""
        if self._phases or self.ev is None:
            return self._grid.voltage_v(t)
        return (self.ev.pack_voltage_v(soc_percent),)

    # -- the segment ------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Ends the segment early: what shows at this moment is the beginning of the next."""
        if self._live and self.soc_percent is not None:
            self._register0_wh, self._phase_register0_wh = self.register_wh, self.phase_register_wh
            self._soc0, self._p0, self._ev0, self._v0 = self.soc_percent, self.power_w, self._ev_w, self._open_v
        self._t0 = self._t

    def _react(self, model: EvModel) -> None:
        """What may flow has changed, just now."""
        self._settle()
        if not (self.offering and self._ceiling.offered_w and self.ev_wants):
            self._live = False
            self._stage = _OFF
        elif not self._live:
            self._live = True
            self._stage = _CLOSING
            self._p0 = 0.0
            self._ev0 = self._accepts_w(model, self._soc0)
            self._v0 = self._volts_at(self._t, self._soc0)
            self._closed_t = self._t + (_CONTACTOR_S if self._phases else _PRECHARGE_S)
            self._plan(model, self._closed_t)
        elif self._stage is _CLOSING:
            self._plan(model, self._closed_t)
        else:
            self._stage = _RAMPING
            self._plan(model, self._t + _FOLLOW_S)
        while self._live and self._t >= self._t1:
            self._next()
        self._show()

    def _next(self) -> None:
        """The segment is over: its end is the beginning of the next."""
        model = self.ev
        assert model is not None
        t0 = self._t1
        joule = (t0 - self._t0) * 0.5 * (self._p0 + self._p1)
        wh, by_phase = joule / _JOULE_PER_WH, self._phase_register0_wh
        self._register0_wh += wh
        self._phase_register0_wh = phase_registers.count(by_phase, wh, self._v0, self._v1, self._phases)
        self._soc0 += joule * self._percent_per_joule
        self._t0, self._p0, self._ev0, self._v0 = t0, self._p1, self._ev1, self._v1
        if self._ends_full:
            self._soc0 = 100.0
            self._live = False
            self._t1 = inf
            self._stage = _OFF
        elif self._stage is _CLOSING:
            self._stage = _RAMPING
            self._plan(model, t0 + self._soft_start_s(model))
        else:
            self._stage = _FOLLOWING
            steps = int((t0 - self._anchor) / self._step_s + _SAME_STEP)
            self._plan(model, self._anchor + (steps + 1) * self._step_s)

    def _soft_start_s(self, model: EvModel) -> float:
        if self._phases:
            return _SOFT_START_S
        target_w = min(self._ceiling.power_w, self._accepts_w(model, self._soc0))
        return max(target_w / self._v0[0] / _DC_RAMP_A_PER_S, 1.0)

    def _plan(self, model: EvModel, t1: float) -> None:
        """Draws the segment from what stands at its beginning to `t1`, or to the moment when the battery is full."""
        dt = t1 - self._t0
        p0 = self._p0
        soc0 = self._soc0
        per_joule = self._percent_per_joule
        phases = self._phases
        soc1 = soc0 + p0 * dt * per_joule
        ev1 = model.curve.at(soc1) / self._efficiency
        v1: tuple[float, ...]
        if phases:
            v1 = self._grid.voltage_v(t1)
            cable_w = outlet.most_w(self._most_a, v1[:phases], self._ohm)
        else:
            pack_v = model.pack_voltage_v(soc1)
            v1 = (pack_v,)
            cable_w = self._most_a * pack_v
        self._ends_full = False
        if self._stage is _CLOSING:
            p1 = 0.0
        else:
            p1 = min(ev1, self._ceiling.power_w, cable_w)
            missing = max((100.0 - soc0) / per_joule, 0.0)
            if dt * 0.5 * (p0 + p1) >= missing:
                part = 2.0 * missing / (p0 + sqrt(p0 * p0 + 2.0 * missing * (p1 - p0) / dt)) / dt
                t1 = self._t0 + part * dt
                p1 = p0 + (p1 - p0) * part
                ev1 = self._ev0 + (ev1 - self._ev0) * part
                v1 = _between(self._v0, v1, part)
                self._ends_full = True
        self._t1, self._p1, self._ev1, self._v1 = t1, p1, ev1, v1


def _between(before: tuple[float, ...], after: tuple[float, ...], f: float) -> tuple[float, ...]:
    """On the straight lines from each to each, at the fraction `f` of the way."""
    if len(before) == 1:
        return (before[0] + (after[0] - before[0]) * f,)
    (a0, b0, c0), (a1, b1, c1) = before, after
    return a0 + (a1 - a0) * f, b0 + (b1 - b0) * f, c0 + (c1 - c0) * f
