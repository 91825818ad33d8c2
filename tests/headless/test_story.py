"""What a run tells: the lines that users of older simulators know, plain, in colour, as bars and as JSON."""

import io
import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.door import FleetEvent, LinkState
from evtui.headless import words
from evtui.headless.story import JsonLines, PlainStory, Plan
from evtui.headless.terminal_story import TerminalStory, has_emoji
from evtui.headless.words import Line
from evtui.sim.actions import NoticeKind
from tests.headless.events import event, session

ONE = Plan(("CP001",), sessions=1, duration_s=30.0)
TWO = Plan(("CP001", "CP002"), sessions=1, duration_s=30.0)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.delenv("NO_COLOR", raising=False)


def plain(plan: Plan, events: Iterable[FleetEvent]) -> list[str]:
    stream = io.StringIO()
    story = PlainStory(stream, plan)
    story.tell(events)
    story.close()
    return stream.getvalue().splitlines()


def coloured(plan: Plan, events: Iterable[FleetEvent], ascii_only: bool = False) -> str:
    stream = Terminal()
    story = TerminalStory(stream, plan, ascii_only)
    story.tell(events)
    story.close()
    return stream.getvalue()


# -- lines ----------------------------------------------------------------------------------------


def test_a_session_of_an_earlier_run_is_told_as_that_and_not_counted() -> None:
    earlier = event("session-ended", 99.0, text="PowerLoss", energy_wh=2801.0)
    assert plain(ONE, [earlier])[0] == "An earlier session broke off (PowerLoss) at 2.801 kWh"
    assert plain(ONE, [earlier, *session(30)])[1:] == plain(ONE, session(30))
    assert "0.500 kWh" in coloured(TWO, [earlier, *session(2)])
    assert "An earlier" not in plain(ONE, session(30))[-1]


def test_a_session_reads_as_users_of_older_simulators_know_it() -> None:
    lines = plain(ONE, session(30))
    assert lines[0] == "Starting charging session (30 seconds)..."
    assert lines[1:3] == ["Sending MeterValues: 0.250 kWh, 15.00 kW", "Charging progress: 3.3% - 0.250 kWh"]
    progress = [line for line in lines if "progress" in line]
    assert progress == [
        "Charging progress: 3.3% - 0.250 kWh",
        "Charging progress: 20.0% - 1.500 kWh",
        "Charging progress: 36.7% - 2.750 kWh",
        "Charging progress: 53.3% - 4.000 kWh",
        "Charging progress: 70.0% - 5.250 kWh",
        "Charging progress: 86.7% - 6.500 kWh",
        "Charging progress: 100.0% - 7.500 kWh",
    ]
    assert lines[-1] == "Charging session completed! Total energy: 7.500 kWh"
    assert sum("Sending MeterValues" in line for line in lines) == 30


def test_a_session_that_was_cut_short_does_not_claim_100_percent() -> None:
    lines = plain(ONE, session(7))
    assert lines[-1] == "Charging session completed! Total energy: 1.750 kWh"
    assert not any("100.0%" in line for line in lines)


def test_several_sessions_are_numbered() -> None:
    plan = Plan(("CP001",), sessions=2, duration_s=2.0)
    lines = plain(plan, [*session(2), *session(2, start=200.0)])
    assert [line for line in lines if line.startswith("Starting")] == [
        "Starting charging session 1/2 (2 seconds)...",
        "Starting charging session 2/2 (2 seconds)...",
    ]


def test_a_held_fleet_has_sessions_without_an_end_in_sight() -> None:
    lines = plain(Plan(("CP001",), 1, 30.0, hold=True), session(2))
    assert lines[0] == "Starting charging session..."
    assert not any("progress" in line for line in lines)


def test_with_several_stations_each_line_names_its_own() -> None:
    lines = plain(TWO, [event("online", text="OCPP 2.0.1", station="CP002"), event("warning", text="x", station="")])
    assert lines == ["CP002: Accepted by the CSMS: OCPP 2.0.1", "Warning: x"]


def test_the_dialled_url_and_a_failure_with_its_countdown_are_told() -> None:
    lines = plain(
        ONE,
        [
            event("connecting", text="ws://127.0.0.1:9000/CP001"),
            event("waiting", text="connection refused (tcp): is it running?; next attempt in 12 s"),
        ],
    )
    assert lines == [
        "Connecting to CSMS: ws://127.0.0.1:9000/CP001",
        "Not connected: connection refused (tcp): is it running?; next attempt in 12 s",
    ]


