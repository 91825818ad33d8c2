"""A CSMS in a process of its own, to be killed: what it is told of transactions is in a file before it answers.

    python -m tests.crash.recording_csms PORT FILE VERSION

For 2.0.1 that is the embedded CSMS; for 1.6 a small one that accepts everything, and gives a transaction the same
number again when its beginning is told again.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from evtui.csms.server import Csms
from evtui.ocppj.frame import Direction, Frame, FrameType

ACTIONS = ("TransactionEvent", "StartTransaction", "StopTransaction", "MeterValues")


class Told(msgspec.Struct, frozen=True):
    """A line of the file."""

    station: str
    action: str
    payload: dict[str, Any]


class Book:
    """The file. A line that was written stays, whatever becomes of the process."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115

    def write(self, station: str, call: list[Any]) -> None:
        if call[0] == 2 and call[2] in ACTIONS:
            self._file.write(msgspec.json.encode(Told(station, call[2], call[3])) + b"\n")


async def embedded(port: int, write: Callable[[str, list[Any]], None]) -> None:
    def note(frame: Frame) -> None:
        if frame.direction is Direction.SENT and frame.type is FrameType.CALL:
            write(frame.station, json.loads(frame.text))

    csms = Csms("127.0.0.1", port, None, exact=True, on_frame=note)
    await csms.start()
    await asyncio.get_running_loop().create_future()


async def simple(port: int, write: Callable[[str, list[Any]], None]) -> None:
    async def talk(link: ServerConnection) -> None:
        assert link.request is not None
        station = link.request.path.rpartition("/")[2]
        try:
            async for text in link:
                call = json.loads(text)
                if call[0] == 2:
                    write(station, call)
                    await link.send(json.dumps([3, call[1], answer(call[2], call[3])]))
        except ConnectionClosed:
            pass

    async with serve(talk, "127.0.0.1", port, subprotocols=[Subprotocol("ocpp1.6")]):
        await asyncio.get_running_loop().create_future()


def answer(action: str, payload: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    match action:
        case "BootNotification":
            return {"currentTime": now, "interval": 300, "status": "Accepted"}
        case "Heartbeat":
            return {"currentTime": now}
        case "StartTransaction":
            began = datetime.fromisoformat(payload["timestamp"])
            return {"transactionId": int(began.timestamp() * 1000) % 2**31, "idTagInfo": {"status": "Accepted"}}
        case "Authorize" | "StopTransaction":
            return {"idTagInfo": {"status": "Accepted"}}
    return {}


if __name__ == "__main__":
    book = Book(sys.argv[2])
    asyncio.run((embedded if sys.argv[3] == "2.0.1" else simple)(int(sys.argv[1]), book.write))
