"""Transactions of which nothing is heard any more: which of them to ask their station about (E14)."""

from collections.abc import Container, Iterable

from evtui.csms.transactions import Transaction


def superseded(transactions: Iterable[Transaction], newest: Transaction) -> list[str]:
    """The ids of those that still run where a newer one has begun: one EVSE has one at a time (E01.FR.14)."""
    if newest.ended or newest.evse_id is None:
        return []
    return [
        each.transaction_id
        for each in transactions
        if each is not newest and not each.ended and each.evse_id == newest.evse_id and each.number < newest.number
    ]


def silent(transactions: Iterable[Transaction], heard: Container[str]) -> list[str]:
    """The ids of those that ran when the station came back, and that it has not spoken of since."""
    return [each.transaction_id for each in transactions if not each.ended and each.transaction_id not in heard]
