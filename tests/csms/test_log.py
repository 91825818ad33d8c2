"""The log line of a frame: one line, harmless, as wide as asked for."""

import re
from typing import Any
from unicodedata import east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.lint.findings import Finding
from evtui.csms.log import finding_line, line
from evtui.ocppj.frame import Direction, Frame, FrameType

_SGR = re.compile(r"\x1b\[[0-9]*m")


def _frame(**changes: Any) -> Frame:
    fields: dict[str, Any] = {
        "number": 0,
        "at": 1_767_323_045.678,
        "station": "CP001",
        "direction": Direction.SENT,
        "type": FrameType.CALL,
        "action": "Heartbeat",
        "message_id": "1",
        "text": '[2,"1","Heartbeat",{}]',
    }
    return Frame(**{**fields, **changes})


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def test_a_call_of_a_station() -> None:
    assert re.fullmatch(r'\d\d:\d\d:\d\d\.678 CP001 → CALL Heartbeat \[2,"1","Heartbeat",\{\}\]', line(_frame()))


def test_an_answer_of_the_csms_with_its_round_trip_time_and_its_fault() -> None:
    text = line(
        _frame(direction=Direction.RECEIVED, type=FrameType.CALLRESULT, rtt_s=0.0123, fault="status: is missing"),
        ascii_only=True,
    )
    assert " CP001 <- CALLRESULT Heartbeat 12.3 ms INVALID status: is missing [2," in text


def test_colour_changes_nothing_but_colour() -> None:
    for direction in Direction:
        for kind in FrameType:
            frame = _frame(direction=direction, type=kind, fault="x")
            coloured = line(frame, colour=True)
            assert coloured != line(frame)
            assert _SGR.sub("", coloured) == line(frame)


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x9b2J", "\r\n", "\x00", "\u202e", "\u2028", "\x7f", "\ud800"])
def test_nothing_in_it_moves_the_cursor(evil: str) -> None:
    for field in ("station", "action", "text", "fault"):
        text = line(_frame(**{field: f"a{evil}b"}))
        assert text.isprintable()
        assert re.search(r"a(\\x|\\u|\\r|\\n)", text)


_hostile = st.text(max_size=60)


@given(_hostile, _hostile, _hostile, st.integers(0, 80), st.booleans(), st.booleans())
def test_it_is_one_printable_line_no_wider_than_asked(
    station: str, action: str, text: str, width: int, colour: bool, ascii_only: bool
) -> None:
    frame = _frame(station=station, action=action, text=text)
    shown = _SGR.sub("", line(frame, width=width, colour=colour, ascii_only=ascii_only))
    assert shown.isprintable()
    assert _columns(shown) <= width
    assert not ascii_only or shown.isascii()


@given(st.integers(1, 70))
def test_what_does_not_fit_ends_in_an_ellipsis(width: int) -> None:
    whole = line(_frame())
    cut = line(_frame(), width=width)
    assert cut == whole if len(whole) <= width else whole.startswith(cut[:-1].rstrip())
    assert len(whole) <= width or cut.endswith("…") or len(cut) >= width - 1


def test_a_huge_frame_costs_what_is_shown_of_it() -> None:
    assert len(line(_frame(text="\x1b" * 1_000_000), width=120)) == 120


def test_a_finding_is_a_line_of_its_own() -> None:
    finding = Finding("CP\u202e1", "seq-gap", "E01.FR.07", "warning", "T1", "seqNo 3 follows 1", 7, 1.0, 1.0)
    assert finding_line(finding) == r"! CP\u202e1 warning E01.FR.07: T1: seqNo 3 follows 1; frame 7"
    assert finding_line(finding, width=12, ascii_only=True) == r"! CP\u202e1~"
    assert finding_line(finding, colour=True).startswith("\x1b[31m! CP")
