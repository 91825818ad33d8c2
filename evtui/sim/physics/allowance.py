"""What a driver whose identifier turns out to be invalid may still charge (E05.FR.02/03)."""

from math import inf

from evtui.sim.instant import Instant
from evtui.sim.physics.charging import Charging

_SOON_S = 0.01


class Allowance:
    """`energy_wh` more from where the register is, up to `until_wh`; then energy is `withheld`."""

    __slots__ = ("_charging", "_speed", "due_s", "until_wh", "withheld")

    def __init__(self, charging: Charging, energy_wh: float, speed: float) -> None:
        self.withheld = False
        self.due_s = inf  # in elapsed time, as far as the present power tells
        self._charging = charging
        self.until_wh = charging.register_wh + energy_wh
        self._speed = speed

    def spend(self, now: Instant) -> bool:
        """Says whether it has been used up just now."""
        self.due_s = inf
        if self.withheld:
            return False
        left_wh = self.until_wh - self._charging.register_wh
        if left_wh <= 0.0:
            self.withheld = True
            return True
        if self._charging.power_w > 0.0:
            left_s = left_wh / self._charging.power_w * 3600.0 / self._speed
            self.due_s = now.elapsed_s + max(left_s, _SOON_S)
        return False
