"""The transactions of a station: those that run, and the newest of those that ended."""

import msgspec

from evtui.engine.door import TransactionRow
from evtui.sim.messages import IdToken, TransactionEvent
from evtui.sim.terms import IdTokenType

KEEP = 50


class _Entry(msgspec.Struct, gc=False):
    """A transaction, as its row will have it: what changes with each event is changed in place."""

    transaction_id: str
    evse_id: int
    id_token: str
    started_at: float
    ended_at: float | None = None
    energy_wh: float = 0.0
    events: int = 0
    stopped_reason: str | None = None


class Ledger:
    """Written from two sides: what the station tells (start and end, with or without a link), and the transaction
    events it sends, which know the rest."""

    __slots__ = ("_ended", "_running")

    def __init__(self) -> None:
        self._running: dict[str, _Entry] = {}
        self._ended: list[_Entry] = []  # newest first

    def started(self, transaction_id: str, evse_id: int, at: float) -> None:
        """A transaction began; `at` is Unix time."""
        self._running[transaction_id] = _Entry(transaction_id, evse_id, "", at)

    def ended(self, transaction_id: str, at: float, energy_wh: float, reason: str) -> None:
        """A transaction ended with `energy_wh` delivered; `reason` is its StoppedReason."""
        entry = self._running.pop(transaction_id, None)
        if entry is not None:
            entry.ended_at, entry.energy_wh, entry.stopped_reason = at, round(energy_wh, 3), reason
            self._ended.insert(0, entry)
            del self._ended[KEEP:]

    def forget(self, transaction_ids: tuple[str, ...]) -> None:
        """Nobody may know any more whose these were (N10)."""
        for entry in (*self._running.values(), *self._ended):
            if entry.transaction_id in transaction_ids:
                entry.id_token = ""

    def measured(self, transaction_id: str, energy_wh: float) -> None:
        """What a running transaction has taken so far, when nobody will measure it for a while."""
        if (entry := self._running.get(transaction_id)) is not None:
            entry.energy_wh = round(energy_wh, 3)

    def sent(self, event: TransactionEvent) -> None:
        """An event of a transaction goes to the CSMS."""
        entry = self._running.get(event.transaction_id)
        if entry is None:
            entry = next((each for each in self._ended if each.transaction_id == event.transaction_id), None)
            if entry is None:
                return
        if event.id_token is not None:
            entry.id_token = shown(event.id_token)
        if event.seq_no >= entry.events:
            entry.events = event.seq_no + 1

    def rows(self, energy_wh: dict[str, float]) -> tuple[TransactionRow, ...]:
        """Those that run, then those that ended, newest first. `energy_wh` is what the running ones have taken."""
        running = [
            msgspec.structs.replace(row, energy_wh=round(energy_wh.get(row.transaction_id, row.energy_wh), 3))
            for row in map(_row, reversed(self._running.values()))
        ]
        return (*running, *map(_row, self._ended))


def _row(entry: _Entry) -> TransactionRow:
    return TransactionRow(*msgspec.structs.astuple(entry))


def shown(token: IdToken) -> str:
    """An identifier as people may see it: a key code is a secret (C04.FR.04)."""
    return "***" if token.type is IdTokenType.KEY_CODE else token.id_token
