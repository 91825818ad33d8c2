"""An EVSE: at most one car, one driver and one transaction at a time (E01.FR.14)."""

from math import inf

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import Authorization, shown
from evtui.sim.bay import Bay
from evtui.sim.charging_state import charging_state
from evtui.sim.connector import Connector
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken
from evtui.sim.metering.reading import Setting
from evtui.sim.outside_limits import OutsideLimits
from evtui.sim.outside_limits import shown as shown_limit
from evtui.sim.physics.allowance import Allowance
from evtui.sim.physics.charging import Charging
from evtui.sim.recorder import Recorder
from evtui.sim.spec import EvseSpec
from evtui.sim.surroundings import Surroundings
from evtui.sim.terms import ChargingState, StoppedReason, TriggerReason, TxPoint
from evtui.sim.transaction import START_TRIGGERS, Transaction, points, starts, stops

_NO_POINTS: frozenset[TxPoint] = frozenset()

_WHY_ENDED = {
    TriggerReason.STOP_AUTHORIZED: "the identifier was presented again",
    TriggerReason.EV_CONNECT_TIMEOUT: "no cable came in time",
}


class Evse:
    """What drivers, controllers, the CSMS and time do at an EVSE, and how that begins and ends a transaction. Its `bay`
    takes cars and cables, its `recorder` tells the CSMS of the transaction. Callers bring `charging` up to date first.
    """

    __slots__ = (
        "_connect_by_s",
        "_held",
        "_station",
        "_target",
        "allowance",
        "asking",
        "asking_for",
        "authorization",
        "bay",
        "charging",
        "claimed",
        "connectors",
        "id",
        "kept_reading",
        "outside",
        "recorder",
        "remote_start_id",
        "resets",
        "spec",
        "speed",
        "state",
        "stirred",
    )

    def __init__(self, evse_id: int, spec: EvseSpec, charging: Charging, station: Surroundings, speed: float) -> None:
        self.id = evse_id
        self.spec = spec
        self.speed = speed
        self.charging = charging
        self.connectors = tuple(Connector(number, each) for number, each in enumerate(spec.connectors, 1))
        self._station = station
        self.bay = Bay(self, station)
        self.outside = OutsideLimits(charging)
        self.recorder = Recorder(self, station)
        self.authorization: Authorization | None = None  # of the driver
        self.asking: IdToken | None = None  # an Authorize is under way
        self.asking_for: int | None = None  # the remote start that it is for
        self.remote_start_id: int | None = None  # of the authorization, until a transaction tells it
        self.claimed: int | None = None  # the reservation of the driver, until a transaction tells it
        self._connect_by_s = inf  # in elapsed time: the driver is to have plugged in by then
        self.allowance: Allowance | None = None  # the CSMS calls the identifier invalid
        self.state = ChargingState.IDLE
        self.resets = False  # this EVSE alone resets or is about to: nothing begins here
        self._held = _NO_POINTS  # of the start and stop points, when something happened last
        self._target: Allowance | None = None  # what is left of its target in this transaction
        self.kept_reading: tuple[float, float | None] | None = None  # of the meter, while no transaction runs
        self.stirred = True  # more than time may have passed, and samples, since its record was kept

    # -- what others see --------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Nobody charges here, or is about to."""
        return self.transaction is None and self.authorization is None and self.asking is None

    @property
    def plugged(self) -> bool:
        """A car is connected, at the connector in use."""
        return self.charging.ev is not None

    @property
    def suspended(self) -> bool:
        """The car was pulled off a transaction that waits for it to come back (E10)."""
        return not self.plugged and self.authorization is not None and self.bound

    @property
    def bound(self) -> bool:
        """The transaction is that of one connector: a car was there."""
        return self.transaction is not None and self.transaction.knows_evse

    @property
    def transaction(self) -> Transaction | None:
        """The one that runs here."""
        return self.recorder.transaction

    @property
    def due_s(self) -> float:
        """The elapsed time at which something is due; infinite when nothing is."""
        due_s, flow_s = self._connect_by_s, self.charging.deadline_s
        if (recorder_s := self.recorder.due_s) < due_s:
            due_s = recorder_s
        if flow_s is not None and flow_s < due_s:
            due_s = flow_s
        if self.allowance is not None:
            due_s = min(due_s, self.allowance.due_s)
        if self._target is not None:
            due_s = min(due_s, self._target.due_s)
        return due_s

    # -- what the driver does ---------------------------------------------------------------------

    def authorize(self, authorization: Authorization, now: Instant, remote_start_id: int | None = None) -> None:
        """A driver may charge here; `remote_start_id` when it was the CSMS that started it (F01, F02)."""
        self.authorization = authorization
        self.remote_start_id = remote_start_id
        self._station.say(NoticeKind.AUTHORIZED, shown(authorization.id_token), self.id)
        if not self.bay.try_lock(now):
            return
        if self.plugged:
            self.bay.key = None
        else:
            self.wait_for_cable(now)
        if self.transaction is not None:
            self.transaction.owe(*self._introduction())
        self.step(now, TriggerReason.AUTHORIZED if remote_start_id is None else TriggerReason.REMOTE_START)
        self.offer(now)

    def end_authorization(
        self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None
    ) -> None:
        """The driver, the CSMS or a timeout ends it; the transaction ends with it if its stop points say so."""
        gone = self.suspended
        if trigger is TriggerReason.DEAUTHORIZED and self.authorization is not None:
            self.bay.key = self.authorization.id_token  # E05.FR.11
        self.deauthorize()
        if self.transaction is None:
            self.offer(now)
            self._held = self._holding()
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, _WHY_ENDED[trigger], self.id)
        elif self._ends_by(trigger):
            self.charging.offer(False, now)
            self._note_state(now)
            self._end(now, trigger, reason, id_token)
        else:  # two things happen, one after the other (E03.FR.12): the authorization ends, then the energy
            self.step(now, trigger, reason, id_token)
            self.offer(now)
        if gone:
            self.bay.release(now)
            self.bay.depart(now)

    def _ends_by(self, trigger: TriggerReason) -> bool:
        """The authorization is over: so is the transaction, by its stop points (E06.FR.03/06). Energy as a stop point
        ends it too (E05.FR.10, F03.FR.03), but for a driver's stop, which tells the one and then the other (E07)."""
        stop_points = self._station.model.members("TxCtrlr.TxStopPoint")
        with_energy = TxPoint.ENERGY_TRANSFER in stop_points and (
            trigger is TriggerReason.DEAUTHORIZED
            or (trigger is not TriggerReason.STOP_AUTHORIZED and self.charging.flowing)
        )
        return with_energy or stops(self._held, self._holding(), stop_points)

    def abort(
        self,
        now: Instant,
        trigger: TriggerReason = TriggerReason.ABNORMAL_CONDITION,
        reason: StoppedReason = StoppedReason.LOCAL,
        id_token: IdToken | None = None,
    ) -> None:
        """Ends a transaction that no driver is authorized for, because the station is going down, or as told."""
        self._end(now, trigger, reason, id_token)

    def invalidate(self, now: Instant) -> None:
        """The CSMS calls the identifier of the running transaction invalid (E05)."""
        model = self._station.model
        if model.flag("TxCtrlr.StopTxOnInvalidId"):
            self.end_authorization(now, TriggerReason.DEAUTHORIZED, StoppedReason.DE_AUTHORIZED)
        elif self.allowance is None:
            energy_wh = model.integer("TxCtrlr.MaxEnergyOnInvalidId")
            self.allowance = Allowance(self.charging, energy_wh, self.speed)
            self.observe(now)

    def deauthorize(self) -> None:
        """Nobody is authorized any more, whatever becomes of the transaction."""
        self.stirred = True
        self.authorization = self.remote_start_id = None
        self._connect_by_s = inf
        self.allowance = None

    def wait_for_cable(self, now: Instant) -> None:
        """A driver is authorized, but no cable is in: not longer than EVConnectionTimeOut (E03.FR.15)."""
        self._connect_by_s = now.elapsed_s + self._station.model.integer("TxCtrlr.EVConnectionTimeOut")

    def stop_waiting(self) -> None:
        """A cable is in."""
        self._connect_by_s = inf

    def _give_up_waiting(self, now: Instant) -> None:
        """No cable came in time: the authorization ends (C01.FR.26, E03.FR.15), also that of a transaction which has
        lost its car (E10.FR.02, TC_E_27). One that never had any ends (E03.FR.05)."""
        self._connect_by_s = inf
        watched = TxPoint.PARKING_BAY_OCCUPANCY in self._station.model.members("TxCtrlr.TxStopPoint")
        if self.transaction is None or self.suspended or watched:
            self.end_authorization(now, TriggerReason.EV_CONNECT_TIMEOUT, StoppedReason.TIMEOUT)
        else:
            self._end(now, TriggerReason.EV_CONNECT_TIMEOUT, StoppedReason.TIMEOUT)

    def _turn_away(self, now: Instant, why: str) -> None:
        """Nobody is authorized any more, nor will be by what the CSMS answers."""
        self.asking = None
        if self.authorization is not None:
            self.deauthorize()
            self.offer(now)
            self._held = self._holding()
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, why, self.id)

    # -- what a controller outside says -----------------------------------------------------------

    def limit(self, setting: Setting, now: Instant) -> None:
        """Power or current must not go beyond that; the car gets to know at once, and the CSMS if it changes much."""
        self.outside.set(setting, now)
        self._station.say(NoticeKind.LIMIT, shown_limit(setting), self.id)
        self.observe(now)
        self.recorder.rate_may_have_changed(now)

    def aim(self, energy_wh: float | None, now: Instant) -> None:
        """The transaction ends when it has charged that much (E06: EnergyLimitReached); the next one if none runs."""
        self.outside.target_wh = energy_wh
        self._station.say(NoticeKind.LIMIT, "no target" if energy_wh is None else f"to {energy_wh:g} Wh", self.id)
        self._take_aim()
        self.observe(now)

    def _take_aim(self) -> None:
        self._target = None
        if self.transaction is not None and self.outside.target_wh is not None:
            self._target = Allowance(self.charging, self.outside.target_wh - self.recorder.session_wh, self.speed)

    # -- what the CSMS says -----------------------------------------------------------------------

    def keep_to_availability(self, now: Instant) -> None:
        """The CSMS takes connectors out of operation, or back."""
        if self.bay.keep_to_availability(now):
            self.reconsider(now)
        elif self.transaction is None and not self.bay.operative:
            self._turn_away(now, self.bay.why_inoperative)

    def unlock(self, now: Instant) -> None:
        """The CSMS opens the lock, under nobody who charges (F05.FR.04); a transaction that still runs tells it."""
        held = self.bay.locked
        self.bay.release(now)
        if held and self.transaction is not None:
            self.recorder.update(now, TriggerReason.UNLOCK_COMMAND)

    def break_off(
        self, now: Instant, reason: StoppedReason, why: str, trigger: TriggerReason = TriggerReason.ABNORMAL_CONDITION
    ) -> None:
        """What runs here ends at once, whatever its stop points (E06.FR.16); `why` is for people."""
        if self.charging.offering:
            self.charging.offer(False, now)
        if self.transaction is not None:
            self._note_state(now)
            self._end(now, trigger, reason)
        self._turn_away(now, why)

    def restart(self) -> None:
        """The station or this EVSE starts again: what holds then counts as reached anew."""
        self._held = _NO_POINTS
        self.resets = False

    # -- over a power cut -------------------------------------------------------------------------

    def resume(self, now: Instant) -> None:
        """The transaction that ran when the power was cut goes on."""
        self._station.transaction_begins(now)
        self.bay.connector.operative = True  # until it ends (G03.FR.05)
        self._held = self._holding()
        locked = self.bay.left and self.bay.connector.spec.type.is_socket
        if self.authorization is not None and not self.plugged and not locked:
            self.wait_for_cable(now)
        self._take_aim()
        if self.transaction is not None and self.transaction.told_state is not self.state:
            self.step(now, TriggerReason.CHARGING_STATE_CHANGED)
        self.offer(now)

    # -- what time does ---------------------------------------------------------------------------

    def observe(self, now: Instant) -> None:
        """The charging state may have changed by itself; and what may not begin any more must not flow."""
        if self.charging.offering and self.recorder.transaction is None and not self._may_begin:
            self.charging.offer(False, now)
        if self._target is not None and self._target.spend(now):
            self.end_authorization(now, TriggerReason.ENERGY_LIMIT_REACHED, StoppedReason.ENERGY_LIMIT_REACHED)
        if self.allowance is not None and self.allowance.spend(now):
            self.charging.offer(False, now)
        state = self._charging_state()
        if state is not self.state:
            reason = StoppedReason.STOPPED_BY_EV if state is ChargingState.SUSPENDED_EV else None
            if self._withheld:
                reason = StoppedReason.DE_AUTHORIZED
            self.step(now, TriggerReason.CHARGING_STATE_CHANGED, reason)

    def reconsider(self, now: Instant) -> None:
        """Transactions may begin from now on: what has been reached already counts."""
        reached = self._holding().intersection(self._station.model.members("TxCtrlr.TxStartPoint"))
        for point in TxPoint:
            if point in reached and self.transaction is None:
                self.step(now, START_TRIGGERS[point])
        self.offer(now)

    def tick(self, now: Instant) -> None:
        """What is due."""
        if now.elapsed_s >= self._connect_by_s:
            self._give_up_waiting(now)
        self.recorder.tick(now)

    def obey_variables(self, now: Instant) -> None:
        """They may have changed."""
        self.recorder.obey_variables(now)
        self.reconsider(now)

    # -- states -----------------------------------------------------------------------------------

    @property
    def _may_begin(self) -> bool:
        return self._station.may_begin and self.bay.operative and not self.resets

    def _holding(self) -> frozenset[TxPoint]:
        return points(
            in_bay=self.bay.occupied,
            connected=self.plugged,
            authorized=self.authorization is not None,
            energy=self.charging.flowing,
        )

    def _charging_state(self) -> ChargingState:
        withheld = self.allowance is not None and self.allowance.withheld
        return charging_state(self.charging, withheld=withheld, before=self.state)

    @property
    def _withheld(self) -> bool:
        return self.allowance is not None and self.allowance.withheld

    def offer(self, now: Instant) -> None:
        """Offers energy to an authorized driver's car, and never without a transaction unless energy begins it."""
        on = self.plugged and self.bay.connector.usable and self.authorization is not None and not self._withheld
        if on and self.transaction is None:
            on = self._may_begin and TxPoint.ENERGY_TRANSFER in self._station.model.members("TxCtrlr.TxStartPoint")
        if on is not self.charging.offering:
            self.charging.offer(on, now)
        self.observe(now)

    # -- transactions -----------------------------------------------------------------------------

    def step(
        self,
        now: Instant,
        trigger: TriggerReason,
        stopped: StoppedReason | None = None,
        id_token: IdToken | None = None,
    ) -> None:
        """Something happened: it begins a transaction, goes on in one, or ends it."""
        self.stirred = True
        self._note_state(now)
        before, after = self._held, self._holding()
        transaction, model = self.transaction, self._station.model
        if transaction is None:
            if not self._may_begin:
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
            if self.charging.offering:
                self.charging.offer(False, now)
                self._note_state(now)
            self._end(now, trigger, stopped or StoppedReason.OTHER, id_token)
        else:
            self.recorder.update(now, trigger, id_token)

    def _note_state(self, now: Instant) -> None:
        state = self._charging_state()
        if state is self.state:
            return
        self.state = state
        self.recorder.note_state(now)

    def _begin(self, now: Instant, trigger: TriggerReason) -> None:
        self.recorder.begin(now, trigger, *self._introduction())
        self._take_aim()

    def _introduction(self) -> tuple[IdToken | None, int | None, int | None]:
        """What a transaction tells once of its driver: the identifier, the remote start, and the reservation."""
        remote_start_id, self.remote_start_id = self.remote_start_id, None
        if self.authorization is None:
            return None, remote_start_id, None
        claimed, self.claimed = self.claimed, None
        return self.authorization.id_token, remote_start_id, claimed

    def _end(
        self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None
    ) -> None:
        self.stirred = True
        gone = self.suspended
        self.recorder.end(now, trigger, reason, id_token)
        if gone:
            self.bay.occupied = False
        self._target = None
        self.deauthorize()
        if self.charging.offering:
            self.charging.offer(False, now)
        self.outside.transaction_ended(now)
        self.state = self._charging_state()
        self._held = self._holding()
        self.keep_to_availability(now)
