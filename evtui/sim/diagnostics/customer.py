"""What a station knows of a customer, told and forgotten when the CSMS wants it (N09, N10)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from evtui.sim.authorization import shown
from evtui.sim.diagnostics.lines import plain
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken, NotifyCustomerInformation
from evtui.sim.requests import CustomerInformation, StatusAnswer, StatusInfo

PAGE = 512
"""Characters of `data` in one NotifyCustomerInformation."""

MOST_PAGES = 60
"""What is longer is cut, and says so."""

Effect = Callable[[Instant], None]


class Keeper(Protocol):
    """A part of the station that remembers identifiers: a cache, the transactions, a log."""

    def known_of(self, id_token: IdToken) -> Iterable[str]:
        """What it knows of the customer, in lines; nothing when it knows nothing."""

    def busy_with(self, id_token: IdToken) -> bool:
        """It cannot forget the customer now: a transaction runs."""

    def forget(self, id_token: IdToken, now: Instant) -> None:
        """Forgets the customer. A local list forgets nobody: only the CSMS may change it (N10.FR.03)."""


class Customers:
    """Asks all keepers. Only an identifier can be known here: our stations have no customer numbers, and no
    certificates of customers."""

    __slots__ = ("_keepers", "_send")

    def __init__(self, keepers: Sequence[Keeper], send: Callable[[NotifyCustomerInformation], object]) -> None:
        self._keepers = keepers
        self._send = send

    def request(self, request: CustomerInformation, at: datetime) -> tuple[StatusAnswer, Effect | None]:
        """The answer, and what follows it."""
        named = [each for each in (request.id_token, request.identifier, request.certificate) if each is not None]
        if len(named) != 1:  # N09.FR.09
            return StatusAnswer("Invalid", StatusInfo("InvalidValue", "exactly one customer is to be named")), None
        if not request.report and not request.clear:  # N09.FR.07, N10.FR.07
            return StatusAnswer("Rejected", StatusInfo("MissingParam", "neither a report nor clearing is wanted")), None
        id_token = request.id_token
        if request.clear and id_token is not None and any(each.busy_with(id_token) for each in self._keepers):
            return StatusAnswer("Rejected", StatusInfo("TxInProgress")), None  # N10.FR.05
        return StatusAnswer("Accepted"), lambda now: self._serve(request, at, now)

    def _serve(self, request: CustomerInformation, at: datetime, now: Instant) -> None:
        id_token = request.id_token
        lines = [] if id_token is None else [line for each in self._keepers for line in each.known_of(id_token)]
        if request.clear and id_token is not None:
            for keeper in self._keepers:
                keeper.forget(id_token, now)
        if not request.report:  # N10.FR.06
            text = "The data of this customer were cleared."
        elif id_token is None or not lines:  # N09.FR.06, N10.FR.04
            text = "No data of this customer were found."
        else:
            text = "\n".join([f"Customer {plain(shown(id_token))} ({id_token.type})", *lines])
        for page in pages(request.request_id, text, at):
            self._send(page)


def pages(request_id: int, text: str, at: datetime) -> Iterator[NotifyCustomerInformation]:
    """The text in messages that go out one after the other, broken between lines where that can be."""
    parts = list(_parts(text))
    if len(parts) > MOST_PAGES:
        left = sum(part.count("\n") + 1 for part in parts[MOST_PAGES - 1 :])
        parts = [*parts[: MOST_PAGES - 1], f"{left} more lines are left out."]
    for number, part in enumerate(parts):
        yield NotifyCustomerInformation(request_id, part, number, at, number < len(parts) - 1)


def _parts(text: str) -> Iterator[str]:
    while len(text) > PAGE:
        end = text.rfind("\n", 1, PAGE + 1)
        end = PAGE if end < 0 else end
        yield text[:end]
        text = text[end:].removeprefix("\n")
    yield text
