"""An EVSE: at most one car, one driver and one transaction at a time (E01.FR.14)."""

from typing import Protocol

from evtui.sim import sampling
from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import Authorization, same, shown
from evtui.sim.charging import Charging
from evtui.sim.connector import Cable, CableEvent, Connector
from evtui.sim.device_model import DeviceModel
from evtui.sim.ev import EvModel
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken, MeterValue, TransactionEvent
from evtui.sim.reading import EvseReading
from evtui.sim.spec import EvseSpec
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import (
    ChargingState,
    ReadingContext,
    StoppedReason,
    TransactionEventType,
    TriggerReason,
    TxPoint,
)
from evtui.sim.transaction import START_TRIGGERS, Transaction, points, starts, stops

_BEHIND = 10
_ENDED_VALUES = 500
"""Meter values kept for Ended; beyond it every other one in between is dropped (E06.FR.13)."""

_SOON_S = 0.01

_NO_POINTS: frozenset[TxPoint] = frozenset()


class Surroundings(Protocol):
    """The station around an EVSE."""

    model: DeviceModel
    clock: StationClock

    @property
    def may_begin(self) -> bool:
        """Transactions may begin: the CSMS has accepted the station, or TxBeforeAcceptedEnabled."""

    def new_id(self) -> str:
        """A transaction id that was never used."""

    def say(
        self,
        kind: NoticeKind,
        text: str,
        evse_id: int = 0,
        transaction_id: str | None = None,
        power_w: float | None = None,
        energy_wh: float | None = None,
    ) -> None:
        """A notice."""

    def report(self, evse_id: int, event: TransactionEvent) -> None:
        """A transaction event for the CSMS."""

    def report_status(self, evse_id: int, connector: Connector, now: Instant) -> None:
        """A connector's status changed."""

    def lags(self, transaction_id: str, behind: int) -> bool:
        """The CSMS has not taken the last `behind` samples of the transaction yet."""

    def transaction_begins(self, now: Instant) -> None:
        """One is about to begin."""

    def transaction_ends(self, now: Instant) -> None:
        """One is about to end."""


