"""A transaction: from which point to which it runs, and what each of its events tells (E01-E13)."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Final, Self

import msgspec

from evtui.sim.messages import IdToken, MeterValue, TransactionEvent
from evtui.sim.terms import (
    ChargingState,
    StoppedReason,
    TransactionEventType,
    TriggerReason,
    TxPoint,
)

START_TRIGGERS: Mapping[TxPoint, TriggerReason] = MappingProxyType(
    {
        TxPoint.PARKING_BAY_OCCUPANCY: TriggerReason.EV_DETECTED,
        TxPoint.EV_CONNECTED: TriggerReason.CABLE_PLUGGED_IN,
        TxPoint.AUTHORIZED: TriggerReason.AUTHORIZED,
        TxPoint.DATA_SIGNED: TriggerReason.SIGNED_DATA_RECEIVED,
        TxPoint.POWER_PATH_CLOSED: TriggerReason.AUTHORIZED,
        TxPoint.ENERGY_TRANSFER: TriggerReason.CHARGING_STATE_CHANGED,
    }
)
"""Why a transaction begins, when the point was reached before transactions were allowed."""

_ENDED: Final = TransactionEventType.ENDED
_TELLING_STATE = (TriggerReason.CHARGING_STATE_CHANGED, TriggerReason.TRIGGER)


@cache
def points(*, in_bay: bool, connected: bool, authorized: bool, energy: bool) -> frozenset[TxPoint]:
    """Which of the start and stop points hold. The power path counts as closed when the car is connected and the
    driver authorized, whatever the relay does. Meters of ours sign nothing, so DataSigned never holds (E01.FR.04).
    There are sixteen cases: all EVSEs share their sets."""
    rows = (
        (TxPoint.PARKING_BAY_OCCUPANCY, in_bay),
        (TxPoint.EV_CONNECTED, connected),
        (TxPoint.AUTHORIZED, authorized),
        (TxPoint.POWER_PATH_CLOSED, connected and authorized),
        (TxPoint.ENERGY_TRANSFER, energy),
    )
    return frozenset(point for point, holds in rows if holds)


def starts(before: frozenset[TxPoint], after: frozenset[TxPoint], start_points: tuple[str, ...]) -> bool:
    """A transaction begins when one of its start points is reached (E01). A driver who is authorized while one of
    them has held all along, because an earlier transaction has ended, begins one too."""
    risen = after - before
    return bool(risen.intersection(start_points)) or (
        TxPoint.AUTHORIZED in risen and bool(after.intersection(start_points))
    )


def stops(before: frozenset[TxPoint], after: frozenset[TxPoint], stop_points: tuple[str, ...]) -> bool:
    """A transaction ends when one of its stop points held and does no longer (E06)."""
    return bool((before - after).intersection(stop_points))


class TransactionRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What of a running transaction outlasts a power cut. `begun`: the values of Transaction.Begin were taken;
    `owes_begin`: they are to be told again when charging starts; `interrupted`: the car was pulled off."""

    id: str
    started_utc: datetime
    begin_wh: float
    begun: bool = False
    owes_begin: bool = False
    interrupted: bool = False
    told_evse: bool = False
    told_phases: int | None = None
    told_state: ChargingState | None = None
    owed_token: IdToken | None = None
    owed_remote_start_id: int | None = None
    stopped_reason: StoppedReason | None = None
    driver: IdToken | None = None


