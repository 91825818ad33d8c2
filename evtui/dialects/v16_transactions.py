"""Transactions in OCPP 1.6: the CSMS gives each its number when it answers StartTransaction (S16 4.8)."""

import msgspec

from evtui.sim.memory import Memory

NEVER_ANSWERED = -1
"""The number of a transaction whose StartTransaction never got an answer (ERR-16 3.18)."""

MOST = 200
"""Transactions remembered: those whose StopTransaction was given up are never heard of again."""

_PREFIX = "v16/transaction/"


class Begun(msgspec.Struct, frozen=True):
    """A transaction by sim's id: its connector's number, the seqNo of the event that became StartTransaction (None:
    none yet, as nobody is authorized), and the number that the CSMS gave (None: no answer)."""

    connector_id: int
    seq_no: int | None = None
    number: int | None = None


class Transactions:
    """Those that are not over, kept in the station's memory."""

    __slots__ = ("_begun", "_memory")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        rows = memory.recall_all(_PREFIX, Begun)
        self._begun = {key.removeprefix(_PREFIX): row for key, row in rows.items()}

    def get(self, transaction_id: str) -> Begun | None:
        """What is known of one, None if nothing is."""
        return self._begun.get(transaction_id)

    def put(self, transaction_id: str, begun: Begun) -> None:
        """Remembers it; the oldest goes when there are too many."""
        if transaction_id not in self._begun and len(self._begun) >= MOST:
            self.forget(next(iter(self._begun)))
        self._begun[transaction_id] = begun
        self._memory.keep(_PREFIX + transaction_id, begun)

    def forget(self, transaction_id: str) -> None:
        """It is over, and the CSMS knows."""
        if self._begun.pop(transaction_id, None) is not None:
            self._memory.forget(_PREFIX + transaction_id)

    def find(self, number: int) -> str | None:
        """The sim's id of the one that has this number, None if none has."""
        return next((key for key, begun in self._begun.items() if begun.number == number), None)
