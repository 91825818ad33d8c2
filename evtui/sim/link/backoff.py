"""How long to wait before the next attempt to connect (OCPP-J 5.3, TC_B_57)."""

from evtui.sim.chance import Chance


class Backoff:
    """The first wait is the minimum plus a random part; each failure doubles the last wait and adds a new random part,
    `repeat_times` times; then the wait stays as it is."""

    __slots__ = ("_chance", "_failures", "_random_range_s", "_repeat_times", "_wait_minimum_s", "_wait_s")

    def __init__(self, wait_minimum_s: float, random_range_s: float, repeat_times: int, chance: Chance) -> None:
        self._wait_minimum_s = wait_minimum_s
        self._random_range_s = random_range_s
        self._repeat_times = repeat_times
        self._chance = chance
        self._failures = 0
        self._wait_s = 0.0

    def next_s(self) -> float:
        """Seconds to wait now, before the next attempt; the first one too (ERR-201 4.12)."""
        if self._failures == 0:
            self._wait_s = self._wait_minimum_s + self._chance.uniform(0.0, self._random_range_s)
        elif self._failures <= self._repeat_times:
            self._wait_s = 2.0 * self._wait_s + self._chance.uniform(0.0, self._random_range_s)
        self._failures += 1
        return self._wait_s

    def reset(self) -> None:
        """An attempt succeeded: the next wait is a first one."""
        self._failures = 0
