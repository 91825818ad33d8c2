"""A reset that the CSMS asked for, from its answer until the station boots again (B11, B12)."""

from math import inf

from evtui.sim.terms import BootReason

RETRY_S = 5.0
"""After a reset that failed, in elapsed time."""


class Reset:
    """It waits for the last transaction, and then for what is owed to be delivered, but not longer than a message may
    take: what was not delivered is kept."""

    __slots__ = ("_again_s", "_failed", "at_once", "by_s", "failing", "reason")

    def __init__(self) -> None:
        self.reason: BootReason | None = None  # why the station will boot; None: no reset waits
        self.at_once = False  # it waits for nothing but the end of what it ends itself
        self.by_s = inf  # in elapsed time: it happens then at the latest
        self.failing = 0  # so many attempts fail, because an operator wants to see that
        self._failed = 0
        self._again_s = -inf

    @property
    def waits(self) -> bool:
        """One was asked for: nothing begins here until it is done."""
        return self.reason is not None

    def plan(self, reason: BootReason, *, at_once: bool) -> None:
        """As soon as may be. A later one replaces an earlier one: Immediate does not wait for OnIdle."""
        self.reason = reason
        self.at_once = at_once
        self.by_s = inf
        self._failed, self._again_s = 0, -inf

    def due(self, elapsed_s: float, timeout_s: float, *, idle: bool, owing: bool) -> bool:
        """`idle`: nobody charges, nor waits to. `owing`: the CSMS is there and has not taken all yet."""
        if self.reason is None or not idle or elapsed_s < self._again_s:
            return False
        if self.by_s == inf:
            self.by_s = elapsed_s + timeout_s
        return not owing or elapsed_s >= self.by_s

    def fails(self, elapsed_s: float, retries: int) -> bool:
        """Says whether this attempt fails. It is made again ResetRetries times, then nothing waits any more."""
        if not self.failing:
            return False
        self.failing -= 1
        self._failed += 1
        if self._failed > retries:
            self.done()
        else:
            self._again_s = self.by_s = elapsed_s + RETRY_S
        return True

    def done(self) -> BootReason:
        """It happens. Gives the reason of the boot that follows."""
        reason, self.reason = self.reason, None
        self.by_s = inf
        assert reason is not None
        return reason
