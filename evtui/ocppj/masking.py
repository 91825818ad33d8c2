"""Secrets never reach a stored frame: passwords, also those in URLs, the values of write-only variables and KeyCode
tokens are masked.

A frame that holds none costs a few substring searches; the rest of a masked frame stays exactly as it was on the wire.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

MASK = "***"

_ESCAPE = "\\"

_Markers = tuple[tuple[str, str], ...]
# What a frame has to contain before it is worth a closer look; an escape may spell any of the others. Before each, a
# letter of it, as rare as there is: one letter is looked for twenty times as fast as a word.
_MARKERS: _Markers = (
    (_ESCAPE, _ESCAPE),
    ("K", "KeyCode"),
    ("v", '"variable"'),
    ("w", "assword"),
    ("k", '"key"'),
    ("P", "simPin"),
    ("/", "://"),
)
# The messages that come all the time, and what a valid one of them may contain of it.
_MARKERS_OF: dict[str, _Markers] = {
    "TransactionEvent": _MARKERS[:2],
    "Authorize": _MARKERS[:2],
    "BootNotification": (),
    "Heartbeat": (),
    "MeterValues": (),
    "StatusNotification": (),
    "SecurityEventNotification": (),
    "StartTransaction": (),
    "StopTransaction": (),
}
# Variables of the device model and keys of 1.6 that can be written but never read (2.0.1 A01, 1.6 security 2.2).
# Names of variables are compared without regard to case (2.0.1 part 2, CiString).
_WRITE_ONLY = frozenset({"basicauthpassword", "authorizationkey", "password", "apnpassword", "simpin"})
# Where a named variable carries its value: SetVariables, GetVariables, NotifyReport, NotifyEvent.
_VARIABLE_VALUES = ("attributeValue", "actualValue", "value")
# Fields that are secret by themselves: SetNetworkProfile.
_SECRET_FIELDS = frozenset({"basicAuthPassword", "apnPassword", "simPin", "password"})
_SHORT = 6  # a password shorter than this is masked as a whole JSON string only: it may be a part of any word

_STRING = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?', re.DOTALL)
# The password in a URL such as GetLog's; a slash in it makes it none, and a secret all the same.
_URL_PASSWORD = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*):(?:[^\s/?#]*@|(?![0-9]*(?:[/?#]|\Z))\S*@)")
# For what is no JSON at all: values in the places where secrets stand, also when they break off.
_LOOSE = re.compile(
    r'("(?:attributeValue|actualValue|value|idToken|basicAuthPassword|apnPassword|simPin|password|remoteLocation|location)"'
    r"\s*:\s*)"
    r'("[^"\\]*(?:\\.[^"\\]*)*"?|[^\s,}\]]+)',
    re.DOTALL,
)


class Masker:
    """Masks the configured `passwords` wherever they stand, and what OCPP itself holds secret."""

    __slots__ = ("_forms",)

    def __init__(self, passwords: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for password in passwords:
            if password:
                forms.update(_written_forms(password))
        # The longest first: one may be part of another.
        self._forms = sorted(forms, key=len, reverse=True)

    def __repr__(self) -> str:
        return "Masker(***)"

    def mask(self, text: str, action: str = "") -> tuple[str, bool]:
        """The text fit for storing, and whether anything in it was masked. `action` may be given for a frame that its
        schema allows: it saves looking for what such a frame cannot contain."""
        for form in self._forms:
            if form in text:
                return self._masked(text, action)
        for letter, marker in _MARKERS_OF.get(action, _MARKERS):
            if letter in text and marker in text:
                return self._masked(text, action)
        return text, False

    def _masked(self, text: str, action: str) -> tuple[str, bool]:
        """There may be a secret in it."""
        masked = text
        for form in self._forms:
            masked = masked.replace(form, f'"{MASK}"' if form.startswith('"') else MASK)
        if any(marker in masked for _, marker in _MARKERS_OF.get(action, _MARKERS)):
            masked = _mask_fields(masked)
        return masked, masked != text


def is_write_only(variable: str) -> bool:
    """Whether a variable, or a key of 1.6, can be written but never read."""
    return variable.casefold() in _WRITE_ONLY


def without_secrets(tree: Any) -> Any:
    """A JSON tree fit for storing."""
    secrets = set(_secrets(tree))
    return _without(tree, secrets) if secrets else tree


def _written_forms(password: str) -> Iterator[str]:
    """How a password may stand in JSON: as it is, and with the escapes that writers use."""
    escaped = {json.dumps(password, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True)}
    escaped |= {form.replace("/", "\\/") for form in escaped}
    for form in (password, *escaped):
        yield f'"{form}"' if len(password) < _SHORT else form


def _mask_fields(text: str) -> str:
    try:
        tree = msgspec.json.decode(text)
        secrets = set(_secrets(tree))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _LOOSE.sub(rf'\g<1>"{MASK}"', text)
    if not secrets and "://" not in text and _ESCAPE not in text:
        return text
    words = {secret for secret in secrets if isinstance(secret, str)}

    def masked(match: re.Match[str]) -> str:
        literal, colon = match.groups()
        if colon:
            return match.group()
        value = json.loads(literal, strict=False) if "\\" in literal else literal[1:-1]
        if value in words:
            return f'"{MASK}"'
        bare = _without_password(value)
        return literal if bare is value else json.dumps(bare, ensure_ascii=False)

    if len(words) == len(secrets):
        result = _STRING.sub(masked, text)
        return text if result == text else result
    # A secret that is no string breaks the schema anyhow: the frame is written anew.
    return msgspec.json.encode(_without(tree, secrets)).decode()


def _secrets(node: Any) -> Iterator[str | int | float]:
    """The secret values in a JSON tree."""
    if isinstance(node, list):
        for item in node:
            yield from _secrets(item)
    elif isinstance(node, dict):
        yield from _own_secrets(node)
        for item in node.values():
            yield from _secrets(item)


def _own_secrets(node: dict[str, Any]) -> Iterator[str | int | float]:
    if node.get("type") == "KeyCode":
        yield from _scalars(node.get("idToken"))
    variable = node.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else node.get("key")
    if _folded(name) in _WRITE_ONLY:
        for field in _VARIABLE_VALUES:
            yield from _scalars(node.get(field))
        yield from _scalars(node.get("variableAttribute"))
    if node.get("mutability") == "WriteOnly":
        yield from _scalars(node.get("value"))
    for field in _SECRET_FIELDS & node.keys():
        yield from _scalars(node[field])
    if "server" in node and "user" in node:  # a VPN: its key is a shared secret
        yield from _scalars(node.get("key"))


def _scalars(node: Any) -> Iterator[str | int | float]:
    """Every value below a secret place; true, false and null are none."""
    match node:
        case bool() | None | "":
            return
        case str() | int() | float():
            yield node
        case list():
            for item in node:
                yield from _scalars(item)
        case dict():
            for field in _VARIABLE_VALUES:
                yield from _scalars(node.get(field))


def _folded(name: object) -> str:
    return name.casefold() if isinstance(name, str) else ""


def _without(node: Any, secrets: set[str | int | float]) -> Any:
    if isinstance(node, list):
        return [_without(item, secrets) for item in node]
    if isinstance(node, dict):
        return {key: _without(item, secrets) for key, item in node.items()}
    if isinstance(node, str | int | float) and not isinstance(node, bool) and node in secrets:
        return MASK
    return _without_password(node) if isinstance(node, str) else node


def _without_password(text: str) -> str:
    """A URL without the password in it; any other text as it is."""
    return _URL_PASSWORD.sub(rf"\g<1>:{MASK}@", text, count=1) if "://" in text else text
