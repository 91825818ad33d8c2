"""What a text is that somebody wrote by hand, as far as it can be told."""

import msgspec

from evtui.ocppj.fault import printable
from evtui.ocppj.frame import FrameType
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.schemas import Schemas

_NAMED = (FrameType.CALL, FrameType.SEND)
_SHOWN = 60


def meta_of(text: str, schemas: Schemas) -> FrameMeta:
    """What the tap records with it: type, action and id where they can be read, and what is wrong."""
    try:
        frame = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return FrameMeta(FrameType.UNREADABLE, "", "", printable(f"not JSON: {error}"))
    if type(frame) is not list or not frame or type(frame[0]) is not int:
        return FrameMeta(FrameType.UNREADABLE, "", "", "not an OCPP-J message")
    types = {int(each): each for each in FrameType if each not in (FrameType.UNREADABLE, FrameType.ECHONET)}
    kind = types.get(frame[0], FrameType.UNREADABLE)
    message_id = frame[1] if len(frame) > 1 and type(frame[1]) is str else ""
    if kind not in _NAMED:
        fault = "" if kind is not FrameType.UNREADABLE and message_id else "not an OCPP-J message"
        return FrameMeta(kind, "", printable(message_id, _SHOWN), fault)
    if len(frame) != 4 or not message_id or type(frame[2]) is not str or type(frame[3]) is not dict:
        return FrameMeta(kind, "", printable(message_id, _SHOWN), "a CALL is [2, id, action, payload]")
    action = frame[2]
    if action not in schemas.actions:
        name = printable(action, _SHOWN)
        return FrameMeta(kind, name, printable(message_id, _SHOWN), f"{name} is no action of OCPP {schemas.version}")
    wrong = schemas.validate(action, "Request", frame[3])
    return FrameMeta(kind, action, printable(message_id, _SHOWN), "" if wrong is None else str(wrong))
