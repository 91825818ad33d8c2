"""What a meterValue says: one number for each quantity that the CSMS follows, in SI units."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan, nan
from typing import Any

import msgspec

from evtui.csms.moment import from_wire

_REGISTER = "Energy.Active.Import.Register"
_COLUMNS: Mapping[str, int] = {"Power.Active.Import": 0, _REGISTER: 1, "SoC": 2, "Voltage": 3, "Current.Import": 4}
_COMBINE: tuple[Callable[[Iterable[float]], float], ...] = (sum, sum, max, max, max)
_PHASES = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})
_PLACES = frozenset({None, "Outlet", "EV"})
_UNITS: Mapping[str, float] = {"kWh": 1000.0, "kW": 1000.0}
_MOST_DIGITS = 12
_MOST = 1e30  # sums over all stations stay numbers


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What was measured at one moment; nan where nothing was. `energy_wh` is the register, which lives as long as the
    meter; voltage and current are those of the highest phase."""

    power_w: float = nan
    energy_wh: float = nan
    soc_percent: float = nan
    voltage_v: float = nan
    current_a: float = nan


def reading(samples: Sequence[Mapping[str, Any]]) -> Reading:
    """The reading that the sampledValues of one meterValue make. A total wins over its phases (2.0.1 part 2, J 2.3)."""
    totals = [nan, nan, nan, nan, nan]
    phases: dict[int, list[float]] = {}
    for sample in samples:
        column = _COLUMNS.get(sample.get("measurand", _REGISTER))
        if column is None or sample.get("location") not in _PLACES:
            continue
        value, unit = sample["value"], sample.get("unitOfMeasure")
        scaled = unit is not None and (unit.get("unit") in _UNITS or unit.get("multiplier"))
        if scaled or type(value) is not float or abs(value) > _MOST:
            value = _value(sample)
        phase = sample.get("phase")
        if phase is None:
            totals[column] = value
        elif phase in _PHASES and value == value:  # not nan
            phases.setdefault(column, []).append(value)
    for column, values in phases.items():
        if isnan(totals[column]):
            totals[column] = _COMBINE[column](values)
    return Reading(*totals)


Figures = tuple[float | None, float | None, float | None, float | None, float | None]
"""A reading as JSON and SQL can hold it: None where nothing was measured."""


def figures(reading: Reading) -> Figures:
    """The numbers of a reading. Only nan is not equal to itself."""
    power_w, energy_wh, soc_percent = reading.power_w, reading.energy_wh, reading.soc_percent
    voltage_v, current_a = reading.voltage_v, reading.current_a
    return (
        power_w if power_w == power_w else None,
        energy_wh if energy_wh == energy_wh else None,
        soc_percent if soc_percent == soc_percent else None,
        voltage_v if voltage_v == voltage_v else None,
        current_a if current_a == current_a else None,
    )


def from_figures(numbers: Sequence[float | None]) -> Reading:
    """The reading of such numbers."""
    return Reading(*(nan if number is None else number for number in numbers))


Points = Sequence[tuple[float, Reading]]

_newest: tuple[Iterable[Mapping[str, Any]], float, Points] = ((), 0.0, ())


def points(meter_values: Iterable[Mapping[str, Any]], now: float) -> Points:
    """The readings of meterValues with their times (Unix time); `now` stands in for a time that no calendar has. Linter
    and books ask for those of the same message, one after the other: the newest are kept. Nobody changes a message."""
    global _newest
    if _newest[0] is not meter_values or _newest[1] != now:
        found = [(from_wire(each["timestamp"], now), reading(each["sampledValue"])) for each in meter_values]
        _newest = (meter_values, now, found)
    return _newest[2]


def merged(one: Reading, other: Reading) -> Reading:
    """Two readings of the same moment as one; where both have a number, the higher: the order must not matter."""
    return Reading(
        _either(one.power_w, other.power_w),
        _either(one.energy_wh, other.energy_wh),
        _either(one.soc_percent, other.soc_percent),
        _either(one.voltage_v, other.voltage_v),
        _either(one.current_a, other.current_a),
    )


def _either(a: float, b: float) -> float:
    return b if isnan(a) or b > a else a


def _value(sample: Mapping[str, Any]) -> float:
    """2.0.1 has numbers with a unitOfMeasure, 1.6 text with a unit."""
    if sample.get("format") == "SignedData":
        return nan
    try:
        value = float(sample["value"])
    except (OverflowError, ValueError):  # an integer of hundreds of digits is valid JSON; text may be anything
        return nan
    unit = sample.get("unitOfMeasure")
    if unit is not None:
        multiplier = unit.get("multiplier", 0)
        if not -_MOST_DIGITS <= multiplier <= _MOST_DIGITS:
            return nan
        value *= _UNITS.get(unit.get("unit"), 1.0)
        if multiplier:
            value *= 10.0**multiplier
    elif "unit" in sample:
        value *= _UNITS.get(sample["unit"], 1.0)
    return value if abs(value) <= _MOST else nan
