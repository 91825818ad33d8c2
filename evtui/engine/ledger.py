"""The transactions of a station: those that run, and the newest of those that ended."""

import msgspec

from evtui.engine.door import TransactionRow
from evtui.sim.messages import IdToken, TransactionEvent
from evtui.sim.terms import IdTokenType

KEEP = 50


class Ledger:
    """Written from two sides: what the station tells (start and end, with or without a link), and the transaction
    events it sends, which know the rest."""

    __slots__ = ("_ended", "_running")

    def __init__(self) -> None:
        self._running: dict[str, TransactionRow] = {}
        self._ended: list[TransactionRow] = []  # newest first

    def started(self, transaction_id: str, evse_id: int, at: float) -> None:
        """A transaction began; `at` is Unix time."""
        self._running[transaction_id] = TransactionRow(transaction_id, evse_id, "", at, None, 0.0, 0, None)

    def ended(self, transaction_id: str, at: float, energy_wh: float, reason: str) -> None:
        """A transaction ended with `energy_wh` delivered; `reason` is its StoppedReason."""
        row = self._running.pop(transaction_id, None)
        if row is not None:
            row = msgspec.structs.replace(row, ended_at=at, energy_wh=round(energy_wh, 3), stopped_reason=reason)
            self._ended.insert(0, row)
            del self._ended[KEEP:]

    def forget(self, transaction_ids: tuple[str, ...]) -> None:
        """Nobody may know any more whose these were (N10)."""
        for transaction_id in transaction_ids:
            if (row := self._running.get(transaction_id)) is not None:
                self._running[transaction_id] = msgspec.structs.replace(row, id_token="")
        self._ended = [
            msgspec.structs.replace(row, id_token="") if row.transaction_id in transaction_ids else row
            for row in self._ended
        ]

    def measured(self, transaction_id: str, energy_wh: float) -> None:
        """What a running transaction has taken so far, when nobody will measure it for a while."""
        if (row := self._running.get(transaction_id)) is not None:
            self._running[transaction_id] = msgspec.structs.replace(row, energy_wh=round(energy_wh, 3))

    def sent(self, event: TransactionEvent) -> None:
        """An event of a transaction goes to the CSMS."""
        if (row := self._running.get(event.transaction_id)) is not None:
            self._running[event.transaction_id] = _with(row, event)
            return
        for index, ended in enumerate(self._ended):
            if ended.transaction_id == event.transaction_id:
                self._ended[index] = _with(ended, event)
                return

    def rows(self, energy_wh: dict[str, float]) -> tuple[TransactionRow, ...]:
        """Those that run, then those that ended, newest first. `energy_wh` is what the running ones have taken."""
        running = [
            msgspec.structs.replace(row, energy_wh=round(energy_wh.get(row.transaction_id, row.energy_wh), 3))
            for row in reversed(self._running.values())
        ]
        return (*running, *self._ended)


def _with(row: TransactionRow, event: TransactionEvent) -> TransactionRow:
    return TransactionRow(
        row.transaction_id,
        row.evse_id,
        shown(event.id_token) if event.id_token is not None else row.id_token,
        row.started_at,
        row.ended_at,
        row.energy_wh,
        max(row.events, event.seq_no + 1),
        row.stopped_reason,
    )


def shown(token: IdToken) -> str:
    """An identifier as people may see it: a key code is a secret (C04.FR.04)."""
    return "***" if token.type is IdTokenType.KEY_CODE else token.id_token
