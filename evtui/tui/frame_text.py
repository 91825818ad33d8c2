"""A frame as text that somebody edits: how it is shown, what of it goes over the wire, and what is wrong with it."""

from typing import Any

import msgspec

from evtui.errors import LocalError
from evtui.ocppj.fault import Fault, printable
from evtui.ocppj.schema_files import Kind, Version
from evtui.ocppj.schemas import schemas_of
from evtui.tui.glyphs import Glyphs
from evtui.tui.json_text import pretty, tokens

LONGEST = 65_536
"""Characters that can be edited in a window without a wait at each key."""


def shown_text(text: str, glyphs: Glyphs) -> str:
    """JSON indented, with what has no sign of its own escaped as JSON does; anything else as it is. LocalError: it
    cannot be edited on a screen."""
    if len(text) > LONGEST:
        raise LocalError(f"{len(text):,} characters are too long to be edited here")
    if _is_json(text):
        return "".join(each if each == "\n" or _fits(each, glyphs) else _escaped(each) for each in pretty(text))
    if all(_fits(each, glyphs) for each in text):
        return text
    raise LocalError("it has characters in it that cannot be edited here")


def wire_text(text: str) -> str:
    """What goes over the wire of a text that was edited: JSON token by token, without the indentation; anything else
    without its line breaks."""
    if _is_json(text):
        return "".join(token for kind, token in tokens(text) if kind != "space")
    return "".join(line.strip() for line in text.split("\n"))


def frame_fault(text: str, version: Version, action: str) -> str:
    """What OCPP-J or the schema has against a frame, "" if nothing; `action` is that of the CALL that it answers."""
    try:
        frame = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return printable(f"not JSON: {error}")
    match frame:
        case [2, str(), str() as name, payload]:
            return _payload_fault(version, name, "Request", payload)
        case [2, *_]:
            return "a CALL is [2, message id, action, payload]"
        case [3, str(), payload]:
            return _payload_fault(version, action, "Response", payload) if action else ""
        case [3, *_]:
            return "a CALLRESULT is [3, message id, payload]"
        case [4, str(), str(), str(), dict()]:
            return ""
        case [4, *_]:
            return "a CALLERROR is [4, message id, code, description, details]"
    return "no frame: it begins with 2 (CALL), 3 (CALLRESULT) or 4 (CALLERROR)"


def _payload_fault(version: Version, action: str, kind: Kind, payload: Any) -> str:
    judge = schemas_of(version)
    if action not in judge.actions:
        return f"OCPP {version} has no action {printable(action, 60)}"
    fault: Fault | None = judge.validate(action, kind, payload)
    return "" if fault is None else f"{fault.path}: {fault.reason}" if fault.path else fault.reason


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


def _fits(character: str, glyphs: Glyphs) -> bool:
    return character.isprintable() and (character.isascii() or not glyphs.ascii)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
