"""Who may run a shard: never two at once, whatever messages are lost, late or doubled, and whatever machines do.

Pure: no clock, no socket; times are arguments, each read from its owner's clock alone, which counts suspended time.

A shard is run by incarnations, one after the other, each in an epoch of its own. An incarnation may have connections
only while it holds a lease, and it counts from when it has asked: `Lease`. Whoever grants counts from when it has
granted, which is later, and a margin on top: `Tenure`. So every lease has run out at its holder's before its granter
takes it for over, as long as clocks run equally fast to within the margin.
"""

import msgspec

from evtui.errors import LocalError


class Terms(msgspec.Struct, frozen=True):
    """A lease lasts `lease_s` from when it was asked for; it is asked for every `renew_s`. With less than `orderly_s`
    left its holder ends what runs in good order, at its end it drops what it has. The granter waits `margin_s` more."""

    lease_s: float = 10.0
    renew_s: float = 1.0

    @property
    def orderly_s(self) -> float:
        return min(3.0, self.lease_s / 3.0)

    @property
    def margin_s(self) -> float:
        return 0.1 * self.lease_s + 0.2


class Lease:
    """The holder's side. Before the first grant nothing is held."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.until_s: float | None = None

    def granted(self, asked_s: float) -> None:
        """What was asked for at that time is granted; grants may come late, twice, and in any order."""
        until_s = asked_s + self._terms.lease_s
        if self.until_s is None or until_s > self.until_s:
            self.until_s = until_s

    def held(self, now_s: float) -> bool:
        """Connections may be open."""
        return self.until_s is not None and now_s < self.until_s

    def runs_out(self, now_s: float) -> bool:
        """Not renewed for so long that it is time to end in good order."""
        return self.until_s is not None and now_s >= self.until_s - self._terms.orderly_s


class Tenure:
    """The granter's side, of one shard: `epoch` counts its incarnations, `holder` is who has the lease of this one."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.epoch = 0
        self.holder: str | None = None
        self._over_s: float | None = None

    def free(self, now_s: float) -> bool:
        """Nobody can run the shard any more: nobody ever could, the lease has run out, or its holder has ended."""
        return self._over_s is None or now_s >= self._over_s

    def appoint(self, now_s: float) -> int:
        """A new epoch begins; from now on no former incarnation is granted anything. LocalError while one may live."""
        if not self.free(now_s):
            raise LocalError(f"epoch {self.epoch} may still run")
        self.epoch += 1
        self.holder = None
        self._over_s = None
        return self.epoch

    def asks(self, epoch: int, incarnation: str, now_s: float) -> bool:
        """Whether that incarnation is granted a lease: the first of the epoch that asks, and no other, until it has
        ended or its lease has run out."""
        if epoch != self.epoch or self.holder not in (None, incarnation):
            return False
        if self.holder is not None and self.free(now_s):
            return False  # what asks is a message that is late
        self.holder = incarnation
        self._over_s = now_s + self._terms.lease_s + self._terms.margin_s
        return True

    def ended(self, epoch: int, incarnation: str) -> None:
        """An incarnation has ended for certain. It is the holder's end that makes the shard free."""
        if epoch == self.epoch and incarnation == self.holder:
            self._over_s = None
