"""The transactions that stations report: each event kept once, in whatever order and however often it arrives."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from math import isnan
from typing import Any, TypeVar

import msgspec

from evtui.csms.journal import Journal
from evtui.csms.meter import Figures, Reading, figures, from_figures, points
from evtui.csms.moment import from_wire
from evtui.csms.seqnos import SeqNos
from evtui.csms.series import Series
from evtui.csms.tokens import Token

MOST_ENDED = 5_000  # of all stations
MOST_PER_STATION = 200
_LOST = -(1 << 62)  # instead of the seqNo of an Ended that will not come
# What an event may have that tells nothing but readings and the charging state; of the other fields, no facts are kept.
_STEP = frozenset(
    {
        *("eventType", "timestamp", "triggerReason", "seqNo", "transactionInfo", "meterValue"),
        *("offline", "cableMaxCurrent", "customData"),
    }
)
_STEP_INFO = frozenset({"transactionId", "chargingState", "timeSpentCharging", "customData"})
_MOST_SEQ = 1 << 62  # that SQL can hold
_SLACK_S = 1.0  # aligned samples carry whole seconds: the first may seem to precede its transaction

_NOTHING_KEPT = Journal()

T = TypeVar("T")
Dated = tuple[int, T]  # a value and the seqNo it came with


class TransactionRecord(msgspec.Struct, frozen=True):
    """A transaction as it is known now. Times are Unix time. `gaps` are the seqNos that are missing, as inclusive
    ranges; `energy_wh` is the register's last value less its first; `number` is its own among all stations'. A `lost`
    one has ended without an Ended: its station knows nothing of it any more."""

    number: int
    station_id: str
    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    id_token: Token | None
    started_at: float
    ended_at: float | None
    charging_state: str | None
    stopped_reason: str | None
    remote_start_id: int | None
    reservation_id: int | None
    phases_used: int | None
    events: int
    gaps: tuple[tuple[int, int], ...]
    power_w: float | None
    energy_wh: float | None
    soc_percent: float | None
    lost: bool


class Transaction:
    """One transaction. Each fact is kept with the seqNo it came with, so that late events never overwrite newer ones:
    any order and any repetition of the same events gives the same record."""

    __slots__ = (
        "_charging_state",
        "_ended",
        "_evse",
        "_first",
        "_id_token",
        "_journal",
        "_phases_used",
        "_register_first",
        "_register_last",
        "_remote_start_id",
        "_reservation_id",
        "_started",
        "_stopped_reason",
        "number",
        "seq_nos",
        "series",
        "station_id",
        "transaction_id",
    )

    def __init__(self, station_id: str, transaction_id: str, number: int = 0, journal: Journal | None = None) -> None:
        self.number = number
        self._journal = journal or _NOTHING_KEPT
        self.station_id = station_id
        self.transaction_id = transaction_id
        self.seq_nos = SeqNos()
        self.series = Series()
        self._first: Dated[float] | None = None
        self._started: Dated[float] | None = None
        self._ended: Dated[float] | None = None
        self._evse: Dated[tuple[int, int | None]] | None = None
        self._id_token: Dated[Token] | None = None
        self._charging_state: Dated[str] | None = None
        self._stopped_reason: Dated[str] | None = None
        self._remote_start_id: Dated[int] | None = None
        self._reservation_id: Dated[int] | None = None
        self._phases_used: Dated[int] | None = None
        self._register_first: tuple[float, float] | None = None
        self._register_last: tuple[float, float] | None = None

    def take(self, event: Mapping[str, Any], now: float) -> bool:
        """Takes a TransactionEventRequest in; False if one with its seqNo is there already."""
        seq: int = event["seqNo"]
        if not self.seq_nos.add(seq):
            return False
        meter_values = event.get("meterValue")
        step = self._is_step(event, seq) and bool(meter_values)
        state: str | None = None
        if step:
            state = event["transactionInfo"].get("chargingState")
            if state is not None:
                self._charging_state = _later(self._charging_state, seq, state)
        else:
            self._journal.transaction(self)
            self._note(event, seq, now)
        if meter_values:
            for at, measured in points(meter_values, now):
                self._journal.step(self, seq if step else None, at, measured, state)
                self._measure(at, measured)
        return True

    def _is_step(self, event: Mapping[str, Any], seq: int) -> bool:
        """Whether an event tells nothing but readings, and the charging state: of an Updated in between, the time says
        nothing."""
        first = self._first
        return (
            event["eventType"] == "Updated"
            and self._ended is None
            and first is not None
            and first[0] <= seq
            and -_MOST_SEQ < seq < _MOST_SEQ
            and event.keys() <= _STEP
            and event["transactionInfo"].keys() <= _STEP_INFO
        )

    def _note(self, event: Mapping[str, Any], seq: int, now: float) -> None:
        if self._ended is not None and self.lost:  # not so, after all
            self._ended = None
        kind: str = event["eventType"]
        if kind != "Updated" or self._first is None or seq < self._first[0]:  # of all others, the time says nothing
            self._date(kind, seq, from_wire(event["timestamp"], now))
        info = event["transactionInfo"]
        if (state := info.get("chargingState")) is not None:
            self._charging_state = _later(self._charging_state, seq, state)
        if (reason := info.get("stoppedReason")) is not None:
            self._stopped_reason = _later(self._stopped_reason, seq, reason)
        if (remote := info.get("remoteStartId")) is not None:
            self._remote_start_id = _earlier(self._remote_start_id, seq, remote)
        if (reservation := event.get("reservationId")) is not None:
            self._reservation_id = _earlier(self._reservation_id, seq, reservation)
        if (phases := event.get("numberOfPhasesUsed")) is not None:
            self._phases_used = _later(self._phases_used, seq, phases)
        if (evse := event.get("evse")) is not None:
            self._evse = _earlier(self._evse, seq, (evse["id"], evse.get("connectorId")))
        if (token := event.get("idToken")) is not None:
            self._id_token = _earlier(self._id_token, seq, _token(token))

    def _date(self, kind: str, seq: int, at: float) -> None:
        self._first = _earlier(self._first, seq, at)
        match kind:
            case "Started":
                self._started = _earlier(self._started, seq, at)
            case "Ended":
                self._ended = _later(self._ended, seq, at)

    def measure(self, at: float, measured: Reading) -> None:
        """Takes a reading of the meter in."""
        self._journal.step(self, None, at, measured)
        self._measure(at, measured)

    def again(self, seq: int | None, at: float, measured: Reading, state: str | None = None) -> None:
        """Takes a step in that was stored; again, if need be."""
        if seq is not None:
            self.seq_nos.add(seq)
            if state is not None:
                self._charging_state = _later(self._charging_state, seq, state)
        self._measure(at, measured)

    def _measure(self, at: float, measured: Reading) -> None:
        self.series.add(at, measured)
        if measured.energy_wh == measured.energy_wh:  # not nan
            register = (at, measured.energy_wh)
            if self._register_first is None or register < self._register_first:
                self._register_first = register
            if self._register_last is None or register > self._register_last:
                self._register_last = register

    def covers(self, evse_id: int, at: float) -> bool:
        """Whether a sample of an EVSE at a moment belongs to this transaction."""
        if self._evse is None or self._evse[1][0] != evse_id or at < self.started_at - _SLACK_S:
            return False
        return self._ended is None or at <= self._ended[1] + _SLACK_S

    @property
    def started_at(self) -> float:
        """When it began; of one whose Started has not arrived, its first known event (Unix time)."""
        known = self._started or self._first
        return known[1] if known else 0.0

    @property
    def evse_id(self) -> int | None:
        """Where it runs, None while that is not known."""
        return None if self._evse is None else self._evse[1][0]

    @property
    def ended(self) -> bool:
        """Whether its Ended has arrived."""
        return self._ended is not None

    @property
    def lost(self) -> bool:
        """Whether it has ended without an Ended."""
        return self._ended is not None and self._ended[0] == _LOST

    def lose(self) -> None:
        """Its station knows nothing of it any more: it ended with the last that was heard of it."""
        if self._ended is None:
            last = self.series.last
            self._ended = (_LOST, self.started_at if last is None else max(last[0], self.started_at))
            self._journal.transaction(self)

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """The seqNos that are missing: between Started (or 0, while that is missing too) and the highest."""
        return self.seq_nos.gaps(self._started[0] if self._started else 0)

    @property
    def energy_wh(self) -> float | None:
        """What the register gained, None until it was read."""
        if self._register_first is None or self._register_last is None:
            return None
        return self._register_last[1] - self._register_first[1]

    @property
    def power_w(self) -> float | None:
        """The newest figure; None before there is one."""
        last = self.series.last
        return _number(last[1].power_w) if last else None

    def record(self) -> TransactionRecord:
        """What is known now."""
        last = self.series.last
        measured = last[1] if last else None
        evse_id, connector_id = self._evse[1] if self._evse else (None, None)
        return TransactionRecord(
            number=self.number,
            station_id=self.station_id,
            transaction_id=self.transaction_id,
            evse_id=evse_id,
            connector_id=connector_id,
            id_token=_value(self._id_token),
            started_at=self.started_at,
            ended_at=_value(self._ended),
            charging_state=_value(self._charging_state),
            stopped_reason=_value(self._stopped_reason),
            remote_start_id=_value(self._remote_start_id),
            reservation_id=_value(self._reservation_id),
            phases_used=_value(self._phases_used),
            events=len(self.seq_nos),
            gaps=self.gaps,
            power_w=self.power_w,
            energy_wh=self.energy_wh,
            soc_percent=_number(measured.soc_percent) if measured else None,
            lost=self.lost,
        )

    # -- in the store -----------------------------------------------------------------------------

    def facts(self) -> "Facts":
        """All that is known, but for the points of the series."""
        last = self.series.last
        return Facts(
            self.seq_nos.ranges,
            self._first,
            self._started,
            self._ended,
            self._evse,
            _shown(self._id_token),
            self._charging_state,
            self._stopped_reason,
            self._remote_start_id,
            self._reservation_id,
            self._phases_used,
            self._register_first,
            self._register_last,
            self.series.slot_s,
            None if last is None else (last[0], figures(last[1])),
        )

    def restore(self, facts: "Facts") -> None:
        """What was stored of it."""
        self.seq_nos.restore(facts.seq_nos)
        self._first, self._started, self._ended = facts.first, facts.started, facts.ended
        self._evse, self._id_token = facts.evse, facts.id_token
        self._charging_state, self._stopped_reason = facts.charging_state, facts.stopped_reason
        self._remote_start_id, self._reservation_id = facts.remote_start_id, facts.reservation_id
        self._phases_used = facts.phases_used
        self._register_first, self._register_last = facts.register_first, facts.register_last
        last = facts.last
        self.series.restore(facts.slot_s, None if last is None else (last[0], from_figures(last[1])))


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """A transaction as it is stored."""

    seq_nos: tuple[tuple[int, int], ...]
    first: Dated[float] | None
    started: Dated[float] | None
    ended: Dated[float] | None
    evse: Dated[tuple[int, int | None]] | None
    id_token: Dated[Token] | None
    charging_state: Dated[str] | None
    stopped_reason: Dated[str] | None
    remote_start_id: Dated[int] | None
    reservation_id: Dated[int] | None
    phases_used: Dated[int] | None
    register_first: tuple[float, float] | None
    register_last: tuple[float, float] | None
    slot_s: float
    last: tuple[float, Figures] | None


class Transactions:
    """The transactions of all stations. Memory is bounded: the oldest ended ones go first."""

    def __init__(
        self,
        most_ended: int = MOST_ENDED,
        most_per_station: int = MOST_PER_STATION,
        journal: Journal | None = None,
    ) -> None:
        self._journal = journal or Journal()
        self._next = 1
        self.find_stored: Callable[[str, str], Transaction | None] = lambda station_id, transaction_id: None
        """Looks for one that is stored, and not here any more."""
        self._most_ended = most_ended
        self._most_per_station = most_per_station
        self._by_station: dict[str, dict[str, Transaction]] = {}
        self._ended: dict[tuple[str, str], None] = {}

    def take(self, station_id: str, event: Mapping[str, Any], now: float) -> Transaction:
        """Takes a TransactionEventRequest of a station in; gives the transaction it belongs to."""
        transaction_id: str = event["transactionInfo"]["transactionId"]
        mine = self._by_station.get(station_id)
        if mine is None:
            mine = self._by_station[station_id] = {}
        transaction = mine.get(transaction_id)
        if transaction is None:
            transaction = self.find_stored(station_id, transaction_id)
            if transaction is None:
                transaction = Transaction(station_id, transaction_id, self._next, self._journal)
            self._kept(transaction)
        ended = transaction._ended
        transaction.take(event, now)
        if transaction._ended is not ended:
            self._note_end(transaction)
        if len(mine) > self._most_per_station or len(self._ended) > self._most_ended:
            self._forget_oldest(mine)
        return transaction

    def lose(self, station_id: str, transaction_id: str) -> None:
        """A station knows nothing any more of a transaction that has not ended (E14)."""
        transaction = self.get(station_id, transaction_id)
        if transaction is not None:
            transaction.lose()
            self._note_end(transaction)

    def _note_end(self, transaction: Transaction) -> None:
        key = (transaction.station_id, transaction.transaction_id)
        if transaction.ended:
            self._ended[key] = None
        else:
            self._ended.pop(key, None)

    def restore(self, station_id: str, transaction_id: str, number: int, facts: Facts) -> Transaction:
        """A transaction that was stored before."""
        transaction = Transaction(station_id, transaction_id, number, self._journal)
        transaction.restore(facts)
        return self._kept(transaction)

    def start_at(self, number: int) -> None:
        """New ones get this number, or a higher one."""
        self._next = max(self._next, number)

    def _kept(self, transaction: Transaction) -> Transaction:
        self._by_station.setdefault(transaction.station_id, {})[transaction.transaction_id] = transaction
        self._next = max(self._next, transaction.number + 1)
        if transaction.ended:
            self._note_end(transaction)
        return transaction

    def measure(self, station_id: str, evse_id: int, at: float, measured: Reading) -> None:
        """Takes a reading in that names no transaction: it belongs to the one that ran on the EVSE then, if any."""
        for transaction in reversed(self._by_station.get(station_id, {}).values()):
            if transaction.covers(evse_id, at):
                transaction.measure(at, measured)
                return

    def get(self, station_id: str, transaction_id: str) -> Transaction | None:
        """A transaction of a station."""
        return self._by_station.get(station_id, {}).get(transaction_id)

    def of(self, station_id: str) -> tuple[Transaction, ...]:
        """The transactions of a station, oldest first."""
        return tuple(self._by_station.get(station_id, {}).values())

    def running(self) -> tuple[int, float]:
        """How many have not ended, and the power (W) that they draw."""
        count, power_w = 0, 0.0
        for mine in self._by_station.values():
            for each in mine.values():
                if each._ended is None:
                    count += 1
                    last = each.series.last
                    if last is not None and (drawn_w := last[1].power_w) == drawn_w:  # not nan
                        power_w += drawn_w
        return count, power_w

    def __iter__(self) -> Iterator[Transaction]:
        return chain.from_iterable(mine.values() for mine in self._by_station.values())

    def __len__(self) -> int:
        return sum(map(len, self._by_station.values()))

    def _forget_oldest(self, mine: dict[str, Transaction]) -> None:
        if len(mine) > self._most_per_station:
            oldest = next((t for t in mine.values() if t.ended), None) or next(iter(mine.values()))
            self._ended.pop((oldest.station_id, oldest.transaction_id), None)
            del mine[oldest.transaction_id]
        if len(self._ended) > self._most_ended:
            station_id, transaction_id = next(iter(self._ended))
            del self._ended[station_id, transaction_id]
            del self._by_station[station_id][transaction_id]


def _earlier(known: Dated[T] | None, seq: int, value: T) -> Dated[T]:
    return known if known is not None and known[0] <= seq else (seq, value)


def _later(known: Dated[T] | None, seq: int, value: T) -> Dated[T]:
    return known if known is not None and known[0] >= seq else (seq, value)


def _value(known: Dated[T] | None) -> T | None:
    return None if known is None else known[1]


def _shown(known: Dated[Token] | None) -> Dated[Token] | None:
    """A KeyCode is a secret, which is not stored."""
    return None if known is None else (known[0], Token(known[1].shown, known[1].type))


def _number(value: float) -> float | None:
    return None if isnan(value) else value


def _token(id_token: Mapping[str, Any]) -> Token:
    return Token(id_token["idToken"], id_token["type"])
