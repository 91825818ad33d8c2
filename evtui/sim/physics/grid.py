"""The grid behind a station: voltages and frequency that wander a little, the same at the same physics time whenever
and however often they are read."""

import math

from evtui.sim.chance import bell, derive, scatter

NOMINAL_V = 230.0
NOMINAL_HZ = 50.0

_FREQUENCY_SIGMA_HZ = 0.02
_FREQUENCY_TAU_S = 60.0
_COMMON_SIGMA_V = 0.002 * NOMINAL_V
_VOLTAGE_TAU_S = 240.0
_IMBALANCE_V = 0.0015 * NOMINAL_V
_PHASE_V = 0.002 * NOMINAL_V

# A mean-reverting process has a correlation of 1/e after tau. It is drawn at knots one tau apart as w[k] + C * w[k-1],
# which unlike a recursion can be read at any knot, with lines between. RHO is the correlation of neighbouring knots
# that gives 1/e to the whole; NORM makes sigma 1 on average over time.
_RHO = (4.0 - math.e) / (4.0 * math.e - 2.0)
_C = (1.0 - math.sqrt(1.0 - 4.0 * _RHO**2)) / (2.0 * _RHO)
_NORM = 1.0 / math.sqrt((1.0 + _C * _C) * (2.0 + _RHO) / 3.0)
_21_BITS = (1 << 21) - 1


def _knot(key: int, index: int) -> float:
    """The process at a knot: mean 0, sigma 1 on average over time, never beyond 4.7."""
    return (bell(scatter(key, index)) + _C * bell(scatter(key, index - 1))) * _NORM


def _three(key: int, index: int) -> tuple[float, float, float]:
    """Three numbers between -1 and 1."""
    bits = scatter(key, index)
    scale = 2.0 / _21_BITS
    return (
        (bits & _21_BITS) * scale - 1.0,
        ((bits >> 21) & _21_BITS) * scale - 1.0,
        ((bits >> 42) & _21_BITS) * scale - 1.0,
    )


class Grid:
    """What a station's connection offers at a physics time. Its three phases move mostly together; the frequency is
    that of the whole grid, so stations of one seed share it."""

    __slots__ = ("_base_v", "_cell", "_common", "_frequency", "_from_v", "_hertz", "_hertz_cell", "_phases", "_to_v")

    def __init__(self, seed: int, station_id: str) -> None:
        self._frequency = derive(seed, "", "grid/frequency")
        self._common = derive(seed, station_id, "grid/voltage")
        self._phases = derive(seed, station_id, "grid/phases")
        u1, u2, u3 = _three(self._phases, -1)
        self._base_v = (NOMINAL_V + _IMBALANCE_V * u1, NOMINAL_V + _IMBALANCE_V * u2, NOMINAL_V + _IMBALANCE_V * u3)
        self._hertz_cell: int | None = None
        self._hertz = (NOMINAL_HZ, NOMINAL_HZ)
        self._cell: int | None = None
        self._from_v = self._to_v = self._base_v

    def frequency_hz(self, physics_s: float) -> float:
        """Mean-reverting around 50 Hz (sigma 0.02 Hz, tau 60 s), always within 49.8-50.2."""
        at = physics_s / _FREQUENCY_TAU_S
        cell = math.floor(at)
        if cell != self._hertz_cell:
            low = NOMINAL_HZ + _FREQUENCY_SIGMA_HZ * _knot(self._frequency, cell)
            self._hertz = low, NOMINAL_HZ + _FREQUENCY_SIGMA_HZ * _knot(self._frequency, cell + 1)
            self._hertz_cell = cell
        low, high = self._hertz
        return low + (high - low) * (at - cell)

    def voltage_v(self, physics_s: float) -> tuple[float, float, float]:
        """L1, L2, L3 against neutral with no load: within 227-233 V."""
        at = physics_s / _VOLTAGE_TAU_S
        cell = math.floor(at)
        if cell != self._cell:
            self._from_v = self._to_v if self._cell == cell - 1 else self._knot_v(cell)
            self._to_v = self._knot_v(cell + 1)
            self._cell = cell
        f = at - cell
        a1, a2, a3 = self._from_v
        b1, b2, b3 = self._to_v
        return a1 + (b1 - a1) * f, a2 + (b2 - a2) * f, a3 + (b3 - a3) * f

    def _knot_v(self, index: int) -> tuple[float, float, float]:
        common = _COMMON_SIGMA_V * _knot(self._common, index)
        u1, u2, u3 = _three(self._phases, index)
        b1, b2, b3 = self._base_v
        return b1 + common + _PHASE_V * u1, b2 + common + _PHASE_V * u2, b3 + common + _PHASE_V * u3
