"""Resets of single EVSEs (B11.FR.08, B12.FR.07, FR.08); the station and its link go on."""

from collections.abc import Callable, Sequence
from math import inf

from evtui.sim.actions import NoticeKind
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.requests import Reset, ResetType, StatusAnswer, StatusInfo
from evtui.sim.surroundings import Say
from evtui.sim.terms import BootReason, StoppedReason, TriggerReason

DOWN_S = 3.0
"""How long an EVSE is away, in seconds of life: it is to be back within five."""


class EvseResets:
    """Each waits until nobody charges there, takes the EVSE away, and brings it back."""

    __slots__ = ("_back_s", "_evses", "_say", "_waiting")

    def __init__(self, evses: Sequence[Evse], say: Say) -> None:
        self._evses = evses
        self._say = say
        self._waiting: dict[int, BootReason] = {}
        self._back_s: dict[int, float] = {}  # by EVSE: the elapsed time at which it is back

    @property
    def due_s(self) -> float:
        """The elapsed time at which the next EVSE is back; infinite when none is away."""
        return min(self._back_s.values()) if self._back_s else inf

    def ask(self, request: Reset, evse: Evse) -> tuple[StatusAnswer, Callable[[Instant], None]]:
        """The answer, and what follows it. Immediate ends what runs there; OnIdle waits for it (B12.FR.01)."""
        if request.type is ResetType.IMMEDIATE:
            return StatusAnswer("Accepted"), lambda at: self._plan(evse, BootReason.REMOTE_RESET, at, at_once=True)
        if evse.idle:
            return StatusAnswer("Accepted"), lambda at: self._plan(evse, BootReason.REMOTE_RESET, at)
        busy = StatusInfo("Unspecified", "a driver is authorized") if evse.transaction is None else _CHARGES
        return StatusAnswer("Scheduled", busy), lambda at: self._plan(evse, BootReason.SCHEDULED_RESET, at)

    def keep_up(self, now: Instant) -> None:
        """What is due: those that wait for nobody any more begin, those that are over end."""
        if not (self._waiting or self._back_s):
            return
        for evse_id, reason in list(self._waiting.items()):
            evse = self._evses[evse_id - 1]
            if evse.idle:
                del self._waiting[evse_id]
                self._back_s[evse_id] = now.elapsed_s + DOWN_S
                self._say(NoticeKind.RESET, reason, evse_id)
                evse.bay.close(True, now)
        for evse_id, back_s in list(self._back_s.items()):
            if now.elapsed_s >= back_s:
                evse = self._evses[evse_id - 1]
                del self._back_s[evse_id]
                evse.restart()
                evse.bay.close(False, now)
                evse.reconsider(now)

    def abandon(self) -> None:
        """The whole station resets."""
        self._waiting.clear()
        self._back_s.clear()

    def _plan(self, evse: Evse, reason: BootReason, now: Instant, *, at_once: bool = False) -> None:
        if evse.id in self._back_s:
            return  # it does so already
        self._waiting[evse.id] = reason
        evse.resets = True
        if at_once:
            evse.break_off(now, StoppedReason.IMMEDIATE_RESET, "this EVSE resets", TriggerReason.RESET_COMMAND)


_CHARGES = StatusInfo("TxInProgress")
