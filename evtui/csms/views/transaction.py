"""A transaction, and its meter curve."""

from collections.abc import Iterable
from math import isnan

import msgspec

from evtui.csms.meter import Reading
from evtui.csms.transactions import TransactionRecord


class Gap(msgspec.Struct, frozen=True):
    """SeqNos that are missing, both ends included."""

    first: int
    last: int


class TransactionView(msgspec.Struct, frozen=True):
    """A transaction as it is known now. `id` is its number in this CSMS, `transaction_id` what its station calls it.
    `events` are those that came, `gaps` the seqNos that are missing; `energy_wh` is what it has delivered. The value
    of a KeyCode is not told."""

    id: int
    station_id: str
    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    id_token: str | None
    id_token_type: str | None
    started_at: float
    ended_at: float | None
    charging_state: str | None
    stopped_reason: str | None
    remote_start_id: int | None
    reservation_id: int | None
    phases_used: int | None
    events: int
    gaps: tuple[Gap, ...]
    power_w: float | None
    energy_wh: float | None
    soc_percent: float | None


def transaction_view(record: TransactionRecord) -> TransactionView:
    """What is told of a transaction."""
    token = record.id_token
    return TransactionView(
        id=record.number,
        station_id=record.station_id,
        transaction_id=record.transaction_id,
        evse_id=record.evse_id,
        connector_id=record.connector_id,
        id_token=token.shown if token else None,
        id_token_type=token.type if token else None,
        started_at=record.started_at,
        ended_at=record.ended_at,
        charging_state=record.charging_state,
        stopped_reason=record.stopped_reason,
        remote_start_id=record.remote_start_id,
        reservation_id=record.reservation_id,
        phases_used=record.phases_used,
        events=record.events,
        gaps=tuple(Gap(*each) for each in record.gaps),
        power_w=record.power_w,
        energy_wh=record.energy_wh,
        soc_percent=record.soc_percent,
    )


class Point(msgspec.Struct, frozen=True, gc=False):
    """What a meter showed at a moment; `energy_wh` is its register, null is what it did not tell."""

    at: float
    power_w: float | None
    energy_wh: float | None
    soc_percent: float | None
    voltage_v: float | None
    current_a: float | None


def point(at: float, reading: Reading) -> Point:
    """A reading as it is told."""
    return Point(at, *(None if isnan(each) else each for each in msgspec.structs.astuple(reading)))


class Curve(msgspec.Struct, frozen=True):
    """The meter values of a transaction, oldest first, thinned as they get many."""

    id: int
    points: tuple[Point, ...]


def curve(id: int, series: Iterable[tuple[float, Reading]]) -> Curve:
    """A meter series as it is told."""
    return Curve(id, tuple(point(at, reading) for at, reading in series))


class TransactionsPage(msgspec.Struct, frozen=True):
    """Transactions, newest first. To go on to older ones, ask with `before` = `next`; null is the end."""

    transactions: tuple[TransactionView, ...]
    next: int | None
