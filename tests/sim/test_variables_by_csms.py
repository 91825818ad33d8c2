"""B05 to B08 at a station: what a CSMS sets holds at once, what it wants reported follows its answer."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.messages import TransactionEvent
from evtui.sim.requests import (
    GetBaseReport,
    GetReport,
    GetVariable,
    GetVariables,
    GetVariablesAnswer,
    Refusal,
    ReportBase,
    SetVariables,
    SetVariablesAnswer,
    SetVariableTo,
    StatusAnswer,
)
from evtui.sim.terms import RegistrationStatus
from evtui.sim.variables.reports import NotifyReport, VariableRef
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("SetVariables", "A01", "B05")

FULL = GetBaseReport(7, ReportBase.FULL_INVENTORY)


def to(component: str, variable: str, value: str) -> SetVariables:
    return SetVariables((SetVariableTo(VariableRef(component, variable), value),))


def status(book: Playbook, request: SetVariables) -> str:
    answer, _ = book.ask(request)
    assert isinstance(answer, SetVariablesAnswer)
    return answer.rows[0].status


def test_b05_a_new_sample_interval_holds_in_the_running_transaction() -> None:
    """B05.FR.10: what a variable says is what the station does."""
    book = Playbook().charging()
    assert status(book, to("SampledDataCtrlr", "TxUpdatedInterval", "5")) == "Accepted"
    samples = [each for each in book.wait(20.5) if isinstance(each, TransactionEvent)]
    assert [each.trigger_reason for each in samples] == ["MeterValuePeriodic"] * 4
    assert book.said(NoticeKind.VARIABLE) == ["SampledDataCtrlr.TxUpdatedInterval is 5 now"]


def test_b05_aligned_data_begin_when_their_interval_is_set() -> None:
    book = Playbook().booted()
    assert not book.wait(20)
    assert status(book, to("AlignedDataCtrlr", "Interval", "10")) == "Accepted"
    assert script(book.wait(10)) == ["MeterValues 0 Sample.Clock", "MeterValues 1 Sample.Clock"]


def test_b05_a_new_heartbeat_interval_counts_from_the_last_message() -> None:
    book = Playbook().booted()
    assert status(book, to("OCPPCommCtrlr", "HeartbeatInterval", "10")) == "Accepted"
    assert script(book.wait(25)) == ["Heartbeat", "Heartbeat"]


def test_b05_a_start_point_that_has_been_reached_begins_a_transaction() -> None:
    book = Playbook().booted()
    book.plug_in()
    answer, sent = book.ask(to("TxCtrlr", "TxStartPoint", "EVConnected"))
    assert isinstance(answer, SetVariablesAnswer)
    assert not sent, "the cable went in before"
    book.unplug()
    assert "Started CablePluggedIn EVConnected evse 1/1 Transaction.Begin" in script(book.plug_in())


def test_b06_what_was_set_is_read() -> None:
    book = Playbook().booted()
    book.ask(to("TxCtrlr", "EVConnectionTimeOut", "33"))
    answer, sent = book.ask(GetVariables((GetVariable(VariableRef("TxCtrlr", "EVConnectionTimeOut")),)))
    assert isinstance(answer, GetVariablesAnswer)
    assert (answer.rows[0].value, sent) == ("33", [])


def test_b07_a_report_comes_in_pages_after_its_answer() -> None:
    """B07.FR.04: one NotifyReport after the other, each answered before the next."""
    book = Playbook().booted()
    answer, sent = book.ask(FULL)
    assert answer == StatusAnswer("Accepted")
    assert script(sent) == [f"NotifyReport 7 {page} ..." for page in range(len(sent) - 1)] + [
        f"NotifyReport 7 {len(sent) - 1}"
    ]
    rows = [row for page in sent if isinstance(page, NotifyReport) for row in page.rows]
    assert len(rows) == len(book.station.variables.definitions)


def test_b08_fr_15_a_report_of_nothing_is_told_as_such() -> None:
    answer, sent = Playbook().booted().ask(GetReport(7, (VariableRef("Toaster", "Heat"),)))
    assert (answer, sent) == (StatusAnswer("EmptyResultSet"), [])


def test_pages_of_a_slow_csms_do_not_pile_up() -> None:
    book = Playbook().booted()
    book.csms.keep_silent(NotifyReport)
    answers = [book.ask(FULL)[0] for _ in range(50)]
    assert answers[0] == StatusAnswer("Accepted")
    assert isinstance(answers[-1], StatusAnswer)
    assert answers[-1].status == "Rejected"


def test_b02_a_pending_station_reports_what_it_was_asked_and_nothing_else() -> None:
    """B02.FR.02."""
    book = Playbook()
    book.csms.boot = RegistrationStatus.PENDING
    book.link()
    book.plug_in()
    assert status(book, to("OCPPCommCtrlr", "OfflineThreshold", "5")) == "Accepted"
    answer, sent = book.ask(FULL)
    assert answer == StatusAnswer("Accepted")
    assert sent
    assert all(isinstance(each, NotifyReport) for each in sent)
    book.csms.boot = RegistrationStatus.ACCEPTED
    assert script(book.wait(300))[:2] == ["BootNotification PowerUp", "StatusNotification 1/1 Occupied"]


@pytest.mark.parametrize("rows", [101, 1000])
def test_b06_fr_16_too_many_items_are_an_error_of_the_call(rows: int) -> None:
    answer, sent = (
        Playbook().booted().ask(GetVariables((GetVariable(VariableRef("TxCtrlr", "EVConnectionTimeOut")),) * rows))
    )
    assert isinstance(answer, Refusal)
    assert (answer.code, sent) == ("OccurrenceConstraintViolation", [])


def test_b06_fr_17_too_many_bytes_are_an_error_of_the_call() -> None:
    book = Playbook().booted()
    answer, _ = book.ask(to("TxCtrlr", "EVConnectionTimeOut", "33"), size=65_537)
    assert isinstance(answer, Refusal)
    assert answer.code == "FormatViolation"
    assert book.station.variables.integer("TxCtrlr.EVConnectionTimeOut") == 120


def test_a01_a_new_password_is_never_told_and_holds_from_the_next_connection_on() -> None:
    book = Playbook().booted()
    book.ask(to("SecurityCtrlr", "BasicAuthPassword", "correct horse battery"))
    assert "horse" not in repr(book.notices)
    assert book.hangups == 1
    assert script(book.link()) == [], "no boot on plain reconnect"
    assert "horse" not in repr(book.ask(FULL))
