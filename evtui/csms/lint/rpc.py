"""Rules of the wire, of both versions (OCPP-J)."""

from typing import NamedTuple

from evtui.csms.lint.seen import CALL, Seen, Tell
from evtui.ocppj.frame import FrameType

IN_FLIGHT_S = 2.0
"""A CALL that follows an unanswered one later than this may be sent by a station that waits no longer."""

_REUSED = "the message id was used before"
_STRAY = "answers no CALL of ours"


class _Waiting(NamedTuple):
    """A CALL without an answer yet: what is to be known of it, as all of it would weigh kilobytes."""

    message_id: str
    action: str
    at: float


class Wire:
    """Whose turn it is, and whether frames are what they should be."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: _Waiting | None = None

    def opened(self) -> None:
        """A new connection: nothing waits."""
        self._waiting = None

    def station(self, seen: Seen, tell: Tell) -> None:
        """A frame of the station."""
        if seen.fault:
            tell(_broken(seen), seen, seen.action or seen.type.name, seen.fault)
        if seen.type is CALL:
            waiting = self._waiting
            if seen.ahead or (waiting is not None and seen.at - waiting.at < IN_FLIGHT_S):
                before = "the CALL before it" if waiting is None else waiting.action
                tell("two-calls", seen, seen.action, f"{seen.action} came before {before} was answered")
            self._waiting = _Waiting(seen.message_id, seen.action, seen.at)

    def csms(self, seen: Seen, tell: Tell) -> None:
        """A frame of the CSMS. Of answers that are wrong on purpose, nobody can say what the station makes of them."""
        if seen.proper:
            self.answered(seen.message_id)
        else:
            self._waiting = None

    def answered(self, message_id: str) -> None:
        """The CSMS has answered a CALL, or has sent another frame of this id."""
        waiting = self._waiting
        if waiting is not None and message_id == waiting.message_id:
            self._waiting = None


def _broken(seen: Seen) -> str:
    if seen.fault.startswith(_REUSED):
        return "id-reused"
    if seen.fault.startswith(_STRAY):
        return "stray-answer"
    return "unreadable" if seen.type is FrameType.UNREADABLE or not seen.message_id else "schema"
