"""What a received text turned out to be, and what goes out: the vocabulary of the RPC engine.

Each carries its FrameMeta, which is all the tap needs besides the text.
"""

from typing import Any

import msgspec

from evtui.ocppj.fault import Fault
from evtui.ocppj.frame import FrameType


class FrameMeta(msgspec.Struct, frozen=True, gc=False):
    """What the tap records with a text. `action` of an answer is that of its CALL ("" if unknown); `fault` is "" for a
    valid frame."""

    type: FrameType
    action: str
    message_id: str
    fault: str = ""


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """A text to send."""

    text: str
    meta: FrameMeta


class Request(msgspec.Struct, frozen=True):
    """A CALL that the schema allows and this side supports: it wants a `result` or an `error`."""

    meta: FrameMeta
    message_id: str
    action: str
    payload: dict[str, Any]


class Result(msgspec.Struct, frozen=True):
    """The valid CALLRESULT of the CALL that was in flight."""

    meta: FrameMeta
    action: str
    message_id: str
    payload: dict[str, Any]
    rtt_s: float


class BadResult(msgspec.Struct, frozen=True):
    """The CALL that was in flight was answered by a CALLRESULT that its schema (or OCPP-J) does not allow. Nothing
    goes on the wire for it in 1.6 and 2.0.1. `payload` is what came, of whatever type."""

    meta: FrameMeta
    action: str
    message_id: str
    payload: Any
    fault: Fault
    rtt_s: float


class CallError(msgspec.Struct, frozen=True):
    """The CALL that was in flight was answered by a CALLERROR. Its parts are as they came, or "" and {} where they
    were of a wrong type (the fault then says so)."""

    meta: FrameMeta
    action: str
    message_id: str
    code: str
    description: str
    details: dict[str, Any]
    rtt_s: float


class Refuse(msgspec.Struct, frozen=True):
    """A frame that must be answered with `reply`, a CALLERROR, at once."""

    meta: FrameMeta
    reply: Outgoing
    code: str
    reason: str


class Ignored(msgspec.Struct, frozen=True):
    """A frame that nobody waits for, and that OCPP-J has no answer to: late, doubled or unreadable."""

    meta: FrameMeta
    reason: str


Received = Request | Result | BadResult | CallError | Refuse | Ignored


class InFlight(msgspec.Struct, frozen=True):
    """The own CALL that waits for its answer. Times are of the caller's monotonic clock."""

    message_id: str
    action: str
    sent_at_s: float
    deadline_s: float


class TimedOut(msgspec.Struct, frozen=True):
    """An own CALL that got no answer in time; a late one will be ignored."""

    action: str
    message_id: str
    waited_s: float