class Transaction:
    """A running transaction. It counts its events and remembers what it has told, for these fields are told once:

    | field | told in the first event after |
    |---|---|
    | evse | the car was connected (E01.FR.16) |
    | cableMaxCurrent | the same, when its cable is one that can be taken off |
    | remoteStartId | the CSMS started it (F01.FR.25, F02.FR.01) |
    | reservationId | the driver claimed a reservation (H01.FR.15, F02.FR.06) |
    | idToken | the driver was authorized (E03.FR.01), and in the one that ends that (E07.FR.02) |
    | chargingState | it changed (E02.FR.13); always in Ended, with ChargingStateChanged and Trigger |
    | numberOfPhasesUsed | energy began to flow, or it changed (E02.FR.18/19) |
    | stoppedReason, timeSpentCharging | the end, in Ended |
    """

    __slots__ = (
        "_charging_since_s",
        "_owed_remote_start_id",
        "_owed_reservation_id",
        "_owed_token",
        "_owes",
        "_spent_s",
        "_told_phases",
        "begin_wh",
        "driver",
        "events",
        "id",
        "knows_evse",
        "started_utc",
        "stopped_reason",
        "tells",
        "told_state",
        "warned",
    )

    def __init__(self, transaction_id: str, started_utc: datetime, begin_wh: float) -> None:
        self.id = transaction_id
        self.started_utc = started_utc
        self.begin_wh = begin_wh
        self.driver: IdToken | None = None  # the first identifier that it was authorized with
        self._owed_token: IdToken | None = None
        self._owed_remote_start_id: int | None = None
        self._owed_reservation_id: int | None = None
        self._owes = False  # one of these
        self.stopped_reason: StoppedReason | None = None
        self.warned = False  # that samples are left out
        self.events = 0  # how many there have been; the next one's seqNo
        self.knows_evse = False  # the car was connected, so the CSMS knows where
        self._told_phases: int | None = None
        self.told_state: ChargingState | None = None  # that the CSMS knows of
        self.tells = False  # its newest event told something once: what is kept of it is another now
        self._charging_since_s: float | None = None
        self._spent_s = 0.0

    @classmethod
    def restored(cls, record: TransactionRecord, events: int, charging_s: float) -> Self:
        """One that went on until the power was cut, after that many events and seconds spent charging."""
        transaction = cls(record.id, record.started_utc, record.begin_wh)
        transaction._owed_token = record.owed_token
        transaction._owed_remote_start_id = record.owed_remote_start_id
        transaction._owes = record.owed_token is not None or record.owed_remote_start_id is not None
        transaction.stopped_reason = record.stopped_reason
        transaction.driver = record.driver
        transaction.events = events
        transaction.knows_evse = record.told_evse
        transaction._told_phases = record.told_phases
        transaction.told_state = record.told_state
        transaction._spent_s = charging_s
        return transaction

    def record(self, *, begun: bool, owes_begin: bool, interrupted: bool) -> TransactionRecord:
        """As it is; the rest is what its recorder says."""
        return TransactionRecord(
            self.id,
            self.started_utc,
            self.begin_wh,
            begun,
            owes_begin,
            interrupted,
            self.knows_evse,
            self._told_phases,
            self.told_state,
            self._owed_token,
            self._owed_remote_start_id,
            self.stopped_reason,
            self.driver,
        )

    def owe(self, id_token: IdToken | None, remote_start_id: int | None, reservation_id: int | None) -> None:
        """Its next event tells who was authorized, by which remote start, and with which reservation."""
        if id_token is not None:
            self._owed_token = id_token
            self.driver = self.driver or id_token
        self._owed_remote_start_id = remote_start_id
        self._owed_reservation_id = reservation_id
        self._owes = True

    def count_charging(self, charging: bool, elapsed_s: float) -> None:
        """Keeps the time spent charging, in seconds of wall time."""
        if self._charging_since_s is not None:
            self._spent_s += elapsed_s - self._charging_since_s
        self._charging_since_s = elapsed_s if charging else None

    def charging_time_s(self, elapsed_s: float) -> float:
        """Wall seconds spent charging so far."""
        since_s = self._charging_since_s
        return self._spent_s if since_s is None else self._spent_s + elapsed_s - since_s

    def event(
        self,
        event_type: TransactionEventType,
        trigger: TriggerReason,
        timestamp: datetime,
        evse_id: int,
        connector_id: int | None,
        state: ChargingState,
        phases: int | None = None,
        meter_values: tuple[MeterValue, ...] = (),
        id_token: IdToken | None = None,
        cable_a: int | None = None,
        register_wh: float = 0.0,
    ) -> TransactionEvent:
        """The next event. `connector_id` is None as long as no car was connected; `phases` those that carry energy;
        `id_token` the one that ends the authorization; `cable_a` what a cable that was brought along carries."""
        ended = event_type is _ENDED
        seq_no, self.events = self.events, self.events + 1
        tell_evse = connector_id is not None and not self.knows_evse
        self.knows_evse |= tell_evse
        tell_state = ended or state is not self.told_state or trigger in _TELLING_STATE
        self.told_state = state
        tell_phases = phases is not None and phases != self._told_phases
        if tell_phases:
            self._told_phases = phases
        self.tells = tell_state or tell_evse or tell_phases or self._owes
        token, remote_start_id, reservation_id = id_token, None, None
        if self._owes:
            token = id_token or self._owed_token
            remote_start_id, reservation_id = self._owed_remote_start_id, self._owed_reservation_id
            self._owed_token = self._owed_remote_start_id = self._owed_reservation_id = None
            self._owes = False
        return TransactionEvent(
            event_type,
            timestamp,
            trigger,
            seq_no,
            self.id,
            state if tell_state else None,
            round(self._spent_s) if ended else None,
            self.stopped_reason if ended else None,
            remote_start_id,
            reservation_id,
            evse_id if tell_evse else None,
            connector_id if tell_evse else None,
            token,
            meter_values,
            phases if tell_phases else None,
            cable_a if tell_evse else None,
            register_wh,
        )
