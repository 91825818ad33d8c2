"""What was when the power was cut is there when it returns: transactions, queue, meter, cable, variables."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.sim.actions import Action, NoticeKind, Persist, Reply, Send
from evtui.sim.events import Event
from evtui.sim.evse_record import EvseRecord, MeterRecord
from evtui.sim.link import losses, outbox
from evtui.sim.link.outbox import OutboxRecord
from evtui.sim.messages import IdTokenInfo, Message, MeterValues, SecurityEvent, TransactionEvent
from evtui.sim.requests import SetVariables, SetVariableTo
from evtui.sim.spec import ConnectorSpec, EvseSpec, StationSpec
from evtui.sim.terms import (
    AuthorizationStatus,
    BootReason,
    ChargingState,
    ConnectorType,
    ReadingContext,
    TransactionEventType,
)
from evtui.sim.variables.reports import VariableRef
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

BROKEN_OFF = "Ended AbnormalCondition EVConnected PowerLoss Transaction.Begin+Transaction.End"
INTERVAL = "SampledDataCtrlr.TxUpdatedInterval"
QUIET = {INTERVAL: "0", "SampledDataCtrlr.TxStartedMeasurands": "", "SampledDataCtrlr.TxEndedMeasurands": ""}
FIXED_CABLE = (EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CTYPE2),)),)


def seq_nos(play: Playbook) -> list[int]:
    return [event.seq_no for event in play.events()]


# -- transactions ---------------------------------------------------------------------------------


@proves("TransactionEvent", "E06.FR.16", "B01.FR.08", "E11.FR.07")
def test_a_transaction_that_ran_ended_when_the_power_was_cut() -> None:
    play = Playbook().charging()
    play.sleep(4.7)
    before, at = play.reading(), play.now.utc
    play.cut_power(60)
    assert play.said(NoticeKind.SESSION_ENDED) == ["PowerLoss"]
    assert script(play.link()) == [
        "BootNotification PowerUp",
        "StatusNotification 1/1 Occupied",
        "SecurityEvent StartupOfTheDevice",
        BROKEN_OFF,
    ]
    assert play.sent[-1].offline
    event = play.events()[-1]
    assert seq_nos(play) == list(range(event.seq_no + 1))
    assert event.timestamp == event.meter_values[-1].timestamp == at
    assert event.meter_values[-1].samples[0].value == round(before.register_wh, 3)
    assert event.time_spent_charging_s == 5


@proves("BootNotification", "TransactionEvent", "E06.FR.16")
def test_a_crash_of_the_station_itself_is_no_power_loss() -> None:
    play = Playbook().charging()
    play.cut_power(1, BootReason.WATCHDOG)
    assert script(play.link()) == [
        "BootNotification Watchdog",
        "StatusNotification 1/1 Occupied",
        "SecurityEvent ResetOrReboot",
        BROKEN_OFF.replace("PowerLoss", "Reboot"),
    ]


def test_it_ends_once_however_often_the_power_is_cut() -> None:
    play = Playbook().charging()
    play.cut_power()
    play.cut_power()
    play.csms.keep_silent(TransactionEvent)
    play.link()
    play.cut_power()
    play.csms.behave(TransactionEvent)
    play.link()
    assert [event.event_type for event in play.events()].count(TransactionEventType.ENDED) == 1
    assert play.station.queued == 0


def test_an_end_that_could_not_be_kept_any_more_is_the_same_the_next_time() -> None:
    play = Playbook().charging()
    ends = []
    for seconds in (5.0, 70.0):
        other = Playbook()
        other.elapsed_s, other.kept = play.elapsed_s, dict(play.kept)
        other.cut_power(seconds)
        other.link()
        ends += other.events()
    assert ends[0] == ends[1]


@proves("TransactionEvent", "E01.FR.07")
def test_a_transaction_may_go_on_where_the_power_was_cut() -> None:
    play = Playbook(resume_on_boot=True).charging()
    play.wait(3)
    before = play.reading()
    play.cut_power(10)
    assert play.reading().transaction_id == before.transaction_id
    assert play.reading().session_energy_wh == before.session_energy_wh
    play.link()
    play.wait(3)
    play.present()
    assert [line.split(" Sample")[0] for line in script(play.events())] == [
        "Started Authorized EVConnected evse 1/1 DEADBEEF Transaction.Begin",
        "Updated ChargingStateChanged Charging 3 phases",
        *["Updated MeterValuePeriodic"] * 3,
        "Updated ChargingStateChanged EVConnected",
        "Updated ChargingStateChanged Charging",
        *["Updated MeterValuePeriodic"] * 3,
        "Ended StopAuthorized EVConnected Local DEADBEEF Transaction.Begin+Transaction.End",
    ]
    assert seq_nos(play) == list(range(len(play.events())))
    begin, end = play.events()[-1].meter_values
    assert begin == play.events()[0].meter_values[0] or begin.timestamp == play.events()[0].timestamp
    assert end.samples[0].value == round(play.reading().register_wh, 3)
    assert end.samples[0].value - begin.samples[0].value == pytest.approx(play.reading().session_energy_wh, abs=0.001)


def test_whoever_was_authorized_still_is_when_a_transaction_goes_on() -> None:
    play = Playbook(resume_on_boot=True).charging()
    play.cut_power()
    play.link()
    play.wait(1)
    play.present(OTHER_CARD)
    assert play.reading().transaction_id is not None
    play.present(CARD)
    assert play.reading().transaction_id is None


@proves("TransactionEvent", "E10")
def test_a_car_that_was_to_come_back_is_waited_for_again() -> None:
    variables = {"TxCtrlr.TxStopPoint": "Authorized", "TxCtrlr.StopTxOnEVSideDisconnect": "false"}
    play = Playbook(resume_on_boot=True, evses=FIXED_CABLE, variables={**QUIET, **variables}).charging()
    play.unplug()
    play.wait(100)
    play.cut_power()
    play.link()
    play.wait(100)
    assert play.reading().transaction_id is not None
    play.wait(21)
    assert script(play.events())[-1] == "Ended EVConnectTimeout Idle Timeout"


@proves("TransactionEvent", "E05.FR.03")
def test_what_an_invalid_identifier_may_still_charge_is_not_given_twice() -> None:
    variables = {"TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "1000"}
    play = Playbook(resume_on_boot=True, variables={**QUIET, **variables}).booted()
    play.plug_in()
    play.csms.keep_silent(TransactionEvent)
    play.present()
    play.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    play.answer()
    play.wait(2)
    assert 0.0 < play.reading().session_energy_wh < 1000.0
    play.cut_power()
    play.link()
    play.wait(60)
    assert play.reading().charging_state is ChargingState.SUSPENDED_EVSE
    assert play.reading().session_energy_wh == pytest.approx(1000.0, rel=0.01)
    play.cut_power()
    play.link()
    play.wait(60)
    assert play.reading().session_energy_wh == pytest.approx(1000.0, rel=0.01)


@pytest.mark.parametrize("resume_on_boot", [False, True])
def test_all_that_was_measured_for_the_end_is_told_there(resume_on_boot: bool) -> None:
    """E06.FR.11."""
    variables = {**QUIET, "SampledDataCtrlr.TxEndedInterval": "2", "SampledDataCtrlr.TxEndedMeasurands": "Voltage"}
    play = Playbook(variables=variables, resume_on_boot=resume_on_boot).charging()
    play.wait(5)
    play.cut_power()
    play.link()
    play.stop()
    contexts = [value.samples[0].context for value in play.events()[-1].meter_values]
    assert contexts == [
        ReadingContext.TRANSACTION_BEGIN,
        *[ReadingContext.SAMPLE_PERIODIC] * 2,
        ReadingContext.TRANSACTION_END,
    ]
    assert not [key for key in play.kept if "/value/" in key]


def test_a_transaction_begins_anew_where_the_cable_is_enough() -> None:
    play = Playbook(variables={**QUIET, "TxCtrlr.TxStartPoint": "EVConnected"}).booted()
    play.plug_in()
    play.cut_power()
    play.link()
    assert (
        script(play.events())
        == [
            "Started CablePluggedIn EVConnected evse 1/1",
            "Ended AbnormalCondition EVConnected PowerLoss",
            "Started CablePluggedIn EVConnected evse 1/1",
        ][:1]
        + script(play.events())[1:]
    )
    assert [event.event_type for event in play.events()] == ["Started", "Ended", "Started"]


# -- the queue ------------------------------------------------------------------------------------


@proves("TransactionEvent", "E04.FR.01", "E11.FR.07", "SecurityEventNotification", "A04.FR.02")
def test_what_is_owed_arrives_in_its_order_with_its_own_time_and_as_offline() -> None:
    play = Playbook(resume_on_boot=True).charging()
    play.csms.keep_silent(TransactionEvent)
    play.csms.keep_silent(SecurityEvent)
    play.wait(2)
    in_flight = play.outstanding
    assert in_flight is not None
    assert not in_flight.offline
    play.lose_link()
    play.wait(3)
    queued = play.station.queued
    before = len(play.sent)
    play.cut_power(3600)
    assert play.station.queued == queued + 1, "that no energy flows any more"
    play.csms.replies.clear()
    play.link()
    told = [send for send in play.sent[before:] if isinstance(send.message, TransactionEvent)][:queued]
    assert told[0].message == in_flight.message
    assert all(send.offline for send in told)
    assert seq_nos(play) == list(range(len(play.events())))
    times = [event.timestamp for event in play.events()]
    assert times == sorted(times)
    assert times[queued - 1] < play.now.utc - timedelta(hours=1)


def test_a_security_event_that_nobody_took_is_told_after_the_next_boot() -> None:
    """A04.FR.02."""
    play = Playbook()
    play.csms.keep_silent(SecurityEvent)
    play.link()
    first = play.sent[-1].message
    assert isinstance(first, SecurityEvent)
    play.cut_power(100)
    play.csms.replies.clear()
    sent = play.link()
    assert first in sent
    assert script(sent).count("SecurityEvent StartupOfTheDevice") == 2


def test_meter_values_that_wait_together_are_kept_together() -> None:
    variables = {"OCPPCommCtrlr.QueueAllMessages": "true", "AlignedDataCtrlr.Interval": "1"}
    play = Playbook(variables=variables).booted()
    play.lose_link()
    play.wait(5)
    play.cut_power(0)
    sent = [message for message in play.link() if isinstance(message, MeterValues)]
    assert {message.evse_id: len(message.meter_values) for message in sent} == {0: 5, 1: 5}


def test_what_was_taken_or_given_up_is_not_kept() -> None:
    play = Playbook().charging()
    play.wait(3)
    assert not [key for key in play.kept if key.startswith("outbox/")]
    play.csms.fail(TransactionEvent)
    play.set("OCPPCommCtrlr.MessageAttempts[TransactionEvent]", "1")
    play.wait(3)
    assert play.said(NoticeKind.DISCARDED)
    assert not [key for key in play.kept if key.startswith("outbox/")]


def test_what_a_full_queue_dropped_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "CAPACITY", 20)
    play = Playbook().charging()
    play.lose_link()
    play.wait(25)
    kept = [key for key, row in play.kept.items() if key.startswith("outbox/") and b"TransactionEvent" in row]
    assert len(kept) == play.station.queued <= 21


def test_a_full_queue_without_samples_drops_other_updates_but_never_a_beginning_or_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E04.FR.08."""
    monkeypatch.setattr(outbox, "CAPACITY", 6)
    variables = {**QUIET, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"}
    play = Playbook(variables=variables).charging()
    play.lose_link()
    for _ in range(4):
        play.present()
        play.present()
        play.wait(1)
    play.link()
    types = [event.event_type for event in play.events()]
    assert types.count(TransactionEventType.STARTED) == types.count(TransactionEventType.ENDED) + 1
    assert types.count(TransactionEventType.UPDATED) < types.count(TransactionEventType.STARTED)
    assert play.said(NoticeKind.DISCARDED)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([4], "4"),
        ([4, 5], "4, 5"),
        ([1, 3, 5, 8], "1 to 5 by 2, 8"),
        ([1, 2, 3, 4, 7, 9, 20, 21, 22], "1 to 4, 7, 9, 20 to 22"),
    ],
)
def test_lost_numbers_are_told_in_few_words(numbers: list[int], told: str) -> None:
    assert losses.spans(numbers) == told


