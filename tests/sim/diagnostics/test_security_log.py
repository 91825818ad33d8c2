"""A04.FR.04: every security event is written down, the critical ones are told too."""

from datetime import UTC, datetime, timedelta

from evtui.sim.diagnostics.diagnostics import BAD_FRAMES_S
from evtui.sim.diagnostics.security_log import CRITICAL, MOST_EVENTS, MOST_TECH_INFO, SecurityEventType, SecurityLog
from evtui.sim.events import BadFrame
from evtui.sim.link.passwords import PASSWORD
from evtui.sim.memory import Memory, Row
from evtui.sim.requests import GetLog
from evtui.sim.terms import LogType
from tests.proof import proves
from tests.sim.playbook import Playbook, script

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def security_log(book: Playbook) -> list[str]:
    """The lines of the log as it is uploaded, without their times."""
    book.ask(GetLog(1, LogType.SECURITY, "http://h/"))
    return [line[25:] for line in book.uploads[-1].content.decode().splitlines()]


def test_it_keeps_the_newest_events_over_a_power_cut() -> None:
    memory = Memory()
    log = SecurityLog(memory)
    for number in range(MOST_EVENTS + 10):
        log.add(SecurityEventType.STARTUP, NOON + timedelta(seconds=number), f"{number}")
    assert len(list(log.lines())) == MOST_EVENTS
    rows: dict[str, Row] = {key: row for key, row in memory.collect().items() if row is not None}
    again = SecurityLog(Memory(rows))
    assert list(again.lines()) == list(log.lines())
    again.add(SecurityEventType.STARTUP, NOON, "after")
    assert list(again.lines())[-1].endswith("StartupOfTheDevice: after")


def test_tech_info_is_one_line_of_at_most_255_characters() -> None:
    record = SecurityLog(Memory()).add(SecurityEventType.INVALID_MESSAGES, NOON, "a\nb" + "x" * 300)
    assert record.tech_info.startswith("a\\nb")
    assert len(record.tech_info) == MOST_TECH_INFO


def test_a_flow_that_tells_no_startup_logs_it_all_the_same() -> None:
    book = Playbook(flow="classic").booted()
    assert "SecurityEvent StartupOfTheDevice" not in script([send.message for send in book.sent])
    assert security_log(book) == ["StartupOfTheDevice"]


@proves("SecurityEventNotification", "A04.FR.04")
def test_a04_what_is_not_critical_is_only_written_down() -> None:
    """The standard's list says which are."""
    book = Playbook().booted()
    assert book.event(BadFrame("status: not one of ...")) == []
    book.set(PASSWORD, "0123456789abcdef")
    assert book.link() == []
    assert security_log(book)[1:] == [
        "InvalidMessages: status: not one of ...",
        "ReconfigurationOfSecurityParameters: BasicAuthPassword was changed",
    ]
    assert not CRITICAL[SecurityEventType.INVALID_MESSAGES]


def test_invalid_messages_in_a_row_are_one_event_a_minute() -> None:
    book = Playbook().booted()
    for _ in range(5):
        book.event(BadFrame("no JSON"))
        book.wait(BAD_FRAMES_S / 4)
    assert security_log(book)[1:] == ["InvalidMessages: no JSON"] * 2
