"""The registers of an AC meter's phases: their energy adds up to that of the EVSE's register.

In Wh, one for each phase of the widest AC connector; an EVSE that has none has none. Energy of a direct current is in
none of them.
"""

from collections.abc import Sequence

Registers = tuple[float, ...]


def divide(register_wh: float, phases: int) -> Registers:
    """As they leave the factory: so many, and all alike."""
    return tuple([register_wh / phases for _ in range(phases)])


def count(
    registers: Registers, wh: float, before_v: Sequence[float], after_v: Sequence[float], phases: int
) -> Registers:
    """After so much energy went over that many phases, each in proportion to its voltage; none for DC."""
    if phases == 3:  # nearly all; a loop takes five times as long
        (a0, b0, c0), (a1, b1, c1), (a_wh, b_wh, c_wh) = before_v, after_v, registers
        a, b, c = a0 + a1, b0 + b1, c0 + c1
        per_volt = wh / (a + b + c)
        return a_wh + a * per_volt, b_wh + b * per_volt, c_wh + c * per_volt
    if not phases:
        return registers
    volts = [before_v[phase] + after_v[phase] for phase in range(phases)]
    per_volt = wh / sum(volts)
    counted = tuple([counted + volt * per_volt for counted, volt in zip(registers, volts, strict=False)])
    return counted + registers[phases:]
