"""B01-B04 and G02: registration, heartbeat, clock, and what is told after a boot or a reconnect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.actions import NoticeKind
from evtui.sim.link.boot import RETRY_S, TRANSITIONS, BootEvent, BootState
from evtui.sim.messages import (
    BootAnswer,
    BootNotification,
    EmptyAnswer,
    Heartbeat,
    HeartbeatAnswer,
    StatusNotification,
    TransactionEvent,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import RegistrationStatus
from tests.proof import proves
from tests.sim.playbook import BEGIN, Playbook, script

pytestmark = proves(
    "BootNotification", "StatusNotification", "SecurityEventNotification", "Heartbeat", "B01", "B02", "B03", "B04"
)

TWO_EVSES = (EvseSpec(), EvseSpec(connectors=(ConnectorSpec(), ConnectorSpec())))


# -- registration ---------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_boot_is_answered() -> None:
    """B01.FR.08, B01.FR.09."""
    play = Playbook()
    play.csms.keep_silent(BootNotification)
    assert script(play.link()) == ["BootNotification PowerUp"]
    assert play.station.registration is None
    assert play.plug_in() == []
    assert play.present() == []
    assert play.wait(1_000) == []


def test_after_accepted_every_connector_tells_its_status() -> None:
    """B01.FR.05."""
    play = Playbook(evses=TWO_EVSES)
    assert script(play.link()) == [
        "BootNotification PowerUp",
        "StatusNotification 1/1 Available",
        "StatusNotification 2/1 Available",
        "StatusNotification 2/2 Available",
        "SecurityEvent StartupOfTheDevice",
    ]
    assert play.station.registration is RegistrationStatus.ACCEPTED


def test_the_boot_tells_who_the_station_is() -> None:
    [boot, *_] = Playbook().link()
    assert isinstance(boot, BootNotification)
    assert (boot.vendor, boot.model, boot.serial_number, boot.firmware_version) == ("evtui", "AC22", None, None)


@pytest.mark.parametrize("status", [RegistrationStatus.PENDING, RegistrationStatus.REJECTED])
def test_a_station_that_is_not_accepted_boots_again_after_the_interval_and_says_nothing_else(
    status: RegistrationStatus,
) -> None:
    """B02.FR.02, B02.FR.04, B03.FR.02."""
    play = Playbook()
    play.csms.boot, play.csms.interval_s = status, 45
    play.link()
    assert play.station.registration is status
    assert play.plug_in() == []
    assert play.wait(44.9) == []
    play.csms.boot = RegistrationStatus.ACCEPTED
    assert script(play.wait(0.2))[:2] == ["BootNotification PowerUp", "StatusNotification 1/1 Occupied"]
    assert play.said(NoticeKind.BOOT) == [status, "Accepted"]


@pytest.mark.parametrize("interval_s", [0, -5])
def test_without_an_interval_the_station_waits_as_long_as_it_thinks_right(interval_s: int) -> None:
    """B02.FR.07."""
    play = Playbook()
    play.csms.boot, play.csms.interval_s = RegistrationStatus.PENDING, interval_s
    play.link()
    assert play.wait(RETRY_S - 0.1) == []
    assert script(play.wait(0.2)) == ["BootNotification PowerUp"]


def test_a_callerror_on_the_boot_is_no_acceptance() -> None:
    play = Playbook()
    play.csms.fail(BootNotification)
    assert script(play.link()) == ["BootNotification PowerUp"]
    assert play.station.registration is None
    assert play.wait(RETRY_S - 0.1) == []
    play.csms.behave(BootNotification)
    assert script(play.wait(0.2))[:2] == ["BootNotification PowerUp", "StatusNotification 1/1 Available"]


def test_no_answer_to_the_boot_is_no_acceptance() -> None:
    play = Playbook()
    play.csms.keep_silent(BootNotification)
    play.link()
    play.elapsed_s = 30
    assert play.time_out() == []
    assert script(play.wait(RETRY_S)) == ["BootNotification PowerUp"]


def test_a_rejected_station_that_reconnects_still_waits() -> None:
    """B03.FR.02."""
    play = Playbook()
    play.csms.boot, play.csms.interval_s = RegistrationStatus.REJECTED, 100
    play.link()
    play.lose_link()
    play.wait(10)
    assert play.link() == []
    assert script(play.wait(90)) == ["BootNotification PowerUp"]


def test_a_boot_that_the_link_cut_short_is_sent_again_at_once() -> None:
    play = Playbook()
    play.csms.keep_silent(BootNotification)
    play.link()
    play.lose_link()
    assert script(play.link()) == ["BootNotification PowerUp"]


def test_a_plain_reconnect_needs_no_boot() -> None:
    """OCPP-J 5.3."""
    play = Playbook().booted()
    play.lose_link()
    play.wait(10)
    assert play.link() == []


def test_a_link_that_replaces_another_is_a_reconnect() -> None:
    play = Playbook().booted()
    play.csms.keep_silent(StatusNotification)
    play.plug_in()
    play.outstanding = None
    assert script(play.link()) == ["StatusNotification 1/1 Occupied"]


def test_what_the_boot_table_does_not_list_changes_nothing() -> None:
    listed = {(BootState.ACCEPTED, event) for event in BootEvent} & TRANSITIONS.keys()
    assert listed == set()


@pytest.mark.parametrize("answer", [EmptyAnswer(), HeartbeatAnswer(BEGIN)])
def test_an_answer_of_the_wrong_kind_accepts_nothing(answer: EmptyAnswer | HeartbeatAnswer) -> None:
    play = Playbook()
    play.csms.replies[BootNotification] = lambda: answer
    assert script(play.link()) == ["BootNotification PowerUp"]
    assert not play.station.online
    assert script(play.wait(RETRY_S + 1)) == ["BootNotification PowerUp"]


@pytest.mark.parametrize("status", [RegistrationStatus.PENDING, RegistrationStatus.REJECTED])
def test_what_happens_before_acceptance_is_told_after_it(status: RegistrationStatus) -> None:
    """B02.FR.03, B03.FR.01: TxBeforeAcceptedEnabled."""
    play = Playbook(
        variables={"TxCtrlr.TxBeforeAcceptedEnabled": "true", "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"}
    )
    play.csms.boot, play.csms.interval_s = status, 30
    play.link()
    play.plug_in()
    play.present()
    assert play.wait(29) == []
    assert play.reading().charging_state == "Charging"
    play.csms.boot = RegistrationStatus.ACCEPTED
    sent = script(play.wait(2))
    assert sent[:2] == ["BootNotification PowerUp", "StatusNotification 1/1 Occupied"]
    assert [event.seq_no for event in play.events()] == list(range(len(play.events())))
    assert play.sent[-1].message == play.events()[-1]


def test_a_csms_that_has_forgotten_the_station_is_asked_again() -> None:
    """B01.FR.10: it answers SecurityError to whom it has not accepted, and what was queued must not be lost by that."""
    play = Playbook(variables={"OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "2"}).charging()
    play.lose_link()
    play.wait(10)
    play.csms.fail(TransactionEvent, "SecurityError")
    play.csms.keep_silent(BootNotification)
    assert script(play.link())[-1] == "BootNotification Unknown"
    play.csms.behave(TransactionEvent)
    play.answer()
    assert play.station.online
    play.wait(11)
    assert play.station.queued == 0
    assert play.said(NoticeKind.DISCARDED) == []


def test_a_csms_that_says_so_whatever_it_was_told_is_asked_once_a_link() -> None:
    play = Playbook()
    play.csms.fail(StatusNotification, "SecurityError")
    assert script(play.link()).count("BootNotification Unknown") == 1
    play.plug_in()
    assert script(play.unplug()) == ["StatusNotification 1/1 Available"]
    play.lose_link()
    play.wait(100)
    assert script(play.link()).count("BootNotification Unknown") == 1


# -- status after a reconnect -----------------------------------------------------------------------


def test_a_short_time_offline_tells_only_the_connectors_that_changed() -> None:
    """B04.FR.02."""
    play = Playbook(evses=TWO_EVSES).booted()
    play.lose_link()
    play.plug_in(evse_id=1)
    play.wait(60)
    assert script(play.link()) == ["StatusNotification 1/1 Occupied"]


def test_a_connector_that_changed_and_changed_back_is_not_told() -> None:
    play = Playbook().booted()
    play.lose_link()
    play.plug_in()
    play.unplug()
    assert play.link() == []


def test_longer_than_the_threshold_offline_tells_every_connector() -> None:
    """B04.FR.01."""
    play = Playbook(evses=TWO_EVSES, variables={"OCPPCommCtrlr.OfflineThreshold": "20"}).booted()
    play.lose_link()
    play.wait(21)
    assert script(play.link()) == [
        "StatusNotification 1/1 Available",
        "StatusNotification 2/1 Available",
        "StatusNotification 2/2 Available",
    ]


def test_a_status_that_the_link_cut_short_is_told_after_the_reconnect() -> None:
    play = Playbook().booted()
    play.csms.keep_silent(StatusNotification)
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]
    play.lose_link()
    play.csms.behave(StatusNotification)
    assert script(play.link()) == ["StatusNotification 1/1 Occupied"]


# -- heartbeat and clock ------------------------------------------------------------------------------


def test_heartbeats_keep_the_interval_of_the_boot() -> None:
    """B01.FR.04, G02.FR.01."""
    play = Playbook()
    play.csms.interval_s = 20
    play.link()
    assert play.station.variables.get("OCPPCommCtrlr.HeartbeatInterval") == "20"
    assert script(play.wait(19.9)) == []
    assert script(play.wait(40.2)) == ["Heartbeat"] * 3


def test_an_interval_of_zero_leaves_the_station_its_own() -> None:
    play = Playbook(variables={"OCPPCommCtrlr.HeartbeatInterval": "50"})
    play.csms.interval_s = 0
    play.link()
    assert script(play.wait(100)) == ["Heartbeat"] * 2


def test_an_interval_out_of_all_reason_is_cut() -> None:
    play = Playbook()
    play.csms.interval_s = 10**30
    play.link()
    assert play.station.variables.get("OCPPCommCtrlr.HeartbeatInterval") == "2147483647"


def test_any_message_puts_the_heartbeat_off() -> None:
    """G02.FR.05."""
    play = Playbook()
    play.csms.interval_s = 20
    play.charging()
    assert "Heartbeat" not in script(play.wait(60))


def test_once_a_day_the_clock_wants_a_heartbeat_whatever_else_is_sent() -> None:
    """G02.FR.07."""
    play = Playbook(variables={"AlignedDataCtrlr.Interval": "3600"})
    play.csms.interval_s = 4_000
    play.link()
    assert script(play.wait(86_399)).count("Heartbeat") == 0
    assert script(play.wait(3)).count("Heartbeat") == 1


def test_a_csms_that_fails_heartbeats_is_not_asked_more_often() -> None:
    play = Playbook()
    play.csms.interval_s = 3_600
    play.link()
    play.csms.fail(Heartbeat)
    assert len(play.wait(2 * 86_400)) == 48


def test_a_changed_heartbeat_interval_counts_from_now_on() -> None:
    play = Playbook().booted()
    play.set("OCPPCommCtrlr.HeartbeatInterval", "5")
    assert script(play.wait(10)) == ["Heartbeat"] * 2


def test_the_csms_sets_the_clock() -> None:
    """B01.FR.06, G02.FR.02."""
    play = Playbook()
    play.csms.clock_off_s = 90.0
    play.link()
    [status] = play.plug_in()
    assert isinstance(status, StatusNotification)
    assert (status.timestamp - play.now.utc).total_seconds() == 90.0
    assert play.station.variables.get("ClockCtrlr.DateTime") == "2026-05-04T12:01:30.250+00:00"
    assert play.said(NoticeKind.WARNING) == ["the CSMS moved the clock by +90.0 s"]


def test_the_clock_is_put_right_again() -> None:
    play = Playbook()
    play.csms.clock_off_s, play.csms.interval_s = -3_600.0, 10
    play.link()
    play.csms.clock_off_s = 0.2
    play.wait(10)
    assert play.station.clock.read(play.now) == play.now.utc


def test_the_delay_of_the_network_does_not_move_the_clock() -> None:
    play = Playbook()
    play.csms.clock_off_s = -0.8
    play.link()
    assert play.station.clock.read(play.now) == play.now.utc


@pytest.mark.parametrize("status", [RegistrationStatus.PENDING, RegistrationStatus.REJECTED])
def test_the_csms_sets_the_clock_whatever_it_thinks_of_the_station(status: RegistrationStatus) -> None:
    """B01.FR.06."""
    play = Playbook()
    play.csms.boot, play.csms.clock_off_s = status, 7_200.0
    play.link()
    assert (play.station.clock.read(play.now) - play.now.utc).total_seconds() == 7_200.0
    assert play.wait(200) == [], "not even the security event goes out before it is accepted"


def test_another_time_source_leaves_the_clock_alone() -> None:
    play = Playbook(variables={"ClockCtrlr.TimeSource": "NTP"})
    play.csms.clock_off_s = 90.0
    play.link()
    assert play.station.clock.read(play.now) == play.now.utc


@pytest.mark.parametrize("year", [1, 1815, 9999])
def test_a_time_out_of_all_reason_is_not_believed(year: int) -> None:
    play = Playbook()
    play.csms.replies[BootNotification] = lambda: BootAnswer(RegistrationStatus.ACCEPTED, 300, BEGIN.replace(year=year))
    play.link()
    assert play.station.clock.read(play.now) == play.now.utc
    assert play.said(NoticeKind.WARNING) == ["the CSMS's time is more than a century off: the clock stays as it is"]


@given(offsets=st.lists(st.floats(-1e6, 1e6), max_size=8))
def test_the_clock_is_never_further_off_than_a_network_delay(offsets: list[float]) -> None:
    play = Playbook()
    play.csms.interval_s = 10
    play.link()
    for offset_s in offsets:
        play.csms.clock_off_s = offset_s
        play.wait(10)
        off_s = (play.station.clock.read(play.now) - play.now.utc).total_seconds()
        assert abs(off_s - offset_s) <= 1.000_01