SILENT = {"boot", "security", "status", "charging-state", "sample", "session-started", "variable"}


@pytest.mark.parametrize("kind", [*LinkState, *NoticeKind])
def test_every_kind_of_event_has_words_or_is_silent_on_purpose(kind: str) -> None:
    told = words.tell(event(str(kind), text="text"))
    assert (told is None) == (str(kind) in SILENT)


@given(st.text())
def test_nothing_that_others_say_can_move_the_cursor(text: str) -> None:
    assert words.harmless(text).isprintable()
    for line in plain(TWO, [event("refused", text=text), event("discarded", text="x", station=text)]):
        assert line.isprintable()


def test_progress_without_a_duration_is_complete() -> None:
    assert words.progress(0.0, 0.0, 1500.0).text == "Charging progress: 100.0% - 1.500 kWh"


# -- terminals ------------------------------------------------------------------------------------


def test_a_terminal_gets_colour_and_emoji() -> None:
    told = coloured(ONE, session(2))
    assert "⚡ " in told
    assert "\x1b[" in told
    assert "Charging session completed! Total energy: 0.500 kWh" in told


def test_ascii_means_ascii() -> None:
    assert coloured(ONE, session(2), ascii_only=True).isascii()
    assert coloured(TWO, session(2), ascii_only=True).isascii()


def test_no_color_means_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    told = coloured(ONE, session(2))
    assert "\x1b[3" not in told
    assert "⚡ " in told


@pytest.mark.parametrize(
    ("terminal", "encoding", "emoji"),
    [("xterm", "utf-8", True), ("linux", "utf-8", False), ("dumb", "UTF-8", False), ("xterm", "ascii", False)],
)
def test_emoji_go_where_they_can_be_seen(terminal: str, encoding: str, emoji: bool) -> None:
    assert has_emoji({"TERM": terminal}, encoding) is emoji


def test_markup_in_what_others_say_stays_text() -> None:
    assert "[bold red]x[/]" in coloured(ONE, [event("refused", text="[bold red]x[/]")])


def test_several_stations_have_a_bar_each_and_no_line_for_each_sample() -> None:
    told = coloured(TWO, [*session(15), *session(30, "CP002")][:-1], ascii_only=True)
    last = told.rsplit("CP001 [", 1)[1]
    assert last.startswith("#" * 30 + "] 100.0% 3.750 kWh   completed")  # its one session has ended
    assert "CP002 [" + "#" * 30 + "] 100.0% 7.500 kWh    15.00 kW" in last
    assert "Sending MeterValues" not in told
    assert "CP001: Charging session completed! Total energy: 3.750 kWh" in told


def test_a_bar_stands_where_its_sessions_stand() -> None:
    plan = Plan(("CP001", "CP002"), sessions=2, duration_s=10.0)
    told = coloured(plan, [*session(10), *session(5, start=200.0)[:-1]], ascii_only=True)
    assert "75.0% 3.750 kWh" in told.rsplit("CP001 [", 1)[1]


def test_stations_that_would_not_fit_share_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "10")
    plan = Plan(tuple(f"CP{n:03d}" for n in range(1, 11)), sessions=1, duration_s=10.0)
    told = coloured(plan, session(5)[:-1], ascii_only=True)
    assert "5.0% 10 stations, 1.250 kWh" in told
    assert "CP002" not in told


# -- programs -------------------------------------------------------------------------------------


def test_json_lines_are_the_events_themselves() -> None:
    stream = io.StringIO()
    lines = JsonLines(stream)
    lines.say(Line("x", "y", "not for programs"))
    told = [event("refused", text="\x1b[2J\n"), *session(1)]
    lines.tell(told)
    lines.close()
    read = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(each["number"], each["kind"], each["text"]) for each in read] == [
        (each.number, each.kind, each.text) for each in told
    ]
    assert "\x1b" not in stream.getvalue()


# -- a summary ------------------------------------------------------------------------------------


def test_of_a_summary_only_trouble_is_told() -> None:
    plan = Plan(("CP001", "CP002"), sessions=1, duration_s=30.0, summary=True)
    events = [event("online", 1.0), event("warning", 2.0, text="session failed: no answer")]
    assert plain(plan, events) == ["CP001: Warning: session failed: no answer"]
    assert "%" not in coloured(plan, events)  # no bars
