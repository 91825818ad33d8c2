"""Whatever drivers, link, CSMS and time do: what always holds."""

import re
from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from evtui.sim.actions import NoticeKind
from evtui.sim.connector import Cable
from evtui.sim.events import (
    ClearFaults,
    Event,
    EvFull,
    EvWants,
    FailResets,
    Fault,
    OccupyBay,
    SetEnergyTarget,
    SetLimit,
    Tick,
    UnplugAtStation,
)
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.link import outbox
from evtui.sim.messages import (
    Authorize,
    BootNotification,
    FirmwareStatus,
    Heartbeat,
    IdToken,
    IdTokenInfo,
    LogStatus,
    Message,
    MeterValues,
    ReservationStatusUpdate,
    StatusNotification,
    TransactionEvent,
)
from evtui.sim.requests import (
    AuthorizationData,
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    GetBaseReport,
    GetTransactionStatus,
    MessageTrigger,
    OperationalStatus,
    ReportBase,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    ReserveNow,
    Reset,
    ResetType,
    SendLocalList,
    TriggerMessage,
    UnlockConnector,
    UpdateType,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.station import Station
from evtui.sim.terms import (
    AuthorizationStatus,
    BootReason,
    ChargingState,
    ConnectorStatus,
    ConnectorType,
    IdTokenType,
    RegistrationStatus,
    TransactionEventType,
    TriggerReason,
    TxPoint,
)
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.notify_event import NotifyEvent
from evtui.sim.variables.reports import EvseRef, NotifyReport
from tests.sim.playbook import CARD, OTHER_CARD, Playbook

EVSES = (
    EvseSpec(),
    EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CCCS2, phases=0), ConnectorSpec(ConnectorType.CTYPE2, 1))),
)
TALKS = (RegistrationStatus.ACCEPTED, RegistrationStatus.PENDING)
KINDS: tuple[type[Message], ...] = (BootNotification, Authorize, StatusNotification, TransactionEvent, MeterValues)

some_points = st.lists(st.sampled_from(TxPoint), min_size=1, max_size=3, unique=True).map(",".join)
OUTSIDE = ("operator", "echonet")
FOLLOWS_S = 5.001
"""A car follows a new limit within five seconds (IEC 61851-1)."""

