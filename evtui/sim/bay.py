"""The bay of an EVSE: a car comes and goes; its cable goes into a connector, is locked there, and comes out (E02, E07,
E09, E10)."""

from typing import Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import Authorization, same
from evtui.sim.connector import Cable, CableEvent, Connector, LockState
from evtui.sim.fault_kinds import shown
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken
from evtui.sim.physics.charging import Charging
from evtui.sim.physics.ev import EvModel
from evtui.sim.surroundings import Surroundings
from evtui.sim.terms import StoppedReason, TriggerReason, TxPoint
from evtui.sim.transaction import Transaction


class Back(Protocol):
    """The EVSE behind its bay."""

    id: int
    charging: Charging
    connectors: tuple[Connector, ...]
    authorization: Authorization | None

    @property
    def transaction(self) -> Transaction | None:
        """The one that runs there."""

    @property
    def plugged(self) -> bool:
        """A car is connected."""

    @property
    def bound(self) -> bool:
        """The transaction is that of one connector."""

    @property
    def suspended(self) -> bool:
        """The car was pulled off a transaction that waits for it to come back (E10)."""

    def step(self, now: Instant, trigger: TriggerReason, stopped: StoppedReason | None = None) -> None:
        """Something happened: it begins a transaction, goes on in one, or ends it."""

    def offer(self, now: Instant) -> None:
        """Offers energy to an authorized driver's car, or none any more."""

    def end_authorization(self, now: Instant, trigger: TriggerReason, reason: StoppedReason) -> None:
        """The driver may not charge any more."""

    def deauthorize(self) -> None:
        """Nobody is authorized any more."""

    def wait_for_cable(self, now: Instant) -> None:
        """A driver is authorized, but no cable is in: for so long."""

    def stop_waiting(self) -> None:
        """A cable is in."""


