"""Volts, amperes and power factor of an AC outlet under load.

A car's filters draw a reactive current beside the active one. The active current causes the drop on the way from the
grid; the reactive one stands at a right angle to it and only shows in the power factor.
"""

from math import sqrt

_GRID_OHM = 0.2
_MAX_DROP_V = 6.4  # at rated current: whoever has more than 32 A has a stronger connection
_REACTIVE_A = 2.0  # gives a power factor of 0.93 at 6 A
_DISTORTION = 0.99  # and of 0.988 at 32 A


def grid_ohm(rated_a: float) -> float:
    """The resistance of each phase between an EVSE of that rating and the grid."""
    return min(_GRID_OHM, _MAX_DROP_V / rated_a)


def active_a(current_a: float) -> float:
    """The active part of a phase's current."""
    return sqrt(max((_DISTORTION * current_a) ** 2 - _REACTIVE_A**2, 0.0))


def most_w(active_a: float, volts: tuple[float, ...], ohm: float) -> float:
    """The power that an active current brings on phases of these open-circuit voltages."""
    return active_a * (sum(volts) - len(volts) * ohm * active_a)


def loaded(
    power_w: float, volts: tuple[float, ...], phases: int, ohm: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Volts and amperes of every phase when the first `phases` of them carry `power_w` in equal currents."""
    if power_w <= 0.0:
        return volts, (0.0,) * len(volts)
    if phases == 3:  # nearly all; loops take four times as long
        a, b, c = volts
        total_v = a + b + c
    else:
        total_v = sum(volts[:phases])
    active = 2.0 * power_w / (total_v + sqrt(total_v**2 - 4.0 * phases * ohm * power_w))
    drop_v = active * ohm
    current_a = sqrt(active * active + _REACTIVE_A * _REACTIVE_A) / _DISTORTION
    if phases == 3:
        return (a - drop_v, b - drop_v, c - drop_v), (current_a, current_a, current_a)
    under_load = tuple([volt - drop_v for volt in volts[:phases]]) + volts[phases:]
    return under_load, (current_a,) * phases + (0.0,) * (len(volts) - phases)