# -- everything else ------------------------------------------------------------------------------


def test_an_unused_station_keeps_its_meter_and_gets_no_car_twice() -> None:
    """A cable that is in at the factory's first start may be pulled before the second."""
    play = Playbook("classic").booted()
    before = play.reading()
    assert before.plugged
    play.cut_power()
    assert (play.reading().soc_percent, play.reading().register_wh) == (before.soc_percent, before.register_wh)
    play.unplug()
    play.cut_power()
    assert not play.reading().plugged


def test_chance_goes_on_where_it_was() -> None:
    plays = (Playbook(seed=5), Playbook(seed=5))
    seen = []
    for play, cut in zip(plays, (False, True), strict=True):
        for _ in range(3):
            play.plug_in()
            seen.append(play.reading().soc_percent)
            play.unplug()
            if cut:
                play.cut_power()
    assert len(set(seen)) == 3
    assert seen[:3] == seen[3:]


def test_a_cable_that_was_locked_in_is_unlocked_by_its_identifier() -> None:
    play = Playbook(variables={**QUIET, "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false"}).charging()
    play.unplug()
    play.cut_power()
    assert play.reading().status == "Occupied"
    assert not play.reading().plugged
    play.link()
    assert script(play.present()) == ["StatusNotification 1/1 Available"]


