"""What a station knows of identifiers by itself: the local list, and behind it the cache (C13.FR.01, C14.FR.01)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization_cache import NEVER_KEPT, AuthorizationCache
from evtui.sim.diagnostics.lines import plain, stamp
from evtui.sim.instant import Instant
from evtui.sim.local_list import LocalList
from evtui.sim.memory import Memory
from evtui.sim.messages import LONGEST, IdToken, IdTokenInfo
from evtui.sim.requests import ListVersionAnswer, RequestAnswer, SendLocalList, StatusAnswer, StatusInfo
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import AuthorizationStatus
from evtui.sim.variables.device_model import Definition, DeviceModel

Effect = Callable[[Instant], None]

_MOST_NAMED = 20  # EVSEs


class Known(msgspec.Struct, frozen=True):
    """What is known of an identifier. `source` is for people; `final`: the CSMS is not asked whether it has changed its
    mind (DisablePostAuthorize)."""

    info: IdTokenInfo
    source: str
    final: bool = False


class TokenCounts(msgspec.Struct, frozen=True):
    """Identifiers known, for people. List version 0: there is no list, or it is off."""

    cached: int
    listed: int
    list_version: int


class LocalTokens:
    """One station's list and cache."""

    __slots__ = ("_clock", "_model", "cache", "list")

    def __init__(self, model: DeviceModel, clock: StationClock, memory: Memory) -> None:
        self._model = model
        self._clock = clock
        self.cache = AuthorizationCache(model, memory)
        self.list = LocalList(model, memory)

    def counts(self, now: Instant) -> TokenCounts:
        """How much is known."""
        listed = len(self.list.state.entries)
        return TokenCounts(len(self.cache.entries(self._clock.read(now))), listed, self.list.version)

    def bind(self, now: Callable[[], Instant]) -> None:
        """Lets the variables that count them say how it is."""
        self._model.bind(_LIVE, _Told(self, now))

    def cached_bytes(self, now: Instant) -> int:
        """What the cache takes."""
        return self.cache.storage_bytes(self._clock.read(now))

    # -- at the reader ----------------------------------------------------------------------------

    def known(self, id_token: IdToken, now: Instant) -> Known | None:
        """The list's word for an identifier, or else the cache's."""
        at = self._clock.read(now)
        if (info := self.list.find(id_token, at)) is not None:
            return Known(info, "the local list", self._final("LocalAuthListCtrlr", info, at))
        if (info := self.cache.find(id_token, at)) is not None:
            return Known(info, "the cache", self._final("AuthCacheCtrlr", info, at))
        return None

    def learn(self, id_token: IdToken, info: IdTokenInfo, now: Instant) -> bool:
        """The CSMS judged an identifier; says whether that is remembered (C10.FR.04, FR.05)."""
        return self.cache.store(id_token, info, self._clock.read(now))

    def add(self, id_token: IdToken, info: IdTokenInfo, now: Instant) -> tuple[NoticeKind, str]:
        """The operator says what the CSMS might have said; gives what is to be told of that."""
        longest = max(len(each.id_token) for each in (id_token, info.group_id_token or id_token))
        if longest > LONGEST:
            return NoticeKind.IMPOSSIBLE, f"an identifier has at most {LONGEST} characters"
        if id_token.type in NEVER_KEPT:
            return NoticeKind.IMPOSSIBLE, f"the cache keeps no identifiers of type {id_token.type}"
        if not self.cache.enabled:
            return NoticeKind.IMPOSSIBLE, "the cache is off: AuthCacheCtrlr.Enabled is false"
        if not self.learn(id_token, info, now):
            return NoticeKind.IMPOSSIBLE, "it has expired already"
        return NoticeKind.CACHED, f'"{id_token.id_token}": {_words(info)}'

    def _final(self, component: str, info: IdTokenInfo, at: datetime) -> bool:
        """C10.FR.03, C14.FR.03. What has expired in the list is asked about in any case (C14.FR.05)."""
        expired = info.cache_expiry is not None and at > info.cache_expiry
        return (
            info.status is not AuthorizationStatus.ACCEPTED
            and not expired
            and self._model.flag(f"{component}.DisablePostAuthorize")
        )

    # -- what a CSMS asks -------------------------------------------------------------------------

    def clear_cache(self) -> tuple[RequestAnswer, Effect | None]:
        """C11."""
        if not self.cache.enabled:  # C11.FR.04
            return StatusAnswer("Rejected", StatusInfo("NotEnabled", "the cache is off")), None
        return StatusAnswer("Accepted"), lambda at: self.cache.clear()

    def list_version(self) -> tuple[RequestAnswer, Effect | None]:
        """D02."""
        return ListVersionAnswer(self.list.version), None

    def update_list(self, request: SendLocalList) -> tuple[RequestAnswer, Effect | None]:
        """D01."""
        outcome = self.list.judge(request)
        if isinstance(outcome, StatusAnswer):
            return outcome, None
        return StatusAnswer("Accepted"), lambda at: self.list.install(outcome)

    # -- as a keeper of customers' data (N09, N10) ------------------------------------------------

    def known_of(self, id_token: IdToken) -> Iterator[str]:
        """What list and cache have of a customer, also while they are off."""
        if (listed := self.list.entry(id_token)) is not None:
            yield f"In the local list: {_words(listed.info)}"
        if (cached := self.cache.entry(id_token)) is not None:
            yield f"In the cache since {stamp(cached.updated)}: {_words(cached.info)}"

    def busy_with(self, id_token: IdToken) -> bool:
        """Never."""
        return False

    def forget(self, id_token: IdToken, now: Instant) -> None:
        """The cache does; the list is the CSMS's (N10.FR.03, D01.FR.09)."""
        self.cache.forget(id_token)


class _Told(NamedTuple):
    tokens: LocalTokens
    now: Callable[[], Instant]


_LIVE: Mapping[str, Callable[[_Told, Definition], str]] = {
    "AuthCacheCtrlr.Storage": lambda told, _: str(told.tokens.cached_bytes(told.now())),
    "LocalAuthListCtrlr.Entries": lambda told, _: str(len(told.tokens.list.state.entries)),
    "LocalAuthListCtrlr.Storage": lambda told, _: str(told.tokens.list.storage_bytes),
}


def _words(info: IdTokenInfo) -> str:
    words = [str(info.status)]
    if info.group_id_token is not None:
        words.append(f"of the group {plain(info.group_id_token.id_token)}")
    if info.evse_ids:
        words.append(f"at EVSE {', '.join(map(str, info.evse_ids[:_MOST_NAMED]))}")
    if info.cache_expiry is not None:
        words.append(f"until {stamp(info.cache_expiry)}")
    return ", ".join(words)
