"""Rules of registration (B01 to B03), of both versions."""

from msgspec.structs import replace

from evtui.csms.lint.seen import CALL, CALLRESULT, Seen, Tell
from evtui.csms.policy import ACCEPTED
from evtui.ocppj.frame import FrameType

_SLACK_S = 1.0
BOOT = "BootNotification"


class Boot:
    """Who sends what before it may."""

    __slots__ = ("_answered_at", "_interval_s", "_newest", "_newest_at", "_newest_id", "_registration", "_triggered")

    def __init__(self) -> None:
        self._registration: str | None = None
        self._answered_at = 0.0
        self._interval_s = 0.0
        self._triggered = False
        self._newest, self._newest_id, self._newest_at = 0, "", 0.0  # the newest CALL: all of it would weigh kilobytes

    def opened(self, registration: str | None) -> None:
        """What the CSMS knows of the station as it connects."""
        self._registration = registration

    def station(self, seen: Seen, tell: Tell) -> None:
        """A frame of the station."""
        if seen.type is not CALL:
            return
        self._newest, self._newest_id, self._newest_at = seen.number, seen.message_id, seen.at
        if seen.action != BOOT or self._registration in (None, ACCEPTED):
            return
        waited_s = seen.at - self._answered_at
        if self._answered_at and not self._triggered and waited_s < self._interval_s - _SLACK_S:
            text = f"{self._registration} for {self._interval_s:g} s, it boots again after {waited_s:.1f} s"
            tell("boot-too-soon", seen, BOOT, text)

    def csms(self, seen: Seen, tell: Tell) -> None:
        """A frame of the CSMS: its refusals say what came too early."""
        if seen.type is FrameType.CALLERROR and seen.code == "SecurityError" and seen.proper:
            if seen.action == BOOT:
                return
            early = seen
            if self._newest_id == seen.message_id:
                early = replace(seen, number=self._newest, at=self._newest_at)
            if self._registration is None:
                tell("boot-missing", early, seen.action, f"{seen.action} before a BootNotification")
            else:
                tell("not-accepted", early, seen.action, f"{seen.action} while {self._registration}")
        elif seen.type is CALLRESULT and seen.action == BOOT and seen.proper:
            self._registration = seen.payload.get("status")
            self._answered_at = seen.at
            self._interval_s = seen.payload.get("interval", 0)
            self._triggered = False
        elif seen.type is CALL and seen.payload.get("requestedMessage") == BOOT:
            self._triggered = True