flags = st.sampled_from(["true", "false"])
mostly = st.sampled_from([True, True, True, False])
a_variable = st.one_of(
    st.tuples(st.just("TxCtrlr.TxStartPoint"), some_points),
    st.tuples(st.just("TxCtrlr.TxStopPoint"), some_points),
    st.tuples(st.just("TxCtrlr.EVConnectionTimeOut"), st.sampled_from(["1", "20", "120"])),
    st.tuples(st.just("TxCtrlr.MaxEnergyOnInvalidId"), st.sampled_from(["0", "500"])),
    st.tuples(st.just("SampledDataCtrlr.TxUpdatedInterval"), st.sampled_from(["0", "1", "7"])),
    st.tuples(st.just("SampledDataCtrlr.TxEndedInterval"), st.sampled_from(["0", "3"])),
    st.tuples(st.just("AlignedDataCtrlr.Interval"), st.sampled_from(["0", "1", "11"])),
    st.tuples(st.just("AlignedDataCtrlr.TxEndedInterval"), st.sampled_from(["0", "5"])),
    st.tuples(st.just("AuthCtrlr.MasterPassGroupId"), st.sampled_from(["", "masters"])),
    st.tuples(st.just("AuthCacheCtrlr.LifeTime"), st.sampled_from(["0", "30", "86400"])),
    st.tuples(st.just("AuthCacheCtrlr.Policy"), st.sampled_from(["LRU", "LFU", "FIFO"])),
    st.tuples(st.just("OCPPCommCtrlr.MessageAttempts[TransactionEvent]"), st.sampled_from(["1", "3"])),
    *(
        st.tuples(st.just(name), flags)
        for name in (
            "TxCtrlr.StopTxOnEVSideDisconnect",
            "TxCtrlr.StopTxOnInvalidId",
            "TxCtrlr.TxBeforeAcceptedEnabled",
            "OCPPCommCtrlr.UnlockOnEVSideDisconnect",
            "OCPPCommCtrlr.QueueAllMessages",
            "AuthCtrlr.Enabled",
            "ReservationCtrlr.NonEvseSpecific",
            "AuthCtrlr.OfflineTxForUnknownIdEnabled",
            "AuthCtrlr.LocalPreAuthorize",
            "AuthCtrlr.LocalAuthorizeOffline",
            "AuthCtrlr.DisableRemoteAuthorization",
            "AuthCacheCtrlr.Enabled",
            "AuthCacheCtrlr.DisablePostAuthorize",
            "LocalAuthListCtrlr.Enabled",
            "AlignedDataCtrlr.SendDuringIdle",
        )
    ),
)
a_card = st.sampled_from([CARD, OTHER_CARD])
an_info = st.builds(
    IdTokenInfo,
    st.sampled_from([AuthorizationStatus.ACCEPTED, AuthorizationStatus.BLOCKED]),
    st.none() | st.sampled_from([IdToken("family", IdTokenType.CENTRAL), IdToken("masters", IdTokenType.CENTRAL)]),
    evse_ids=st.sampled_from([(), (), (1,)]),
)
an_evse = st.integers(1, len(EVSES))
a_happening: st.SearchStrategy[Event] = st.one_of(
    st.builds(UnplugAtStation, an_evse),
    st.builds(OccupyBay, an_evse, st.booleans()),
    st.builds(EvWants, an_evse, st.booleans()),
    st.builds(EvFull, an_evse),
    st.builds(Fault, st.sampled_from(FaultKind), st.integers(0, 3), st.integers(0, 3)),
    st.builds(FailResets, st.integers(0, 3)),
    st.builds(ClearFaults, st.integers(0, 3), st.none() | st.sampled_from(FaultKind)),
    st.builds(SetEnergyTarget, an_evse, st.none() | st.floats(1.0, 5_000.0)),
    st.builds(
        SetLimit,
        an_evse,
        st.sampled_from(OUTSIDE),
        st.just("limit"),
        st.none() | st.floats(0.0, 30_000.0),
        st.none() | st.floats(0.0, 40.0),
    ),
)
a_place = st.none() | st.builds(EvseRef, st.integers(0, 3), st.none() | st.integers(0, 3))
a_request: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        RequestStartTransaction,
        st.integers(0, 9),
        st.sampled_from([CARD, OTHER_CARD, IdToken("C", IdTokenType.CENTRAL)]),
        st.none() | st.integers(0, 3),
    ),
    st.builds(RequestStopTransaction, st.sampled_from(["tx-1", "tx-2", "tx-3", "tx-4"])),
    st.builds(GetTransactionStatus, st.none() | st.sampled_from(["tx-1", "tx-2"])),
    st.builds(TriggerMessage, st.sampled_from(MessageTrigger), a_place),
    st.builds(ChangeAvailability, st.sampled_from(OperationalStatus), a_place),
    st.builds(UnlockConnector, st.integers(0, 3), st.integers(0, 3)),
    st.builds(Reset, st.sampled_from(ResetType), st.none() | st.integers(0, 3)),
    st.builds(GetBaseReport, st.integers(0, 9), st.sampled_from(ReportBase)),
    st.just(ClearCache()),
    st.builds(
        SendLocalList,
        st.integers(0, 9),
        st.sampled_from(UpdateType),
        st.lists(st.builds(AuthorizationData, a_card, st.none() | an_info), max_size=2).map(tuple),
    ),
    st.builds(CancelReservation, st.integers(1, 3)),
)
WHILE_PENDING = (NotifyReport, LogStatus, FirmwareStatus, Heartbeat, StatusNotification, MeterValues)


FAMILY = IdToken("FAMILY", IdTokenType.CENTRAL)


class Witness(Station):
    """A station whose transaction events are seen when they happen, not only when they are sent; the ends of
    reservations too."""

    reported: list[TransactionEvent]
    ended: Counter[int]

    def report(self, evse_id: int, event: TransactionEvent) -> None:
        self.__dict__.setdefault("reported", []).append(event)
        if event.reservation_id is not None:
            self.end(event.reservation_id)
        super().report(evse_id, event)

    def report_reservation(self, update: ReservationStatusUpdate) -> None:
        self.end(update.reservation_id)
        super().report_reservation(update)

    def end(self, reservation_id: int) -> None:
        self.__dict__.setdefault("ended", Counter())[reservation_id] += 1


