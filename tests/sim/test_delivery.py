"""E04, E11-E13 and the outbox: what is sent when, again, late, or never."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import Linked
from evtui.sim.link import outbox
from evtui.sim.memory import Memory
from evtui.sim.messages import (
    Authorize,
    MeterValues,
    SecurityEvent,
    StatusNotification,
    TransactionEvent,
    TransactionEventAnswer,
)
from evtui.sim.terms import TransactionEventType, TriggerReason
from tests.proof import proves
from tests.sim.playbook import BEGIN, CARD, Playbook, line, messages, script

pytestmark = proves("TransactionEvent", "E13")


def transaction_sends(play: Playbook) -> list[tuple[int, int, bool]]:
    """Each transmission of a transaction event: its number, attempt and offline flag."""
    return [
        (send.message.seq_no, send.attempt, send.offline)
        for send in play.sent
        if isinstance(send.message, TransactionEvent)
    ]


# -- retry ----------------------------------------------------------------------------------------


def test_a_refused_event_is_tried_again_after_the_interval_times_the_transmissions_so_far() -> None:
    """E13.FR.02, E13.FR.03: the standard's own example, 3 attempts and 60 s."""
    play = Playbook(
        variables={
            "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "3",
            "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "60",
            "SampledDataCtrlr.TxUpdatedInterval": "0",
            "OCPPCommCtrlr.HeartbeatInterval": "10000",
        }
    ).booted()
    play.csms.interval_s = 10_000
    play.csms.fail(TransactionEvent)
    play.plug_in()
    play.present()
    assert transaction_sends(play) == [(0, 1, False)]
    play.wait(59.9)
    assert transaction_sends(play)[1:] == []
    play.wait(0.2)
    assert transaction_sends(play)[1:] == [(0, 2, False)]
    play.wait(119.8)
    assert transaction_sends(play)[2:] == []
    play.wait(0.2)
    assert transaction_sends(play)[2:] == [(0, 3, False), (1, 1, False)]
    assert play.said(NoticeKind.DISCARDED) == ["TransactionEvent of tx-1, seqNo 0, failed 3 times (InternalError)"]


def test_events_behind_a_refused_one_wait_for_it() -> None:
    """Transaction messages stay in the order they happened."""
    play = Playbook().booted()
    play.plug_in()
    play.csms.fail(TransactionEvent)
    play.present()
    play.wait(5)
    assert transaction_sends(play) == [(0, 1, False)]
    play.csms.behave(TransactionEvent)
    play.wait(5)
    assert [seq_no for seq_no, _, _ in transaction_sends(play)] == [0, 0, *range(1, 12)]


def test_other_messages_pass_a_transaction_event_that_waits_for_its_next_attempt() -> None:
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "0"}).booted()
    play.plug_in()
    play.csms.fail(TransactionEvent)
    play.present()
    assert script(play.unplug()) == ["StatusNotification 1/1 Available"]


def test_a_timeout_counts_as_a_failure_and_a_late_answer_as_nothing() -> None:
    """E13; OCPP-J 4.1.4."""
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "0"}).booted()
    play.plug_in()
    play.csms.keep_silent(TransactionEvent)
    play.present()
    late = play.outstanding
    assert play.time_out() == []
    play.csms.behave(TransactionEvent)
    play.outstanding = late
    assert play.answer(TransactionEventAnswer()) == []
    assert script(play.wait(10))[0].startswith("Started")


