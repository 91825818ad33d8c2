"""The reader: what presenting an identifier at an EVSE leads to, and what the answer does (C01, C09, C16, E07)."""

from collections.abc import Sequence
from typing import Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import (
    NO_AUTHORIZATION,
    Ask,
    Authorization,
    Case,
    Refuse,
    Verdict,
    is_master,
    judge,
    judge_answer,
    same,
    same_group,
    shown,
)
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.requests import RequestStartTransaction
from evtui.sim.terms import AuthorizationStatus, IdTokenType, StoppedReason, TriggerReason
from evtui.sim.variables.device_model import DeviceModel

_NEVER_ASKED = (IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION)


class Back(Protocol):
    """The station behind the reader."""

    model: DeviceModel

    @property
    def online(self) -> bool:
        """The CSMS can be asked."""

    @property
    def registered(self) -> bool:
        """The CSMS has accepted this station."""

    @property
    def resets(self) -> bool:
        """A reset waits: nothing begins any more."""

    def ask(self, evse_id: int, id_token: IdToken) -> None:
        """Sends an Authorize."""

    def say(self, kind: NoticeKind, text: str, evse_id: int = 0) -> None:
        """A notice."""


class Reader:
    """Brings identifiers, rules and EVSEs together."""

    def __init__(self, station: Back, evses: Sequence[Evse]) -> None:
        self._station = station
        self._evses = evses

    def present(self, evse: Evse, id_token: IdToken, now: Instant) -> None:
        """A driver presents an identifier."""
        running = evse.authorization
        if evse.asking is not None:
            self._refuse(evse, id_token, "another one is being checked")
        elif running is not None and same(running.id_token, id_token):
            self._stop(evse, id_token, now)
        elif evse.unlocks(id_token):
            evse.release(now)
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, "the cable is unlocked", evse.id)
        elif running is not None:
            self._present_another(evse, id_token, now)
        elif not evse.operative:
            self._refuse(evse, id_token, evse.why_inoperative)
        elif self._station.resets:
            self._refuse(evse, id_token, "the station is about to reset")
        else:
            verdict = judge(self._case(id_token))
            if isinstance(verdict, Ask):
                self._ask(evse, id_token)
            else:
                self._settle(evse, id_token, verdict, now)

    def start_remotely(self, evse: Evse, request: RequestStartTransaction, now: Instant) -> None:
        """The CSMS wants its identifier to begin here. AuthorizeRemoteStart: it is asked all the same, unless the
        identifier is one that is never asked about (F01.FR.01/02, C05.FR.01, C02)."""
        id_token, remote_start_id = request.id_token, request.remote_start_id
        verdict: Verdict = Authorization(id_token, IdTokenInfo(AuthorizationStatus.ACCEPTED, request.group_id_token))
        if self._station.model.flag("AuthCtrlr.AuthorizeRemoteStart") and id_token.type not in _NEVER_ASKED:
            verdict = judge(self._case(id_token))
        if isinstance(verdict, Ask):
            self._ask(evse, id_token, remote_start_id)
        else:
            self._settle(evse, id_token, verdict, now, remote_start_id)

    def stop_locally(self, evse: Evse, now: Instant) -> None:
        """As if the identifier that began it were presented; also without one, when the station goes down."""
        asking, evse.asking = evse.asking, None
        if evse.authorization is not None:
            self._stop(evse, evse.authorization.id_token, now)
        elif evse.transaction is not None:
            evse.abort(now)
        elif asking is not None:
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, "before the CSMS had answered", evse.id)
        else:
            self._station.say(NoticeKind.IMPOSSIBLE, "there is nothing to stop", evse.id)

    def welcome(self, evse: Evse, now: Instant) -> None:
        """A car was plugged in: where nobody is asked, that is enough (C02)."""
        if evse.authorization is None and self._welcomes(evse) and not self._station.model.flag("AuthCtrlr.Enabled"):
            verdict = judge(self._case(NO_AUTHORIZATION))
            if isinstance(verdict, Authorization):
                evse.authorize(verdict, now)

    def answered(self, evse: Evse, id_token: IdToken, info: IdTokenInfo, now: Instant) -> None:
        """The CSMS answered an Authorize, if anybody still waits for it."""
        if evse.asking is None or not same(evse.asking, id_token):
            return
        evse.asking = None
        remote_start_id = evse.asking_for
        verdict = judge_answer(id_token, info, evse.id)
        running = evse.authorization
        if isinstance(verdict, Authorization) and is_master(info, self._station.model):
            self._stop_all(id_token, now)
        elif running is None:
            self._settle(evse, id_token, verdict, now, remote_start_id)
        elif isinstance(verdict, Authorization) and same_group(running.info, info):
            self._stop(evse, id_token, now)
        else:
            self._refuse(evse, id_token, "another one began what runs here")

    def unanswered(self, evse: Evse, id_token: IdToken, why: str, now: Instant) -> None:
        """There will be no answer: what is known here decides."""
        if evse.asking is None or not same(evse.asking, id_token):
            return
        evse.asking = None
        verdict = judge(self._case(id_token)) if evse.authorization is None and not self._station.online else None
        if isinstance(verdict, Authorization):
            evse.authorize(verdict, now, evse.asking_for)
        else:
            self._refuse(evse, id_token, why)

    def judged(self, evse: Evse, id_token: IdToken, info: IdTokenInfo, now: Instant) -> None:
        """The CSMS judged the identifier in an event of the running transaction (E05)."""
        running = evse.authorization
        if running is None or not same(running.id_token, id_token):
            return
        verdict = judge_answer(id_token, info, evse.id)
        if isinstance(verdict, Authorization):
            evse.authorization = verdict
        else:
            self._refuse(evse, id_token, verdict.reason)
            evse.invalidate(now)

    def _welcomes(self, evse: Evse) -> bool:
        return evse.operative and not self._station.resets

    def _case(self, id_token: IdToken) -> Case:
        station = self._station
        return Case(id_token, station.model, station.online, station.registered)

    def _present_another(self, evse: Evse, id_token: IdToken, now: Instant) -> None:
        """Only one of the same group may end it, which only the CSMS knows; any may where nobody is asked."""
        verdict = judge(self._case(id_token))
        if isinstance(verdict, Ask):
            self._ask(evse, id_token)
        elif isinstance(verdict, Authorization) and not self._station.model.flag("AuthCtrlr.Enabled"):
            self._stop(evse, id_token, now)
        else:
            self._refuse(evse, id_token, "another one began what runs here")

    def _ask(self, evse: Evse, id_token: IdToken, remote_start_id: int | None = None) -> None:
        evse.asking = id_token
        evse.asking_for = remote_start_id
        self._station.ask(evse.id, id_token)

    def _settle(
        self,
        evse: Evse,
        id_token: IdToken,
        verdict: Authorization | Refuse,
        now: Instant,
        remote_start_id: int | None = None,
    ) -> None:
        if isinstance(verdict, Authorization):
            evse.authorize(verdict, now, remote_start_id)
        else:
            self._refuse(evse, id_token, verdict.reason)

    def _stop(self, evse: Evse, id_token: IdToken, now: Instant) -> None:
        evse.end_authorization(now, TriggerReason.STOP_AUTHORIZED, StoppedReason.LOCAL, id_token)

    def _stop_all(self, id_token: IdToken, now: Instant) -> None:
        """A master pass begins nothing and, on a station without a menu, ends everything (C16)."""
        for evse in self._evses:
            if evse.authorization is not None:
                evse.end_authorization(now, TriggerReason.STOP_AUTHORIZED, StoppedReason.MASTER_PASS, id_token)

    def _refuse(self, evse: Evse, id_token: IdToken, reason: str) -> None:
        self._station.say(NoticeKind.REFUSED, f"{shown(id_token)}: {reason}", evse.id)
