"""A reset that the CSMS asked for, from its answer until the station boots again (B11, B12)."""

from math import inf

from evtui.sim.terms import BootReason


class Reset:
    """It waits for the last transaction, and then for what is owed to be delivered, but not longer than a message may
    take: what was not delivered is kept."""

    def __init__(self) -> None:
        self.reason: BootReason | None = None  # why the station will boot; None: no reset waits
        self.at_once = False  # it waits for nothing but the end of what it ends itself
        self.by_s = inf  # in elapsed time: it happens then at the latest

    @property
    def waits(self) -> bool:
        """One was asked for: nothing begins here until it is done."""
        return self.reason is not None

    def plan(self, reason: BootReason, *, at_once: bool) -> None:
        """As soon as may be. A later one replaces an earlier one: Immediate does not wait for OnIdle."""
        self.reason = reason
        self.at_once = at_once
        self.by_s = inf

    def due(self, elapsed_s: float, timeout_s: float, *, idle: bool, owing: bool) -> bool:
        """`idle`: nobody charges, nor waits to. `owing`: the CSMS is there and has not taken all yet."""
        if self.reason is None or not idle:
            return False
        if self.by_s == inf:
            self.by_s = elapsed_s + timeout_s
        return not owing or elapsed_s >= self.by_s

    def done(self) -> BootReason:
        """It happens. Gives the reason of the boot that follows."""
        reason, self.reason = self.reason, None
        self.by_s = inf
        assert reason is not None
        return reason