def test_the_last_attempt_that_fails_discards_the_event_and_the_next_goes_out() -> None:
    """E13.FR.04."""
    play = Playbook(variables={"OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "1"}).booted()
    play.plug_in()
    play.csms.fail(TransactionEvent)
    play.present()
    play.wait(1)
    assert [seq_no for seq_no, _, _ in transaction_sends(play)] == [0, 1, 2]
    assert play.station.queued == 0


def test_other_messages_are_not_sent_again() -> None:
    play = Playbook().booted()
    play.csms.fail(StatusNotification)
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]
    play.csms.behave(StatusNotification)
    assert script(play.wait(60)) == []
    assert play.said(NoticeKind.WARNING) == ["StatusNotification failed (InternalError)"]


def test_the_code_of_a_hostile_callerror_is_not_repeated() -> None:
    play = Playbook().booted()
    play.csms.fail(StatusNotification, "\x1b]0;owned\x07[red]")
    play.plug_in()
    assert play.said(NoticeKind.WARNING) == ["StatusNotification failed (an unreadable error)"]


def test_security_events_are_delivered_however_often_the_link_goes() -> None:
    """A04.FR.02."""
    play = Playbook()
    play.csms.keep_silent(SecurityEvent)
    assert script(play.link())[-1] == "SecurityEvent StartupOfTheDevice"
    play.lose_link()
    assert script(play.link()) == ["SecurityEvent StartupOfTheDevice"]
    play.time_out()
    play.csms.behave(SecurityEvent)
    assert script(play.wait(10)) == ["SecurityEvent StartupOfTheDevice"]


@proves("StatusNotification")
def test_what_is_queued_like_transactions_keeps_its_order_when_it_is_sent_again() -> None:
    """QueueAllMessages: or the CSMS would think that the cable is out. An Authorize does not wait for it."""
    play = Playbook(variables={"OCPPCommCtrlr.QueueAllMessages": "true"}).booted()
    play.csms.keep_silent(StatusNotification)
    play.plug_in()
    play.unplug()
    play.plug_in()
    play.csms.replies.clear()
    assert script(play.time_out()) == []
    assert script(play.present())[0] == "Authorize DEADBEEF"
    assert [each for each in script(play.wait(10)) if each.startswith("Status")] == [
        "StatusNotification 1/1 Occupied",
        "StatusNotification 1/1 Available",
        "StatusNotification 1/1 Occupied",
    ]


# -- without a link -------------------------------------------------------------------------------


@proves("StatusNotification", "B04.FR.01")
def test_a_status_whose_answer_the_link_took_along_is_told_again_though_it_is_as_before() -> None:
    """The CSMS may have heard of the cable that is out again."""
    play = Playbook().booted()
    play.csms.keep_silent(StatusNotification)
    assert script(play.plug_in()) == ["StatusNotification 1/1 Occupied"]
    play.lose_link()
    play.unplug()
    play.csms.replies.clear()
    assert script(play.link()) == ["StatusNotification 1/1 Available"]


def test_a_transaction_goes_on_without_a_link_and_is_told_in_order_afterwards() -> None:
    """E11.FR.01, E11.FR.02, E04.FR.03."""
    play = Playbook().charging()
    play.wait(2)
    play.lose_link()
    play.wait(5)
    play.present()
    assert play.station.queued == 6
    gone_s = play.elapsed_s
    play.wait(3)
    sent = play.link()
    assert script(sent) == [
        *["Updated MeterValuePeriodic Sample.Periodic"] * 5,
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End",
    ]
    assert all(offline for _, _, offline in transaction_sends(play)[-6:])
    assert not any(offline for _, _, offline in transaction_sends(play)[:-6])
    ended = sent[-1]
    assert isinstance(ended, TransactionEvent)
    assert (ended.timestamp - BEGIN).total_seconds() == gone_s
    assert play.station.queued == 0


def test_what_waits_in_the_queue_when_the_link_goes_is_offline_too() -> None:
    """E11.FR.07; a transmission that the link cut short is no attempt."""
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "0"}).booted()
    play.plug_in()
    play.csms.keep_silent(TransactionEvent)
    play.present()
    assert transaction_sends(play) == [(0, 1, False)]
    play.lose_link()
    play.csms.behave(TransactionEvent)
    play.link()
    assert transaction_sends(play) == [(0, 1, False), (0, 1, True)]


def test_a_whole_session_without_a_link_is_told_after_the_reconnect_with_the_status_first() -> None:
    """E12, B04, C15."""
    play = Playbook(variables={"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"}).booted()
    play.lose_link()
    play.plug_in()
    play.present()
    play.wait(2)
    play.present()
    assert script(play.link()) == [
        "StatusNotification 1/1 Occupied",
        "Started Authorized EVConnected evse 1/1 DEADBEEF Transaction.Begin",
        "Updated ChargingStateChanged Charging 3 phases",
        "Updated MeterValuePeriodic Sample.Periodic",
        "Updated MeterValuePeriodic Sample.Periodic",
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End",
    ]


def test_a_reconnect_does_not_wait_for_the_next_attempt() -> None:
    play = Playbook(variables={"SampledDataCtrlr.TxUpdatedInterval": "0"}).booted()
    play.plug_in()
    play.csms.fail(TransactionEvent)
    play.present()
    play.lose_link()
    play.csms.behave(TransactionEvent)
    assert script(play.link())[0].startswith("Started")


def test_everything_is_queued_when_the_csms_wants_it() -> None:
    """QueueAllMessages."""
    play = Playbook(
        "classic", variables={"OCPPCommCtrlr.QueueAllMessages": "true", "AlignedDataCtrlr.Interval": "2"}
    ).charging()
    play.lose_link()
    play.wait(4)
    sent = play.link()
    [values] = [message for message in sent if isinstance(message, MeterValues)]
    assert len(values.meter_values) == 2


def test_messages_other_than_transactions_are_dropped_with_the_link() -> None:
    play = Playbook("classic").charging()
    play.csms.keep_silent(MeterValues)
    play.wait(5)
    play.lose_link()
    play.csms.behave(MeterValues)
    assert script(play.link()) == []


# -- a slow CSMS ----------------------------------------------------------------------------------


