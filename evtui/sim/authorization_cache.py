"""The authorization cache: what the CSMS said last of identifiers that were presented here (C10-C12).

It learns from every answer of the CSMS that judges an identifier, whatever the verdict (C10.FR.01, .04, .05), and never
from the station's own acceptance (C15.FR.01). Times are the station's own clock.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec

from evtui.sim.memory import Memory
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from evtui.sim.variables.device_model import DeviceModel

CAPACITY_BYTES = 65_536
"""What AuthCacheCtrlr.Storage has as its maxLimit: some 500 identifiers."""

NEVER_KEPT = frozenset({IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION, IdTokenType.KEY_CODE})
"""Identifiers of these types are not stored: C02.FR.03, C03.FR.02, C05.FR.02; a key code is a secret, which C04.FR.03
leaves to the station."""

_OVERHEAD_BYTES = 48  # times and counts of an entry

_PREFIX = "cache/"

Key = tuple[IdTokenType, str]


class CacheEntry(msgspec.Struct, frozen=True):
    """`updated` is when the CSMS judged it last. `arrived` numbers its coming, `used` the last time that it was
    presented, among all of these; it was presented `uses` times."""

    id_token: IdToken
    info: IdTokenInfo
    updated: datetime
    arrived: int
    used: int
    uses: int = 1


class AuthorizationCache:
    """One station's cache, as its variables say (AuthCacheCtrlr). While it is off it tells nothing and learns nothing,
    but keeps what it has. It outlasts a power cut (C10.FR.02)."""

    __slots__ = ("_bytes", "_capacity_bytes", "_entries", "_memory", "_model", "_moments")

    def __init__(self, model: DeviceModel, memory: Memory, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._model = model
        self._memory = memory
        self._capacity_bytes = capacity_bytes
        kept = sorted(memory.recall_all(_PREFIX, CacheEntry).values(), key=lambda entry: entry.arrived)
        self._entries: dict[Key, CacheEntry] = {entry.id_token.key: entry for entry in kept}
        self._moments = max((entry.used for entry in kept), default=0)
        self._bytes = sum(map(_size, self._entries.values()))

    # -- what it knows ----------------------------------------------------------------------------

    @property
    def enabled(self) -> bool:
        """C10.FR.11."""
        return self._model.flag("AuthCacheCtrlr.Enabled")

    def find(self, id_token: IdToken, at: datetime) -> IdTokenInfo | None:
        """What the CSMS said last of it, unless that has expired (C10.FR.10, FR.13) or the cache is off."""
        entry = self._entries.get(id_token.key)
        if entry is None or not self.enabled or self._expired(entry, at):
            return None
        return entry.info

    def entry(self, id_token: IdToken) -> CacheEntry | None:
        """What is stored of it, even if that has expired or the cache is off."""
        return self._entries.get(id_token.key)

    def entries(self, at: datetime) -> tuple[CacheEntry, ...]:
        """What has not expired, in the order in which it came."""
        return tuple(entry for entry in self._entries.values() if not self._expired(entry, at))

    def storage_bytes(self, at: datetime) -> int:
        """Bytes in use (AuthCacheCtrlr.Storage)."""
        return self._bytes - sum(_size(entry) for entry in self._entries.values() if self._expired(entry, at))

    # -- what changes it --------------------------------------------------------------------------

    def store(self, id_token: IdToken, info: IdTokenInfo, at: datetime) -> bool:
        """Takes the CSMS's word for an identifier; says whether it stands in the cache now. A cacheExpiryDateTime in
        the past keeps it out, or takes it out (C10.FR.10)."""
        if not self.enabled or id_token.type in NEVER_KEPT:
            return False
        for key in [key for key, entry in self._entries.items() if self._expired(entry, at)]:
            self._drop(key)
        key = id_token.key
        before = self._entries.get(key)
        if before is None:
            self._moments += 1
            entry = CacheEntry(id_token, info, at, self._moments, self._moments)
        else:
            entry = msgspec.structs.replace(before, id_token=id_token, info=info, updated=at)
        if self._expired(entry, at) or _size(entry) > self._capacity_bytes:
            self._drop(key)
            return False
        self._bytes += _size(entry) - (0 if before is None else _size(before))
        self._put(entry)
        self._make_room(key)
        return True

    def use(self, id_token: IdToken) -> None:
        """It was presented, which counts for LRU and LFU."""
        entry = self._entries.get(id_token.key)
        if entry is not None and self.enabled:
            self._moments += 1
            self._put(msgspec.structs.replace(entry, used=self._moments, uses=entry.uses + 1))

    def forget(self, id_token: IdToken) -> bool:
        """Takes one identifier out; says whether it was there."""
        return self._drop(id_token.key)

    def clear(self) -> None:
        """C11."""
        for key in tuple(self._entries):
            self._drop(key)

    # -- room and age -----------------------------------------------------------------------------

    def _make_room(self, newest: Key) -> None:
        """Deletes others until all fits: what is not Accepted first, and then what the policy says (C10.FR.07)."""
        rank = _FIRST_TO_GO[self._model.text("AuthCacheCtrlr.Policy")]
        while self._bytes > self._capacity_bytes:
            others = (key for key in self._entries if key != newest)
            self._drop(min(others, key=lambda key: (_accepted(self._entries[key]), rank(self._entries[key]))))

    def _expired(self, entry: CacheEntry, at: datetime) -> bool:
        """By the CSMS's cacheExpiryDateTime, or else when it was not updated for AuthCacheCtrlr.LifeTime seconds."""
        if entry.info.cache_expiry is not None:
            return at > entry.info.cache_expiry
        return at - entry.updated > timedelta(seconds=self._model.integer("AuthCacheCtrlr.LifeTime"))

    def _put(self, entry: CacheEntry) -> None:
        self._entries[entry.id_token.key] = entry
        self._memory.keep(_row(entry.id_token.key), entry)

    def _drop(self, key: Key) -> bool:
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self._bytes -= _size(entry)
        self._memory.forget(_row(key))
        return True


def _row(key: Key) -> str:
    return f"{_PREFIX}{key[0]}/{key[1]}"


def _accepted(entry: CacheEntry) -> bool:
    return entry.info.status is AuthorizationStatus.ACCEPTED


def _size(entry: CacheEntry) -> int:
    return _OVERHEAD_BYTES + len(msgspec.json.encode((entry.id_token, entry.info)))


_FIRST_TO_GO: Mapping[str, Callable[[CacheEntry], tuple[int, int]]] = MappingProxyType(
    {
        "LRU": lambda entry: (entry.used, 0),
        "LFU": lambda entry: (entry.uses, entry.used),
        "FIFO": lambda entry: (entry.arrived, 0),
    }
)
"""AuthCacheCtrlr.Policy: which entry has the least rank, so that it goes first."""

POLICIES = tuple(_FIRST_TO_GO)
