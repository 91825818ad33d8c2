"""The recorder of an EVSE: what the CSMS is told of a transaction there, its events and its samples (E01-E13, J02)."""

from math import inf
from typing import Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.connector import Connector
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken, MeterValue
from evtui.sim.metering.sampler import Sampler
from evtui.sim.physics.charging import Charging
from evtui.sim.surroundings import Surroundings
from evtui.sim.terms import ChargingState, ReadingContext, StoppedReason, TransactionEventType, TriggerReason
from evtui.sim.transaction import Transaction

_BEHIND = 10
"""Samples that may wait for a slow CSMS before the next one is left out."""


class Place(Protocol):
    """The EVSE as its recorder sees it."""

    id: int
    charging: Charging
    connector: Connector
    plugged: bool
    state: ChargingState


class Recorder:
    """At most one transaction runs; `transaction` is None while none does."""

    def __init__(self, place: Place, station: Surroundings) -> None:
        self.transaction: Transaction | None = None
        self._place = place
        self._station = station
        self._sampler: Sampler | None = None
        self._last_wh = 0.0

    @property
    def session_wh(self) -> float:
        """Energy of the running transaction, or of the last one."""
        if self.transaction is not None:
            return self._place.charging.register_wh - self.transaction.begin_wh
        return self._last_wh

    @property
    def due_s(self) -> float:
        """The elapsed time of the next sample; infinite when none is due."""
        return inf if self._sampler is None else self._sampler.due_s

    # -- its course -------------------------------------------------------------------------------

    def begin(
        self, now: Instant, trigger: TriggerReason, id_token: IdToken | None, remote_start_id: int | None
    ) -> None:
        """A transaction begins; `id_token` is that of an authorized driver, `remote_start_id` the CSMS's of that."""
        place, station = self._place, self._station
        transaction = Transaction(station.new_id(), now.utc, place.charging.register_wh)
        if remote_start_id is not None:  # F02.FR.21, whatever came last
            trigger = TriggerReason.REMOTE_START
        transaction.owed_token, transaction.owed_remote_start_id = id_token, remote_start_id
        self.transaction = transaction
        transaction.count_charging(place.state is ChargingState.CHARGING, now.elapsed_s)
        station.transaction_begins(now)
        self._sampler = Sampler(place.charging, station.model, station.clock, now)
        station.say(NoticeKind.SESSION_STARTED, "", place.id, transaction.id, place.charging.power_w, 0.0)
        values = self._sampler.begin(now) if place.plugged else ()
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
        if not sampler.begun and self._place.state is ChargingState.CHARGING:  # E01.FR.17
            meter_values = (*sampler.begin(now), *meter_values)
        self._report(TransactionEventType.UPDATED, trigger, now, meter_values, id_token)

    def end(self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None) -> None:
        """It ends, for `reason` unless there was one before."""
        place, station, transaction, sampler = self._place, self._station, self.transaction, self._sampler
        assert transaction is not None
        assert sampler is not None
        station.transaction_ends(now)
        transaction.count_charging(False, now.elapsed_s)
        if transaction.stopped_reason is None:
            transaction.stopped_reason = reason
        self._last_wh = self.session_wh
        values = sampler.end(now) if place.plugged or transaction.knows_evse else ()
        self._report(TransactionEventType.ENDED, trigger, now, values, id_token)
        self.transaction = self._sampler = None
        station.say(
            NoticeKind.SESSION_ENDED,
            transaction.stopped_reason,
            place.id,
            transaction.id,
            place.charging.power_w,
            self._last_wh,
        )

    def note_state(self, now: Instant) -> None:
        """The charging state of the EVSE is another one."""
        transaction, state = self.transaction, self._place.state
        if transaction is not None:
            transaction.count_charging(state is ChargingState.CHARGING, now.elapsed_s)
            self._station.say(NoticeKind.CHARGING_STATE, state, self._place.id, transaction.id)

    # -- its samples ------------------------------------------------------------------------------

    def tick(self, now: Instant) -> None:
        """What is due."""
        if self._sampler is not None and self._sampler.tick(now):
            self._sample(self._sampler, now)

    def keep_to_intervals(self, now: Instant) -> None:
        """The variables may have changed."""
        if self._sampler is not None:
            self._sampler.keep_to_intervals(now)

    def clock_sample(self, now: Instant, meter_values: tuple[MeterValue, ...]) -> None:
        """Clock-aligned values of the running transaction, as an event of it (J01.FR.22)."""
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
        place = self._place
        self._station.say(NoticeKind.SAMPLE, "", place.id, transaction.id, place.charging.power_w, self.session_wh)

    def keep(self, meter_values: tuple[MeterValue, ...]) -> None:
        """Keeps clock-aligned values for the end of the running transaction."""
        if self._sampler is not None:
            self._sampler.keep(meter_values)

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
            self.update(now, TriggerReason.METER_VALUE_PERIODIC, meter_values=values)
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
        phases = place.charging.phases if place.state is ChargingState.CHARGING else 0
        event = transaction.event(
            event_type,
            trigger,
            self._station.clock.read(now),
            place.id,
            place.connector.id if place.plugged else None,
            place.state,
            phases or None,
            meter_values,
            id_token,
        )
        self._station.report(place.id, event)