class Evse:
    """What happens at an EVSE, and what the CSMS hears of it. Callers bring `charging` up to date first."""

    def __init__(self, evse_id: int, spec: EvseSpec, charging: Charging, station: Surroundings, speed: float) -> None:
        self.id = evse_id
        self.charging = charging
        self.connectors = tuple(Connector(number, each) for number, each in enumerate(spec.connectors, 1))
        self.authorization: Authorization | None = None
        self.asking: IdToken | None = None  # an Authorize is under way
        self.transaction: Transaction | None = None
        self.state = ChargingState.IDLE
        self._spec = spec
        self._station = station
        self._speed = speed
        self._connector: Connector | None = None  # the one whose cable has a car at its end
        self._last_connector = self.connectors[0]
        self._in_bay = False
        self._held = _NO_POINTS
        self._connect_by_s: float | None = None
        self._withheld = False  # authorized, yet no energy: the CSMS calls the identifier invalid
        self._allowed_wh: float | None = None  # the register up to which an invalid identifier may charge
        self._withhold_s: float | None = None
        self._key: IdToken | None = None  # unlocks a cable that was left
        self._updated = sampling.Periodic()
        self._ended = sampling.Periodic()
        self._session_wh = 0.0

    # -- what others see --------------------------------------------------------------------------

    @property
    def plugged(self) -> bool:
        """A car is connected."""
        return self._connector is not None

    @property
    def left(self) -> bool:
        """The car is gone, but its connector is still in use."""
        return self._last_connector.cable is Cable.LEFT

    @property
    def session_wh(self) -> float:
        """Energy of the running transaction, or of the last one."""
        if self.transaction is not None:
            return self.charging.register_wh - self.transaction.begin_wh
        return self._session_wh

    @property
    def deadline_s(self) -> float | None:
        """The elapsed time at which something is due."""
        dues = (
            self.charging.deadline_s,
            self._connect_by_s,
            self._withhold_s,
            self._updated.due_s,
            self._ended.due_s,
        )
        return min((due for due in dues if due is not None), default=None)

    def read(self) -> EvseReading:
        """The display."""
        charging, transaction, connector = self.charging, self.transaction, self._last_connector
        return EvseReading(
            evse_id=self.id,
            connector_id=connector.id,
            connector_type=connector.spec.type,
            status=connector.status,
            charging_state=self.state if transaction is not None else None,
            plugged=self.plugged,
            authorized=self.authorization is not None,
            ev=charging.ev.name if charging.ev is not None else None,
            rated_w=self._spec.rated_w,
            power_w=charging.power_w,
            offered_w=charging.offered_w,
            session_energy_wh=self.session_wh,
            register_wh=charging.register_wh,
            soc_percent=charging.soc_percent,
            transaction_id=transaction.id if transaction is not None else None,
            transaction_started=transaction.started_utc if transaction is not None else None,
            phases=charging.phases,
            voltage_v=charging.voltage_v,
            current_a=charging.current_a,
            frequency_hz=charging.frequency_hz,
            limits=charging.limits,
            limited_by=charging.limited_by,
        )

    # -- what the driver does ---------------------------------------------------------------------

    def plug_in(self, connector: Connector, model: EvModel, now: Instant) -> None:
        """A car arrives and is connected (E02)."""
        if self._watches_bay:
            self._in_bay = True
            self._step(now, TriggerReason.EV_DETECTED)
        self.charging.plug(model, now, connector.id)
        self._connector = self._last_connector = connector
        self._connect_by_s = None
        changed = connector.move(CableEvent.PLUGGED)
        self._station.say(NoticeKind.PLUGGED_IN, model.name, self.id)
        if changed:
            self._station.report_status(self.id, connector, now)
        self._step(now, TriggerReason.CABLE_PLUGGED_IN)
        self._offer(now)

    def unplug(self, now: Instant) -> None:
        """The cable is pulled at the EV (E09, E10)."""
        connector, authorization = self._last_connector, self.authorization
        self.charging.unplug(now)
        self._connector = None
        self._station.say(NoticeKind.UNPLUGGED, "at the EV", self.id)
        if self._station.model.flag("TxCtrlr.StopTxOnEVSideDisconnect"):
            self._deauthorize()
            if authorization is not None and self.transaction is None:
                self._station.say(NoticeKind.AUTHORIZATION_ENDED, "the cable was pulled", self.id)
        self._step(now, TriggerReason.EV_COMMUNICATION_LOST, StoppedReason.EV_DISCONNECTED)
        suspended = self.transaction is not None and self.authorization is not None
        if authorization is not None and self._keeps_cable(connector, suspended):
            self._key = authorization.id_token
            connector.move(CableEvent.PULLED_KEPT)
        elif connector.move(CableEvent.PULLED):
            self._station.report_status(self.id, connector, now)
        if self.authorization is not None and not (suspended and connector.spec.type.is_socket):
            self._wait_for_cable(now)
        if not suspended:
            self._depart(now)

    def authorize(self, authorization: Authorization, now: Instant) -> None:
        """A driver may charge here."""
        self.authorization = authorization
        self._station.say(NoticeKind.AUTHORIZED, shown(authorization.id_token), self.id)
        if not self.plugged:
            self._wait_for_cable(now)
        if self.transaction is not None:
            self.transaction.owed_token = authorization.id_token
        self._step(now, TriggerReason.AUTHORIZED)
        self._offer(now)

    def end_authorization(
        self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None
    ) -> None:
        """The driver, the CSMS or a timeout ends it; the transaction ends with it if its stop points say so."""
        local = trigger is TriggerReason.STOP_AUTHORIZED
        gone = self.left
        self._deauthorize()
        if self.transaction is None:
            self._offer(now)
            self._held = self._holding()
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, "", self.id)
        elif local and self._ends_with_energy:  # E07: the authorization first, then the energy
            self._step(now, trigger, reason, id_token)
            self._offer(now)
        else:
            self.charging.offer(False, now)
            self._step(now, trigger, reason, id_token)
        if gone:
            self.release(now)
            self._depart(now)

    def release(self, now: Instant) -> None:
        """The cable that was left is unlocked, or counts as gone."""
        self._key = None
        if self._last_connector.move(CableEvent.RELEASED):
            self._station.report_status(self.id, self._last_connector, now)

    def unlocks(self, id_token: IdToken) -> bool:
        """The identifier that locked a cable which was left, its transaction being over (E09.FR.03)."""
        return self.left and self.authorization is None and self._key is not None and same(self._key, id_token)

    def abort(self, now: Instant) -> None:
        """Ends a transaction that no driver is authorized for, because the station is going down."""
        self._end(now, TriggerReason.ABNORMAL_CONDITION, StoppedReason.LOCAL)

    # -- what the CSMS says -----------------------------------------------------------------------

    def invalidate(self, now: Instant) -> None:
        """The CSMS calls the identifier of the running transaction invalid (E05)."""
        model = self._station.model
        if model.flag("TxCtrlr.StopTxOnInvalidId"):
            self.end_authorization(now, TriggerReason.DEAUTHORIZED, StoppedReason.DE_AUTHORIZED)
        elif self._allowed_wh is None:
            self._allowed_wh = self.charging.register_wh + model.integer("TxCtrlr.MaxEnergyOnInvalidId")
            self._withhold(now)

    # -- what time does ---------------------------------------------------------------------------

    def observe(self, now: Instant) -> None:
        """The charging state may have changed by itself."""
        if self._allowed_wh is not None and not self._withheld:
            self._withhold(now)
        state = self._charging_state()
        if state is not self.state:
            reason = StoppedReason.STOPPED_BY_EV if state is ChargingState.SUSPENDED_EV else None
            if self._withheld:
                reason = StoppedReason.DE_AUTHORIZED
            self._step(now, TriggerReason.CHARGING_STATE_CHANGED, reason)

    def reconsider(self, now: Instant) -> None:
        """Transactions may begin from now on: what has been reached already counts."""
        reached = self._holding().intersection(self._station.model.members("TxCtrlr.TxStartPoint"))
        for point in TxPoint:
            if point in reached and self.transaction is None:
                self._step(now, START_TRIGGERS[point])
        self._offer(now)

    def tick(self, now: Instant) -> None:
        """What is due."""
        if self._connect_by_s is not None and now.elapsed_s >= self._connect_by_s:
            self._give_up_waiting(now)
        if self._updated.due_s is not None and self._updated.take(now.elapsed_s):
            self._sample(now)
        if self._ended.due_s is not None and self._ended.take(now.elapsed_s) and self.transaction is not None:
            self.collect(self._take("SampledDataCtrlr.TxEndedMeasurands", ReadingContext.SAMPLE_PERIODIC, now))

    def keep_to_intervals(self, now: Instant) -> None:
        """The variables may have changed."""
        if self.transaction is not None:
            model = self._station.model
            self._updated.keep_to(now.elapsed_s, model.integer("SampledDataCtrlr.TxUpdatedInterval"))
            self._ended.keep_to(now.elapsed_s, model.integer("SampledDataCtrlr.TxEndedInterval"))
            self._offer(now)

    def clock_sample(self, now: Instant, meter_values: tuple[MeterValue, ...]) -> None:
        """Clock-aligned values of the running transaction, as an event of it (J01.FR.22)."""
        self._update(now, TriggerReason.METER_VALUE_CLOCK, meter_values=meter_values)
        self.say_sample()

    def say_sample(self) -> None:
        """A sample of the running transaction was taken."""
        transaction = self.transaction
        assert transaction is not None
        self._station.say(NoticeKind.SAMPLE, "", self.id, transaction.id, self.charging.power_w, self.session_wh)

    def collect(self, meter_values: tuple[MeterValue, ...]) -> None:
        """Keeps values for Ended."""
        transaction = self.transaction
        assert transaction is not None
        if not transaction.begun:
            return
        values = transaction.ended_values
        values += meter_values
        if len(values) > _ENDED_VALUES:
            del values[1:-1:2]

    # -- states -----------------------------------------------------------------------------------

    @property
    def _watches_bay(self) -> bool:
        """Only a station whose transactions depend on the parking bay has a detector there."""
        model = self._station.model
        return TxPoint.PARKING_BAY_OCCUPANCY in (
            *model.members("TxCtrlr.TxStartPoint"),
            *model.members("TxCtrlr.TxStopPoint"),
        )

    @property
    def _ends_with_energy(self) -> bool:
        stop_points = self._station.model.members("TxCtrlr.TxStopPoint")
        return TxPoint.ENERGY_TRANSFER in stop_points and not {
            TxPoint.AUTHORIZED,
            TxPoint.POWER_PATH_CLOSED,
        }.intersection(stop_points)

    def _holding(self) -> frozenset[TxPoint]:
        return points(
            in_bay=self._in_bay,
            connected=self.plugged,
            authorized=self.authorization is not None,
            energy=self.charging.flowing,
        )

    def _charging_state(self) -> ChargingState:
        """While the contactor closes, what was before still counts."""
        charging = self.charging
        if self._connector is None:
            return ChargingState.IDLE
        if self._withheld:
            return ChargingState.SUSPENDED_EVSE
        if not charging.offering:
            return ChargingState.EV_CONNECTED
        if charging.suspended_by_evse:
            return ChargingState.SUSPENDED_EVSE
        if charging.flowing:
            return ChargingState.CHARGING
        if not charging.ev_wants:
            return ChargingState.SUSPENDED_EV
        return ChargingState.EV_CONNECTED if self.state is ChargingState.IDLE else self.state

    def _keeps_cable(self, connector: Connector, suspended: bool) -> bool:
        """The connector stays in use after the car was pulled off: locked into a socket until the identifier is
        presented (E09.FR.03, E10.FR.01), or waiting for the car to come back (E10)."""
        unlocks = self._station.model.flag("OCPPCommCtrlr.UnlockOnEVSideDisconnect")
        return suspended or (connector.spec.type.is_socket and not unlocks)

    def _wait_for_cable(self, now: Instant) -> None:
        self._connect_by_s = now.elapsed_s + self._station.model.integer("TxCtrlr.EVConnectionTimeOut")

    def _give_up_waiting(self, now: Instant) -> None:
        """No cable came in time: C01.FR.26; E03.FR.05 and .15; E10.FR.02 when there was one before."""
        self._connect_by_s = None
        transaction = self.transaction
        if transaction is not None and self.left:
            self.end_authorization(now, TriggerReason.EV_COMMUNICATION_LOST, StoppedReason.EV_DISCONNECTED)
        elif transaction is None or TxPoint.PARKING_BAY_OCCUPANCY in self._station.model.members("TxCtrlr.TxStopPoint"):
            self.end_authorization(now, TriggerReason.EV_CONNECT_TIMEOUT, StoppedReason.TIMEOUT)
        else:
            self._end(now, TriggerReason.EV_CONNECT_TIMEOUT, StoppedReason.TIMEOUT)

    def _deauthorize(self) -> None:
        self.authorization = None
        self._connect_by_s = None
        self._withheld = False
        self._withhold_s = self._allowed_wh = None

    def _withhold(self, now: Instant) -> None:
        """No more energy for an invalid identifier that has had its allowance (E05.FR.02/03)."""
        assert self._allowed_wh is not None
        self._withhold_s = None
        left_wh = self._allowed_wh - self.charging.register_wh
        if left_wh <= 0.0:
            self._withheld = True
            self._offer(now)
        elif self.charging.power_w > 0.0:
            left_s = left_wh / self.charging.power_w * 3600.0 / self._speed
            self._withhold_s = now.elapsed_s + max(left_s, _SOON_S)

    def _depart(self, now: Instant) -> None:
        """The car leaves the bay."""
        if self._in_bay:
            self._in_bay = False
            self._step(now, TriggerReason.EV_DEPARTED, StoppedReason.EV_DISCONNECTED)

    def _offer(self, now: Instant) -> None:
        """Offers energy to an authorized driver's car, and never without a transaction unless energy begins it."""
        on = self.plugged and self.authorization is not None and not self._withheld
        if on and self.transaction is None:
            on = self._station.may_begin and TxPoint.ENERGY_TRANSFER in self._station.model.members(
                "TxCtrlr.TxStartPoint"
            )
        if on is not self.charging.offering:
            self.charging.offer(on, now)
        self.observe(now)

    # -- transactions -----------------------------------------------------------------------------

    def _step(
        self,
        now: Instant,
        trigger: TriggerReason,
        stopped: StoppedReason | None = None,
        id_token: IdToken | None = None,
    ) -> None:
        """Something happened: it begins a transaction, goes on in one, or ends it."""
        self._note_state(now)
        before, after = self._held, self._holding()
        transaction, model = self.transaction, self._station.model
        if transaction is None:
            if not self._station.may_begin:
                self._held = before & after
                return
            self._held = after
            if starts(before, after, model.members("TxCtrlr.TxStartPoint")):
                self._begin(now, trigger)
            return
        self._held = after
        if stopped is not None and transaction.stopped_reason is None and self.authorization is None:
            transaction.stopped_reason = stopped
        if stops(before, after, model.members("TxCtrlr.TxStopPoint")):
            self._end(now, trigger, stopped or StoppedReason.OTHER, id_token)
        else:
            self._update(now, trigger, id_token)

    def _note_state(self, now: Instant) -> None:
        state = self._charging_state()
        if state is self.state:
            return
        self.state = state
        transaction = self.transaction
        if transaction is not None:
            transaction.count_charging(state is ChargingState.CHARGING, now.elapsed_s)
            self._station.say(NoticeKind.CHARGING_STATE, state, self.id, transaction.id)

    def _begin(self, now: Instant, trigger: TriggerReason) -> None:
        station, model = self._station, self._station.model
        transaction = Transaction(station.new_id(), now.utc, self.charging.register_wh)
        if self.authorization is not None:
            transaction.owed_token = self.authorization.id_token
        self.transaction = transaction
        transaction.count_charging(self.state is ChargingState.CHARGING, now.elapsed_s)
        station.transaction_begins(now)
        self._updated.start(now.elapsed_s, model.integer("SampledDataCtrlr.TxUpdatedInterval"))
        self._ended.start(now.elapsed_s, model.integer("SampledDataCtrlr.TxEndedInterval"))
        station.say(NoticeKind.SESSION_STARTED, "", self.id, transaction.id, self.charging.power_w, 0.0)
        values = self._begin_values(now) if self.plugged else ()
        self._report(TransactionEventType.STARTED, trigger, now, values)

    def _update(
        self,
        now: Instant,
        trigger: TriggerReason,
        id_token: IdToken | None = None,
        meter_values: tuple[MeterValue, ...] = (),
    ) -> None:
        transaction = self.transaction
        assert transaction is not None
        if not transaction.begun and self.state is ChargingState.CHARGING:  # E01.FR.17
            meter_values = (*self._begin_values(now), *meter_values)
        self._report(TransactionEventType.UPDATED, trigger, now, meter_values, id_token)

    def _end(
        self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None
    ) -> None:
        station, transaction = self._station, self.transaction
        assert transaction is not None
        station.transaction_ends(now)
        transaction.count_charging(False, now.elapsed_s)
        if transaction.stopped_reason is None:
            transaction.stopped_reason = reason
        self._session_wh = self.session_wh
        values: tuple[MeterValue, ...] = ()
        if transaction.begun:
            last = self._take("SampledDataCtrlr.TxEndedMeasurands", ReadingContext.TRANSACTION_END, now)
            values = (*transaction.ended_values, *last)
        self._report(TransactionEventType.ENDED, trigger, now, values, id_token)
        self.transaction = None
        self._updated.stop()
        self._ended.stop()
        self._deauthorize()
        if self.charging.offering:
            self.charging.offer(False, now)
        self.state = self._charging_state()
        self._held = self._holding()
        station.say(
            NoticeKind.SESSION_ENDED,
            transaction.stopped_reason,
            self.id,
            transaction.id,
            self.charging.power_w,
            self._session_wh,
        )

    def _report(
        self,
        event_type: TransactionEventType,
        trigger: TriggerReason,
        now: Instant,
        meter_values: tuple[MeterValue, ...],
        id_token: IdToken | None = None,
    ) -> None:
        transaction = self.transaction
        assert transaction is not None
        phases = self.charging.phases if self.state is ChargingState.CHARGING else 0
        event = transaction.event(
            event_type,
            trigger,
            self._station.clock.read(now),
            self.id,
            self._connector.id if self._connector is not None else None,
            self.state,
            phases or None,
            meter_values,
            id_token,
        )
        self._station.report(self.id, event)

    # -- meter values -----------------------------------------------------------------------------

    def _take(self, variable: str, context: ReadingContext, now: Instant) -> tuple[MeterValue, ...]:
        measurands = self._station.model.members(variable)
        return sampling.take(self.charging, measurands, context, self._station.clock.read(now))

    def _begin_values(self, now: Instant) -> tuple[MeterValue, ...]:
        """Transaction.Begin: told now, and told again in Ended."""
        transaction = self.transaction
        assert transaction is not None
        transaction.begun = True
        begin = ReadingContext.TRANSACTION_BEGIN
        transaction.ended_values += self._take("SampledDataCtrlr.TxEndedMeasurands", begin, now)
        return self._take("SampledDataCtrlr.TxStartedMeasurands", begin, now)

    def _sample(self, now: Instant) -> None:
        """TxUpdatedMeasurands (J02.FR.11). A CSMS that does not keep up gets them further apart."""
        transaction = self.transaction
        assert transaction is not None
        if not transaction.knows_evse:
            return
        if self._station.lags(transaction.id, _BEHIND):
            if not transaction.warned:
                transaction.warned = True
                self._station.say(
                    NoticeKind.WARNING,
                    "the CSMS answers more slowly than samples are due: they are taken further apart",
                    self.id,
                    transaction.id,
                )
            return
        values = self._take("SampledDataCtrlr.TxUpdatedMeasurands", ReadingContext.SAMPLE_PERIODIC, now)
        if values:
            self._update(now, TriggerReason.METER_VALUE_PERIODIC, meter_values=values)
            self.say_sample()