def test_meter_values_that_wait_go_out_together() -> None:
    """One CALL in flight: the values of four seconds go out in the message after the one that got no answer."""
    play = Playbook("classic").charging()
    play.csms.keep_silent(MeterValues)
    play.wait(5)
    [together] = play.answer()
    assert isinstance(together, MeterValues)
    seconds = [value.timestamp.second for value in together.meter_values]
    assert len(seconds) == 4
    assert seconds == sorted(seconds)


def test_meter_values_of_two_transactions_do_not_go_out_together() -> None:
    """Each belongs to the transaction that ran when it was taken."""
    play = Playbook("classic", variables={"AuthCtrlr.Enabled": "false"}).charging()
    play.csms.keep_silent(MeterValues)
    play.wait(3.0)
    play.stop()
    play.present()
    play.wait(3.0)
    play.csms.behave(MeterValues)
    play.time_out()
    sent = [each for each in messages(play.sent) if isinstance(each, MeterValues)]
    assert [each.transaction_id for each in sent] == ["tx-1", "tx-1", "tx-2"]


def test_values_are_kept_while_there_is_no_link_where_the_version_wants_that() -> None:
    """1.6, S16 3.7."""
    play = Playbook(variables={"AlignedDataCtrlr.Interval": "10"})
    play.event(Linked(keeps_values=True))
    play.lose_link()
    play.wait(25.0)
    sent = play.event(Linked(keeps_values=True))
    assert len([each for each in sent if isinstance(each, MeterValues)]) == 4, "of the station and its EVSE, twice"


def test_meter_values_that_wait_long_go_out_in_several_messages_and_a_full_lane_takes_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "TOGETHER", 3)
    monkeypatch.setattr(outbox, "CAPACITY", 4)
    play = Playbook("classic").charging()
    play.csms.keep_silent(MeterValues)
    play.wait(21)
    lengths = [len(message.meter_values) for message in play.answer() if isinstance(message, MeterValues)]
    assert lengths == [3, 3, 3, 3]
    assert len(play.said(NoticeKind.SAMPLE)) == 13


def test_transaction_events_go_before_meter_values() -> None:
    play = Playbook("classic").charging()
    play.csms.keep_silent(MeterValues)
    play.wait(3)
    play.present()
    assert [line(message).split()[0] for message in play.answer()] == ["Ended", "MeterValues"]


def test_a_csms_that_answers_too_slowly_gets_samples_further_apart_and_is_told_of() -> None:
    play = Playbook().charging()
    play.csms.keep_silent(TransactionEvent)
    play.wait(25)
    assert play.station.queued == 11
    assert play.said(NoticeKind.WARNING) == [
        "the CSMS answers more slowly than samples are due: they are taken further apart"
    ]
    play.answer()
    play.wait(3)
    numbers = [event.seq_no for event in play.events()]
    assert numbers == list(range(len(numbers)))


def test_a_short_pause_of_the_csms_costs_no_sample() -> None:
    play = Playbook().charging()
    play.csms.keep_silent(TransactionEvent)
    play.wait(9)
    play.answer()
    assert play.said(NoticeKind.WARNING) == []
    samples = [event for event in play.events() if event.trigger_reason is TriggerReason.METER_VALUE_PERIODIC]
    assert len(samples) == 9


def test_a_full_queue_drops_every_other_sample_but_never_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """E04.FR.07, E04.FR.08: the first, the third and so on; gaps in seqNo are what was told as discarded."""
    monkeypatch.setattr(outbox, "CAPACITY", 20)
    play = Playbook().charging()
    play.lose_link()
    play.wait(25)
    play.present()
    assert play.said(NoticeKind.DISCARDED) == ["the queue is full: 11 events of tx-1 dropped, seqNo 2 to 22 by 2"]
    play.link()
    events = play.events()
    numbers = [event.seq_no for event in events]
    assert numbers == [0, 1, *range(3, 23, 2), *range(23, 28)]
    assert [event.event_type for event in events if event.trigger_reason is not TriggerReason.METER_VALUE_PERIODIC] == [
        TransactionEventType.STARTED,
        TransactionEventType.UPDATED,
        TransactionEventType.ENDED,
    ]


def test_the_answer_to_a_message_that_nobody_sent_changes_nothing() -> None:
    box = outbox.Outbox(Memory())
    box.put(Authorize(CARD), outbox.Lane.PROMPT)
    entry = box.take(0.0)
    assert entry is not None
    assert box.answered(entry.ref + 1) is None
    assert box.failed(entry.ref + 1, 0.0, 3, 10.0) is None
    assert box.in_flight is entry


def test_one_message_at_a_time_is_in_flight() -> None:
    """OCPP-J 4.1.1."""
    play = Playbook().charging()
    play.csms.keep_silent(TransactionEvent)
    play.wait(3)
    assert play.unplug() == []
    assert play.outstanding is not None
