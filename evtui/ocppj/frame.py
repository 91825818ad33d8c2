"""A Frame: one raw OCPP-J message as it was on the wire, with what the tap knew of it."""

from enum import IntEnum

import msgspec


class Direction(IntEnum):
    """Seen from the station."""

    SENT = 0
    RECEIVED = 1


class FrameType(IntEnum):
    """The message type ids of OCPP-J. Two are ours: UNREADABLE, for what is no OCPP-J message at all, and ECHONET, for
    what goes over the other wire, between stations and the controllers of a house."""

    UNREADABLE = 0
    ECHONET = 1
    CALL = 2
    CALLRESULT = 3
    CALLERROR = 4
    CALLRESULTERROR = 5
    SEND = 6


class Frame(msgspec.Struct, frozen=True, gc=False):
    """`number` counts from 0 within a spool; `at` is Unix time in seconds; `action` of an answer is that of its CALL;
    `fault` says what is wrong with it ("" when it is valid); `pair` is the number of the frame it answers, or that
    answers it, if known; `rtt_s` is given on answers. `note` says what a rule on the wire did with it, `original` what
    it was before ("" unless that is something else)."""

    number: int
    at: float
    station: str
    direction: Direction
    type: FrameType
    action: str
    message_id: str
    text: str
    fault: str = ""
    masked: bool = False
    pair: int | None = None
    rtt_s: float | None = None
    note: str = ""
    original: str = ""


def as_text(message: str | bytes) -> str:
    """A received message as a Frame holds it: of a binary one, the bytes that are no UTF-8 stand as escapes."""
    return message if isinstance(message, str) else message.decode("utf-8", "backslashreplace")
