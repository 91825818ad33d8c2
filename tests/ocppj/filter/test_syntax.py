"""How filters are written, and what is said of a text that is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evtui.ocppj.filter import FilterError, complete, help_rows, parse
from evtui.ocppj.filter.terms import (
    WRITTEN,
    Action,
    And,
    Body,
    Everything,
    Filter,
    Not,
    Or,
    Received,
    RoundTrip,
    Sent,
    Station,
    Type,
    WireProtocol,
    Word,
    Wrong,
)
from evtui.ocppj.frame import FrameType

CP, BOOT = Station("CP001"), Action("Boot*")


@pytest.mark.parametrize(
    ("text", "filter"),
    [
        ("", Everything()),
        ("   ", Everything()),
        ("heartbeat", Word("heartbeat")),
        ("~s CP001", CP),
        ("~s CP001 ~a Boot*", And((CP, BOOT))),
        ("~s CP001 & ~a Boot*", And((CP, BOOT))),
        ("~s CP001|~a Boot*", Or((CP, BOOT))),
        ("~in | ~out ~e", Or((Received(), And((Sent(), Wrong()))))),
        ("(~in | ~out) ~e", And((Or((Received(), Sent())), Wrong()))),
        ("!~e", Not(Wrong())),
        ("! ~e", Not(Wrong())),
        ("!word", Not(Word("word"))),
        ("!!~e", Not(Not(Wrong()))),
        ("~t Result", Type(FrameType.CALLRESULT)),
        ("~p echonet", WireProtocol("echonet")),
        ("~rtt >500", RoundTrip(True, 500.0)),
        ("~rtt > 500", RoundTrip(True, 500.0)),
        ("~rtt 2.5ms", RoundTrip(True, 2.5)),
        ("~rtt <20", RoundTrip(False, 20.0)),
        ("~b 'a | b'", Body("a | b")),
        ('~b "a\\"b"', Body('a"b')),
        (r"~b '\"id\":\s*1'", Body(r"\"id\":\s*1")),
        ('"~s"', Word("~s")),
        ("a'b c'", And((Word("a"), Word("b c")))),
    ],
)
def test_a_text_means_a_filter(text: str, filter: Filter) -> None:
    assert parse(text) == filter


@pytest.mark.parametrize(
    ("text", "at", "problem"),
    [
        ("~y CP001", 0, "~y is no filter"),
        ("~outt", 0, "did you mean ~out?"),
        ("~s", 2, "what ~s looks for is missing"),
        ("a |", 3, "a filter is missing"),
        ("| a", 0, "a filter is missing before |"),
        ("(a", 0, "a bracket that is not closed"),
        ("a)", 1, ") closes nothing"),
        ("~t tea", 3, "tea is no type: call"),
        ("~p http", 3, "http is no protocol: ocpp, echonet"),
        ("~rtt fast", 5, ">500 means over 500 ms"),
        ("~b (", 3, "no regular expression"),
        ("~b '('", 3, "no regular expression"),
        ('"abc', 0, "a quote that does not end"),
        ("(" * 200 + "a", 100, "too many terms within each other"),
        ("a" * 1001, 1000, "at most 1000 characters"),
    ],
)
def test_what_is_no_filter_is_told_with_its_place(text: str, at: int, problem: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text)
    assert raised.value.at == at
    assert problem in str(raised.value)


@given(st.text("~saetbpinoutrm<>50&|!()'\"\\ *\x1b[é", max_size=40))
def test_any_text_is_a_filter_or_an_error(text: str) -> None:
    error: FilterError | None = None
    try:
        parse(text)
    except FilterError as raised:
        error = raised
    if error is not None:
        assert 0 <= error.at <= len(text)
        assert "\x1b" not in str(error)


@pytest.mark.parametrize(
    ("text", "completions"),
    [
        ("", []),
        ("~rt", ["~rtt"]),
        ("~s CP0 & ~o", ["~s CP0 & ~out"]),
        ("~s ", ["~s CP001", "~s CP002", "~s 'odd one'"]),
        ("~e ~a heart", ["~e ~a Heartbeat"]),
        ("(~p e", ["(~p echonet"]),
    ],
)
def test_a_text_is_completed_with_what_there_is(text: str, completions: list[str]) -> None:
    found = complete(text, ["CP001", "CP002", "odd one"], ["Heartbeat", "Authorize", ""])
    assert found == completions
    for each in found:
        if not each.endswith("~rtt"):
            parse(each.replace("(~p", "~p"))


@example(")\\")
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip))
def test_a_completion_means_the_name_that_it_completes(name: str) -> None:
    (completed,) = complete("~s ", [name], [])
    assert parse(completed) == Station(name)


def test_the_help_has_a_row_for_each_term() -> None:
    rows = dict(help_rows())
    for term in WRITTEN:
        assert rows[f"{term.sign} {term.takes}".strip()] == term.help != ""
