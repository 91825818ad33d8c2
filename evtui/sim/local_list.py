"""The local authorization list, which the CSMS alone writes (D01, D02)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from evtui.sim.memory import Memory
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.requests import AuthorizationData, SendLocalList, StatusAnswer, StatusInfo, UpdateType
from evtui.sim.terms import AuthorizationStatus
from evtui.sim.variables.device_model import DeviceModel

MOST_ENTRIES = 1_000
"""The maxLimit of LocalAuthListCtrlr.Entries."""

CAPACITY_BYTES = 524_288
"""The maxLimit of LocalAuthListCtrlr.Storage."""

_KEY = "local-list"


class ListEntry(msgspec.Struct, frozen=True):
    """An identifier, and what the CSMS says of it."""

    id_token: IdToken
    info: IdTokenInfo


class ListState(msgspec.Struct, frozen=True):
    """All that a list is. Version 0: the CSMS has sent none yet (D02.FR.02)."""

    version: int = 0
    entries: tuple[ListEntry, ...] = ()


def updated(state: ListState, request: SendLocalList) -> ListState | StatusAnswer:
    """The list after an update, or why it stays as it was."""
    if request.version_number <= 0:  # D01.FR.18
        return _failed("ValuePositiveOnly", "a list's version number is greater than 0")
    differential = request.update_type is UpdateType.DIFFERENTIAL
    if differential and request.version_number <= state.version:  # D01.FR.19
        why = f"the list has version {state.version} already"
        return StatusAnswer("VersionMismatch", StatusInfo("ValueTooLow", why))
    if len({data.id_token.key for data in request.entries}) < len(request.entries):  # D01.FR.06
        return _failed("InvalidValue", "an identifier is there twice")
    if not differential and any(data.info is None for data in request.entries):
        return _failed("MissingParam", "an identifier of a Full update has no idTokenInfo")
    entries = _merged(state.entries if differential else (), request.entries)
    if len(entries) > MOST_ENTRIES:
        return _failed("TooManyElements", f"the list would have {len(entries)} identifiers, not {MOST_ENTRIES} at most")
    if storage_bytes(entries) > CAPACITY_BYTES:
        return _failed("OutOfStorage", f"the list would have more than {CAPACITY_BYTES} bytes")
    return ListState(request.version_number, entries)


def too_long(model: DeviceModel, request: object, size: int) -> StatusAnswer | None:
    """A SendLocalList with more items or bytes than one may have changes nothing (D01.FR.11)."""
    if not isinstance(request, SendLocalList):
        return None
    most_items = model.integer("LocalAuthListCtrlr.ItemsPerMessage")
    most_bytes = model.integer("LocalAuthListCtrlr.BytesPerMessage")
    if len(request.entries) > most_items:
        return _failed("TooManyElements", f"a message takes at most {most_items} items, not {len(request.entries)}")
    if size > most_bytes:
        return _failed("TooLargeElement", f"a message has at most {most_bytes} bytes, not {size}")
    return None


def storage_bytes(entries: Iterable[ListEntry]) -> int:
    """Bytes that these take (LocalAuthListCtrlr.Storage)."""
    return sum(len(msgspec.json.encode(entry)) for entry in entries)


def _merged(entries: tuple[ListEntry, ...], changes: tuple[AuthorizationData, ...]) -> tuple[ListEntry, ...]:
    """With idTokenInfo an identifier comes or changes (D01.FR.16), without it goes (D01.FR.17)."""
    merged = {entry.id_token.key: entry for entry in entries}
    for data in changes:
        if data.info is None:
            merged.pop(data.id_token.key, None)
        else:
            merged[data.id_token.key] = ListEntry(data.id_token, data.info)
    return tuple(merged.values())


def _failed(reason_code: str, why: str) -> StatusAnswer:
    return StatusAnswer("Failed", StatusInfo(reason_code, why))


class LocalList:
    """One station's list, as its variables say (LocalAuthListCtrlr). While it is off it tells nothing and takes
    nothing, but keeps what it has (D01.FR.09). It outlasts a power cut (D01.FR.10). `storage_bytes` are those in
    use."""

    __slots__ = ("_entries", "_memory", "_model", "_state", "storage_bytes")

    def __init__(self, model: DeviceModel, memory: Memory) -> None:
        self._model = model
        self._memory = memory
        self._take(memory.recall(_KEY, ListState) or ListState())

    @property
    def enabled(self) -> bool:
        """D01.FR.13."""
        return self._model.flag("LocalAuthListCtrlr.Enabled")

    @property
    def state(self) -> ListState:
        """All of it, whether or not it is on."""
        return self._state

    @property
    def version(self) -> int:
        """0 while there is none, or it is off (D02)."""
        return self._state.version if self.enabled else 0

    def entry(self, id_token: IdToken) -> ListEntry | None:
        """What it says of an identifier, even if that has expired or the list is off."""
        return self._entries.get(id_token.key)

    def find(self, id_token: IdToken, at: datetime) -> IdTokenInfo | None:
        """What the list says of it. It is Expired after its cacheExpiryDateTime, whatever the list says (C13.FR.05,
        C14.FR.05: LocalAuthListCtrlr.SupportsExpiryDateTime)."""
        entry = self.entry(id_token) if self.enabled else None
        info = None if entry is None else entry.info
        if info is not None and info.cache_expiry is not None and at > info.cache_expiry:
            return msgspec.structs.replace(info, status=AuthorizationStatus.EXPIRED)
        return info

    def judge(self, request: SendLocalList) -> ListState | StatusAnswer:
        """What an update would make of the list, or why not."""
        if not self.enabled:
            return _failed("NotEnabled", "the local list is off")
        return updated(self._state, request)

    def install(self, state: ListState) -> None:
        """Takes a list that `judge` gave."""
        self._take(state)
        self._memory.keep(_KEY, state)

    def _take(self, state: ListState) -> None:
        self._state = state
        self._entries = {entry.id_token.key: entry for entry in state.entries}
        self.storage_bytes = storage_bytes(state.entries)