class Bay:
    """At most one car, at one connector; one that was left behind is still in use. `occupied`: a car stands there;
    `parked`: the bay's sensor has said so by itself. `key` is the identifier that unlocks a plug whose driver may not
    charge any more."""

    __slots__ = ("_evse", "_station", "connector", "key", "occupied", "parked")

    def __init__(self, evse: Back, station: Surroundings) -> None:
        self._evse = evse
        self._station = station
        self.connector = evse.connectors[0]  # in use, if one is
        self.occupied = self.parked = False
        self.key: IdToken | None = None
        for connector in evse.connectors:
            connector.operative = station.operative(evse.id, connector.id)

    # -- what others see --------------------------------------------------------------------------

    @property
    def left(self) -> bool:
        """The car is gone, but its connector is still in use."""
        return self.connector.cable is Cable.LEFT

    @property
    def used(self) -> tuple[Connector, ...]:
        """The connector in use, or else all that may be chosen."""
        evse = self._evse
        return (self.connector,) if evse.plugged or self.left or evse.bound else evse.connectors

    @property
    def operative(self) -> bool:
        """The connector in use may be used, or else one of them."""
        return any(connector.usable for connector in self.used)

    @property
    def why_inoperative(self) -> str:
        """Why it is not operative, for people."""
        fault = next((connector.fault for connector in self.used if connector.fault is not None), None)
        return "this EVSE is out of service" if fault is None else f"this EVSE has a fault: {shown(fault)}"

    def takes(self, connector: Connector) -> bool:
        """A cable may go in: no other connector here is in use, nor has a transaction that goes on (E01.FR.14)."""
        return connector is self.connector or not (self.left or self._evse.bound)

    @property
    def locked(self) -> bool:
        """The plug is held in its socket: somebody may charge, has left it, or is to answer for it (E05.FR.11)."""
        evse, connector = self._evse, self.connector
        held = self.left or (evse.plugged and (evse.authorization is not None or self.key is not None))
        return held and connector.spec.type.is_socket and not connector.jammed

    @property
    def lock(self) -> LockState:
        """The lock of the connector in use."""
        if not self.connector.spec.type.is_socket:
            return LockState.NONE
        if self.connector.jammed:
            return LockState.JAMMED
        return LockState.LOCKED if self.locked else LockState.OPEN

    def unlocks(self, id_token: IdToken) -> bool:
        """The identifier that locked a cable which was left, its transaction being over (E09.FR.03)."""
        return self.left and self._evse.authorization is None and self.key is not None and same(self.key, id_token)

    def taken_by_other(self, id_token: IdToken) -> bool:
        """The running transaction was begun by another identifier, whose authorization has ended since (C01.FR.23), or
        the cable of another is still locked here."""
        transaction = self._evse.transaction
        owner = None if transaction is None else transaction.driver
        if self.left:
            owner = self.key
        return owner is not None and not same(owner, id_token)

    @property
    def closed(self) -> bool:
        """It is Unavailable because of a reset."""
        return self.connector.closed

    # -- what cars and cables do ------------------------------------------------------------------

    def occupy(self, occupied: bool, now: Instant) -> None:
        """A car comes into the bay, or goes; whether it is connected is another matter."""
        self.parked = occupied
        if not occupied:
            self.depart(now)
            return
        self.occupied = True
        if self._watched:
            self._evse.step(now, TriggerReason.EV_DETECTED)
            self._evse.offer(now)

    def depart(self, now: Instant) -> None:
        """The car leaves the bay, unless it stands there in its own right."""
        if self.parked:
            return
        self.occupied = False
        if self._watched:
            self._evse.step(now, TriggerReason.EV_DEPARTED, StoppedReason.EV_DISCONNECTED)

    def plug_in(self, connector: Connector, model: EvModel, now: Instant) -> None:
        """A car arrives and is connected (E02)."""
        evse = self._evse
        arrived, self.occupied = not self.occupied, True
        if arrived and self._watched:
            evse.step(now, TriggerReason.EV_DETECTED)
        evse.charging.plug(model, now, connector.id)
        self.connector = connector
        evse.stop_waiting()
        changed = connector.move(CableEvent.PLUGGED)
        self._station.say(NoticeKind.PLUGGED_IN, model.name, evse.id)
        if changed:
            self._station.report_status(evse.id, connector, now)
        self.try_lock(now)
        evse.step(now, TriggerReason.CABLE_PLUGGED_IN)
        evse.offer(now)

    def try_lock(self, now: Instant) -> bool:
        """A plug is locked when its driver may charge. If that fails, the driver may not (G05.FR.01)."""
        evse, station = self._evse, self._station
        if not (self.connector.jammed and evse.plugged and evse.authorization is not None):
            return True
        station.lock_failed(evse.id, now)
        if evse.transaction is not None:
            evse.end_authorization(now, TriggerReason.ABNORMAL_CONDITION, StoppedReason.OTHER)
        else:
            evse.deauthorize()
            if evse.charging.offering:  # energy begins the transaction, and the car did not want any yet
                evse.offer(now)
            station.say(NoticeKind.AUTHORIZATION_ENDED, "the plug cannot be locked", evse.id)
        return False

    def unplug(self, now: Instant, where: str = "at the EV") -> None:
        """The cable is pulled; with a driver who may charge that can only be at the EV (E09, E10)."""
        evse, station, connector = self._evse, self._station, self.connector
        authorization = evse.authorization
        evse.charging.unplug(now)
        station.say(NoticeKind.UNPLUGGED, where, evse.id)
        if station.model.flag("TxCtrlr.StopTxOnEVSideDisconnect"):
            evse.deauthorize()
            if authorization is not None and evse.transaction is None:
                station.say(NoticeKind.AUTHORIZATION_ENDED, "the cable was pulled", evse.id)
        owner = self.key if authorization is None else authorization.id_token
        if owner is None and connector.move(CableEvent.PULLED):  # the session is over: told first (E07, TC_E_14)
            station.report_status(evse.id, connector, now)
        evse.step(now, TriggerReason.EV_COMMUNICATION_LOST, StoppedReason.EV_DISCONNECTED)
        suspended = evse.suspended
        self.key = owner if self._keeps_cable(connector, suspended) else None
        if self.key is not None:
            connector.move(CableEvent.PULLED_KEPT)
        elif connector.move(CableEvent.PULLED):
            station.report_status(evse.id, connector, now)
        if evse.authorization is not None and not (suspended and connector.spec.type.is_socket):
            evse.wait_for_cable(now)
        if not suspended:
            self.depart(now)

    def release(self, now: Instant) -> None:
        """The cable that was left is unlocked, or counts as gone."""
        self.key = None
        if self.connector.move(CableEvent.RELEASED):
            self._station.report_status(self._evse.id, self.connector, now)

    # -- what the CSMS says -----------------------------------------------------------------------

    def keep_to_availability(self, now: Instant) -> bool:
        """The CSMS takes connectors out of operation, or back: says whether one is back. Where a transaction runs, that
        waits until it has ended (G03.FR.05)."""
        evse, again = self._evse, False
        for connector in evse.connectors:
            operative = self._station.operative(evse.id, connector.id)
            running = evse.transaction is not None and connector is self.connector
            if operative is connector.operative or running:
                continue
            before, connector.operative = connector.status, operative
            again |= operative
            if connector.status is not before:
                self._station.report_status(evse.id, connector, now)
        return again

    def close(self, closed: bool, now: Instant) -> None:
        """Unavailable because of a reset, or no longer."""
        for connector in self._evse.connectors:
            before, connector.closed = connector.status, closed
            if connector.status is not before:
                self._station.report_status(self._evse.id, connector, now)

    # -- how --------------------------------------------------------------------------------------

    @property
    def _watched(self) -> bool:
        """Only a station whose transactions depend on the parking bay has a detector there."""
        model = self._station.model
        return TxPoint.PARKING_BAY_OCCUPANCY in (
            *model.members("TxCtrlr.TxStartPoint"),
            *model.members("TxCtrlr.TxStopPoint"),
        )

    def _keeps_cable(self, connector: Connector, suspended: bool) -> bool:
        """The cable stays locked into a socket after the car was pulled off, until the identifier is presented
        (E09.FR.03, E10.FR.01)."""
        unlocks = self._station.model.flag("OCPPCommCtrlr.UnlockOnEVSideDisconnect")
        return connector.spec.type.is_socket and (suspended or not unlocks)
