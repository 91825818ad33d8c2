"""The recorder of an EVSE: what the CSMS is told of a transaction there, its events and its samples (E01-E13, J02)."""

from datetime import datetime
from math import inf
from typing import Final, Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.bay import Bay
from evtui.sim.evse_record import MeterRecord, values_key
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken, MeterValue
from evtui.sim.metering.digits import told
from evtui.sim.metering.kept_values import KeptValues
from evtui.sim.metering.sampler import Sampler
from evtui.sim.physics.charging import Charging
from evtui.sim.rate import Rate
from evtui.sim.surroundings import Surroundings
from evtui.sim.terms import ChargingState, ReadingContext, StoppedReason, TransactionEventType, TriggerReason
from evtui.sim.transaction import Transaction, TransactionRecord

_BEHIND = 10
"""Samples that may wait for a slow CSMS before the next one is left out."""

_UPDATED: Final = TransactionEventType.UPDATED
_CHARGING: Final = ChargingState.CHARGING
_CLOCK: Final = TriggerReason.METER_VALUE_CLOCK
_PERIODIC: Final = TriggerReason.METER_VALUE_PERIODIC
_SAMPLE: Final = NoticeKind.SAMPLE

_PULLED_OR_BACK = (TriggerReason.EV_COMMUNICATION_LOST, TriggerReason.CABLE_PLUGGED_IN)


class Place(Protocol):
    """The EVSE as its recorder sees it."""

    id: int
    charging: Charging
    bay: Bay
    state: ChargingState
    stirred: bool

    @property
    def plugged(self) -> bool:
        """A car is connected."""

    @property
    def suspended(self) -> bool:
        """The car was pulled off, and the transaction waits for it to come back."""


