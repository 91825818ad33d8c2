"""The diagnostics log: bounded, in one line each, and nothing secret in it."""

from datetime import UTC, datetime, timedelta

import pytest

from evtui.sim.diagnostics.journal import MOST_PAGES, PAGE, SHEET, Journal
from evtui.sim.diagnostics.lines import MOST_CHARACTERS, Span, line
from evtui.sim.events import ConnectFailed, Fault
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.link.passwords import PASSWORD
from evtui.sim.memory import Memory, Row
from evtui.sim.messages import IdToken
from evtui.sim.terms import IdTokenType
from tests.sim.playbook import Playbook

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECRET = "correct-horse-battery-staple"


def written(memory: Memory, lines: int) -> Journal:
    journal = Journal(memory)
    for number in range(lines):
        journal.add(NOON + timedelta(seconds=number), f"line {number}")
    return journal


def texts(journal: Journal) -> list[str]:
    return [each[25:] for each in journal.lines()]


def log(book: Playbook) -> str:
    return "\n".join(book.station.log_tail(1000))


def rows(memory: Memory) -> dict[str, Row]:
    """What is written of it."""
    return {key: row for key, row in memory.collect().items() if row is not None}


def test_it_keeps_some_thousand_lines_in_order_and_forgets_the_oldest() -> None:
    memory = Memory()
    journal = written(memory, 3000)
    lines = texts(journal)
    assert lines == [f"line {number}" for number in range(3000 - len(lines), 3000)]
    assert MOST_PAGES * PAGE * SHEET <= len(lines) <= (MOST_PAGES + 2) * PAGE * SHEET
    assert len(rows(memory)) <= MOST_PAGES + 2 * PAGE


def test_the_tail_is_the_newest_lines() -> None:
    journal = written(Memory(), 100)
    assert [each[25:] for each in journal.tail(3)] == ["line 97", "line 98", "line 99"]
    assert len(written(Memory(), 2 * PAGE * SHEET + 1).tail(PAGE * SHEET)) == PAGE * SHEET
    assert written(Memory(), 2).tail(0) == ()


@pytest.mark.parametrize("lines", [1, SHEET, SHEET + 1, 2 * PAGE * SHEET, 2 * PAGE * SHEET + 1, 100, 5000])
def test_every_line_outlasts_a_power_cut_and_more_follow(lines: int) -> None:
    memory = Memory()
    before = texts(written(memory, lines))
    again = Journal(Memory(rows(memory)))
    assert texts(again) == before
    again.add(NOON, "later")
    assert texts(again)[-2:] == [before[-1], "later"]


def test_a_line_costs_a_few_lines_of_writing() -> None:
    """A sheet is written anew for each of its lines, and never more than that."""
    memory = Memory()
    journal = Journal(memory)
    for number in range(500):
        journal.add(NOON, f"line {number}")
        assert len(rows(memory)) <= 2, "a sheet, and sometimes a page"


def test_lines_are_struck_for_good_wherever_they_stand() -> None:
    memory = Memory()
    journal = written(memory, 100)
    kept = [each for each in texts(journal) if not each.endswith("0")]
    for found in (rows(memory), None):
        journal = journal if found is None else Journal(memory := Memory(found))
        journal.strike(lambda each: each.endswith("0"))
        assert texts(journal) == kept
    journal.strike(lambda each: True)
    assert texts(journal) == []
    journal.add(NOON, "after")
    assert texts(journal) == ["after"]
    memory.collect()
    assert texts(Journal(memory)) == ["after"]


def test_a_line_stays_a_line_and_is_cut_when_it_is_long() -> None:
    assert line(NOON, "one\ntwo\x1b[2J") == "2026-05-04T12:00:00.000Z one\\ntwo\\x1b[2J"
    assert len(line(NOON, "x" * 10_000)) == len("2026-05-04T12:00:00.000Z ") + MOST_CHARACTERS


@pytest.mark.parametrize(
    ("span", "held"),
    [
        (Span(), True),
        (Span(oldest=NOON, latest=NOON), True),
        (Span(oldest=NOON + timedelta(milliseconds=1)), False),
        (Span(latest=NOON - timedelta(milliseconds=1)), False),
    ],
)
def test_a_span_holds_both_its_ends(span: Span, held: bool) -> None:
    assert span.holds(line(NOON, "x")) is held


def test_a_station_writes_down_what_happens_to_it() -> None:
    book = Playbook().charging()
    book.stop()
    book.unplug()
    book.lose_link()
    told = log(book)
    for what in (
        "INFO started: PowerUp",
        "INFO connected to the CSMS",
        "INFO boot: Accepted",
        "INFO security: StartupOfTheDevice",
        "INFO EVSE 1 plugged-in: Default EV, 41 kWh",
        'INFO EVSE 1 authorized: "DEADBEEF"',
        "INFO EVSE 1 session-started: transaction tx-1",
        "INFO EVSE 1 charging-state: Charging, transaction tx-1",
        " kWh, transaction tx-1",
        "INFO disconnected from the CSMS: gone",
    ):
        assert what in told, what
    assert "sample" not in told


def test_what_is_wrong_is_a_warning() -> None:
    book = Playbook().booted()
    book.event(Fault(FaultKind.GROUND_FAULT, 1))
    book.unplug()
    assert [each[25:].partition(":")[0] for each in book.station.log_tail(32) if " WARNING " in each] == [
        "WARNING EVSE 1 fault",
        "WARNING EVSE 1 impossible",
    ]


def test_no_secret_is_written_down() -> None:
    book = Playbook().booted()
    book.set(PASSWORD, SECRET)
    book.link()
    book.plug_in()
    book.present(IdToken("4711", IdTokenType.KEY_CODE))
    assert SECRET not in log(book)
    assert "4711" not in log(book)
    assert f"{PASSWORD} is set now" in log(book)


def test_attempts_to_connect_that_fail_alike_are_one_line() -> None:
    book = Playbook().booted()
    book.lose_link()
    for text in ("refused", "refused", "no answer", "refused"):
        book.event(ConnectFailed(text=text))
    book.link()
    book.lose_link()
    book.event(ConnectFailed(text="refused"))
    assert [each[25:] for each in book.station.log_tail(32) if "cannot connect" in each] == [
        f"WARNING cannot connect to the CSMS: {why}" for why in ("refused", "no answer", "refused", "refused")
    ]
