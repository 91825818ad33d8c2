"""The reader: what presenting an identifier at an EVSE leads to, and what the answer does (C01, C02, C09, C16, E05,
E07)."""

from collections.abc import Sequence
from typing import Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import (
    NO_AUTHORIZATION,
    Ask,
    Authorization,
    Case,
    Refuse,
    is_master,
    judge,
    judge_answer,
    same,
    same_group,
    shown,
)
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.local_tokens import LocalTokens
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.requests import RequestStartTransaction
from evtui.sim.reservations import Reservations
from evtui.sim.terms import AuthorizationStatus, IdTokenType, StoppedReason, TriggerReason
from evtui.sim.variables.device_model import DeviceModel

_NEVER_ASKED = (IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION)
_ANOTHERS = "another one began what runs here"
_MASTER_BEGINS_NOTHING = "a master pass begins nothing"


class Back(Protocol):
    """The station behind the reader."""

    model: DeviceModel
    reservations: Reservations

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

    __slots__ = ("_evses", "_station", "_tokens")

    def __init__(self, station: Back, evses: Sequence[Evse], tokens: LocalTokens) -> None:
        self._station = station
        self._evses = evses
        self._tokens = tokens

    def present(self, evse: Evse, id_token: IdToken, now: Instant) -> None:
        """A driver presents an identifier; NoAuthorization is the start button, which has no text (C02.FR.01)."""
        if id_token.type is IdTokenType.NO_AUTHORIZATION:
            id_token = NO_AUTHORIZATION
        running = evse.authorization
        self._tokens.cache.use(id_token)
        if evse.asking is not None:
            self._refuse(evse, id_token, "another one is being checked")
        elif running is not None and same(running.id_token, id_token):
            self._stop(evse, id_token, now)
        elif evse.bay.unlocks(id_token):
            evse.bay.release(now)
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, "the cable is unlocked", evse.id)
        elif running is None and not evse.bay.operative:
            self._refuse(evse, id_token, evse.bay.why_inoperative)
        elif running is None and self._station.resets:
            self._refuse(evse, id_token, "the station is about to reset")
        elif running is None and evse.resets:
            self._refuse(evse, id_token, "this EVSE is about to reset")
        else:
            if running is None:
                self._station.reservations.claim(evse, id_token, None, now)
            self._judge(evse, id_token, now)

    def start_remotely(self, evse: Evse, request: RequestStartTransaction, now: Instant) -> None:
        """The CSMS wants its identifier to begin here. AuthorizeRemoteStart: it is asked all the same, unless the
        identifier is one that is never asked about (F01.FR.01/02, C05.FR.01, C02)."""
        id_token, remote_start_id = request.id_token, request.remote_start_id
        self._station.reservations.claim(evse, id_token, request.group_id_token, now)
        if self._station.model.flag("AuthCtrlr.AuthorizeRemoteStart") and id_token.type not in _NEVER_ASKED:
            self._tokens.cache.use(id_token)
            self._judge(evse, id_token, now, remote_start_id)
        else:
            info = IdTokenInfo(AuthorizationStatus.ACCEPTED, request.group_id_token)
            self._settle(evse, Authorization(id_token, info), now, remote_start_id)

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
            verdict = judge(self._case(evse, NO_AUTHORIZATION, now))
            if isinstance(verdict, Authorization):
                self._settle(evse, verdict, now)

    def answered(self, evse: Evse, id_token: IdToken, info: IdTokenInfo, now: Instant) -> None:
        """The CSMS answered an Authorize, which is worth remembering even if nobody waits for it any more."""
        self._tokens.learn(id_token, info, now)
        if evse.asking is None or not same(evse.asking, id_token):
            return
        evse.asking = None
        verdict = judge_answer(id_token, info, evse.id)
        if isinstance(verdict, Authorization):
            self._settle(evse, verdict, now, evse.asking_for)
        else:
            self._refuse(evse, id_token, verdict.reason)

    def unanswered(self, evse: Evse, id_token: IdToken, why: str, now: Instant) -> None:
        """There will be no answer: what is known here decides."""
        if evse.asking is None or not same(evse.asking, id_token):
            return
        evse.asking = None
        verdict = None
        if evse.authorization is None and not self._station.online:
            verdict = judge(self._case(evse, id_token, now))
        if isinstance(verdict, Authorization):
            self._settle(evse, verdict, now, evse.asking_for)
        else:
            self._refuse(evse, id_token, why)

    def judged(self, evse: Evse, id_token: IdToken, info: IdTokenInfo, now: Instant) -> None:
        """The CSMS judged an identifier in its answer to a transaction event: that of the running one may turn out to
        be invalid (E05), or to be a master pass, which begins nothing (C16.FR.03)."""
        running = evse.authorization
        if running is None or not same(running.id_token, id_token):
            return
        verdict = judge_answer(id_token, info, evse.id)
        if isinstance(verdict, Authorization) and is_master(info.group_id_token, self._station.model):
            verdict = Refuse(_MASTER_BEGINS_NOTHING)
        if isinstance(verdict, Authorization):
            evse.authorization = verdict
        else:
            self._refuse(evse, id_token, verdict.reason)
            evse.invalidate(now)

    def learn(self, id_token: IdToken, info: IdTokenInfo, now: Instant) -> None:
        """The CSMS judged an identifier, whatever has become of its transaction since (C10.FR.05)."""
        self._tokens.learn(id_token, info, now)

    def _welcomes(self, evse: Evse) -> bool:
        return evse.bay.operative and not (self._station.resets or evse.resets)

    def _case(self, evse: Evse, id_token: IdToken, now: Instant) -> Case:
        station = self._station
        known = self._tokens.known(id_token, now)
        return Case(id_token, evse.id, station.model, station.online, station.registered, known, evse.authorization)

    def _judge(self, evse: Evse, id_token: IdToken, now: Instant, remote_start_id: int | None = None) -> None:
        verdict = judge(self._case(evse, id_token, now))
        if isinstance(verdict, Ask):
            evse.asking = id_token
            evse.asking_for = remote_start_id
            self._station.ask(evse.id, id_token)
        elif isinstance(verdict, Authorization):
            self._settle(evse, verdict, now, remote_start_id)
        else:
            self._refuse(evse, id_token, verdict.reason)

    def _settle(self, evse: Evse, valid: Authorization, now: Instant, remote_start_id: int | None = None) -> None:
        """What a valid identifier does: it begins, or ends what it or its group began; any ends it where nobody is
        asked."""
        running, id_token = evse.authorization, valid.id_token
        if is_master(valid.info.group_id_token, self._station.model):
            if remote_start_id is None:
                self._stop_all(evse, id_token, now)
            else:
                self._refuse(evse, id_token, _MASTER_BEGINS_NOTHING)
        elif running is not None:
            if same_group(running.info, valid.info) or not self._station.model.flag("AuthCtrlr.Enabled"):
                self._stop(evse, id_token, now)
            else:
                self._refuse(evse, id_token, _ANOTHERS)
        elif remote_start_id is None and evse.bay.taken_by_other(id_token):  # C01.FR.23
            self._refuse(evse, id_token, _ANOTHERS)
        elif not self._station.reservations.admit(evse, id_token, valid.info.group_id_token, now):
            self._refuse(evse, id_token, "this EVSE is reserved for another one")
        else:
            evse.authorize(valid, now, remote_start_id)

    def _stop(self, evse: Evse, id_token: IdToken, now: Instant) -> None:
        evse.end_authorization(now, TriggerReason.STOP_AUTHORIZED, StoppedReason.LOCAL, id_token)

    def _stop_all(self, at: Evse, id_token: IdToken, now: Instant) -> None:
        """A master pass begins nothing and, on a station without a menu, ends everything: authorizations, transactions
        that nobody was authorized for, and the hold on cables that were left (C16.FR.02, FR.03)."""
        self._station.say(NoticeKind.MASTER_PASS, shown(id_token), at.id)
        for evse in self._evses:
            if evse.authorization is not None:
                evse.end_authorization(now, TriggerReason.STOP_AUTHORIZED, StoppedReason.MASTER_PASS, id_token)
            elif evse.transaction is not None:
                evse.abort(now, TriggerReason.STOP_AUTHORIZED, StoppedReason.MASTER_PASS, id_token)
            elif evse.bay.left:
                evse.bay.release(now)

    def _refuse(self, evse: Evse, id_token: IdToken, reason: str) -> None:
        self._station.say(NoticeKind.REFUSED, f"{shown(id_token)}: {reason}", evse.id)
