"""What OCPP leaves to vendors: a DataTransfer, and the CSMS's answer to it."""

import msgspec

from evtui.engine.door import LinkState
from evtui.engine.ear import Handled
from evtui.engine.effects.effect import FAILURES, WAIT_S, Arguments, Effect, Spot
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.sim.actions import Notice, NoticeKind
from evtui.sim.events import TransferData
from evtui.sim.messages import DataTransfer

_LONGEST = {"vendor-id": 255, "message-id": 50}
_SHOWN = 1_000
_ENDS = (NoticeKind.DATA_TRANSFER, NoticeKind.DATA_TRANSFER_FAILED)


async def data_transfer(spot: Spot, arguments: Arguments) -> Effect:
    """Sends it and waits for the answer, whatever that is. LocalError for what OCPP does not allow."""
    event = TransferData(_message(arguments))
    sent = False
    with spot.session.listen() as ear:
        spot.session.post(event)
        by_s = spot.by_s()
        while (heard := await ear.next(by_s)) is not None:
            if heard is LinkState.CRASHED:
                return Effect(False, f"crashed: {spot.session.trouble}")
            if isinstance(heard, Handled):
                sent = sent or heard.event is event
            elif isinstance(heard, Notice) and not sent and heard.kind in FAILURES:
                return Effect(False, printable(heard.text))
            elif isinstance(heard, Notice) and sent and heard.kind in _ENDS:
                return Effect(heard.kind is NoticeKind.DATA_TRANSFER, printable(heard.text, _SHOWN))
    return Effect(False, f"the CSMS has not answered within {WAIT_S:.0f} s")


def _message(arguments: Arguments) -> DataTransfer:
    for name, longest in _LONGEST.items():
        if len(arguments[name]) > longest:
            raise LocalError(f"{name}: {len(arguments[name])} characters; OCPP allows {longest}")
    if not arguments["vendor-id"]:
        raise LocalError("vendor-id: say whose message it is, such as com.example")
    return DataTransfer(arguments["vendor-id"], arguments["message-id"] or None, _json(arguments["data"]))


def _json(text: str) -> str | None:
    """As JSON text; what is no JSON is plain text."""
    if not text:
        return None
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return msgspec.json.encode(text).decode()
    return text
