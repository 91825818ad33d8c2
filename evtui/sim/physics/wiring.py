"""How the meter of an EVSE is wired: which figures it has, as long as the same car stays at the same connector."""

from typing import NamedTuple


class Wiring(NamedTuple):
    """`phases` of the outlet in use, each with a voltage and a current: 0 for DC, which has one of both. `registers`
    are those of phases. `tells_soc`: there is a car that tells its state of charge."""

    phases: int
    registers: int
    tells_soc: bool
