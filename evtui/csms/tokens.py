"""Who may charge: the CSMS's token table."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from evtui.csms.journal import Journal

_TYPES = ("ISO14443", "ISO15693", "Central", "Local", "eMAID", "KeyCode", "MacAddress")


class Token(msgspec.Struct, frozen=True):
    """A token by its value and type. Tokens are compared without case (2.0.1 part 2, identifierString)."""

    value: str
    type: str

    @property
    def shown(self) -> str:
        """The value as it may be shown: a KeyCode is a secret (C04.FR.04)."""
        return "***" if self.type == "KeyCode" else self.value

    def __repr__(self) -> str:
        return f"Token({self.shown!r}, {self.type!r})"


class TokenEntry(msgspec.Struct, frozen=True):
    """What the CSMS knows of a token: an AuthorizationStatusEnum word, its group, and the EVSEs it is good for (all
    when empty)."""

    status: str = "Accepted"
    group: Token | None = None
    evse_ids: tuple[int, ...] = ()


class TokenTable:
    """Tokens and their entries. One that is not listed gets the status `unlisted`: by default, everybody charges."""

    def __init__(self, unlisted: str = "Accepted", journal: Journal | None = None) -> None:
        self.unlisted = unlisted
        self._journal = journal or Journal()
        self._entries: dict[tuple[str, str], TokenEntry] = {}

    def put(self, token: Token, entry: TokenEntry) -> None:
        """Lists a token, or changes its entry."""
        key = (token.value.casefold(), token.type)
        self._entries[key] = entry
        self._journal.token(key, entry)

    def remove(self, token: Token) -> None:
        """Takes a token off the list; nothing happens if it is not there."""
        key = (token.value.casefold(), token.type)
        if self._entries.pop(key, None) is not None:
            self._journal.token(key, None)

    def entry_of(self, key: tuple[str, str]) -> TokenEntry | None:
        """The entry of a token by its value in small letters, and its type."""
        return self._entries.get(key)

    def restore(self, key: tuple[str, str], entry: TokenEntry) -> None:
        """What was stored before; the journal knows it already."""
        self._entries[key] = entry

    def __iter__(self) -> Iterator[tuple[Token, TokenEntry]]:
        """All that are listed; values are in small letters."""
        return ((Token(*key), entry) for key, entry in self._entries.items())

    def __len__(self) -> int:
        return len(self._entries)

    def entry(self, token: Token) -> TokenEntry | None:
        """The entry of a token, None if it is not listed."""
        return self.entry_of((token.value.casefold(), token.type))

    def of_any_type(self, value: str) -> TokenEntry | None:
        """The entry of the token with this value, whatever its type: 1.6 has none. None if it is not listed."""
        value = value.casefold()
        return next((entry for kind in _TYPES if (entry := self._entries.get((value, kind))) is not None), None)

    def info(self, id_token: Mapping[str, Any]) -> dict[str, Any]:
        """The idTokenInfo that answers an idToken of the wire (C01, C09; NoAuthorization: C02)."""
        kind = id_token["type"]
        if kind == "NoAuthorization":
            return {"status": "Accepted"}
        entry = self._entries.get((id_token["idToken"].casefold(), kind))
        if entry is None:
            return {"status": self.unlisted}
        info: dict[str, Any] = {"status": entry.status}
        if entry.group is not None:
            info["groupIdToken"] = {"idToken": entry.group.value, "type": entry.group.type}
        if entry.evse_ids:
            info["evseId"] = list(entry.evse_ids)
        return info