@proves("SetVariables", "B05")
def test_a_variable_that_the_csms_has_set_stays_set() -> None:
    play = Playbook().booted()
    ref = VariableRef("SampledDataCtrlr", "TxUpdatedInterval")
    play.ask(SetVariables((SetVariableTo(ref, "7"),)))
    play.cut_power()
    assert play.station.variables.get(INTERVAL) == "7"
    play.set(INTERVAL, "1")
    play.cut_power()
    assert play.station.variables.get(INTERVAL) == "1"
    assert not [key for key in play.kept if key.startswith(f"variable/{INTERVAL}")]


def test_a_configuration_that_has_changed_since_wins_over_what_was_set_before() -> None:
    play = Playbook()
    play.set(INTERVAL, "7")
    play.spec = msgspec.structs.replace(play.spec, variables={INTERVAL: "3"})
    play.cut_power()
    assert play.station.variables.get(INTERVAL) == "3"
    assert play.said(NoticeKind.WARNING) == [f"{INTERVAL} is what the configuration says now, not what was set before"]
    play.spec = msgspec.structs.replace(play.spec, variables={})
    play.cut_power()
    assert play.station.variables.get(INTERVAL) == "1"


def test_a_value_that_no_longer_fits_is_dropped_and_told() -> None:
    play = Playbook()
    play.set(INTERVAL, "7")
    key = f"variable/{INTERVAL}"
    play.kept[key] = play.kept[key].replace(b"7", b"x")
    play.kept["variable/Nothing.Here"] = play.kept[key]
    play.cut_power()
    assert play.station.variables.get(INTERVAL) == "1"
    assert len(play.said(NoticeKind.WARNING)) == 2
    assert not [key for key in play.kept if key.startswith("variable/")]


