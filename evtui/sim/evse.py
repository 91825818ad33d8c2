"""An EVSE: at most one car, one driver and one transaction at a time (E01.FR.14)."""

from math import inf

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import Authorization, same, shown
from evtui.sim.charging_state import charging_state
from evtui.sim.connector import Cable, CableEvent, Connector, LockState
from evtui.sim.evse_record import EvseRecord, MeterRecord, evse_key, meter_key
from evtui.sim.fault_kinds import shown as shown_fault
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken
from evtui.sim.metering.reading import Setting
from evtui.sim.physics.allowance import Allowance
from evtui.sim.physics.charging import Charging
from evtui.sim.physics.ev import CATALOGUE, DEFAULT, EvModel
from evtui.sim.physics.limits import STANDBY
from evtui.sim.recorder import Recorder
from evtui.sim.spec import EvseSpec
from evtui.sim.surroundings import Surroundings
from evtui.sim.terms import (
    ChargingState,
    StoppedReason,
    TriggerReason,
    TxPoint,
)
from evtui.sim.transaction import START_TRIGGERS, Transaction, points, starts, stops

_NO_POINTS: frozenset[TxPoint] = frozenset()


_WHY_ENDED = {
    TriggerReason.STOP_AUTHORIZED: "the identifier was presented again",
    TriggerReason.EV_CONNECT_TIMEOUT: "no cable came in time",
}


