"""The RPC engine of OCPP-J: who may call when, what answers what, and what is refused how. No I/O, no clock.

One class for stations and CSMS, for OCPP 1.6 and 2.0.1. One own CALL may be in flight (OCPP-J 4.1.1); CALLs of the
peer are taken and answered meanwhile, whatever waits here.
"""

import os
from binascii import hexlify
from collections.abc import Callable, Set
from random import Random
from struct import Struct
from typing import Any, Final

import msgspec

from evtui.errors import BusyError, LocalError
from evtui.ocppj.fault import Fault, printable
from evtui.ocppj.frame import FrameType
from evtui.ocppj.raw import meta_of
from evtui.ocppj.received import (
    BadResult,
    CallError,
    FrameMeta,
    Ignored,
    InFlight,
    Outgoing,
    Received,
    Refuse,
    Request,
    Result,
    TimedOut,
)
from evtui.ocppj.schemas import FORMAT, OCCURRENCE, Schemas

MESSAGE_ID_LIMIT = 36
UNREADABLE_ID = "-1"
DESCRIPTION_LIMIT = 255
_OPEN_LIMIT = 64  # CALLs of the peer whose doubles are noticed
_PAST_LIMIT = 16  # own CALLs whose late answers are recognised
_HEARD_LIMIT = 64  # CALLs of the peer whose ids are remembered

NOT_IMPLEMENTED = "NotImplemented"
NOT_SUPPORTED = "NotSupported"
FRAMEWORK = "RpcFrameworkError"
TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"

_COMMON_CODES = frozenset(
    {
        NOT_IMPLEMENTED,
        NOT_SUPPORTED,
        "InternalError",
        "ProtocolError",
        "SecurityError",
        "FormatViolation",
        "PropertyConstraintViolation",
        "OccurrenceConstraintViolation",
        "TypeConstraintViolation",
        "GenericError",
    }
)
ERROR_CODES: dict[str, frozenset[str]] = {
    "2.0.1": _COMMON_CODES | {FRAMEWORK, TYPE_NOT_SUPPORTED},
    # As printed in 1.6, and as corrected by its errata: both are seen.
    "1.6": _COMMON_CODES | {"FormationViolation", "OccurenceConstraintViolation"},
}
# How a version spells a code that the other spells differently, or does not have.
_SPELLINGS: dict[str, dict[str, str]] = {
    "2.0.1": {},
    # Two of 1.6 stay as they were misprinted (errata of OCPP-J 1.6, 5.1 and 5.2).
    "1.6": {
        OCCURRENCE: "OccurenceConstraintViolation",
        FORMAT: "FormationViolation",
        FRAMEWORK: "FormationViolation",
        TYPE_NOT_SUPPORTED: "FormationViolation",
    },
}


def spelled(code: str, version: str) -> str:
    """An error code as the version spells it. LocalError for one that OCPP-J does not have."""
    code = _SPELLINGS[version].get(code, code)
    if code not in ERROR_CODES[version]:
        raise LocalError(f"OCPP-J {version} has no error code {printable(code, 60)}")
    return code


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode

_CALL: Final = FrameType.CALL
_CALLRESULT: Final = FrameType.CALLRESULT
_CALLERROR: Final = FrameType.CALLERROR
_ids = Random(os.urandom(32))
_UUID_4: Final = 0x4 << 76 | 0x2 << 62  # version and variant
_UUID_CHANCE: Final = ~(0xF << 76 | 0x3 << 62)
_uuid_parts: Final = Struct("8s4s4s4s12s").unpack


def new_message_id() -> str:
    """A random UUID (version 4 of RFC 9562). Nobody has to be unable to guess it, so the system is asked for chance
    only once."""
    number = _ids.getrandbits(128) & _UUID_CHANCE | _UUID_4
    return b"-".join(_uuid_parts(hexlify(number.to_bytes(16, "big")))).decode()


_NUMBERED_TYPES = {int(t): t for t in FrameType if t is not FrameType.UNREADABLE}


