"""Registration: when a station may send a BootNotification, and when anything else (B01-B03)."""

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from types import MappingProxyType

from evtui.sim.messages import BootAnswer
from evtui.sim.terms import RegistrationStatus

RETRY_S = 30.0
"""The wait of our own: after a CALLERROR, after no answer, and when a CSMS that does not accept tells no interval
(B02.FR.07)."""


class BootState(StrEnum):
    """Where registration stands."""

    NEW = "new"  # nothing sent yet, or the link was lost before the answer
    ASKED = "asked"
    PENDING = "pending"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    ACCEPTED = "accepted"


class BootEvent(StrEnum):
    """What moves it."""

    SENT = "sent"
    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    FAILED = "failed"
    LINK_LOST = "link-lost"


_E, _S = BootEvent, BootState

TRANSITIONS: Mapping[tuple[BootState, BootEvent], BootState] = MappingProxyType(
    {
        (_S.NEW, _E.SENT): _S.ASKED,
        (_S.ASKED, _E.ACCEPTED): _S.ACCEPTED,
        (_S.ASKED, _E.PENDING): _S.PENDING,
        (_S.ASKED, _E.REJECTED): _S.REJECTED,
        (_S.ASKED, _E.FAILED): _S.UNANSWERED,
        (_S.ASKED, _E.LINK_LOST): _S.NEW,
        (_S.PENDING, _E.SENT): _S.ASKED,
        (_S.REJECTED, _E.SENT): _S.ASKED,
        (_S.UNANSWERED, _E.SENT): _S.ASKED,
    }
)
"""What is not listed changes nothing: an accepted station stays so over a lost link (no boot on plain reconnect)."""

_ANSWERS = {
    RegistrationStatus.ACCEPTED: BootEvent.ACCEPTED,
    RegistrationStatus.PENDING: BootEvent.PENDING,
    RegistrationStatus.REJECTED: BootEvent.REJECTED,
}


class Registration:
    """The registration of one station: `status` is what the CSMS said last."""

    __slots__ = ("_not_before_s", "accepted", "state", "status")

    def __init__(self) -> None:
        self.state = BootState.NEW
        self.accepted = False
        """Only then may a station send anything but a BootNotification (B01.FR.09)."""
        self.status: RegistrationStatus | None = None
        self._not_before_s = 0.0

    @property
    def due_s(self) -> float:
        """The elapsed time from which a BootNotification is due; infinite when none is."""
        return inf if self.state in (BootState.ACCEPTED, BootState.ASKED) else self._not_before_s

    def sent(self) -> None:
        """It went out."""
        self._move(BootEvent.SENT)

    def answered(self, answer: BootAnswer, elapsed_s: float) -> None:
        """The CSMS answered. Pending and Rejected stations wait the interval (B02.FR.04, B03.FR.02)."""
        self.status = answer.status
        self._not_before_s = elapsed_s + (answer.interval_s if answer.interval_s > 0 else RETRY_S)
        self._move(_ANSWERS[answer.status])

    def hurry(self) -> None:
        """The CSMS does not want to wait until the next one is due (F06)."""
        self._not_before_s = 0.0

    def failed(self, elapsed_s: float) -> None:
        """A CALLERROR or no answer."""
        self._not_before_s = elapsed_s + RETRY_S
        self._move(BootEvent.FAILED)

    def link_lost(self) -> None:
        """A wait that the CSMS ordered goes on."""
        self._move(BootEvent.LINK_LOST)

    def _move(self, event: BootEvent) -> None:
        self.state = TRANSITIONS.get((self.state, event), self.state)
        self.accepted = self.state is BootState.ACCEPTED
