"""Transactions and their meter values, those of long ago too."""

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.responses import Response

from evtui.csms.http.history import history_of
from evtui.csms.views.transaction import Curve, TransactionsPage, TransactionView, curve, transaction_view
from evtui.web.answers import json
from evtui.web.docs import answers

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_ROWS = 500

Number = Annotated[int, Path(alias="id", ge=0, le=2**62, description="The `id` of the transaction.")]


def add_transactions(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records they answer."""

    @api.get(
        "/api/transactions",
        tags=["transactions"],
        response_model=None,
        responses=answers(TransactionsPage, "Transactions."),
    )
    async def transactions(
        station: Annotated[str | None, Query(description="Those of this station.")] = None,
        running: Annotated[bool | None, Query(description="Those that run, or have ended.")] = None,
        before: Annotated[int | None, Query(ge=0, le=2**62, description="Those with an id below this one.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many at most.")] = 50,
    ) -> Response:
        """Transactions, newest first."""
        page = await history_of(csms).transactions(station=station, running=running, before=before, limit=limit)
        return json(TransactionsPage(tuple(map(transaction_view, page.transactions)), page.next))

    @api.get(
        "/api/transactions/{id}",
        tags=["transactions"],
        response_model=None,
        responses=answers(TransactionView, "The transaction.", 404),
    )
    async def transaction(number: Number) -> Response:
        """A transaction."""
        record = await history_of(csms).transaction(number)
        if record is None:
            raise HTTPException(404, f"there is no transaction {number}, or it is kept no longer")
        return json(transaction_view(record))

    @api.get(
        "/api/transactions/{id}/meter-values",
        tags=["transactions"],
        response_model=None,
        responses=answers(Curve, "Its meter values.", 404),
    )
    async def meter_values(number: Number) -> Response:
        """The meter values of a transaction, oldest first; a long series is thinned, its frames have every value."""
        history = history_of(csms)
        if await history.transaction(number) is None:
            raise HTTPException(404, f"there is no transaction {number}, or it is kept no longer")
        return json(curve(number, await history.meter_values(number)))

    return (TransactionsPage, TransactionView, Curve)