class Evse:
    """What happens at an EVSE, and what the CSMS hears of it. Callers bring `charging` up to date first."""

    __slots__ = (
        "_allowance",
        "_connect_by_s",
        "_held",
        "_in_bay",
        "_key",
        "_parked",
        "_read",
        "_remote_start_id",
        "_settings",
        "_speed",
        "_station",
        "_target",
        "asking",
        "asking_for",
        "authorization",
        "charging",
        "claimed",
        "connector",
        "connectors",
        "id",
        "plugged",
        "recorder",
        "resets",
        "settings",
        "spec",
        "state",
        "stirred",
        "target_wh",
    )

    def __init__(self, evse_id: int, spec: EvseSpec, charging: Charging, station: Surroundings, speed: float) -> None:
        self.id = evse_id
        self.charging = charging
        self.connectors = tuple(Connector(number, each) for number, each in enumerate(spec.connectors, 1))
        self.authorization: Authorization | None = None
        self.asking: IdToken | None = None  # an Authorize is under way
        self.asking_for: int | None = None  # the remote start that it is for
        self.claimed: int | None = None  # the reservation of the driver, until a transaction tells it
        self.resets = False  # this EVSE alone resets or is about to: nothing begins here
        self.state = ChargingState.IDLE
        self.spec = spec
        self._station = station
        self._speed = speed
        self.plugged = False  # a car is connected, at `connector`
        self.connector = self.connectors[0]
        self._in_bay = self._parked = False  # parked: the bay's sensor has said so by itself
        self._held = _NO_POINTS
        self._connect_by_s = inf
        self._allowance: Allowance | None = None  # the CSMS calls the identifier invalid
        self.target_wh: float | None = None  # what a transaction may charge, said from outside
        self._settings: dict[str, Setting] = {}  # by their sources
        self.settings: tuple[Setting, ...] = ()  # the limits that controllers outside have set
        self._target: Allowance | None = None  # what is left of that in this one
        self._remote_start_id: int | None = None  # of the authorization, until a transaction tells it
        self._key: IdToken | None = None  # unlocks a cable that was left
        self.recorder = Recorder(self, station)
        self._read: tuple[float, float | None] | None = None  # the meter as it was kept last, if no transaction runs
        self.stirred = True  # more than time may have passed, and samples, since its record was kept
        for connector in self.connectors:
            connector.operative = station.operative(evse_id, connector.id)

    # -- what others see --------------------------------------------------------------------------

    @property
    def left(self) -> bool:
        """The car is gone, but its connector is still in use."""
        return self.connector.cable is Cable.LEFT

    @property
    def idle(self) -> bool:
        """Nobody charges here, or is about to."""
        return self.transaction is None and self.authorization is None and self.asking is None

    @property
    def suspended(self) -> bool:
        """The car was pulled off a transaction that waits for it to come back (E10)."""
        return not self.plugged and self.authorization is not None and self._bound

    def takes(self, connector: Connector) -> bool:
        """A cable may go in: no other connector here is in use, nor has a transaction that goes on (E01.FR.14)."""
        return connector is self.connector or not (self.left or self._bound)

    @property
    def _bound(self) -> bool:
        """The transaction is that of one connector: a car was there."""
        return self.transaction is not None and self.transaction.knows_evse

    @property
    def operative(self) -> bool:
        """The connector in use may be used, or else one of them."""
        return any(connector.usable for connector in self._used)

    @property
    def why_inoperative(self) -> str:
        """Why it is not operative, for people."""
        fault = next((connector.fault for connector in self._used if connector.fault is not None), None)
        return "this EVSE is out of service" if fault is None else f"this EVSE has a fault: {shown_fault(fault)}"

    @property
    def _used(self) -> tuple[Connector, ...]:
        """The connector in use, or else all that may be chosen."""
        return (self.connector,) if self.plugged or self.left or self._bound else self.connectors

    @property
    def locked(self) -> bool:
        """The plug is held in its socket: somebody may charge, has left it, or is to answer for it (E05.FR.11)."""
        held = self.left or (self.plugged and (self.authorization is not None or self._key is not None))
        return held and self.connector.spec.type.is_socket and not self.connector.jammed

    @property
    def lock(self) -> LockState:
        """The lock of the connector in use."""
        if not self.connector.spec.type.is_socket:
            return LockState.NONE
        if self.connector.jammed:
            return LockState.JAMMED
        return LockState.LOCKED if self.locked else LockState.OPEN

    @property
    def in_bay(self) -> bool:
        """A car stands in the parking bay."""
        return self._in_bay

    @property
    def transaction(self) -> Transaction | None:
        """The one that runs here."""
        return self.recorder.transaction

    @property
    def due_s(self) -> float:
        """The elapsed time at which something is due; infinite when nothing is."""
        due_s = min(self._connect_by_s, self.recorder.due_s)
        if (flow_s := self.charging.deadline_s) is not None:
            due_s = min(due_s, flow_s)
        if self._allowance is not None:
            due_s = min(due_s, self._allowance.due_s)
        if self._target is not None:
            due_s = min(due_s, self._target.due_s)
        return due_s

    # -- what the driver does ---------------------------------------------------------------------

    def plug_in(self, connector: Connector, model: EvModel, now: Instant) -> None:
        """A car arrives and is connected (E02)."""
        arrived, self._in_bay = not self._in_bay, True
        if arrived and self._watches_bay:
            self._step(now, TriggerReason.EV_DETECTED)
        self.charging.plug(model, now, connector.id)
        self.connector = connector
        self.plugged = True
        self._connect_by_s = inf
        changed = connector.move(CableEvent.PLUGGED)
        self._station.say(NoticeKind.PLUGGED_IN, model.name, self.id)
        if changed:
            self._station.report_status(self.id, connector, now)
        self.try_lock(now)
        self._step(now, TriggerReason.CABLE_PLUGGED_IN)
        self._offer(now)

    def try_lock(self, now: Instant) -> bool:
        """A plug is locked when its driver may charge. If that fails, the driver may not (G05.FR.01)."""
        if not (self.connector.jammed and self.plugged and self.authorization is not None):
            return True
        self._station.lock_failed(self.id, now)
        if self.transaction is not None:
            self.end_authorization(now, TriggerReason.ABNORMAL_CONDITION, StoppedReason.OTHER)
        else:
            self._deauthorize()
            if self.charging.offering:  # energy begins the transaction, and the car did not want any yet
                self._offer(now)
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, "the plug cannot be locked", self.id)
        return False

    def occupy_bay(self, occupied: bool, now: Instant) -> None:
        """A car comes into the bay, or goes."""
        self._parked = occupied
        if not occupied:
            self._depart(now)
            return
        self._in_bay = True
        if self._watches_bay:
            self._step(now, TriggerReason.EV_DETECTED)
            self._offer(now)

    def unplug(self, now: Instant, where: str = "at the EV") -> None:
        """The cable is pulled; with a driver who may charge that can only be at the EV (E09, E10)."""
        connector, authorization = self.connector, self.authorization
        self.charging.unplug(now)
        self.plugged = False
        self._station.say(NoticeKind.UNPLUGGED, where, self.id)
        if self._station.model.flag("TxCtrlr.StopTxOnEVSideDisconnect"):
            self._deauthorize()
            if authorization is not None and self.transaction is None:
                self._station.say(NoticeKind.AUTHORIZATION_ENDED, "the cable was pulled", self.id)
        owner = self._key if authorization is None else authorization.id_token
        if owner is None and connector.move(CableEvent.PULLED):  # the session is over: told first (E07, TC_E_14)
            self._station.report_status(self.id, connector, now)
        self._step(now, TriggerReason.EV_COMMUNICATION_LOST, StoppedReason.EV_DISCONNECTED)
        suspended = self.suspended
        self._key = owner if self._keeps_cable(connector, suspended) else None
        if self._key is not None:
            connector.move(CableEvent.PULLED_KEPT)
        elif connector.move(CableEvent.PULLED):
            self._station.report_status(self.id, connector, now)
        if self.authorization is not None and not (suspended and connector.spec.type.is_socket):
            self._wait_for_cable(now)
        if not suspended:
            self._depart(now)

    def authorize(self, authorization: Authorization, now: Instant, remote_start_id: int | None = None) -> None:
        """A driver may charge here; `remote_start_id` when it was the CSMS that started it (F01, F02)."""
        self.authorization = authorization
        self._remote_start_id = remote_start_id
        self._station.say(NoticeKind.AUTHORIZED, shown(authorization.id_token), self.id)
        if not self.try_lock(now):
            return
        if self.plugged:
            self._key = None
        else:
            self._wait_for_cable(now)
        if self.transaction is not None:
            self._owe(self.transaction)
        self._step(now, TriggerReason.AUTHORIZED if remote_start_id is None else TriggerReason.REMOTE_START)
        self._offer(now)

    def end_authorization(
        self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None
    ) -> None:
        """The driver, the CSMS or a timeout ends it; the transaction ends with it if its stop points say so."""
        gone = self.suspended
        if trigger is TriggerReason.DEAUTHORIZED and self.authorization is not None:
            self._key = self.authorization.id_token  # E05.FR.11
        self._deauthorize()
        if self.transaction is None:
            self._offer(now)
            self._held = self._holding()
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, _WHY_ENDED[trigger], self.id)
        elif self._ends_by(trigger):
            self.charging.offer(False, now)
            self._note_state(now)
            self._end(now, trigger, reason, id_token)
        else:  # two things happen, one after the other (E03.FR.12): the authorization ends, then the energy
            self._step(now, trigger, reason, id_token)
            self._offer(now)
        if gone:
            self.release(now)
            self._depart(now)

    def _ends_by(self, trigger: TriggerReason) -> bool:
        """The authorization is over: so is the transaction, by its stop points (E06.FR.03/06). Energy as a stop point
        ends it too (E05.FR.10, F03.FR.03), but for a driver's stop, which tells the one and then the other (E07)."""
        stop_points = self._station.model.members("TxCtrlr.TxStopPoint")
        with_energy = TxPoint.ENERGY_TRANSFER in stop_points and (
            trigger is TriggerReason.DEAUTHORIZED
            or (trigger is not TriggerReason.STOP_AUTHORIZED and self.charging.flowing)
        )
        return with_energy or stops(self._held, self._holding(), stop_points)

    def release(self, now: Instant) -> None:
        """The cable that was left is unlocked, or counts as gone."""
        self._key = None
        if self.connector.move(CableEvent.RELEASED):
            self._station.report_status(self.id, self.connector, now)

    def unlock(self, now: Instant) -> None:
        """The CSMS opens the lock, under nobody who charges (F05.FR.04); a transaction that still runs tells it."""
        held = self.locked
        self.release(now)
        if held and self.transaction is not None:
            self.recorder.update(now, TriggerReason.UNLOCK_COMMAND)

    def unlocks(self, id_token: IdToken) -> bool:
        """The identifier that locked a cable which was left, its transaction being over (E09.FR.03)."""
        return self.left and self.authorization is None and self._key is not None and same(self._key, id_token)

    def taken_by_other(self, id_token: IdToken) -> bool:
        """The running transaction was begun by another identifier, whose authorization has ended since (C01.FR.23), or
        the cable of another is still locked here."""
        owner = None if self.transaction is None else self.transaction.driver
        if self.left:
            owner = self._key
        return owner is not None and not same(owner, id_token)

    def abort(
        self,
        now: Instant,
        trigger: TriggerReason = TriggerReason.ABNORMAL_CONDITION,
        reason: StoppedReason = StoppedReason.LOCAL,
        id_token: IdToken | None = None,
    ) -> None:
        """Ends a transaction that no driver is authorized for, because the station is going down, or as told."""
        self._end(now, trigger, reason, id_token)

    # -- what a controller outside says -----------------------------------------------------------

    def limit(self, source: str, name: str, power_w: float | None, current_a: float | None, now: Instant) -> None:
        """Power or current must not go beyond that; the car gets to know at once, and the CSMS if it changes much."""
        self._set(Setting(source, name, power_w, current_a), now)
        figures = [f"{figure:g} {unit}" for figure, unit in ((power_w, "W"), (current_a, "A")) if figure is not None]
        self._station.say(NoticeKind.LIMIT, f"{name}: {', '.join(figures) or 'no limit'}", self.id)
        self.observe(now)
        self.recorder.rate_may_have_changed(now)

    def _set(self, setting: Setting, now: Instant) -> None:
        if setting.power_w is None and setting.current_a is None:
            self._settings.pop(setting.source, None)
        else:
            self._settings[setting.source] = setting
        self.settings = tuple(self._settings.values())
        self.charging.set_limit(setting.source, setting.name, setting.power_w, now, setting.current_a)

    def aim(self, energy_wh: float | None, now: Instant) -> None:
        """The transaction ends when it has charged that much (E06: EnergyLimitReached); the next one if none runs."""
        self.target_wh = energy_wh
        self._station.say(NoticeKind.LIMIT, "no target" if energy_wh is None else f"to {energy_wh:g} Wh", self.id)
        self._take_aim()
        self.observe(now)

    def _take_aim(self) -> None:
        self._target = None
        if self.transaction is not None and self.target_wh is not None:
            self._target = Allowance(self.charging, self.target_wh - self.recorder.session_wh, self._speed)

    # -- what the CSMS says -----------------------------------------------------------------------

    def keep_to_availability(self, now: Instant) -> None:
        """The CSMS takes connectors out of operation, or back. Where a transaction runs, that waits until it has ended
        (G03.FR.05)."""
        again = False
        for connector in self.connectors:
            operative = self._station.operative(self.id, connector.id)
            running = self.transaction is not None and connector is self.connector
            if operative is connector.operative or running:
                continue
            before, connector.operative = connector.status, operative
            again |= operative
            if connector.status is not before:
                self._station.report_status(self.id, connector, now)
        if again:
            self.reconsider(now)
        elif self.transaction is None and not self.operative:
            self._turn_away(now, self.why_inoperative)

    def shut_down(self, now: Instant) -> None:
        """The station resets at once (B12.FR.04)."""
        self.break_off(now, StoppedReason.IMMEDIATE_RESET, "the station resets", TriggerReason.RESET_COMMAND)

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

    @property
    def closed(self) -> bool:
        """It is Unavailable because of a reset."""
        return self.connector.closed

    def close(self, closed: bool, now: Instant) -> None:
        """Unavailable because of a reset, or no longer."""
        for connector in self.connectors:
            before, connector.closed = connector.status, closed
            if connector.status is not before:
                self._station.report_status(self.id, connector, now)

    def _turn_away(self, now: Instant, why: str) -> None:
        """Nobody is authorized any more, nor will be by what the CSMS answers."""
        self.asking = None
        if self.authorization is not None:
            self._deauthorize()
            self._offer(now)
            self._held = self._holding()
            self._station.say(NoticeKind.AUTHORIZATION_ENDED, why, self.id)

    def invalidate(self, now: Instant) -> None:
        """The CSMS calls the identifier of the running transaction invalid (E05)."""
        model = self._station.model
        if model.flag("TxCtrlr.StopTxOnInvalidId"):
            self.end_authorization(now, TriggerReason.DEAUTHORIZED, StoppedReason.DE_AUTHORIZED)
        elif self._allowance is None:
            energy_wh = model.integer("TxCtrlr.MaxEnergyOnInvalidId")
            self._allowance = Allowance(self.charging, energy_wh, self._speed)
            self.observe(now)

    # -- over a power cut -------------------------------------------------------------------------

    def remember(self, now: Instant, *, ticked: bool) -> None:
        """Keeps what outlasts a power cut, as far as it has changed. `ticked`: nothing happened but that time passed;
        what it may change then says so itself."""
        memory, charging = self._station.memory, self.charging
        if self.stirred or not ticked:
            self.stirred = False
            memory.keep(evse_key(self.id), self.record)
        meter, reading = self.recorder.meter(now), None
        if meter is None:
            reading = charging.register_wh, charging.soc_percent
            if reading != self._read:
                meter = MeterRecord(now.utc, *reading, phase_wh=charging.phase_register_wh)
        if meter is not None:
            memory.keep(meter_key(self.id), meter)
        self._read = reading

    @property
    def record(self) -> EvseRecord:
        """What is kept of it, beside its meter."""
        ev, allowance = self.charging.ev, self._allowance
        running = self.recorder.record
        return EvseRecord(
            tuple([connector.cable for connector in self.connectors]),
            self.connector.id,
            None if ev is None else ev.id,
            self.charging.arrivals,
            self._in_bay,
            self._parked,
            self.charging.paused,
            self._key,
            self.recorder.last_wh,
            self.target_wh,
            running,
            None if running is None else self.authorization,
            None if running is None else self._remote_start_id,
            None if allowance is None else allowance.until_wh,
            self.settings,
        )

    def recall(self, now: Instant) -> MeterRecord | None:
        """Cable, car and meter are as they were when the power was cut, and so is the transaction that ran: then
        gives its meter, for somebody has to say whether it goes on."""
        memory = self._station.memory
        kept, meter = memory.recall(evse_key(self.id), EvseRecord), memory.recall(meter_key(self.id), MeterRecord)
        if kept is None or meter is None:
            return None
        self.charging.restore(meter.register_wh, meter.phase_wh, kept.arrivals)
        self.recorder.last_wh = kept.last_wh
        self.target_wh, self._key = kept.target_wh, kept.key
        self._in_bay, self._parked = kept.in_bay, kept.parked
        for connector, cable in zip(self.connectors, kept.cables, strict=False):
            connector.cable = cable
        for setting in kept.settings:
            self._set(setting, now)
        if kept.connector_id <= len(self.connectors):
            self.connector = self.connectors[kept.connector_id - 1]
        self.plugged = self.connector.cable is Cable.IN and kept.ev is not None
        if self.plugged and kept.ev is not None:
            self.charging.plug(CATALOGUE.get(kept.ev, CATALOGUE[DEFAULT]), now, self.connector.id, meter.soc_percent)
            self.charging.pause(kept.paused, now)
        self.state = self._charging_state()
        if kept.transaction is None:
            return None
        self.authorization, self._remote_start_id = kept.authorization, kept.remote_start_id
        if kept.until_wh is not None:
            self._allowance = Allowance(self.charging, kept.until_wh - meter.register_wh, self._speed)
        self.recorder.restore(kept.transaction, meter, now)
        return meter

    def resume(self, now: Instant) -> None:
        """The transaction that ran when the power was cut goes on."""
        self._station.transaction_begins(now)
        self.connector.operative = True  # until it ends (G03.FR.05)
        self._held = self._holding()
        locked = self.left and self.connector.spec.type.is_socket
        if self.authorization is not None and not self.plugged and not locked:
            self._wait_for_cable(now)
        self._take_aim()
        if self.transaction is not None and self.transaction.told_state is not self.state:
            self._step(now, TriggerReason.CHARGING_STATE_CHANGED)
        self._offer(now)

    def lose_power(self, then: Instant, reason: StoppedReason) -> None:
        """The transaction that ran ended then, at the last moment that is known of (E06.FR.16)."""
        self._end(then, TriggerReason.ABNORMAL_CONDITION, reason)
        self.restart()

    # -- what time does ---------------------------------------------------------------------------

    def observe(self, now: Instant) -> None:
        """The charging state may have changed by itself; and what may not begin any more must not flow."""
        if self.charging.offering and self.recorder.transaction is None and not self._may_begin:
            self.charging.offer(False, now)
        if self._target is not None and self._target.spend(now):
            self.end_authorization(now, TriggerReason.ENERGY_LIMIT_REACHED, StoppedReason.ENERGY_LIMIT_REACHED)
        if self._allowance is not None and self._allowance.spend(now):
            self.charging.offer(False, now)
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
        return self._station.may_begin and self.operative and not self.resets

    @property
    def _watches_bay(self) -> bool:
        """Only a station whose transactions depend on the parking bay has a detector there."""
        model = self._station.model
        return TxPoint.PARKING_BAY_OCCUPANCY in (
            *model.members("TxCtrlr.TxStartPoint"),
            *model.members("TxCtrlr.TxStopPoint"),
        )

    def _holding(self) -> frozenset[TxPoint]:
        return points(
            in_bay=self._in_bay,
            connected=self.plugged,
            authorized=self.authorization is not None,
            energy=self.charging.flowing,
        )

    def _charging_state(self) -> ChargingState:
        withheld = self._allowance is not None and self._allowance.withheld
        return charging_state(self.charging, connected=self.plugged, withheld=withheld, before=self.state)

    @property
    def _withheld(self) -> bool:
        return self._allowance is not None and self._allowance.withheld

    def _keeps_cable(self, connector: Connector, suspended: bool) -> bool:
        """The cable stays locked into a socket after the car was pulled off, until the identifier is presented
        (E09.FR.03, E10.FR.01)."""
        unlocks = self._station.model.flag("OCPPCommCtrlr.UnlockOnEVSideDisconnect")
        return connector.spec.type.is_socket and (suspended or not unlocks)

    def _wait_for_cable(self, now: Instant) -> None:
        self._connect_by_s = now.elapsed_s + self._station.model.integer("TxCtrlr.EVConnectionTimeOut")

    def _give_up_waiting(self, now: Instant) -> None:
        """No cable came in time: the authorization ends (C01.FR.26, E03.FR.15), also that of a transaction which has
        lost its car (E10.FR.02, TC_E_27). One that never had any ends (E03.FR.05)."""
        self._connect_by_s = inf
        watched = TxPoint.PARKING_BAY_OCCUPANCY in self._station.model.members("TxCtrlr.TxStopPoint")
        if self.transaction is None or self.suspended or watched:
            self.end_authorization(now, TriggerReason.EV_CONNECT_TIMEOUT, StoppedReason.TIMEOUT)
        else:
            self._end(now, TriggerReason.EV_CONNECT_TIMEOUT, StoppedReason.TIMEOUT)

    def _deauthorize(self) -> None:
        self.stirred = True
        self.authorization = self._remote_start_id = None
        self._connect_by_s = inf
        self._allowance = None

    def _depart(self, now: Instant) -> None:
        """The car leaves the bay, unless it stands there in its own right."""
        if self._parked:
            return
        self._in_bay = False
        if self._watches_bay:
            self._step(now, TriggerReason.EV_DEPARTED, StoppedReason.EV_DISCONNECTED)

    def _offer(self, now: Instant) -> None:
        """Offers energy to an authorized driver's car, and never without a transaction unless energy begins it."""
        on = self.plugged and self.connector.usable and self.authorization is not None and not self._withheld
        if on and self.transaction is None:
            on = self._may_begin and TxPoint.ENERGY_TRANSFER in self._station.model.members("TxCtrlr.TxStartPoint")
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
        id_token = None if self.authorization is None else self.authorization.id_token
        remote_start_id, self._remote_start_id = self._remote_start_id, None
        reservation_id = None
        if id_token is not None:
            reservation_id, self.claimed = self.claimed, None
        self.recorder.begin(now, trigger, id_token, remote_start_id, reservation_id)
        self._take_aim()

    def _owe(self, transaction: Transaction) -> None:
        """Its next event tells who was authorized, by which remote start, and with which reservation."""
        remote_start_id, self._remote_start_id = self._remote_start_id, None
        reservation_id, self.claimed = self.claimed, None
        id_token = None if self.authorization is None else self.authorization.id_token
        transaction.owe(id_token, remote_start_id, reservation_id)

    def _end(
        self, now: Instant, trigger: TriggerReason, reason: StoppedReason, id_token: IdToken | None = None
    ) -> None:
        self.stirred = True
        gone = self.suspended
        self.recorder.end(now, trigger, reason, id_token)
        self._in_bay = self._in_bay and not gone
        self._target = self.target_wh = None
        self._deauthorize()
        if self.charging.offering:
            self.charging.offer(False, now)
        self._set(Setting(STANDBY, ""), now)  # the next driver was not suspended
        self.state = self._charging_state()
        self._held = self._holding()
        self.keep_to_availability(now)
