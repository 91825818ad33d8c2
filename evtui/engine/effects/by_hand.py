"""A message that somebody wrote: it goes as the station's CALL when it is its turn, and the answer is told to them."""

import asyncio
from typing import Final

import msgspec

from evtui.engine.effects.effect import Arguments, Effect, Spot
from evtui.engine.effects.link import LONGEST_TEXT
from evtui.engine.exchange import ByHand
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.received import BadResult, CallError, Result, TimedOut
from evtui.ocppj.rpc import MESSAGE_ID_LIMIT
from evtui.ocppj.schema_files import Version
from evtui.ocppj.schemas import schemas_of

_SHOWN: Final = 1_000
_ANSWER_LIMIT: Final = 65_536
_VERSIONS: dict[str, Version] = {"1.6": "1.6", "2.0.1": "2.0.1"}

_Outcome = Result | BadResult | CallError | TimedOut | None


async def send(spot: Spot, arguments: Arguments) -> Effect:
    """Sends it and waits for the answer, which the station never sees. LocalError for what cannot be sent, or breaks
    the schema and is not meant to."""
    session = spot.session
    action, text, message_id = arguments["action"].strip(), arguments["payload"], arguments["message-id"]
    version = _VERSIONS.get(session.version)
    if version is None:
        return Effect(False, "there is no connection")
    _check(version, action, text, message_id, although_invalid=arguments["invalid"] == "send")
    answered: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()

    def settle(outcome: _Outcome) -> None:
        if not answered.done():
            answered.set_result(outcome)

    if not session.send_by_hand(ByHand(action, text, message_id or None, settle)):
        return Effect(False, "there is no connection")
    return _told(action, await answered, spot)


def _check(version: Version, action: str, text: str, message_id: str, *, although_invalid: bool) -> None:
    if not action:
        raise LocalError("action: say which message, such as Heartbeat")
    if len(text) > LONGEST_TEXT:
        raise LocalError(f"payload: {len(text)} characters, at most {LONGEST_TEXT} can be sent")
    try:
        (action + text + message_id).encode()
    except UnicodeEncodeError:
        raise LocalError("payload: this is no Unicode text, and a WebSocket carries no other") from None
    if although_invalid:
        return
    if (fault := schemas_of(version).judge_text(action, text)) is not None:
        raise LocalError(f"{printable(action, 60)} is not sent: {fault}; invalid=send sends it all the same")
    if len(message_id) > MESSAGE_ID_LIMIT:
        raise LocalError(f"message-id: {len(message_id)} characters, at most {MESSAGE_ID_LIMIT} are allowed")


def _told(action: str, outcome: _Outcome, spot: Spot) -> Effect:
    name = printable(action, 60)
    match outcome:
        case Result(payload=payload, rtt_s=rtt_s):
            answer = _json(payload, spot)
            return Effect(True, _line(f"{name}: CALLRESULT in {rtt_s * 1000:.0f} ms {answer}"), answer)
        case BadResult(payload=payload, rtt_s=rtt_s, fault=fault):
            answer = _json(payload, spot)
            text = f"{name}: CALLRESULT in {rtt_s * 1000:.0f} ms that breaks the schema ({fault}) {answer}"
            return Effect(True, _line(text), answer)
        case CallError(code=code, description=description, details=details):
            answer = _json({"errorCode": code, "errorDescription": description, "errorDetails": details}, spot)
            words = f": {description}" if description else ""
            return Effect(False, _line(f"{name}: CALLERROR {code or 'without a code'}{words}"), answer)
        case TimedOut(waited_s=waited_s):
            return Effect(False, f"{name}: no answer within {waited_s:.0f} s")
        case _:
            return Effect(False, f"{name}: the connection was lost before the answer came")


def _line(text: str) -> str:
    return printable(text, _SHOWN)


def _json(payload: object, spot: Spot) -> str:
    text, _ = spot.session.masked(msgspec.json.encode(payload).decode())
    return text if len(text) <= _ANSWER_LIMIT else text[: _ANSWER_LIMIT - 1] + "…"
