"""Frames as HTTP tells them, and what may be asked of them."""

from typing import Literal

import msgspec

from evtui.errors import LocalError
from evtui.ocppj.filter import And, Filter, Of, parse, uses_patterns
from evtui.ocppj.filter.terms import Action, Received, Sent, Type, Word
from evtui.ocppj.frame import Direction, Frame, FrameType

DirectionName = Literal["SENT", "RECEIVED"]
TypeName = Literal["UNREADABLE", "ECHONET", "CALL", "CALLRESULT", "CALLERROR", "CALLRESULTERROR", "SEND"]


class FrameRecord(msgspec.Struct, frozen=True):
    """A frame: `at` is Unix time; `direction` (SENT or RECEIVED) is seen from the station; `text` is what was on the
    wire, with secrets masked if `masked`; `fault` says what is wrong with it; `pair` is the number of the frame that it
    answers, or that answers it; answers have `rtt_s`; `note` says what a rule on the wire did with it, `original` what
    it was before, if it was something else."""

    number: int
    at: float
    station_id: str
    direction: str
    type: str
    action: str
    message_id: str
    text: str
    fault: str
    masked: bool
    pair: int | None
    rtt_s: float | None
    note: str = ""
    original: str = ""


def frame_record(frame: Frame) -> FrameRecord:
    """The record of a frame."""
    return FrameRecord(
        frame.number,
        frame.at,
        encodable(frame.station),
        frame.direction.name,
        frame.type.name,
        encodable(frame.action),
        encodable(frame.message_id),
        encodable(frame.text),
        encodable(frame.fault),
        frame.masked,
        frame.pair,
        frame.rtt_s,
        encodable(frame.note),
        encodable(frame.original),
    )


def encodable(text: str) -> str:
    """A text as JSON can carry it: halves of surrogate pairs, which a peer may send, as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class Narrowing(msgspec.Struct, frozen=True):
    """Which frames; empty fields let all through. `text` is looked for in the text of frames, in any case of letters;
    `filter` is written as in the window, and narrows further."""

    station: str = ""
    action: str = ""
    direction: DirectionName | None = None
    type: TypeName | None = None
    text: str = ""
    filter: str = ""


def filter_of(wanted: Narrowing) -> Filter:
    """What lets these frames through. FilterError says what is wrong with the `filter`, and where."""
    written = parse(wanted.filter)
    if uses_patterns(written):
        raise LocalError("~b is for the window: here a regular expression could hold everything up; use text=")
    terms: list[Filter] = [written]
    if wanted.station:
        terms.append(Of(wanted.station))
    if wanted.action:
        terms.append(Action(wanted.action))
    if wanted.direction is not None:
        terms.append(Sent() if Direction[wanted.direction] is Direction.SENT else Received())
    if wanted.type is not None:
        terms.append(Type(FrameType[wanted.type]))
    if wanted.text:
        terms.append(Word(wanted.text))
    return And(tuple(terms))
