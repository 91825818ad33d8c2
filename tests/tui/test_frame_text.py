"""A frame as text: shown so that nothing reaches the terminal, and on the wire again as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.ocppj.schema_files import Version
from evtui.tui.frame_text import LONGEST, frame_fault, shown_text, wire_text
from evtui.tui.glyphs import ASCII, UNICODE

CALL = '[2,"a","Authorize",{"idToken":{"idToken":"1","type":"Central"}}]'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('[2,"a","Heartbeat",{}]', '[2, "a", "Heartbeat", {}]'),
        ('[3,"a",{"n":1.10,"m":1e2}]', '[3, "a", {\n  "n": 1.10,\n  "m": 1e2\n}]'),
        ('[2,"\x9b\u202e\U0001d173","X",{}]', '[2, "\\u009b\\u202e\\ud834\\udd73", "X", {}]'),
        ("no JSON", "no JSON"),
    ],
)
def test_json_is_indented_and_what_has_no_sign_is_escaped(text: str, shown: str) -> None:
    assert shown_text(text, UNICODE) == shown


def test_ascii_screens_get_ascii() -> None:
    assert shown_text('["充電"]', ASCII) == '["\\u5145\\u96fb"]'
    with pytest.raises(LocalError, match="characters in it"):
        shown_text("充電", ASCII)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nb", "\x9b", "x" * (LONGEST + 1)])
def test_what_cannot_be_edited_is_refused(text: str) -> None:
    with pytest.raises(LocalError):
        shown_text(text, UNICODE)


@pytest.mark.parametrize("text", [CALL, '[3,"a",{"n":1.10,"s":"a  b\\n","k":[1,2,{"x":null}]}]', "[]", '"a: b, c"'])
def test_indentation_is_not_sent(text: str) -> None:
    assert wire_text(shown_text(text, UNICODE)) == text


def test_what_is_no_json_keeps_its_blanks() -> None:
    assert wire_text('[2, "a b",\n  {"c": 1 ') == '[2, "a b",{"c": 1'


@given(st.text())
def test_any_text_is_shown_printable_or_refused(text: str) -> None:
    for glyphs in (UNICODE, ASCII):
        try:
            shown = shown_text(text, glyphs)
        except LocalError:
            continue
        assert all(line.isprintable() for line in shown.split("\n"))


@pytest.mark.parametrize(
    ("text", "version", "action", "fault"),
    [
        (CALL, "2.0.1", "", ""),
        (CALL, "1.6", "", "idToken: is no field of this message (and 1 more)"),
        ('[2,"a","Heartbeet",{}]', "2.0.1", "", "OCPP 2.0.1 has no action Heartbeet"),
        ('[2,"a","Heartbeat"]', "2.0.1", "", "a CALL is [2, message id, action, payload]"),
        ('[3,"a",{}]', "2.0.1", "Heartbeat", "currentTime: is missing"),
        ('[3,"a",{}]', "2.0.1", "", ""),
        ("[3,4,{}]", "2.0.1", "", "a CALLRESULT is [3, message id, payload]"),
        ('[4,"a","GenericError","",{}]', "2.0.1", "", ""),
        ('[4,"a"]', "2.0.1", "", "a CALLERROR is [4, message id, code, description, details]"),
        ("{}", "2.0.1", "", "no frame: it begins with 2"),
        ("[", "2.0.1", "", "not JSON: "),
        ("[" * 50_000, "2.0.1", "", "not JSON: "),
    ],
)
def test_what_is_wrong_with_a_frame_is_said(text: str, version: Version, action: str, fault: str) -> None:
    said = frame_fault(text, version, action)
    assert said.startswith(fault)
    assert bool(said) == bool(fault)
