"""Resets of the station as a whole: each waits, takes the EVSEs away, may fail, and has the station boot (B11, B12)."""

from collections.abc import Sequence
from typing import Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.conversation import Conversation
from evtui.sim.diagnostics.log_upload import LogUpload
from evtui.sim.evse import Evse
from evtui.sim.evse_resets import EvseResets
from evtui.sim.instant import Instant
from evtui.sim.link.line import Line
from evtui.sim.reset import RETRY_S, Reset
from evtui.sim.surroundings import Say
from evtui.sim.terms import BootReason, ConnectorStatus, StoppedReason, TriggerReason
from evtui.sim.variables import live_variables
from evtui.sim.variables.device_model import DeviceModel


class Back(Protocol):
    """The station that resets."""

    def hang_up(self, why: str, now: Instant) -> None:
        """Nothing more goes over this link."""


class StationResets:
    """Carries out what `reset` says: when is its business, what then happens to the station is told here."""

    __slots__ = ("_conversation", "_evse_resets", "_evses", "_line", "_model", "_reset", "_say", "_station", "_upload")

    def __init__(
        self,
        station: Back,
        reset: Reset,
        model: DeviceModel,
        line: Line,
        evses: Sequence[Evse],
        upload: LogUpload,
        conversation: Conversation,
        evse_resets: EvseResets,
        say: Say,
    ) -> None:
        self._station = station
        self._reset = reset
        self._model = model
        self._line = line
        self._evses = evses
        self._upload = upload
        self._conversation = conversation
        self._evse_resets = evse_resets
        self._say = say

    @property
    def idle(self) -> bool:
        """Nobody charges or is about to, and no log is being uploaded (B12; errata 2.14)."""
        return all(evse.idle for evse in self._evses) and not self._upload.running

    def plan(self, reason: BootReason, *, at_once: bool, now: Instant) -> None:
        """Starts again when nobody charges any more; `at_once` ends what runs. Until then, an EVSE that is Available
        is no longer (B11, B12)."""
        self._reset.plan(reason, at_once=at_once)
        waits = not (at_once or self.idle)
        for evse in self._evses:
            if at_once:  # B12.FR.04
                evse.break_off(now, StoppedReason.IMMEDIATE_RESET, "the station resets", TriggerReason.RESET_COMMAND)
            elif waits and evse.idle and live_variables.availability(evse) is ConnectorStatus.AVAILABLE:
                evse.bay.close(True, now)

    def fail_next(self, count: int) -> None:
        """So many attempts fail from now on (OCPPCommCtrlr.ResetRetries)."""
        self._reset.failing = count
        self._say(NoticeKind.FAULT, f"the next {count} resets fail" if count else "resets work again")

    def restart_if_due(self, now: Instant) -> None:
        """One waits: it happens, or fails, when nothing holds it up any more."""
        reset = self._reset
        idle = all(evse.idle for evse in self._evses) if reset.at_once else self.idle
        owing = self._line.online and len(self._line.transactions) + self._line.asked > 0
        timeout_s = self._model.integer("OCPPCommCtrlr.MessageTimeout[Default]")
        if not reset.due(now.elapsed_s, timeout_s, idle=idle, owing=owing):
            return
        if reset.fails(now.elapsed_s, self._model.integer("OCPPCommCtrlr.ResetRetries")):
            self._failed(now)
            return
        reason = reset.done()
        self._station.hang_up("the station resets", now)
        self._upload.abandon()
        self._conversation.restart(reason)
        self._evse_resets.abandon()
        for evse in self._evses:
            evse.restart()
            evse.bay.close(False, now)
        self._say(NoticeKind.RESET, reason)

    def _failed(self, now: Instant) -> None:
        if self._reset.waits:
            self._say(NoticeKind.WARNING, f"the reset failed; again in {RETRY_S:.0f} s")
            return
        self._say(NoticeKind.WARNING, "the reset failed too often: the station goes on")
        for evse in self._evses:
            if not evse.resets:
                evse.bay.close(False, now)
            evse.reconsider(now)
