"""The registers of an AC meter's phases: their energy adds up to that of the EVSE's register."""

from collections.abc import Sequence


class PhaseRegisters:
    """In Wh, one for each phase of the widest AC connector; an EVSE that has none has none. Energy of a direct current
    is in none of them."""

    __slots__ = ("_wh",)

    def __init__(self, phases: int, register_wh: float) -> None:
        self._wh = [register_wh / phases for _ in range(phases)]

    def count(self, wh: float, before_v: Sequence[float], after_v: Sequence[float], phases: int) -> None:
        """So much energy went over that many phases, each in proportion to its voltage; none for DC."""
        for phase, share_wh in enumerate(_shares(wh, before_v, after_v, phases)):
            self._wh[phase] += share_wh

    def read(self, wh: float, before_v: Sequence[float], after_v: Sequence[float], phases: int) -> tuple[float, ...]:
        """All of them, with energy that is not counted yet."""
        shares = [*_shares(wh, before_v, after_v, phases), 0.0, 0.0, 0.0]
        return tuple([counted + share for counted, share in zip(self._wh, shares, strict=False)])

    def restore(self, wh: Sequence[float]) -> None:
        """They go on where they stood, if there are as many as there were."""
        if len(wh) == len(self._wh):
            self._wh = list(wh)


def _shares(wh: float, before_v: Sequence[float], after_v: Sequence[float], phases: int) -> list[float]:
    volts = [before_v[phase] + after_v[phase] for phase in range(phases)]
    per_volt = wh / sum(volts) if volts else 0.0
    return [each * per_volt for each in volts]