def test_a_clock_that_the_csms_has_set_goes_on() -> None:
    play = Playbook()
    play.csms.clock_off_s = 3600.0
    play.link()
    play.charging()
    play.cut_power(10)
    play.csms.clock_off_s = 0.0
    play.link()
    times = [event.timestamp for event in play.events()]
    assert times == sorted(times)


# -- what may be written --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [OutboxRecord, EvseRecord, MeterRecord])
def test_every_record_can_be_read_again(kind: type[msgspec.Struct]) -> None:
    """A message whose kind is no Variant cannot: this is where it shows."""
    msgspec.msgpack.Decoder(kind)


def test_a_memory_of_more_evses_is_not_thrown_away_unseen() -> None:
    play = Playbook(evses=(EvseSpec(), EvseSpec())).booted()
    play.plug_in(2)
    play.present(CARD, 2)
    play.spec = StationSpec("CP001")
    with pytest.raises(LocalError, match="2 EVSEs"):
        play.cut_power()


def test_evses_that_owe_nothing_may_go() -> None:
    play = Playbook(evses=(EvseSpec(), EvseSpec())).booted()
    play.plug_in(2)
    play.spec = StationSpec("CP001")
    play.cut_power()
    play.link()
    assert not [key for key in play.kept if key.startswith("evse/2")]


def test_a_car_that_is_in_the_catalogue_no_more_is_the_default_one() -> None:
    play = Playbook()
    play.plug_in(ev="vw-id3")
    before = play.reading()
    play.kept["evse/1"] = play.kept["evse/1"].replace(b"vw-id3", b"vw-id9")
    play.cut_power()
    assert (play.reading().plugged, play.reading().soc_percent) == (True, before.soc_percent)


# -- whatever happens -----------------------------------------------------------------------------

STEPS: dict[str, Callable[[Playbook], object]] = {
    "wait": lambda play: play.wait(1.3),
    "tick": lambda play: play.wait(0.2),
    "present": lambda play: play.present(),
    "unplug": lambda play: play.unplug(),
    "plug in": lambda play: play.plug_in(),
    "lose link": lambda play: play.lose_link() if play.linked else play.link(),
    "silence": lambda play: play.csms.keep_silent(TransactionEvent),
    "speech": lambda play: _speak(play),
    "cut": lambda play: play.cut_power(1.0),
    "boot": lambda play: play.linked or play.link(),
}


def _speak(play: Playbook) -> None:
    play.csms.replies.clear()
    if play.outstanding is not None:
        play.time_out()


