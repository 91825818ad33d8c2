"""Frames of the RPC engine as the rules see them."""

from typing import Any, Final

import msgspec

from evtui.csms.lint.seen import Seen
from evtui.ocppj.frame import FrameType
from evtui.ocppj.received import CallError, Outgoing, Received, Request, Result

LOOKED_INTO: Final = frozenset({"BootNotification", "StartTransaction"})
"""Actions whose answers the rules look into."""

_CALLS: Final = frozenset({"GetTransactionStatus", "TriggerMessage", "ExtendedTriggerMessage"})
_NOTHING: Final[dict[str, Any]] = {}
_WITH_PAYLOAD: Final = (Request, Result)


def heard(received: Received, number: int, at: float, ahead: bool) -> Seen:
    """A frame of the station."""
    meta = received.meta
    payload = received.payload if isinstance(received, _WITH_PAYLOAD) else _NOTHING
    code = received.code if isinstance(received, CallError) else ""
    return Seen(number, at, meta.type, meta.action, meta.message_id, payload, meta.fault, code, True, ahead)


def said(outgoing: Outgoing, number: int, at: float, proper: bool) -> Seen:
    """A frame of the CSMS; the few payloads that rules want are read from its text."""
    meta = outgoing.meta
    payload, code = _NOTHING, ""
    match meta.type:
        case FrameType.CALLRESULT if meta.action in LOOKED_INTO:
            payload = msgspec.json.decode(outgoing.text)[2]
        case FrameType.CALL if meta.action in _CALLS:
            payload = msgspec.json.decode(outgoing.text)[3]
        case FrameType.CALLERROR:
            code = msgspec.json.decode(outgoing.text)[2]
    return Seen(number, at, meta.type, meta.action, meta.message_id, payload, meta.fault, code, proper)
