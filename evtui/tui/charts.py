"""What charts show: curves on scales that keep still. No plotext, no widget."""

from collections.abc import Sequence
from math import ceil, isfinite

import msgspec

from evtui.engine.door import EvseDetail, FleetSeries


class Curve(msgspec.Struct, frozen=True):
    """A line of a chart: `unit` stands behind what the cursor reads; `right` puts it on the right axis."""

    name: str
    unit: str
    values: tuple[float, ...]
    role: str
    right: bool = False

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} {self.unit}".strip()


class ChartSpec(msgspec.Struct, frozen=True):
    """A chart: curves over `t` (seconds); the left axis runs from `low` to `high`, the right one from 0 to
    `right_high`."""

    t: tuple[float, ...]
    curves: tuple[Curve, ...]
    low: float
    high: float
    right_high: float = 0.0


CHARTS = ("power", "voltage", "current", "frequency", "soc")
"""Of an EVSE."""

FLEET_CHARTS = ("power", "energy", "sessions")
"""Of a fleet."""


def chart_spec(kind: str, evse: EvseDetail) -> ChartSpec:
    """The chart of a kind for an EVSE."""
    t = evse.series_t
    match kind:
        case "voltage":
            values = evse.series_voltage_v
            low, high = _around(values, 10.0, (220.0, 240.0))
            return ChartSpec(t, (Curve("voltage", "V", values, "power"),), low, high)
        case "current":
            top = max(evse.row.rated_w / (230.0 * max(1, evse.phases)), *evse.series_current_a, 1.0)
            return ChartSpec(t, (Curve("current", "A", evse.series_current_a, "power"),), 0.0, _ceiling(top))
        case "frequency":
            values = evse.series_frequency_hz
            low, high = _around(values, 0.1, (49.9, 50.1))
            return ChartSpec(t, (Curve("frequency", "Hz", values, "power"),), low, high)
        case "soc":
            return ChartSpec(t, (Curve("state of charge", "%", evse.series_soc_percent, "energy"),), 0.0, 100.0)
    energy = _kilo(evse.series_energy_wh)
    curves = (
        Curve("limit", "kW", _kilo(evse.series_limit_w), "limit"),
        Curve("energy", "kWh", energy, "energy", right=True),
        Curve("power", "kW", _kilo(evse.series_power_w), "power"),
    )
    high = max(evse.row.rated_w, *evse.series_power_w, *evse.series_limit_w, 1000.0) / 1000
    return ChartSpec(t, curves, 0.0, _ceiling(high * 1.02), _ceiling(max((*energy, 1.0))))


def fleet_spec(kind: str, series: FleetSeries) -> ChartSpec:
    """The chart of a kind for a fleet."""
    match kind:
        case "energy":
            energy = _kilo(series.energy_wh)
            return ChartSpec(series.t, (Curve("energy", "kWh", energy, "energy"),), 0.0, _ceiling(max((*energy, 1.0))))
        case "sessions":
            curve = Curve("sessions", "", series.transactions, "power")
            return ChartSpec(series.t, (curve,), 0.0, _ceiling(max((*series.transactions, 4.0))))
    power, offered = _kilo(series.power_w), _kilo(series.offered_w)
    curves = (Curve("offered", "kW", offered, "limit"), Curve("power", "kW", power, "power"))
    return ChartSpec(series.t, curves, 0.0, _ceiling(max((*power, *offered, 1.0)) * 1.02))


def _kilo(values: Sequence[float]) -> tuple[float, ...]:
    return tuple([value / 1000 for value in values])


def _around(values: Sequence[float], step: float, least: tuple[float, float]) -> tuple[float, float]:
    finite = [value for value in values if isfinite(value) and value > 0]
    low, high = min((*finite, least[0])), max((*finite, least[1]))
    return step * (low // step), step * ceil(round(high / step, 6))


def _ceiling(value: float) -> float:
    """The next round number: 22.4 -> 25, 7.6 -> 8, 1.2 -> 2."""
    if not isfinite(value) or value <= 0:
        return 1.0
    step = 5.0 if value > 10 else 1.0
    while value > step * 12:
        step *= 2
    return step * ceil(value / step)