class Recorder:
    """At most one transaction runs; `transaction` is None while none does."""

    __slots__ = (
        "_interrupted",
        "_kept",
        "_owes_begin",
        "_place",
        "_rate",
        "_sampler",
        "_station",
        "last_wh",
        "transaction",
    )

    def __init__(self, place: Place, station: Surroundings) -> None:
        self.transaction: Transaction | None = None
        self._place = place
        self._station = station
        self._sampler: Sampler | None = None
        self._owes_begin = False  # the values of the beginning are still to be told when charging starts
        self._interrupted = False  # the car was pulled off
        self._rate = Rate(station.model)
        self._kept = KeptValues(station.memory, values_key(place.id))
        self.last_wh = 0.0  # of the transaction that ended last

    @property
    def session_wh(self) -> float:
        """Energy of the running transaction, or of the last one."""
        if self.transaction is not None:
            return self._place.charging.register_wh - self.transaction.begin_wh
        return self.last_wh

    @property
    def due_s(self) -> float:
        """The elapsed time of the next sample; infinite when none is due."""
        return inf if self._sampler is None else self._sampler.due_s

    # -- its course -------------------------------------------------------------------------------

    def begin(
        self,
        now: Instant,
        trigger: TriggerReason,
        id_token: IdToken | None,
        remote_start_id: int | None,
        reservation_id: int | None,
    ) -> None:
        """A transaction begins; `id_token` is that of an authorized driver, `remote_start_id` the CSMS's of that, and
        `reservation_id` that of the reservation which the driver claimed."""
        place, station = self._place, self._station
        transaction = Transaction(station.new_id(), now.utc, place.charging.register_wh)
        if remote_start_id is not None:  # F02.FR.21, whatever came last
            trigger = TriggerReason.REMOTE_START
        transaction.owe(id_token, remote_start_id, reservation_id)
        self.transaction = transaction
        transaction.count_charging(place.state is ChargingState.CHARGING, now.elapsed_s)
        station.transaction_begins(now)
        self._kept.clear()
        self._sampler = Sampler(place.charging, station.model, station.clock, self._kept, now)
        station.say(NoticeKind.SESSION_STARTED, "", place.id, transaction.id, place.charging.power_w, 0.0)
        values = self._sampler.begin(now) if place.plugged else ()
        self._owes_begin, self._interrupted = not place.plugged, False
        self._report(TransactionEventType.STARTED, trigger, now, values)

    def update(
        self,
        now: Instant,
        trigger: TriggerReason,
        id_token: IdToken | None = None,
        meter_values: tuple[MeterValue, ...] = (),
    ) -> None:
        """It goes on; `id_token` is the one that ends the authorization."""
        sampler = self._sampler
        assert sampler is not None
        if trigger in _PULLED_OR_BACK:
            self._place.stirred = True
            meter_values = (*self._interruption(sampler, now, trigger), *meter_values)
        if self._owes_begin or not sampler.begun:
            self._place.stirred = True
            meter_values = (*self._beginning(sampler, now), *meter_values)
        self._report(_UPDATED, trigger, now, meter_values, id_token)

    def _beginning(self, sampler: Sampler, now: Instant) -> tuple[MeterValue, ...]:
        """A transaction that began before its car was connected tells the values of its beginning when the car is
        (TC_J_08), and when charging starts (E01.FR.17)."""
        place = self._place
        charging = place.state is ChargingState.CHARGING
        if not place.plugged or not ((self._owes_begin and charging) or not sampler.begun):
            return ()
        self._owes_begin = self._owes_begin and not charging
        return sampler.begin(now)

    def _interruption(self, sampler: Sampler, now: Instant, trigger: TriggerReason) -> tuple[MeterValue, ...]:
        """The values when the car was pulled off a transaction that waits for it, and when it came back (E10)."""
        if trigger is TriggerReason.EV_COMMUNICATION_LOST and self._place.suspended:
            self._interrupted = True
            return sampler.interruption(now, ReadingContext.INTERRUPTION_BEGIN)
        if trigger is TriggerReason.CABLE_PLUGGED_IN and self._interrupted:
            self._interrupted = False
            return sampler.interruption(now, ReadingContext.INTERRUPTION_END)
        return ()

    def end(self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None) -> None:
        """It ends, for `reason` unless there was one before."""
        place, station, transaction, sampler = self._place, self._station, self.transaction, self._sampler
        assert transaction is not None
        assert sampler is not None
        station.transaction_ends(now)
        transaction.count_charging(False, now.elapsed_s)
        if transaction.stopped_reason is None:
            transaction.stopped_reason = reason
        self.last_wh = self.session_wh
        values = sampler.end(now) if place.plugged or transaction.knows_evse else ()
        self._report(TransactionEventType.ENDED, trigger, now, values, id_token)
        self.transaction = self._sampler = None
        self._kept.clear()
        station.say(
            NoticeKind.SESSION_ENDED,
            transaction.stopped_reason,
            place.id,
            transaction.id,
            place.charging.power_w,
            self.last_wh,
        )

    def rate_may_have_changed(self, now: Instant) -> None:
        """The limits are other ones; a change that the charging state tells already is not told twice (E02.FR.17)."""
        if self.transaction is not None and self._rate.changed(self._place.charging.offered_w):
            self.update(now, TriggerReason.CHARGING_RATE_CHANGED)

    def note_state(self, now: Instant) -> None:
        """The charging state of the EVSE is another one."""
        transaction, state = self.transaction, self._place.state
        if transaction is not None:
            transaction.count_charging(state is ChargingState.CHARGING, now.elapsed_s)
            self._station.say(NoticeKind.CHARGING_STATE, state, self._place.id, transaction.id)

    # -- over a power cut -------------------------------------------------------------------------

    @property
    def record(self) -> TransactionRecord | None:
        """What is kept of the running transaction, beside its meter values."""
        if self.transaction is None or self._sampler is None:
            return None
        return self.transaction.record(
            begun=self._sampler.begun, owes_begin=self._owes_begin, interrupted=self._interrupted
        )

    def meter(self, now: Instant) -> MeterRecord | None:
        """What is kept of the meter and of the samples of the running transaction."""
        transaction, sampler, charging = self.transaction, self._sampler, self._place.charging
        if transaction is None or sampler is None:
            return None
        return MeterRecord(
            now.utc,
            charging.register_wh,
            charging.soc_percent,
            transaction.events,
            transaction.charging_time_s(now.elapsed_s),
            sampler.series_wh,
            charging.phase_register_wh,
        )

    def restore(self, record: TransactionRecord, meter: MeterRecord, now: Instant) -> None:
        """Takes up the transaction that ran when the power was cut."""
        station = self._station
        self.transaction = Transaction.restored(record, meter.events, meter.charging_s)
        self._owes_begin, self._interrupted = record.owes_begin, record.interrupted
        self._sampler = Sampler(self._place.charging, station.model, station.clock, self._kept, now)
        self._sampler.restore(record.begun, meter.series_wh)

    # -- its samples ------------------------------------------------------------------------------

    def tick(self, now: Instant) -> None:
        """What is due."""
        if self._sampler is not None and self._sampler.tick(now):
            self._sample(self._sampler, now)

    def obey_variables(self, now: Instant) -> None:
        """They may have changed."""
        if self._sampler is not None:
            self._sampler.obey_variables(now)

    def clock_sample(self, now: Instant, meter_values: tuple[MeterValue, ...]) -> None:
        """Clock-aligned values of the running transaction, as an event of it (J01.FR.22), whose time is theirs."""
        self.update(now, TriggerReason.METER_VALUE_CLOCK, meter_values=meter_values)
        self.say_sample()

    def triggered_sample(self, now: Instant) -> None:
        """The CSMS wants to know how the running transaction is (F06.FR.07)."""
        assert self._sampler is not None
        values = self._sampler.sample(now, ReadingContext.TRIGGER)
        self.update(now, TriggerReason.TRIGGER, meter_values=values)

    def say_sample(self) -> None:
        """A sample of the running transaction was taken."""
        transaction = self.transaction
        assert transaction is not None
        place, charging = self._place, self._place.charging
        session_wh = charging.register_wh - transaction.begin_wh
        self._station.say(_SAMPLE, "", place.id, transaction.id, charging.power_w, session_wh)

    def keep_aligned(self, boundary: datetime) -> None:
        """Keeps clock-aligned values of that time for the end of the running transaction."""
        if self._sampler is not None:
            self._sampler.keep_aligned(boundary)

    def _sample(self, sampler: Sampler, now: Instant) -> None:
        """A periodic sample; a CSMS that does not keep up gets them further apart."""
        transaction = self.transaction
        assert transaction is not None
        if not transaction.knows_evse:
            return
        if self._station.lags(transaction.id, _BEHIND):
            if not transaction.warned:
                transaction.warned = True
                text = "the CSMS answers more slowly than samples are due: they are taken further apart"
                self._station.say(NoticeKind.WARNING, text, self._place.id, transaction.id)
            return
        values = sampler.sample(now)
        if values:
            self.update(now, _PERIODIC, meter_values=values)
            self.say_sample()

    def _report(
        self,
        event_type: TransactionEventType,
        trigger: TriggerReason,
        now: Instant,
        meter_values: tuple[MeterValue, ...],
        id_token: IdToken | None = None,
    ) -> None:
        place, transaction = self._place, self.transaction
        assert transaction is not None
        charging = place.charging
        phases = charging.phases if place.state is _CHARGING else 0
        connector = None if transaction.knows_evse or charging.ev is None else place.bay.connector
        aligned = trigger is _CLOCK
        event = transaction.event(
            event_type,
            trigger,
            meter_values[-1].timestamp if aligned else self._station.clock.read(now),
            place.id,
            None if connector is None else connector.id,
            place.state,
            phases or None,
            meter_values,
            id_token,
            None if connector is None or not connector.spec.type.is_socket else int(connector.spec.cable_a),
            told(charging.register_wh),
        )
        self._station.report(place.id, event)
        if event.charging_state is not None:
            self._rate.tell(charging.offered_w)
        if transaction.tells:
            place.stirred = True
