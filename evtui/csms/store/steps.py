"""Steps: what is told of transactions between two writings of their rows.

Nearly all that stations say are readings. Each of them is written at once, but behind the others of all stations, where
it costs next to nothing; the row of a transaction, and its samples, each in a place of its own in the file, are written
together when its oldest step is FOLD_S old. So a transaction as it is stored is its row, and then its steps.
"""

import sqlite3
from collections.abc import Iterable
from math import nan
from typing import Final

import msgspec

from evtui.csms.journal import Step
from evtui.csms.meter import from_figures
from evtui.csms.store.rows import Changes, transaction_row
from evtui.csms.transactions import Transaction

FOLD_S: Final = 10.0

StoredStep = tuple[int | None, float, list[float | None], str | None]
"""The seqNo, if it came in an event; the time, the figures, and the charging state that came with them."""

_SELECT: Final = "select number, tx, seq, at, power_w, energy_wh, soc_percent, voltage_v, current_a, state from steps"


class StepsOf:
    """The steps of one transaction that is stored. `first` is the number of the oldest."""

    __slots__ = ("first", "steps")

    def __init__(self, first: int) -> None:
        self.first = first
        self.steps: list[StoredStep] = []

    def retell(self, transaction: Transaction) -> None:
        """Tells them to their transaction again."""
        for seq, at, figures, state in self.steps:
            transaction.again(seq, at, from_figures(figures), state)

    @property
    def since(self) -> float:
        """The earliest time of a reading."""
        return min(at for _, at, _, _ in self.steps)


def stored_steps(database: sqlite3.Connection, where: str = "", values: Iterable[object] = ()) -> dict[int, StepsOf]:
    """Those in the file, by the number of their transaction."""
    found: dict[int, StepsOf] = {}
    for number, tx, seq, at, *figures, state in database.execute(f"{_SELECT} {where} order by number", tuple(values)):
        steps = found.get(tx)
        if steps is None:
            steps = found[tx] = StepsOf(number)
        steps.steps.append((seq, at, figures, state))
    return found


class _Open:
    """A transaction with steps: the number of the oldest, when that came (in a loop's time), and the earliest time of a
    reading (Unix time)."""

    __slots__ = ("came_s", "first", "since", "transaction")

    def __init__(self, transaction: Transaction, first: int, came_s: float, since: float) -> None:
        self.transaction = transaction
        self.first = first
        self.came_s = came_s
        self.since = since


class Steps:
    """Numbers them, and knows whose they are until they are folded."""

    def __init__(self, next: int) -> None:
        self._next = next
        self._open: dict[tuple[str, str], _Open] = {}  # in the order of their oldest steps

    def __len__(self) -> int:
        return len(self._open)

    def hold(self, transaction: Transaction, steps: StepsOf, now_s: float) -> None:
        """A transaction whose steps are in the file, the one with the oldest first."""
        key = (transaction.station_id, transaction.transaction_id)
        self._open[key] = _Open(transaction, steps.first, now_s, steps.since)

    def held(self, station_id: str, transaction_id: str) -> Transaction | None:
        """A transaction with steps: its row is not all that there is of it."""
        held = self._open.get((station_id, transaction_id))
        return None if held is None else held.transaction

    def take(self, steps: Iterable[Step], changes: Changes, now_s: float) -> None:
        """Adds steps to what is to be written."""
        for transaction, seq, at, reading, state in steps:
            number = self._next
            self._next = number + 1
            told = nan if state is None else state  # which is null in the file, and less work to hand over than None
            changes.steps.append((number, transaction.number, seq, at, *msgspec.structs.astuple(reading), told))
            key = (transaction.station_id, transaction.transaction_id)
            held = self._open.get(key)
            if held is None:
                self._open[key] = _Open(transaction, number, now_s, at)
            elif at < held.since:
                held.since = at

    def fold(self, changes: Changes, now_s: float, now: float, *, every: bool = False) -> None:
        """Has the rows and samples written whose time has come, or all; their steps are not needed any more. `now` is
        Unix time."""
        folded = False
        while self._open:
            key, held = next(iter(self._open.items()))
            if not every and now_s - held.came_s < FOLD_S:
                break
            del self._open[key]
            folded = True
            transaction = held.transaction
            number = transaction.number
            changes.transactions[number] = transaction_row(transaction, now)
            changes.samples += ((number, *point) for point in transaction.series.since(held.since))
        if folded:
            changes.folded = next((held.first for held in self._open.values()), self._next) - 1
