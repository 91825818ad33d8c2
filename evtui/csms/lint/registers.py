"""The energy registers of a station's EVSEs: what is measured later is never less, nor more than chargers can give."""

from evtui.csms.lint.seen import Seen, Tell

MOST_W = 1_000_000.0
"""No charger gives more."""

_MOST = 256
_EPSILON_WH = 0.5  # values may be rounded to Wh
_LEAST_S = 1.0  # timestamps may be whole seconds


class Registers:
    """By EVSE: the newest value that was measured (in 1.6: by connector). `speed`: how much faster than life the
    station's physics runs."""

    __slots__ = ("_newest", "speed")

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._newest: dict[int, tuple[float, float]] = {}

    def read(self, evse_id: int, at: float, energy_wh: float, seen: Seen, tell: Tell) -> None:
        """A register's value at a moment; what is older than the newest, or as old, says nothing."""
        newest = self._newest.get(evse_id)
        if newest is None:
            if len(self._newest) < _MOST:
                self._newest[evse_id] = (at, energy_wh)
            return
        if at <= newest[0]:
            return
        self._newest[evse_id] = (at, energy_wh)
        gained_wh, passed_s = energy_wh - newest[1], at - newest[0]
        if gained_wh < -_EPSILON_WH:
            tell("energy-falls", seen, f"EVSE {evse_id}", f"from {newest[1]:.15g} Wh to {energy_wh:.15g} Wh")
        elif gained_wh * 3600 > MOST_W * self.speed * (passed_s + _LEAST_S):
            text = f"{gained_wh:.15g} Wh in {passed_s:.1f} s is too much at {self.speed:g} times the speed of life"
            tell("energy-jumps", seen, f"EVSE {evse_id}", text)