class AnyStation(RuleBasedStateMachine):
    """A station with an AC and a DC EVSE, and everything that can happen to it."""

    @initialize(
        flow=st.sampled_from(["conformant", "classic"]),
        seed=st.integers(0, 9),
        variables=st.lists(a_variable, max_size=4),
        speed=st.sampled_from([1.0, 60.0, 600.0]),
        resume=st.booleans(),
        capacity=st.sampled_from([30, outbox.CAPACITY]),
        linked=mostly,
        charging=mostly,
        attempts=st.sampled_from(["1", "2", "5"]),
    )
    def begin(
        self,
        flow: str,
        seed: int,
        variables: list[tuple[str, str]],
        speed: float,
        resume: bool,
        capacity: int,
        linked: bool,
        charging: bool,
        attempts: str,
    ) -> None:
        self.capacity, outbox.CAPACITY = outbox.CAPACITY, capacity
        initial = {"OCPPCommCtrlr.MessageAttempts[TransactionEvent]": attempts, **dict(variables)}
        self.play = Playbook(
            flow, EVSES, speed=speed, seed=seed, variables=initial, make=Witness, resume_on_boot=resume
        )
        self.registers = [0.0] * len(EVSES)
        self.seen = 0
        self.accepted: Counter[int] = Counter()  # reservations, by id
        self.cancelled: Counter[int] = Counter()  # or replaced
        self.last = -1
        self.limited_s: dict[int, float] = {}
        self._back(linked)
        if charging:
            for evse_id in range(1, len(EVSES) + 1):
                self._charge(evse_id, 5.0)

    def _back(self, back: bool) -> None:
        """The link comes back at once, as it does as a rule."""
        if back and not self.play.linked:
            self.play.link()

    # -- what happens -----------------------------------------------------------------------------

    @rule(evse_id=an_evse, seconds=st.floats(0.1, 20.0))
    def charge(self, evse_id: int, seconds: float) -> None:
        self._charge(evse_id, seconds)

    def _charge(self, evse_id: int, seconds: float) -> None:
        """What happens most: somebody plugs in and presents the card."""
        if not self.play.reading(evse_id).plugged:
            self.play.plug_in(evse_id)
        if not self.play.reading(evse_id).authorized:
            self.play.present(CARD, evse_id)
        self.play.wait(seconds)

    @rule(evse_id=an_evse, connector_id=st.integers(1, 2), ev=st.sampled_from([None, "vw-id4", "nissan-leaf"]))
    def plug_in(self, evse_id: int, connector_id: int, ev: str | None) -> None:
        self.play.plug_in(evse_id, connector_id, ev)

    @rule(evse_id=an_evse)
    def unplug(self, evse_id: int) -> None:
        self.play.unplug(evse_id)

    @rule(evse_id=an_evse, card=a_card)
    def present(self, evse_id: int, card: IdToken) -> None:
        self.play.present(card, evse_id)

    @rule(event=a_happening)
    def happen(self, event: Event) -> None:
        self.play.event(event)
        if isinstance(event, SetLimit):
            self.limited_s[event.evse_id] = self.play.now.physics_s + FOLLOWS_S

    @precondition(lambda self: self.play.linked and self.play.station.registration in TALKS)
    @rule(request=a_request, back=mostly)
    def ask(self, request: Request, back: bool) -> None:
        answer, _ = self.play.ask(request)
        if isinstance(request, CancelReservation) and getattr(answer, "status", "") == "Accepted":
            self.cancelled[request.reservation_id] += 1
        self._back(back)

    @precondition(lambda self: self.play.linked and self.play.station.registration in TALKS)
    @rule(
        number=st.integers(1, 3),
        evse_id=st.none() | st.integers(0, 3),
        type=st.none() | st.sampled_from(ConnectorType),
        card=st.sampled_from([CARD, OTHER_CARD]),
        group=st.sampled_from([None, FAMILY]),
        seconds=st.floats(-1.0, 200.0),
    )
    def reserve(
        self,
        number: int,
        evse_id: int | None,
        type: ConnectorType | None,
        card: object,
        group: IdToken | None,
        seconds: float,
    ) -> None:
        held = self.play.station.reservations.held
        id_token = CARD if card == CARD else OTHER_CARD
        expires = self.play.now.utc + timedelta(seconds=seconds)
        answer, _ = self.play.ask(ReserveNow(number, expires, id_token, evse_id, type, group))
        if getattr(answer, "status", "") == "Accepted":
            self.accepted[number] += 1
            self.cancelled[number] += number in {each.wanted.id for each in held}

    @rule(evse_id=an_evse)
    def stop(self, evse_id: int) -> None:
        self.play.stop(evse_id)

    @rule(variable=a_variable)
    def set_variable(self, variable: tuple[str, str]) -> None:
        self.play.set(*variable)

    @rule(seconds=st.floats(0.01, 40.0))
    def wait(self, seconds: float) -> None:
        self.play.wait(seconds)

    @rule(seconds=st.floats(0.5, 4_000.0))
    def sleep(self, seconds: float) -> None:
        self.play.sleep(seconds)
        for evse_id in self.limited_s:  # cars sleep too
            self.limited_s[evse_id] += seconds * self.play.speed

    @precondition(lambda self: not self.play.linked)
    @rule()
    def link(self) -> None:
        self.play.link()

    @precondition(lambda self: self.play.linked)
    @rule(seconds=st.floats(0.0, 100.0), back=mostly)
    def lose_link(self, seconds: float, back: bool) -> None:
        self.play.lose_link()
        self.play.wait(seconds)
        self._back(back)

    @rule(seconds=st.floats(0.0, 400.0), cause=st.sampled_from([BootReason.POWER_UP, BootReason.WATCHDOG]), back=mostly)
    def cut_power(self, seconds: float, cause: BootReason, back: bool) -> None:
        """Cable, car and meter are as they were, nothing owed is lost, and what ran goes on or has ended."""
        play, resumes = self.play, self.play.spec.resume_on_boot
        before, queued, reported = play.station.read(), play.station.queued, self.reported
        held, ended = play.station.reservations.held, self.ended
        closed = [evse.bay.closed for evse in play.station._evses]
        claimed = [evse.claimed is not None for evse in play.station._evses]
        play.cut_power(seconds, cause)
        news = self.reported
        play.station.__dict__["ended"] = ended + self.ended
        play.station.__dict__["reported"] = reported + news
        after = play.station.read()
        for one, other in zip(before, after, strict=True):
            assert (one.plugged, one.ev, one.soc_percent) == (other.plugged, other.ev, other.soc_percent)
            assert one.register_wh == other.register_wh
            assert one.session_energy_wh == other.session_energy_wh
            assert other.transaction_id == (one.transaction_id if resumes else None)
            # Who waited for a cable no longer takes an EVSE from a reservation, and what they had claimed stands again.
            stays = not held and not any(closed) and not any(claimed)
            if one.transaction_id is None and stays:
                assert one.status == other.status
        if not resumes:
            broken_off = [reading.transaction_id for reading in before if reading.transaction_id is not None]
            assert [event.transaction_id for event in news] == broken_off
            assert {event.trigger_reason for event in news} <= {TriggerReason.ABNORMAL_CONDITION}
        assert play.station.queued == queued + len(news) or queued + len(news) > outbox.CAPACITY
        play.event(Tick())  # what has come of it is kept
        self._back(back)

    @rule(
        status=st.sampled_from([*RegistrationStatus, *[RegistrationStatus.ACCEPTED] * 3]),
        interval_s=st.sampled_from([0, 10, 300]),
    )
    def change_mind_on_boots(self, status: RegistrationStatus, interval_s: int) -> None:
        self.play.csms.boot, self.play.csms.interval_s = status, interval_s

    @rule(card=a_card, info=an_info)
    def change_mind_on_a_card(self, card: IdToken, info: IdTokenInfo) -> None:
        self.play.csms.tokens[card.id_token] = info

    @rule(kind=st.sampled_from(KINDS), silent=st.booleans(), seconds=st.floats(0.0, 30.0), better=mostly)
    def misbehave(self, kind: type[Message], silent: bool, seconds: float, better: bool) -> None:
        if silent:
            self.play.csms.keep_silent(kind)
        else:
            self.play.csms.fail(kind)
        self.play.wait(seconds)
        if better:
            self.behave()

    @precondition(lambda self: self.play.csms.replies)
    @rule()
    def behave(self) -> None:
        self.play.csms.replies.clear()
        if self.play.outstanding is not None:
            self.play.time_out()

    @precondition(lambda self: self.play.outstanding is not None)
    @rule(answered=st.booleans())
    def at_last(self, answered: bool) -> None:
        send = self.play.outstanding
        assert send is not None
        if answered and type(send.message) in self.play.csms.replies:
            self.play.answer()
        else:
            self.play.time_out()

    # -- what always holds ------------------------------------------------------------------------

    @property
    def reported(self) -> list[TransactionEvent]:
        reported: list[TransactionEvent] = self.play.station.__dict__.get("reported", [])
        return reported

    @property
    def ended(self) -> Counter[int]:
        ended: Counter[int] = self.play.station.__dict__.get("ended", Counter())
        return ended

    @invariant()
    def registers_never_run_back(self) -> None:
        """J02.FR.16."""
        now = [self.play.reading(evse_id).register_wh for evse_id in range(1, len(EVSES) + 1)]
        assert all(after >= before for before, after in zip(self.registers, now, strict=True))
        self.registers = now

    @invariant()
    def power_stays_within_every_limit_and_flows_only_in_transactions(self) -> None:
        for reading in self.play.station.read():
            if reading.power_w > 0.0:
                assert reading.transaction_id is not None
                assert reading.authorized
                assert reading.charging_state == "Charging"
            for limit in reading.limits:
                if limit.source not in OUTSIDE or self.play.now.physics_s > self.limited_s.get(reading.evse_id, 0.0):
                    assert reading.power_w <= limit.power_w + 1e-6

    @invariant()
    def what_is_broken_delivers_no_energy_and_says_so(self) -> None:
        """E06.FR.16, G01, G05.FR.01."""
        for evse in self.play.station._evses:
            for connector in evse.connectors:
                assert (connector.status == "Faulted") is (connector.fault is not None)
            broken = evse.plugged and (evse.bay.connector.fault is not None or evse.bay.connector.jammed)
            if broken:
                assert evse.charging.power_w == 0.0
                assert not evse.charging.offering
        variables = self.play.station.variables
        everything = [each.fault for evse in self.play.station._evses for each in evse.connectors]
        assert (variables.get("ChargingStation.Problem") == "true") is any(everything)
        assert (variables.get("ChargingStation.AvailabilityState") == "Faulted") <= any(everything)

    @invariant()
    def events_are_numbered_and_what_is_cleared_was_there(self) -> None:
        """N07.FR.02."""
        told = {
            event.event_id: event
            for send in self.play.sent
            if isinstance(send.message, NotifyEvent)
            for event in send.message.events
        }
        assert list(told) == sorted(told)
        states: dict[object, bool] = {}
        for event in told.values():
            assert states.get(event.ref, False) is event.cleared
            states[event.ref] = not event.cleared

    @invariant()
    def transactions_are_numbered_without_gaps_and_have_one_beginning_and_one_end(self) -> None:
        """E01.FR.07, E 1.3.2."""
        transactions: dict[str, list[TransactionEvent]] = {}
        for event in self.reported:
            transactions.setdefault(event.transaction_id, []).append(event)
        running = {reading.transaction_id for reading in self.play.station.read()}
        for transaction_id, events in transactions.items():
            assert [event.seq_no for event in events] == list(range(len(events)))
            types = [event.event_type for event in events]
            assert types[0] is TransactionEventType.STARTED
            assert types.count(TransactionEventType.STARTED) == 1
            assert types.count(TransactionEventType.ENDED) == (transaction_id not in running)
            assert TransactionEventType.ENDED not in types[:-1]
            assert events[0].charging_state is not None
            assert sum(event.evse_id is not None for event in events) <= 1
            times = [value.timestamp for event in events[-1:] for value in event.meter_values]
            assert times == sorted(times)

    @invariant()
    def nothing_but_boots_goes_out_before_accepted_and_events_go_in_order(self) -> None:
        """B01.FR.09, B02.FR.02, B03.FR.02."""
        order = {(event.transaction_id, event.seq_no): number for number, event in enumerate(self.reported)}
        for send, standing in zip(self.play.sent[self.seen :], self.play.standing[self.seen :], strict=True):
            pending = standing is RegistrationStatus.PENDING and isinstance(send.message, WHILE_PENDING)
            accepted = standing is RegistrationStatus.ACCEPTED
            assert accepted or pending or isinstance(send.message, BootNotification)
            if isinstance(send.message, TransactionEvent):
                number = order[(send.message.transaction_id, send.message.seq_no)]
                assert number >= self.last
                self.last = number
        self.seen = len(self.play.sent)

    @invariant()
    def status_charging_state_and_transaction_agree(self) -> None:
        """G01, E02: and the CSMS has been told of each transaction how it is now."""
        told: dict[str, ChargingState] = {}
        for event in self.reported:
            if event.charging_state is not None:
                told[event.transaction_id] = event.charging_state
        for evse, reading in zip(self.play.station._evses, self.play.station.read(), strict=True):
            in_use = [each for each in evse.connectors if each.cable is not Cable.OUT]
            assert len(in_use) <= 1, "an EVSE charges at one connector at a time"
            assert reading.plugged is any(each.cable is Cable.IN for each in in_use)
            for connector in evse.connectors:
                if connector.usable and not connector.closed:
                    assert connector.status in ("Reserved", "Occupied" if connector in in_use else "Available")
            assert reading.charging_state is not ChargingState.CHARGING or reading.offered_w > 0.0
            if reading.transaction_id is not None:
                assert told[reading.transaction_id] is reading.charging_state
                assert (reading.charging_state is ChargingState.IDLE) is not reading.plugged
                assert evse.bay.connector.operative, (
                    "what is taken out of service waits for the transaction (G03.FR.05)"
                )

    @invariant()
    def the_queue_is_bounded(self) -> None:
        assert self.play.station.queued <= outbox.CAPACITY + 1

    @invariant()
    def what_is_reserved_has_a_reservation_and_is_used_by_nobody(self) -> None:
        """H01.FR.07, FR.20, FR.23; H03.FR.10."""
        held = self.play.station.reservations.held
        kept_open = any(each.wanted.evse_id is None for each in held)
        for evse in self.play.station._evses:
            named = [each.wanted.connector_type for each in held if each.wanted.evse_id == evse.id]
            statuses = {connector.status for connector in evse.connectors}
            assert len(named) <= 1
            if named:
                others = {ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}
                assert statuses <= {ConnectorStatus.RESERVED, *others}
                assert ConnectorStatus.RESERVED in statuses
            if ConnectorStatus.RESERVED in statuses:
                assert named or kept_open
                assert evse.authorization is None
                assert evse.claimed is None
        assert sum(each.wanted.evse_id is None for each in held) <= len(EVSES) - sum(
            each.wanted.evse_id is not None for each in held
        )

    @invariant()
    def nobody_charges_where_a_reset_has_closed_an_evse(self) -> None:
        """B11.FR.08, B12."""
        for evse in self.play.station._evses:
            if evse.bay.closed:
                assert evse.transaction is None
                assert evse.authorization is None
                assert {connector.status for connector in evse.connectors} <= {"Unavailable", "Faulted"}

    @invariant()
    def each_reservation_ends_once_and_the_csms_hears_of_it(self) -> None:
        """H01.FR.15 to 17, H02, H04."""
        station, ended = self.play.station, self.ended
        standing = Counter(each.wanted.id for each in station.reservations.held)
        standing.update(evse.claimed for evse in station._evses if evse.claimed is not None)
        assert self.accepted - self.cancelled - ended == standing
        assert self.cancelled + ended <= self.accepted

    @invariant()
    def variables_stay_readable(self) -> None:
        variables: DeviceModel = self.play.station.variables
        assert variables.get("ChargingStation.AvailabilityState") in (
            "Available",
            "Occupied",
            "Reserved",
            "Unavailable",
            "Faulted",
        )

    def teardown(self) -> None:
        """In the end everything that happened is delivered, or said to be lost."""
        if not hasattr(self, "play"):
            return
        outbox.CAPACITY = self.capacity
        play = self.play
        play.csms.replies.clear()
        play.csms.boot = RegistrationStatus.ACCEPTED
        if play.outstanding is not None:
            play.time_out()
        if not self.play.linked:
            play.link()
        for evse_id in range(1, len(EVSES) + 1):
            play.stop(evse_id)
        play.wait(700)
        if not play.linked:  # a reset has waited for that
            play.link()
            play.wait(700)
        assert play.station.queued == 0
        told = {(event.transaction_id, event.seq_no) for event in play.taken if isinstance(event, TransactionEvent)}
        untold = {(event.transaction_id, event.seq_no) for event in self.reported} - told
        lost = {each for text in play.said(NoticeKind.DISCARDED) for each in lost_events(text)}
        assert untold <= lost, "each gap on the wire is a loss that was told (E04.FR.08, E13.FR.04)"
        statuses = {
            (send.message.evse_id, send.message.connector_id): send.message.status
            for send in play.sent
            if isinstance(send.message, StatusNotification)
        }
        for evse in play.station._evses:
            for connector in evse.connectors:
                assert statuses[evse.id, connector.id] is connector.status, "the CSMS knows it as it is (G01)"


def lost_events(text: str) -> set[tuple[str, int]]:
    """The transaction events that a notice speaks of: "... of tx-1 ..., seqNo 1 to 5 by 2, 8"."""
    if (found := re.search(r"of (tx-\d+)\b.*?seqNo ([\d ,toby]+)", text)) is None:
        return set()
    numbers: set[int] = set()
    for first, last, step in re.findall(r"(\d+)(?: to (\d+))?(?: by (\d+))?", found[2]):
        numbers |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return {(found[1], number) for number in numbers}


TestAnyStation = AnyStation.TestCase
TestAnyStation.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
