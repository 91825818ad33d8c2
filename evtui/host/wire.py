"""What goes over the socket between host and window: msgpack records, each after its length in four bytes.

The window speaks first (Hello), the host answers (Welcome), then calls and replies cross freely: each has an id, so
that a long poll for events holds nothing else up.
"""

from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from evtui.engine.beside import Attendance, CsmsAnswer, CsmsQuery, CsmsRequest, CsmsView, NodeView
from evtui.engine.door import Command, FleetEvent, FleetView, Outcome, SpoolInfo, StationDetail, View
from evtui.errors import ProtocolError

PROTOCOL = 6
LENGTH_BYTES = 4
MAX_CALL = 1 << 20  # a window asks in a few hundred bytes
MAX_REPLY = 1 << 26  # a detail with long series is some hundred kilobytes


class Role(StrEnum):
    """What a client is to the host. A window keeps the fleet up; a reader may change nothing, and keeps nothing up; a
    visitor (`evtui ls`, `evtui stop`) is no window at all. A lead keeps its worker up, and asks as much as it likes."""

    WINDOW = "window"
    READER = "reader"
    VISITOR = "visitor"
    LEAD = "lead"


class Hello(msgspec.Struct, frozen=True, array_like=True):
    """The window's first word."""

    protocol: int
    version: str
    role: Role = Role.WINDOW


class Welcome(msgspec.Struct, frozen=True, array_like=True):
    """The host's first word; a window of another protocol goes no further."""

    protocol: int
    version: str


class Call(msgspec.Struct, frozen=True, array_like=True):
    """One of a HostDoor's names, or "forget" (the caller no longer waits for the call named in `body`)."""

    id: int
    verb: str
    body: msgspec.Raw


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """What a call brought: a value, or the reason why not."""

    id: int
    body: msgspec.Raw
    refused: str | None = None


class Verb(NamedTuple):
    """What a name of the door takes and gives."""

    takes: Any
    gives: Any


FORGET = "forget"
VERBS = {
    "fleet": Verb(View, FleetView),
    "station": Verb(tuple[str, bool], StationDetail | None),
    "frames": Verb(None, tuple[SpoolInfo, ...]),
    "events": Verb(int, tuple[FleetEvent, ...]),
    "submit": Verb(Command, Outcome),
    "stop": Verb(str, None),
    "node": Verb(None, NodeView | None),
    "csms": Verb(CsmsQuery, CsmsView | None),
    "ask": Verb(CsmsRequest, CsmsAnswer),
    "attendance": Verb(None, Attendance),
    "settle": Verb(float, dict[str, int]),
}

CHANGING = frozenset({"submit", "stop", "ask"})
"""What a reader is refused."""

SETTLE = "settle"
"""What a lead alone may ask: to end all transactions and deliver what is owed, and how much was not."""

_encoder = msgspec.msgpack.Encoder()


def pack(value: Any) -> bytes:
    """A record with its length before it."""
    body = _encoder.encode(value)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def raw(value: Any) -> msgspec.Raw:
    """A value as the body of a call or reply."""
    return msgspec.Raw(_encoder.encode(value))


class Unpacker:
    """Cuts a stream of bytes into records; refuses one that is longer than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The records that are complete now. ProtocolError: one is too long."""
        buffer = self._buffer
        buffer += data
        records, start = [], 0
        while len(buffer) - start >= LENGTH_BYTES:
            length = int.from_bytes(buffer[start : start + LENGTH_BYTES], "big")
            if length > self._limit:
                raise ProtocolError(f"a record of {length} bytes; at most {self._limit} are allowed")
            end = start + LENGTH_BYTES + length
            if len(buffer) < end:
                break
            records.append(bytes(buffer[start + LENGTH_BYTES : end]))
            start = end
        del buffer[:start]
        return records
