"""Who may charge: the CSMS's token table."""

from collections.abc import Mapping
from typing import Any

import msgspec

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

    def __init__(self, unlisted: str = "Accepted") -> None:
        self.unlisted = unlisted
        self._entries: dict[tuple[str, str], TokenEntry] = {}

    def put(self, token: Token, entry: TokenEntry) -> None:
        """Lists a token, or changes its entry."""
        self._entries[token.value.casefold(), token.type] = entry

    def remove(self, token: Token) -> None:
        """Takes a token off the list; nothing happens if it is not there."""
        self._entries.pop((token.value.casefold(), token.type), None)

    def entry(self, token: Token) -> TokenEntry | None:
        """The entry of a token, None if it is not listed."""
        return self._entries.get((token.value.casefold(), token.type))

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
