"""What a station remembers of its transactions: who charged, when and how much, the newest of them (N09)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from evtui.sim.authorization import same
from evtui.sim.diagnostics.lines import plain, stamp
from evtui.sim.instant import Instant
from evtui.sim.memory import Memory
from evtui.sim.messages import IdToken, TransactionEvent
from evtui.sim.terms import TransactionEventType

MOST_ENDED = 50

_KEY = "account/"
_ENDED: Final = TransactionEventType.ENDED


class Account(msgspec.Struct, frozen=True):
    """A transaction; `ended` is None while it runs."""

    number: int
    transaction_id: str
    evse_id: int
    started: datetime
    id_token: IdToken | None = None
    ended: datetime | None = None
    stopped_reason: str = ""
    energy_wh: float = 0.0

    def __str__(self) -> str:
        began = f"Transaction {self.transaction_id} at EVSE {self.evse_id}, from {stamp(self.started)}"
        if self.ended is None:
            return f"{began}, running"
        return f"{began} to {stamp(self.ended)}, {self.energy_wh / 1000.0:.3f} kWh, {self.stopped_reason}"


class Accounts:
    """Those that run, and the newest that ended. They outlast a power cut."""

    __slots__ = ("_accounts", "_memory", "_numbers")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = sorted(memory.recall_all(_KEY, Account).values(), key=lambda account: account.number)
        self._accounts = {account.transaction_id: account for account in kept}
        self._numbers = kept[-1].number + 1 if kept else 0

    def take(self, event: TransactionEvent, evse_id: int) -> None:
        """A transaction begins, tells who charges, or ends."""
        account = self._accounts.get(event.transaction_id)
        ended = event.event_type is _ENDED
        if account is None:
            account = Account(self._numbers, event.transaction_id, evse_id, event.timestamp)
            self._numbers += 1
        elif not ended and (event.id_token is None or account.id_token is not None):
            return
        if account.id_token is None:
            account = msgspec.structs.replace(account, id_token=event.id_token)
        if ended:
            account = msgspec.structs.replace(
                account, ended=event.timestamp, stopped_reason=str(event.stopped_reason or "")
            )
        self._keep(account)
        if ended:
            self._make_room()

    def charged(self, transaction_id: str, energy_wh: float) -> None:
        """What an ended one has taken."""
        account = self._accounts.get(transaction_id)
        if account is not None:
            self._keep(msgspec.structs.replace(account, energy_wh=energy_wh))

    def of(self, id_token: IdToken) -> Iterator[Account]:
        """Those of a customer, oldest first."""
        for account in self._accounts.values():
            if account.id_token is not None and same(account.id_token, id_token):
                yield account

    # -- as a keeper of customers' data -----------------------------------------------------------

    def known_of(self, id_token: IdToken) -> Iterator[str]:
        for account in self.of(id_token):
            yield plain(str(account))

    def busy_with(self, id_token: IdToken) -> bool:
        return any(account.ended is None for account in self.of(id_token))

    def forget(self, id_token: IdToken, now: Instant) -> None:
        for account in tuple(self.of(id_token)):
            self._drop(account)

    def _keep(self, account: Account) -> None:
        self._accounts[account.transaction_id] = account
        self._memory.keep(f"{_KEY}{account.number}", account)

    def _make_room(self) -> None:
        ended = [account for account in self._accounts.values() if account.ended is not None]
        for account in ended[:-MOST_ENDED]:
            self._drop(account)

    def _drop(self, account: Account) -> None:
        del self._accounts[account.transaction_id]
        self._memory.forget(f"{_KEY}{account.number}")
