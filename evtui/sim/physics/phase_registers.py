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
    if not phases:
        return registers
    volts = [before_v[phase] + after_v[phase] for phase in range(phases)]
    per_volt = wh / sum(volts)
    counted = tuple([counted + volt * per_volt for counted, volt in zip(registers, volts, strict=False)])
    return counted + registers[phases:]
