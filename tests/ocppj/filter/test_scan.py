"""Filters find in a spool what a look at each frame would find."""

import re
from fnmatch import translate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evtui.ocppj.filter import parse, scan
from evtui.ocppj.filter.terms import (
    Action,
    And,
    Body,
    Everything,
    Filter,
    Masked,
    Not,
    Or,
    Received,
    RoundTrip,
    Sent,
    Station,
    Type,
    Unanswered,
    WireProtocol,
    Word,
    Wrong,
)
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool import SpoolReader, SpoolWriter

_WRONG = (FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE)


def holds(filter: Filter, frame: Frame) -> bool:
    """The plain meaning of a filter."""
    match filter:
        case Everything():
            return True
        case And(terms=terms):
            return all(holds(each, frame) for each in terms)
        case Or(terms=terms):
            return any(holds(each, frame) for each in terms)
        case Not(term=term):
            return not holds(term, frame)
        case Station(name=name):
            return re.match(translate(name), frame.station, re.IGNORECASE) is not None
        case Action(name=name):
            return re.match(translate(name), frame.action, re.IGNORECASE) is not None
        case Type(type=type):
            return frame.type is type
        case WireProtocol(name=name):
            return (frame.type is FrameType.ECHONET) is (name == "echonet")
        case Sent():
            return frame.direction is Direction.SENT
        case Received():
            return frame.direction is Direction.RECEIVED
        case Wrong():
            return frame.fault != "" or frame.type in _WRONG
        case Masked():
            return frame.masked
        case Unanswered():
            return frame.type is FrameType.CALL and frame.pair is None
        case RoundTrip(longer=longer, ms=ms):
            return frame.rtt_s is not None and (frame.rtt_s * 1000 > ms if longer else frame.rtt_s * 1000 < ms)
        case Word(word=word):
            return word.casefold() in frame.text.casefold()
        case Body(pattern=pattern):
            return re.search(pattern.encode(), frame.text.encode()) is not None
        case _:
            raise AssertionError(filter)


STATIONS = ("CP001", "CP002", "DC001")
ACTIONS = ("Heartbeat", "Authorize", "BootNotification")
TEXTS = ("{}", '{"idToken":"ABC"}', "é à", "ABCABC", '"', "")


def write(directory: Path, frames: list[tuple[int, int, int, int]]) -> None:
    """A CALL for each (station, action, text, fate): answered fast, slowly, by an error, or not at all."""
    with SpoolWriter(directory, 200_000) as writer:
        for number, (station, action, text, fate) in enumerate(frames):
            at, name, id = number / 10, STATIONS[station], f"m{number}"
            fault = "a fault with ABC" if fate == 4 else ""
            call = (Direction.SENT, FrameType.CALL, ACTIONS[action], id, TEXTS[text])
            writer.append(at, name, *call, fault, fate == 3)
            if fate < 3:
                answer = FrameType.CALLERROR if fate == 2 else FrameType.CALLRESULT
                writer.append(
                    at + (0.6, 0.01, 0.02)[fate], name, Direction.RECEIVED, answer, ACTIONS[action], id, TEXTS[text - 1]
                )
            elif fate == 5:
                writer.append(at, name, Direction.RECEIVED, FrameType.ECHONET, "Get", "", "1081 " + TEXTS[text])
        writer.flush()


frames = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40
)
leaves = st.sampled_from(
    [
        "~s CP001",
        "~s cp*",
        "~s ?C001",
        "~s nobody",
        "~a Heartbeat",
        "~a *o*",
        "~t call",
        "~t error",
        "~p echonet",
        "~p ocpp",
        "~in",
        "~out",
        "~e",
        "~u",
        "~m",
        "~rtt >500",
        "~rtt <15",
        "abc",
        "idtoken",
        "É",
        "~b ABC$",
        "~b '(ABC)+'",
        "~b [{]",
        "~b fault",
    ]
)
texts = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} & {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} | {two[1]})"),
        inner.map(lambda one: f"!({one})"),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames, texts, st.integers(1, 9), st.integers(0, 20))
def test_a_scan_finds_what_a_look_at_each_frame_finds(
    tmp_path_factory: pytest.TempPathFactory,
    frames: list[tuple[int, int, int, int]],
    text: str,
    chunk: int,
    start: int,
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    write(directory, frames)
    filter = parse(text)
    with SpoolReader(directory) as reader:
        count = reader.refresh()
        found = [number for part in scan(filter, reader, start, chunk) for number in part.numbers]
        assert found == [each for each in range(start, count) if holds(filter, reader.frame(each))]


def test_a_scan_goes_chunk_by_chunk_to_the_end(tmp_path: Path) -> None:
    write(tmp_path / "s", [(0, 0, 0, 3)] * 10)
    with SpoolReader(tmp_path / "s") as reader:
        reader.refresh()
        assert [part.next for part in scan(Everything(), reader, chunk=4)] == [4, 8, 10]


@pytest.mark.parametrize("text", ["aXb", "ABC", "X"])
def test_a_hit_that_reaches_into_the_next_text_is_none(tmp_path: Path, text: str) -> None:
    with SpoolWriter(tmp_path / "s") as writer:
        for body in ("xa", "Xb", "bAB", "C", "ABC"):
            writer.append(0.0, "CP", Direction.SENT, FrameType.CALL, "A", "", body)
        writer.flush()
    with SpoolReader(tmp_path / "s") as reader:
        count = reader.refresh()
        found = [number for part in scan(parse(text), reader) for number in part.numbers]
        assert found == [number for number in range(count) if text.lower() in reader.frame(number).text.lower()]