class LaggingPlaybook(Playbook):
    """Its disk writes when it is told to; what tells of what is not there yet waits, as it does in the engine."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.gathered: list[Persist] = []
        self.held: list[Action] = []
        super().__init__(*args, **more)

    def _carry_out(self, action: Action) -> Iterable[Event]:
        if isinstance(action, Persist):
            self.gathered.append(action)
        elif self.gathered and isinstance(action, Send | Reply):
            self.held.append(action)
        else:
            yield from super()._carry_out(action)

    def write(self) -> None:
        """All that has gathered, and then what waited for it."""
        for persist in self.gathered:
            for _ in super()._carry_out(persist):
                raise AssertionError
        self.gathered.clear()
        held, self.held = self.held, []
        for action in held:
            for event in self._carry_out(action):
                self.event(event)

    def lose_link(self) -> list[Message]:
        self.held.clear()
        return super().lose_link()

    def cut_power(self, seconds: float = 5.0, cause: BootReason = BootReason.POWER_UP) -> None:
        """What has gathered is lost."""
        self.held.clear()
        self.gathered.clear()
        super().cut_power(seconds, cause)


def assert_told_whole(play: Playbook) -> None:
    """What the CSMS was told: each transaction from its beginning to its end, each event once or the same again, and a
    meter that never runs back (E 1.3.2, E04.FR.01, J02.FR.16)."""
    assert play.station.queued == 0
    transactions: dict[str, list[TransactionEvent]] = {}
    for event in play.events():
        transactions.setdefault(event.transaction_id, []).append(event)
    metered: list[float] = []
    for events in transactions.values():
        assert [event.seq_no for event in events] == list(range(len(events)))
        types = [event.event_type for event in events]
        assert types[0] is TransactionEventType.STARTED
        assert types[-1] is TransactionEventType.ENDED
        assert set(types[1:-1]) <= {TransactionEventType.UPDATED}
        times = [event.timestamp for event in events]
        assert times == sorted(times)
        metered += [value.samples[0].value for event in events[:-1] for value in event.meter_values]
        begin, *_, end = events[-1].meter_values
        assert begin.samples[0].context is ReadingContext.TRANSACTION_BEGIN
        metered.append(end.samples[0].value)
    assert metered == sorted(metered)
    firsts: dict[tuple[str, int], TransactionEvent] = {}
    for send in play.sent:
        if isinstance(send.message, TransactionEvent):
            name = (send.message.transaction_id, send.message.seq_no)
            assert firsts.setdefault(name, send.message) == send.message


some_variables = st.fixed_dictionaries(
    {
        "SampledDataCtrlr.TxEndedInterval": st.sampled_from(["0", "1"]),
        "TxCtrlr.TxStopPoint": st.sampled_from(
            ["EVConnected,Authorized", "Authorized", "EnergyTransfer", "ParkingBayOccupancy"]
        ),
        "AuthCtrlr.OfflineTxForUnknownIdEnabled": st.just("true"),
        "TxCtrlr.StopTxOnEVSideDisconnect": st.sampled_from(["true", "false"]),
    }
)


@given(
    steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=3, max_size=25),
    resume=st.booleans(),
    variables=some_variables,
)
@settings(max_examples=150, deadline=None)
def test_whenever_it_is_cut_everything_is_told_once_and_in_order(
    steps: list[str], resume: bool, variables: dict[str, str]
) -> None:
    play = Playbook(resume_on_boot=resume, variables=variables).charging()
    register_wh = play.reading().register_wh
    for step in (*steps, "cut", "speech", "boot"):
        STEPS[step](play)
        assert play.reading().register_wh >= register_wh
        register_wh = play.reading().register_wh
    for _ in range(2):
        play.stop()
        play.wait(400)
    assert_told_whole(play)


@given(
    steps=st.lists(st.sampled_from([*sorted(STEPS), "write"]), min_size=3, max_size=25),
    resume=st.booleans(),
    variables=some_variables,
)
@settings(max_examples=150, deadline=None)
def test_what_was_not_written_was_not_told(steps: list[str], resume: bool, variables: dict[str, str]) -> None:
    """A disk that is behind when the power is cut: what is lost with it, nobody has heard of."""
    play = LaggingPlaybook(resume_on_boot=resume, variables=variables)
    for step in ("boot", "write", "plug in", "present", "write", "wait", *steps, "cut", "speech", "boot"):
        if step == "write":
            play.write()
        else:
            STEPS[step](play)
    for _ in range(400):
        play.write()
        play.wait(1)
    for _ in range(2):
        play.stop()
        for _ in range(150):
            play.write()
            play.wait(3)
    assert_told_whole(play)