class Rpc:
    """One side of one connection. `supported` are the actions whose CALLs this side answers; the version's others are
    refused as NotSupported, and what the version does not know as NotImplemented. `new_id` makes message ids: at most
    36 characters, never the same twice for one station, across connections too."""

    __slots__ = (
        "_answers_unreadable",
        "_error_codes",
        "_heard",
        "_new_id",
        "_open",
        "_past",
        "_schemas",
        "_spelling",
        "_supported",
        "in_flight",
    )

    def __init__(self, schemas: Schemas, supported: Set[str], new_id: Callable[[], str] = new_message_id) -> None:
        self._schemas = schemas
        self._supported = supported
        self._new_id = new_id
        self._spelling = _SPELLINGS[schemas.version]
        self._error_codes = ERROR_CODES[schemas.version]
        self._answers_unreadable = schemas.version != "1.6"
        self.in_flight: InFlight | None = None
        """The own CALL that waits for its answer; `expire` is to be called at its deadline."""
        self._open: dict[str, None] = {}
        self._past: list[str] = []  # id, action and fate of each CALL, one after the other
        self._heard: dict[str, int] = {}  # message id: hash of the CALL

    # -- what waits -------------------------------------------------------------------------------

    def expire(self, now_s: float) -> TimedOut | None:
        """Gives the CALL in flight up if its time is over."""
        waiting = self.in_flight
        if waiting is None or now_s < waiting.deadline_s:
            return None
        self._settle(waiting, "it had timed out")
        return TimedOut(waiting.action, waiting.message_id, now_s - waiting.sent_at_s)

    def reset(self) -> InFlight | None:
        """The link is lost: nothing waits any more. Gives the CALL that was in flight, for its owner to send again."""
        waiting = self.in_flight
        if waiting is not None:
            self._settle(waiting, "it was sent on an earlier connection")
        self._open.clear()
        return waiting

    def _settle(self, waiting: InFlight, outcome: str) -> None:
        self.in_flight = None
        self._recognise(waiting.message_id, waiting.action, outcome)

    def _recognise(self, message_id: str, action: str, outcome: str) -> None:
        """An answer to it will be late, or not for anybody here."""
        past = self._past
        past += (message_id, action, outcome)
        if len(past) > 3 * _PAST_LIMIT:
            del past[:3]

    def _recall(self, message_id: str) -> tuple[str, str] | None:
        """Action and fate of the newest of the remembered CALLs that had this id."""
        past = self._past
        for at in range(len(past) - 3, -1, -3):
            if past[at] == message_id:
                return past[at + 1], past[at + 2]
        return None

    # -- sending ----------------------------------------------------------------------------------

    def call(
        self, action: str, payload: dict[str, Any], now_s: float, timeout_s: float, message_id: str | None = None
    ) -> Outgoing:
        """A CALL to send. A retry may give its former `message_id` (ERR-201 4.6). A payload that breaks the schema is
        sent all the same, and its fault recorded. BusyError when one is in flight; LocalError for an unknown action,
        or what JSON cannot say."""
        if self.in_flight is not None:
            raise BusyError(f"{self.in_flight.action} is in flight, {action} has to wait")
        if message_id is None:
            message_id = self._new_id()
        fault = self._schemas.validate(action, "Request", payload)
        text = _text((2, message_id, action, payload))
        self.in_flight = InFlight(message_id, action, now_s, now_s + timeout_s)
        return Outgoing(text, FrameMeta(_CALL, action, message_id, "" if fault is None else str(fault)))

    def by_hand(
        self, action: str, text: str, now_s: float, timeout_s: float, message_id: str | None = None
    ) -> Outgoing:
        """A CALL whose payload somebody wrote: `text` goes as it is, valid or not, whatever the action. BusyError when
        one is in flight."""
        if self.in_flight is not None:
            raise BusyError(f"{self.in_flight.action} is in flight, {action} has to wait")
        message_id = message_id or self._new_id()
        fault = self._schemas.judge_text(action, text)
        self.in_flight = InFlight(message_id, action, now_s, now_s + timeout_s)
        frame = f"{_text((2, message_id, action))[:-1]},{text}]"
        return Outgoing(frame, FrameMeta(_CALL, printable(action, 60), message_id, "" if fault is None else str(fault)))

    def result(self, message_id: str, action: str, payload: dict[str, Any]) -> Outgoing:
        """The CALLRESULT of a Request. LocalError as for `call`."""
        fault = self._schemas.validate(action, "Response", payload)
        text = _text((3, message_id, payload))
        self._open.pop(message_id, None)
        return Outgoing(text, FrameMeta(_CALLRESULT, action, message_id, "" if fault is None else str(fault)))

    def error(self, message_id: str, code: str, description: str, action: str = "") -> Outgoing:
        """The CALLERROR of a Request; `action` is for the record. LocalError for a code that OCPP-J does not have."""
        code = spelled(code, self._schemas.version)
        self._open.pop(message_id, None)
        text = _text((4, message_id, code, printable(description, DESCRIPTION_LIMIT), {}))
        return Outgoing(text, FrameMeta(_CALLERROR, action, message_id))

    def peek(self, text: str) -> FrameMeta:
        """What a text is that may still change on its way: an answer has the action of its CALL, if that is known."""
        meta = meta_of(text, self._schemas)
        if meta.action or not meta.message_id:
            return meta
        waiting = self.in_flight
        if waiting is not None and waiting.message_id == meta.message_id:
            action = waiting.action
        else:
            action = (self._recall(meta.message_id) or ("",))[0]
        return FrameMeta(meta.type, action, meta.message_id, meta.fault)

    def raw(self, text: str) -> Outgoing:
        """Any text at all, to be sent as it is. What comes back for it is nobody's, and no fault."""
        meta = meta_of(text, self._schemas)
        if meta.type is _CALL and meta.message_id:
            self._recognise(meta.message_id, meta.action, "it was sent by hand")
        return Outgoing(text, meta)

    def leave(self, message_id: str) -> None:
        """A Request gets no answer; should it come again, it is a new one."""
        self._open.pop(message_id, None)

    # -- receiving --------------------------------------------------------------------------------

    def receive(self, text: str | bytes, now_s: float) -> Received:
        """What a received frame is, and what follows from it. Never raises, whatever came."""
        if type(text) is not str:
            return self._unreadable("a binary frame; OCPP-J is text")
        try:
            frame = _decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return self._unreadable(f"not JSON: {error}")
        if type(frame) is not list or not frame:
            return self._unreadable("not an OCPP-J message: that is a list of message type, id and more")
        number = frame[0]
        if type(number) is not int:
            return self._unreadable("the message type is not a whole number")
        if len(frame) == 1:
            frame.append(None)
        if number == 3 or number == 4:
            return self._answer(frame, now_s)
        if number == 2:
            return self._call(frame, text)
        return self._unknown_type(frame)

    def _call(self, frame: list[Any], text: str) -> Received:
        message_id = frame[1]
        if type(message_id) is not str:
            return self._unreadable("the message id is not a string", _CALL)
        if not 0 < len(message_id) <= MESSAGE_ID_LIMIT:
            return self._unreadable(f"the message id has {len(message_id)} characters, 1 to 36 are allowed", _CALL)
        if len(frame) != 4 or type(frame[2]) is not str:
            return self._refuse(message_id, "", Fault(FRAMEWORK, "", "a CALL is [2, id, action, payload]"))
        action, payload = frame[2], frame[3]
        if action not in self._schemas.actions:
            reason = f"{printable(action, 60)} is no action of OCPP {self._schemas.version}"
            return self._refuse(message_id, action, Fault(NOT_IMPLEMENTED, "", reason))
        if type(payload) is not dict:
            return self._refuse(message_id, action, Fault(FORMAT, "", "the payload is not an object"))
        fault = self._schemas.validate(action, "Request", payload)
        if action not in self._supported:
            refusal = Fault(NOT_SUPPORTED, "", f"{action} is not supported here")
            return self._refuse(message_id, action, refusal, "" if fault is None else str(fault))
        if fault is not None:
            return self._refuse(message_id, action, fault)
        if message_id in self._open:
            return self._refuse(message_id, action, Fault(FRAMEWORK, "", "a CALL of this id is being answered already"))
        self._open[message_id] = None
        if len(self._open) > _OPEN_LIMIT:
            del self._open[next(iter(self._open))]
        return Request(
            FrameMeta(_CALL, action, message_id, self._reused(message_id, text)), message_id, action, payload
        )

    def _reused(self, message_id: str, text: str) -> str:
        """What is wrong with the id of a CALL: a retry may have the one of its first attempt (ERR-201 4.6), another
        CALL may not. It is served all the same."""
        heard = self._heard
        mark = hash(text)
        before = heard.setdefault(message_id, mark)
        if len(heard) > _HEARD_LIMIT:
            del heard[next(iter(heard))]
        return "" if before == mark else "the message id was used before, for another CALL"

    def _answer(self, frame: list[Any], now_s: float) -> Received:
        message_id = frame[1]
        waiting = self.in_flight
        if waiting is None or message_id != waiting.message_id:
            return self._unexpected(frame)
        action = waiting.action
        rtt_s = now_s - waiting.sent_at_s
        self.in_flight = None
        self._recognise(message_id, action, "it had been answered")
        if frame[0] == 4:
            return _call_error(frame, action, rtt_s, self._error_codes)
        payload: Any = frame[2] if len(frame) > 2 else None
        if type(payload) is dict and len(frame) == 3 and action in self._schemas.actions:
            fault = self._schemas.validate(action, "Response", payload)
        else:
            fault = self._shape_fault(frame)
        if fault is None:
            return Result(FrameMeta(_CALLRESULT, action, message_id), action, message_id, payload, rtt_s)
        meta = FrameMeta(_CALLRESULT, action, message_id, str(fault))
        return BadResult(meta, action, message_id, payload, fault, rtt_s)

    def _shape_fault(self, frame: list[Any]) -> Fault | None:
        """What can be said of an answer without a schema: to an action that somebody made up, nobody has one."""
        if len(frame) != 3:
            return Fault(FRAMEWORK, "", "a CALLRESULT is [3, id, payload]")
        return None if type(frame[2]) is dict else Fault(FORMAT, "", "the payload is not an object")

    def _unexpected(self, frame: list[Any]) -> Ignored:
        """An answer that nobody waits for: a late one is no fault of the frame, an unknown one is."""
        kind = _NUMBERED_TYPES[frame[0]]
        message_id = frame[1]
        if type(message_id) is not str:
            return Ignored(FrameMeta(kind, "", "", "the message id is not a string"), "the message id is not a string")
        past = self._recall(message_id)
        if past is not None:
            action, outcome = past
            return Ignored(FrameMeta(kind, action, message_id), f"{action} is not waiting for this answer: {outcome}")
        if message_id == UNREADABLE_ID and kind is _CALLERROR:
            reason = "the peer could not read a frame of ours"
        else:
            reason = "answers no CALL of ours"
        return Ignored(FrameMeta(kind, "", printable(message_id, MESSAGE_ID_LIMIT), reason), reason)

    def _unknown_type(self, frame: list[Any]) -> Received:
        number, message_id = frame[0], frame[1]
        reason = f"message type {printable(str(number), 20)} is not supported"
        readable = type(message_id) is str and 0 < len(message_id) <= MESSAGE_ID_LIMIT
        kind = _NUMBERED_TYPES.get(number, FrameType.UNREADABLE)
        if not self._answers_unreadable:
            return Ignored(FrameMeta(kind, "", message_id if readable else "", reason), reason)
        fault = Fault(TYPE_NOT_SUPPORTED, "", reason)
        return self._refuse(message_id if readable else UNREADABLE_ID, "", fault, type=kind)

    def _unreadable(self, reason: str, type: FrameType = FrameType.UNREADABLE) -> Received:
        reason = printable(reason)
        if not self._answers_unreadable:
            return Ignored(FrameMeta(type, "", "", reason), reason)
        return self._refuse(UNREADABLE_ID, "", Fault(FRAMEWORK, "", reason), type=type)

    def _refuse(
        self, message_id: str, action: str, fault: Fault, recorded: str | None = None, type: FrameType = _CALL
    ) -> Refuse:
        """`recorded` is the fault on the refused frame, if another than what the peer is told."""
        reason = str(fault)
        known_id = "" if message_id == UNREADABLE_ID else message_id
        meta = FrameMeta(type, printable(action, 60), known_id, reason if recorded is None else recorded)
        code = self._spelling.get(fault.code, fault.code)
        text = _text((4, message_id, code, reason, {}))
        reply = Outgoing(text, FrameMeta(_CALLERROR, meta.action, message_id))
        return Refuse(meta, reply, code, reason)


def _text(frame: tuple[Any, ...]) -> str:
    try:
        return _encode(frame).decode()
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise LocalError(f"this is not to be said in JSON: {printable(str(error))}") from None


def _call_error(frame: list[Any], action: str, rtt_s: float, codes: frozenset[str]) -> CallError:
    message_id = frame[1]
    parts: list[Any] = [*frame[2:5], None, None, None]
    code, description, details = parts[:3]
    faults = []
    if len(frame) != 5:
        faults.append("a CALLERROR is [4, id, code, description, details]")
    elif type(code) is not str or type(description) is not str or type(details) is not dict:
        faults.append("code and description of a CALLERROR are strings, details an object")
    elif code not in codes:
        faults.append(f"{printable(code, 60)} is no error code of OCPP-J")
    elif len(description) > DESCRIPTION_LIMIT:
        faults.append(f"the description has {len(description)} characters, at most {DESCRIPTION_LIMIT} are allowed")
    meta = FrameMeta(_CALLERROR, action, message_id, "; ".join(faults))
    return CallError(
        meta,
        action,
        message_id,
        code if isinstance(code, str) else "",
        description if isinstance(description, str) else "",
        details if isinstance(details, dict) else {},
        rtt_s,
    )
