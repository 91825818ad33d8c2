"""The outbox: what a station sends next. One CALL at a time; transaction messages in the order they happened, and
again until they are taken (E13); the others once, and not at all when the link is gone."""

from enum import IntEnum
from itertools import islice
from math import inf
from typing import Final

import msgspec

from evtui.sim.memory import Memory
from evtui.sim.messages import Message, MeterValues, TransactionEvent
from evtui.sim.terms import TransactionEventType, TriggerReason

CAPACITY = 3_600
"""Transaction messages kept without thinning: an hour at one a second."""

TOGETHER = 60
"""Meter values that go out in one message when they had to wait."""

_ROWS = "outbox/"  # of the memory: one for each kept message, by its number


class Lane(IntEnum):
    """How a message queues. Prompt and transaction messages go in the order they were put in; a transaction message
    that waits for its next attempt lets the others pass."""

    ASKED = 0  # what the CSMS asked for; goes out even while it says Pending (B02.FR.02)
    FIRST = 1  # before all that waits: what follows a boot or a reconnect
    PROMPT = 2
    TRANSACTION = 3  # kept until taken or given up
    LATE = 4  # after all others: heartbeats, clock-aligned values


TRANSACTION: Final = Lane.TRANSACTION
"""Asked of an enumeration each time, a member costs as much as a call."""


class OutboxRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A kept message that the CSMS has not taken yet. `number` gives the order; it goes on over a power cut."""

    number: int
    message: Message
    lane: Lane
    evse_id: int = 0


class Entry:
    """A message in the outbox. `attempt` counts its transmissions, `offline` says that it happened or waited without
    a link (E11.FR.07); a `kept` one survives a lost link and is tried again."""

    __slots__ = ("attempt", "evse_id", "kept", "lane", "message", "not_before_s", "number", "offline", "ref")

    def __init__(self, number: int, message: Message, lane: Lane, evse_id: int, offline: bool, kept: bool) -> None:
        self.number = number
        self.message = message
        self.lane = lane
        self.evse_id = evse_id
        self.offline = offline
        self.kept = kept
        self.attempt = 0
        self.ref = 0
        self.not_before_s = 0.0


class Outbox:
    """Entries wait in their lanes; the one in flight has left its lane, unless it is a transaction message, which
    keeps its place until it is answered. Kept ones stand in the memory from when they are put in until they are taken
    or given up; one that was in flight when the power was cut goes out again (OCPP-J ERR-201 4.6), as offline."""

    __slots__ = ("_lanes", "_memory", "_numbers", "_refs", "in_flight", "transactions")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._lanes: tuple[list[Entry], ...] = ([], [], [], [], [])  # a deque takes 760 bytes even if it is empty
        self.transactions = self._lanes[TRANSACTION]
        """Transaction messages not yet taken by the CSMS, the one in flight included."""
        self._numbers = 0
        self._refs = 0
        self.in_flight: Entry | None = None
        kept = memory.recall_all(_ROWS, OutboxRecord).values()
        for row in sorted(kept, key=lambda row: row.number):
            self._numbers = row.number
            self._lanes[row.lane].append(Entry(row.number, row.message, row.lane, row.evse_id, True, True))

    def holds(self, transaction_id: str) -> bool:
        """A message of that transaction has not been taken yet."""
        return any(_event(entry).transaction_id == transaction_id for entry in self.transactions)

    def owes_of(self, evse_id: int) -> bool:
        """A message of that EVSE has not been taken yet."""
        return any(entry.evse_id == evse_id for lane in self._lanes for entry in lane)

    @property
    def asked(self) -> int:
        """Messages that the CSMS asked for and that still wait."""
        return len(self._lanes[Lane.ASKED])

    def put(self, message: Message, lane: Lane, evse_id: int = 0, *, offline: bool = False, kept: bool = False) -> bool:
        """Queues a message; says no to one that is not of a transaction when its lane is full."""
        if lane is not TRANSACTION and len(self._lanes[lane]) >= CAPACITY:
            return False
        self._numbers += 1
        entry = Entry(self._numbers, message, lane, evse_id, offline, kept or lane is TRANSACTION)
        self._lanes[lane].append(entry)
        if entry.kept:
            self._keep(entry)
        return True

    def take(self, elapsed_s: float, *, asked_only: bool = False) -> Entry | None:
        """The next to send, if nothing is in flight: it is now. `asked_only`: none but what the CSMS asked for."""
        asked, first, prompt, transactions, late = self._lanes
        if self.in_flight is not None or not (transactions or asked or first or prompt or late):
            return None
        entry = _ready(asked, elapsed_s) if asked else None
        if entry is None and not asked_only:
            entry = self._next(elapsed_s)
        if entry is None:
            return None
        if entry.lane is not TRANSACTION:
            self._lanes[entry.lane].remove(entry)
        return self.launch(entry)

    def launch(self, entry: Entry) -> Entry:
        """Puts an entry in flight, with a name for this transmission alone."""
        self._refs += 1
        entry.ref = self._refs
        entry.attempt += 1
        self.in_flight = entry
        return entry

    def launch_alone(self, message: Message) -> Entry:
        """Puts a message in flight that never queues: a BootNotification."""
        return self.launch(Entry(0, message, Lane.FIRST, 0, False, False))

    def answered(self, ref: int) -> Entry | None:
        """What was answered; None for an answer that nobody waits for."""
        entry = self._land(ref)
        if entry is not None:
            if entry.lane is TRANSACTION:
                self.transactions.pop(0)
            if entry.kept:
                self._forget(entry)
        return entry

    def failed(self, ref: int, elapsed_s: float, attempts: int, interval_s: float) -> tuple[Entry, bool] | None:
        """What failed, and whether it was given up. A kept one waits `interval_s` times its transmissions so far
        (E13.FR.03), and is given up after `attempts` of them (E13.FR.04)."""
        entry = self._land(ref)
        if entry is None:
            return None
        given_up = not entry.kept or entry.attempt >= attempts
        if not given_up:
            entry.not_before_s = elapsed_s + interval_s * entry.attempt
        if entry.lane is TRANSACTION:
            if given_up:
                self.transactions.pop(0)
        elif not given_up:
            self._lanes[entry.lane].insert(0, entry)
        if given_up and entry.kept:
            self._forget(entry)
        return entry, given_up

    def link_lost(self) -> list[Entry]:
        """Nothing is in flight any more. Gives what is dropped: all but the kept. A transmission that the link cut
        short does not count as an attempt, and no wait outlasts the link."""
        cut, self.in_flight = self.in_flight, None
        if cut is not None:
            cut.attempt -= 1
            if cut.lane is not TRANSACTION and cut.number:
                self._lanes[cut.lane].insert(0, cut)
        dropped: list[Entry] = []
        for lane in self._lanes:
            dropped += [entry for entry in lane if not entry.kept]
            stay = [entry for entry in lane if entry.kept]
            lane[:] = stay
            for entry in lane:
                entry.offline = True
                entry.not_before_s = 0.0
        return dropped

    def due_s(self) -> float:
        """When the first message that waits for its next attempt may go; infinite when there is none."""
        asked, first, prompt, transactions, late = self._lanes
        due_s = transactions[0].not_before_s if transactions else inf
        if not (asked or first or prompt or late):
            return due_s
        for lane in (asked, first, prompt, late):
            kept = False
            for entry in lane:
                if not (kept and entry.kept):  # it waits for the kept one before it
                    due_s = min(due_s, entry.not_before_s)
                kept |= entry.kept
        return due_s

    def lags(self, transaction_id: str, behind: int) -> bool:
        """The newest `behind` messages are all samples of this transaction, taken with a link and not sent yet: the
        CSMS answers slower than samples are taken."""
        lane = self.transactions
        if len(lane) < behind:
            return False
        newest = islice(reversed(lane), behind)
        return all(
            not entry.attempt
            and not entry.offline
            and _is_sample(entry)
            and _event(entry).transaction_id == transaction_id
            for entry in newest
        )

    def join_values(self, values: MeterValues) -> bool:
        """Puts meter values into the newest message of the EVSE's that still waits, if there is one with room."""
        for entry in reversed(self._lanes[Lane.LATE]):
            message = entry.message
            if entry.evse_id == values.evse_id and isinstance(message, MeterValues):
                other = message.transaction_id != values.transaction_id
                if other or entry.attempt or len(message.meter_values) >= TOGETHER:
                    return False
                together = (*message.meter_values, *values.meter_values)
                entry.message = MeterValues(values.evse_id, together, values.transaction_id)
                if entry.kept:
                    self._keep(entry)
                return True
        return False

    def thin(self) -> list[TransactionEvent]:
        """Makes room beyond `CAPACITY`: takes every other sample out, the first, the third (E04.FR.08), and other
        Updated events only when there is no sample left; never a Started or an Ended. Gives what is lost."""
        lane = self.transactions
        if len(lane) <= CAPACITY:
            return []
        spare = [entry for entry in lane if _is_updated(entry) and entry is not self.in_flight]
        lost = ([entry for entry in spare if _is_sample(entry)] or spare)[::2]
        numbers = {entry.number for entry in lost}
        stay = [entry for entry in lane if entry.number not in numbers]
        lane[:] = stay
        for entry in lost:
            self._forget(entry)
        return [_event(entry) for entry in lost]

    def _keep(self, entry: Entry) -> None:
        record = OutboxRecord(entry.number, entry.message, entry.lane, entry.evse_id)
        self._memory.keep(f"{_ROWS}{entry.number}", record)

    def _forget(self, entry: Entry) -> None:
        self._memory.forget(f"{_ROWS}{entry.number}")

    def _next(self, elapsed_s: float) -> Entry | None:
        _, first, prompt, transactions, late = self._lanes
        if first and (entry := _ready(first, elapsed_s)) is not None:
            return entry
        entry = _ready(prompt, elapsed_s) if prompt else None
        if transactions and transactions[0].not_before_s <= elapsed_s:
            head = transactions[0]
            return head if entry is None or head.number < entry.number else entry
        return _ready(late, elapsed_s) if entry is None and late else entry

    def _land(self, ref: int) -> Entry | None:
        entry = self.in_flight
        if entry is None or entry.ref != ref:
            return None
        self.in_flight = None
        return entry


def _ready(lane: list[Entry], elapsed_s: float) -> Entry | None:
    """The first that may go; kept ones keep their order among each other, the others pass those that wait."""
    waits = False
    for entry in lane:
        if entry.not_before_s > elapsed_s:
            waits |= entry.kept
        elif not (waits and entry.kept):
            return entry
    return None


def _event(entry: Entry) -> TransactionEvent:
    assert isinstance(entry.message, TransactionEvent)
    return entry.message


_SAMPLES = (TriggerReason.METER_VALUE_PERIODIC, TriggerReason.METER_VALUE_CLOCK)


def _is_updated(entry: Entry) -> bool:
    return _event(entry).event_type is TransactionEventType.UPDATED


def _is_sample(entry: Entry) -> bool:
    return _is_updated(entry) and _event(entry).trigger_reason in _SAMPLES
