"""The transactions of a station, as a list."""

from datetime import UTC, datetime

from evtui.engine.ledger import KEEP, Ledger
from evtui.sim.messages import IdToken, TransactionEvent
from evtui.sim.terms import IdTokenType, TransactionEventType, TriggerReason


def event(transaction_id: str, seq_no: int, id_token: IdToken | None = None) -> TransactionEvent:
    kind, trigger = TransactionEventType.UPDATED, TriggerReason.METER_VALUE_PERIODIC
    return TransactionEvent(kind, datetime(2025, 6, 2, tzinfo=UTC), trigger, seq_no, transaction_id, id_token=id_token)


def test_a_running_transaction_counts_its_events_and_learns_who_began_it() -> None:
    ledger = Ledger()
    ledger.started("tx", 1, 100.0)
    ledger.sent(event("tx", 0, IdToken("DEADBEEF")))
    ledger.sent(event("tx", 1))
    (row,) = ledger.rows({"tx": 1234.5678})
    assert (row.id_token, row.events, row.energy_wh, row.ended_at) == ("DEADBEEF", 2, 1234.568, None)


def test_what_is_sent_again_does_not_count_twice() -> None:
    ledger = Ledger()
    ledger.started("tx", 1, 100.0)
    for _ in range(3):
        ledger.sent(event("tx", 0))
    assert ledger.rows({})[0].events == 1


def test_events_that_are_delivered_after_the_end_count_too() -> None:
    ledger = Ledger()
    ledger.started("tx", 1, 100.0)
    ledger.ended("tx", 130.0, 500.0, "Local")
    ledger.sent(event("tx", 4, IdToken("DEADBEEF")))
    (row,) = ledger.rows({})
    assert (row.events, row.id_token, row.stopped_reason) == (5, "DEADBEEF", "Local")
    assert (row.started_at, row.ended_at, row.energy_wh) == (100.0, 130.0, 500.0)


def test_only_the_newest_are_kept() -> None:
    ledger = Ledger()
    for number in range(KEEP + 10):
        ledger.started(f"tx{number}", 1, float(number))
        ledger.ended(f"tx{number}", float(number) + 0.5, 0.0, "Local")
    rows = ledger.rows({})
    assert len(rows) == KEEP
    assert rows[0].transaction_id == f"tx{KEEP + 9}"


def test_a_key_code_is_not_shown() -> None:
    """C04.FR.04."""
    ledger = Ledger()
    ledger.started("tx", 1, 100.0)
    ledger.sent(event("tx", 0, IdToken("7391", IdTokenType.KEY_CODE)))
    assert ledger.rows({})[0].id_token == "***"


def test_an_event_of_an_unknown_transaction_is_no_row() -> None:
    ledger = Ledger()
    ledger.sent(event("tx", 0))
    assert ledger.rows({}) == ()
