"""A04 and A00: what endangers security is told, the critical part to the CSMS, as long as it takes."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import ConnectTrouble
from evtui.sim.messages import SecurityEvent
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("SecurityEventNotification", "A00", "A04")


@pytest.mark.parametrize(
    ("trouble", "event"),
    [
        (ConnectTrouble.CERTIFICATE, "InvalidCsmsCertificate"),
        (ConnectTrouble.TLS_VERSION, "InvalidTLSVersion"),
        (ConnectTrouble.TLS_CIPHER, "InvalidTLSCipherSuite"),
    ],
)
def test_a00_fr_310_316_323_a_csms_that_cannot_be_trusted_is_told_once_when_it_can(
    trouble: ConnectTrouble, event: str
) -> None:
    """A00.FR.316, note: once for repeated failed attempts; A04.FR.02: queued until it is taken."""
    book = Playbook().booted()
    book.lose_link()
    assert book.fail_to_connect(trouble, times=5) == []
    [told] = book.link()
    assert isinstance(told, SecurityEvent)
    assert (told.type, told.timestamp, told.tech_info) == (event, book.now.utc, "it did not work")
    book.lose_link()
    book.fail_to_connect(trouble)
    assert script(book.link()) == [f"SecurityEvent {event}"], "another time, another event"


def test_a04_before_the_first_acceptance_events_wait_for_it() -> None:
    book = Playbook()
    book.fail_to_connect(ConnectTrouble.CERTIFICATE)
    assert script(book.link()) == [
        "BootNotification PowerUp",
        "SecurityEvent InvalidCsmsCertificate",
        "StatusNotification 1/1 Available",
        "SecurityEvent StartupOfTheDevice",
    ]


def test_a04_fr_02_an_event_outlasts_lost_links() -> None:
    book = Playbook().booted()
    book.lose_link()
    book.fail_to_connect(ConnectTrouble.CERTIFICATE)
    book.csms.keep_silent(SecurityEvent)
    assert script(book.link()) == ["SecurityEvent InvalidCsmsCertificate"]
    book.lose_link()
    book.csms.behave(SecurityEvent)
    assert script(book.link()) == ["SecurityEvent InvalidCsmsCertificate"]
    book.lose_link()
    assert book.link() == []


def test_a04_fr_04_what_is_not_critical_is_logged_and_not_sent() -> None:
    book = Playbook().booted()
    book.lose_link()
    book.fail_to_connect(ConnectTrouble.UNAUTHORIZED, times=3)
    assert book.link() == []
    assert book.said(NoticeKind.SECURITY)[1:] == ["FailedToAuthenticateAtCsms: it did not work"]


def test_what_has_nothing_to_do_with_security_is_none() -> None:
    book = Playbook().booted()
    book.lose_link()
    book.fail_to_connect(ConnectTrouble.OTHER)
    assert book.link() == []


@pytest.mark.parametrize(("off_s", "told"), [(21.0, True), (-21.0, True), (19.0, False)])
def test_a04_a_clock_that_is_moved_by_more_than_the_threshold_is_told(off_s: float, told: bool) -> None:
    """ClockCtrlr.TimeAdjustmentReportingThreshold."""
    book = Playbook(variables={"ClockCtrlr.TimeAdjustmentReportingThreshold": "20"})
    book.csms.clock_off_s = off_s
    assert ("SecurityEvent SettingSystemTime" in script(book.link())) is told


def test_a04_the_start_is_told_once_however_often_the_station_is_accepted() -> None:
    from evtui.sim.link.network_profile import NetworkProfile, NetworkSpec

    both = NetworkSpec((NetworkProfile("ws://first.test"), NetworkProfile("ws://second.test")))
    book = Playbook(network=both).booted()
    book.lose_link()
    book.fail_to_connect(times=3)
    assert script(book.link()) == ["BootNotification Unknown", "StatusNotification 1/1 Available"]
