"""N01: a CSMS gets a log, and hears how its upload is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evtui.sim.actions import Upload
from evtui.sim.diagnostics import location
from evtui.sim.diagnostics.location import Location
from evtui.sim.diagnostics.log_upload import MOST_RETRIES, file_name
from evtui.sim.events import Uploaded, UploadFailed
from evtui.sim.messages import Message
from evtui.sim.requests import (
    GetLog,
    LogAnswer,
    MessageTrigger,
    Reset,
    ResetType,
    StatusAnswer,
    StatusInfo,
    TriggerMessage,
)
from evtui.sim.terms import LogType, UploadLogStatus
from tests.proof import proves
from tests.sim.playbook import BEGIN, Playbook, script

pytestmark = proves("GetLog", "LogStatusNotification", "N01")

PLACE = "http://logs.example/in/"
DIAGNOSTICS, SECURITY = LogType.DIAGNOSTICS, LogType.SECURITY


def get(
    book: Playbook, request_id: int = 1, type: LogType = DIAGNOSTICS, place: str = PLACE, **more: Any
) -> tuple[LogAnswer, list[str]]:
    answer, sent = book.ask(GetLog(request_id, type, place, **more))
    assert isinstance(answer, LogAnswer)
    return answer, script(sent)


def fail(book: Playbook, status: UploadLogStatus = UploadLogStatus.UPLOAD_FAILURE) -> list[str]:
    return script(book.event(UploadFailed(book.uploads[-1].ref, status, "HTTP 500")))


def arrive(book: Playbook, upload: Upload | None = None) -> list[str]:
    return script(book.event(Uploaded((upload or book.uploads[-1]).ref)))


def trigger(book: Playbook) -> list[str]:
    _, sent = book.ask(TriggerMessage(MessageTrigger.LOG_STATUS_NOTIFICATION))
    return script(sent)


# -- its course -----------------------------------------------------------------------------------


def test_n01_fr_01_08_09_a_log_is_named_uploaded_and_reported() -> None:
    book = Playbook().booted()
    answer, sent = get(book, 12)
    assert answer == LogAnswer("Accepted", "CP001-diagnostics-20260504T120000Z.log")
    assert sent == ["LogStatus Uploading 12"]
    (upload,) = book.uploads
    assert (upload.place.of(upload.name), upload.name) == (f"{PLACE}{answer.name}", answer.name)
    assert b"INFO boot: Accepted\n" in upload.content
    assert arrive(book) == ["LogStatus Uploaded 12"]
    assert arrive(book) == []


def test_n01_fr_03_the_security_log_holds_security_events_and_nothing_else() -> None:
    book = Playbook().booted()
    get(book, type=SECURITY)
    assert book.uploads[0].content == b"2026-05-04T12:00:00.250Z StartupOfTheDevice\n"
    assert book.uploads[0].name == "CP001-security-20260504T120000Z.log"


def test_n01_only_what_happened_in_the_time_that_was_asked_for_is_uploaded() -> None:
    book = Playbook().booted()
    book.wait(3600)
    book.plug_in()
    book.wait(3600)
    book.unplug()
    span: dict[str, Any] = {"oldest": BEGIN + timedelta(minutes=30), "latest": BEGIN + timedelta(minutes=90)}
    get(book, **span)
    lines = book.uploads[0].content.decode().splitlines()
    assert [each[25:] for each in lines if "Heartbeat" not in each] == [
        "INFO EVSE 1 plugged-in: Default EV, 41 kWh",
        "INFO EVSE 1 status: Occupied",
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"oldest": BEGIN + timedelta(days=1)},
        {"latest": BEGIN - timedelta(days=1)},
        {"oldest": BEGIN + timedelta(hours=1), "latest": BEGIN},
    ],
)
def test_n01_fr_05_what_was_not_logged_is_rejected(more: dict[str, Any]) -> None:
    book = Playbook().booted()
    answer, sent = get(book, **more)
    assert (answer.status, answer.name, sent, book.uploads) == ("Rejected", None, [], [])


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("ftp://user:secret@logs.example/in", "UnsupportedParam"),
        ("sftp://logs.example/in", "UnsupportedParam"),
        ("file:///etc/passwd", "UnsupportedParam"),
        ("logs.example/in", "UnsupportedParam"),
        ("http:///in", "InvalidURL"),
        ("http://logs.example:99999/in", "InvalidURL"),
        ("http://[::1/in", "InvalidURL"),
        ("http://logs.example/a b", "InvalidURL"),
    ],
)
def test_a_location_that_this_station_cannot_send_to_is_rejected_and_says_why(place: str, reason: str) -> None:
    book = Playbook().booted()
    answer, sent = get(book, place=place)
    assert (answer.status, sent) == ("Rejected", [])
    assert answer.info is not None
    assert answer.info.reason_code == reason
    assert "secret" not in repr(answer)


@pytest.mark.parametrize(
    "status",
    [
        UploadLogStatus.UPLOAD_FAILURE,
        UploadLogStatus.BAD_MESSAGE,
        UploadLogStatus.PERMISSION_DENIED,
        UploadLogStatus.NOT_SUPPORTED_OPERATION,
    ],
)
def test_n01_fr_10_a_failure_is_told_as_what_it_is(status: UploadLogStatus) -> None:
    book = Playbook().booted()
    get(book, 3)
    assert fail(book, status) == [f"LogStatus {status} 3"]


# -- retries --------------------------------------------------------------------------------------


def test_n01_fr_10_only_the_last_failure_is_told_after_retries_at_the_interval() -> None:
    book = Playbook().booted()
    get(book, retries=2, retry_interval_s=20)
    for attempt in (1, 2):
        assert fail(book) == []
        assert trigger(book) == ["LogStatus Uploading 1"], "it is not over yet"
        book.wait(19.9)
        assert len(book.uploads) == attempt
        book.wait(0.2)
        assert len(book.uploads) == attempt + 1
    assert fail(book) == ["LogStatus UploadFailure 1"]
    assert len({upload.ref for upload in book.uploads}) == 3


def test_n01_a_retry_that_succeeds_is_a_success() -> None:
    book = Playbook().booted()
    get(book, retries=1, retry_interval_s=0)
    fail(book)
    book.wait(2)
    assert arrive(book) == ["LogStatus Uploaded 1"]


def test_retries_without_end_are_not_made() -> None:
    book = Playbook().booted()
    get(book, retries=2**31 - 1, retry_interval_s=-5)
    for _ in range(MOST_RETRIES):
        assert fail(book) == []
        book.wait(2)
    assert fail(book) == ["LogStatus UploadFailure 1"]


# -- a second request -----------------------------------------------------------------------------


def test_n01_fr_12_20_a_second_request_takes_the_place_of_the_first() -> None:
    book = Playbook().booted()
    get(book, 1)
    first = book.uploads[0]
    answer, sent = get(book, 2, SECURITY)
    assert answer.status == "AcceptedCanceled"
    assert answer.name == "CP001-security-20260504T120000Z.log"
    assert sent == ["LogStatus AcceptedCanceled 1", "LogStatus Uploading 2"]
    assert book.cancelled == [first.ref]
    assert arrive(book, first) == [], "what comes of the first is nobody's business any more"
    assert arrive(book) == ["LogStatus Uploaded 2"]


def test_n01_fr_12_one_that_waits_for_its_next_attempt_is_cancelled_too() -> None:
    book = Playbook().booted()
    get(book, 1, retries=1, retry_interval_s=60)
    fail(book)
    _, sent = get(book, 2)
    assert sent == ["LogStatus AcceptedCanceled 1", "LogStatus Uploading 2"]
    assert book.cancelled == []
    book.wait(120)
    assert len(book.uploads) == 2


def test_a_second_request_that_is_rejected_leaves_the_first_alone() -> None:
    book = Playbook().booted()
    get(book, 1)
    assert get(book, 2, place="ftp://x/")[0].status == "Rejected"
    assert book.cancelled == []
    assert arrive(book) == ["LogStatus Uploaded 1"]


# -- what else may happen -------------------------------------------------------------------------


@proves("TriggerMessage", "N01.FR.13")
def test_n01_fr_13_a_trigger_tells_the_upload_that_runs_or_idle() -> None:
    book = Playbook().booted()
    assert trigger(book) == ["LogStatus Idle"]
    get(book, 9)
    assert trigger(book) == ["LogStatus Uploading 9"]
    arrive(book)
    assert trigger(book) == ["LogStatus Idle"]


def test_the_end_of_an_upload_without_a_link_is_told_when_there_is_one_again() -> None:
    book = Playbook().booted()
    get(book, 1)
    book.lose_link()
    assert arrive(book) == []
    assert "LogStatus Uploaded 1" in script(book.link())


@proves("Reset", "B12")
def test_a_reset_on_idle_waits_for_the_upload() -> None:
    """B12; errata 2.14: idle means that of all use cases."""
    book = Playbook().booted()
    get(book, 1)
    answer, sent = book.ask(Reset(ResetType.ON_IDLE))
    assert answer == StatusAnswer("Scheduled", StatusInfo("Unspecified", "a log is being uploaded"))
    book.wait(10)
    assert (script(sent), book.hangups) == (["StatusNotification 1/1 Unavailable"], 0)
    assert arrive(book) == ["LogStatus Uploaded 1"]
    book.wait(60)
    assert book.hangups == 1


@proves("Reset", "B12")
def test_a_reset_at_once_breaks_the_upload_off() -> None:
    book = Playbook().booted()
    get(book, 1)
    book.ask(Reset(ResetType.IMMEDIATE))
    assert book.hangups == 1
    assert book.cancelled == [book.uploads[0].ref]
    assert "LogStatus UploadFailure 1" in script(book.link())


# -- names and places -----------------------------------------------------------------------------


def test_a_file_name_is_one_whatever_the_station_is_called() -> None:
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert file_name("../../etc/passwd é", SECURITY, at) == "_.._etc_passwd__-security-20260504T120000Z.log"
    assert file_name("...", SECURITY, at) == "station-security-20260504T120000Z.log"


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("http://h/in/", "http://h/in/a%20b.log"),
        ("http://h/in/?key=1", "http://h/in/a%20b.log?key=1"),
        ("https://h:8443", "https://h:8443/a%20b.log"),
        ("http://h/upload.cgi?key=%2F1", "http://h/upload.cgi?key=%2F1"),
        ("http://h/in#part", "http://h/in"),
        ("http://h/ä", "http://h/%C3%A4"),
    ],
)
def test_a_location_that_ends_in_a_slash_is_a_folder_any_other_is_the_file(place: str, url: str) -> None:
    parsed = location.parse(place)
    assert isinstance(parsed, Location)
    assert parsed.of("a b.log") == url


def test_n01_fr_17_user_and_password_are_taken_out_of_the_url_and_shown_nowhere() -> None:
    place = location.parse("https://us%40er:pa%3Ass@h:1/in/?sig=abc")
    assert isinstance(place, Location)
    assert (place.username, place.password) == ("us@er", "pa:ss")
    shown = f"{place} {place!r} {place.place} {place.url} {place.of('x')}"
    assert "pa" not in shown.replace("/in/", "")
    assert "sig" not in place.place
    book = Playbook().booted()
    get(book, place="https://user:hunter22@h/in/")
    assert "hunter22" not in "\n".join(book.station.log_tail(100))
    assert "hunter22" not in repr(book.notices)
    assert "hunter22" not in repr(book.uploads)
    assert "hunter22" not in repr(GetLog(1, SECURITY, "https://user:hunter22@h/in/"))


def test_messages_of_an_upload_are_valid() -> None:
    """The request id goes through every one of them (N01.FR.07)."""
    sent: list[Message] = []
    book = Playbook().booted()
    sent += book.ask(GetLog(77, DIAGNOSTICS, PLACE))[1]
    sent += book.event(Uploaded(book.uploads[0].ref))
    assert all(getattr(each, "request_id", None) == 77 for each in sent)
