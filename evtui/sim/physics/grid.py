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

    __slots__ = (
        "_base_v",
        "_cell",
        "_common",
        "_frequency",
        "_from_hz",
        "_from_v",
        "_hertz_cell",
        "_phases",
        "_rise_hz",
        "_rise_v",
        "_to_v",
    )

    def __init__(self, seed: int, station_id: str) -> None:
        self._frequency = derive(seed, "", "grid/frequency")
        self._common = derive(seed, station_id, "grid/voltage")
        self._phases = derive(seed, station_id, "grid/phases")
        u1, u2, u3 = _three(self._phases, -1)
        self._base_v = (NOMINAL_V + _IMBALANCE_V * u1, NOMINAL_V + _IMBALANCE_V * u2, NOMINAL_V + _IMBALANCE_V * u3)
        self._hertz_cell: float = math.nan  # none yet
        self._from_hz, self._rise_hz = NOMINAL_HZ, 0.0
        self._cell: float = math.nan  # none yet
        self._from_v = self._to_v = self._rise_v = self._base_v

    def frequency_hz(self, physics_s: float) -> float:
        """Mean-reverting around 50 Hz (sigma 0.02 Hz, tau 60 s), always within 49.8-50.2."""
        at = physics_s / _FREQUENCY_TAU_S
        f = at - self._hertz_cell
        if not 0.0 <= f < 1.0:
            cell = self._hertz_cell = math.floor(at)
            self._from_hz = NOMINAL_HZ + _FREQUENCY_SIGMA_HZ * _knot(self._frequency, cell)
            self._rise_hz = NOMINAL_HZ + _FREQUENCY_SIGMA_HZ * _knot(self._frequency, cell + 1) - self._from_hz
            f = at - cell
        return self._from_hz + self._rise_hz * f

    def voltage_v(self, physics_s: float) -> tuple[float, float, float]:
        """L1, L2, L3 against neutral with no load: within 227-233 V."""
        at = physics_s / _VOLTAGE_TAU_S
        f = at - self._cell
        if not 0.0 <= f < 1.0:
            f = at - self._enter(math.floor(at))
        v1, v2, v3 = self._from_v
        rise1, rise2, rise3 = self._rise_v
        return v1 + rise1 * f, v2 + rise2 * f, v3 + rise3 * f

    def _enter(self, cell: int) -> int:
        """The knots before and after are other ones now."""
        self._from_v = self._to_v if self._cell == cell - 1 else self._knot_v(cell)
        self._to_v = self._knot_v(cell + 1)
        (a1, a2, a3), (b1, b2, b3) = self._from_v, self._to_v
        self._rise_v = b1 - a1, b2 - a2, b3 - a3
        self._cell = cell
        return cell

    def _knot_v(self, index: int) -> tuple[float, float, float]:
        common = _COMMON_SIGMA_V * _knot(self._common, index)
        u1, u2, u3 = _three(self._phases, index)
        b1, b2, b3 = self._base_v
        return b1 + common + _PHASE_V * u1, b2 + common + _PHASE_V * u2, b3 + common + _PHASE_V * u3
