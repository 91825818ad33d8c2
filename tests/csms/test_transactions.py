"""Transactions: each event kept once, whatever order they come in."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.journal import Journal, Step
from evtui.csms.meter import Reading
from evtui.csms.moment import to_wire
from evtui.csms.tokens import Token
from evtui.csms.transactions import Transaction, Transactions

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEGIN_AT = BEGIN.timestamp()
NOW = BEGIN_AT + 100_000


def event(seq: int, kind: str = "Updated", at_s: float | None = None, **fields: Any) -> dict[str, Any]:
    moment = BEGIN + timedelta(seconds=seq if at_s is None else at_s)
    info = {"transactionId": fields.pop("transaction_id", "T1")}
    for name in ("chargingState", "stoppedReason", "remoteStartId"):
        if name in fields:
            info[name] = fields.pop(name)
    return {
        "eventType": kind,
        "timestamp": moment.isoformat(),
        "triggerReason": "Trigger",
        "seqNo": seq,
        "transactionInfo": info,
        **fields,
    }


def energy(at_s: float, wh: float, power_w: float | None = None) -> list[dict[str, Any]]:
    samples: list[dict[str, Any]] = [{"value": wh}]
    if power_w is not None:
        samples.append({"value": power_w, "measurand": "Power.Active.Import"})
    return [{"timestamp": (BEGIN + timedelta(seconds=at_s)).isoformat(), "sampledValue": samples}]


SESSION = [
    event(
        0,
        "Started",
        evse={"id": 1, "connectorId": 1},
        idToken={"idToken": "DEADBEEF", "type": "ISO14443"},
        chargingState="EVConnected",
        meterValue=energy(0, 1000),
    ),
    event(1, chargingState="Charging", numberOfPhasesUsed=3),
    event(2, meterValue=energy(2, 1200, 22_000)),
    event(3, meterValue=energy(3, 1400, 21_000), chargingState="SuspendedEV"),
    event(
        4,
        "Ended",
        chargingState="EVConnected",
        stoppedReason="Local",
        idToken={"idToken": "DEADBEEF", "type": "ISO14443"},
        meterValue=[*energy(0, 1000), *energy(4, 1500, 0)],
    ),
]


def told(events: list[dict[str, Any]]) -> Transaction:
    transaction = Transaction("CP001", "T1")
    for each in events:
        transaction.take(each, NOW)
    return transaction


def test_a_session_told_in_order() -> None:
    record = told(SESSION).record()
    assert (record.evse_id, record.connector_id) == (1, 1)
    assert record.id_token == Token("DEADBEEF", "ISO14443")
    assert (record.started_at, record.ended_at) == (BEGIN_AT, BEGIN_AT + 4)
    assert (record.charging_state, record.stopped_reason, record.phases_used) == ("EVConnected", "Local", 3)
    assert (record.events, record.gaps) == (5, ())
    assert (record.energy_wh, record.power_w) == (500, 0)


_optional = {
    "evse": st.fixed_dictionaries({"id": st.integers(1, 2)}, optional={"connectorId": st.integers(1, 2)}),
    "idToken": st.fixed_dictionaries({"idToken": st.sampled_from("AB"), "type": st.just("Central")}),
    "chargingState": st.sampled_from(("Charging", "SuspendedEV", "Idle")),
    "stoppedReason": st.sampled_from(("Local", "Remote")),
    "remoteStartId": st.integers(1, 3),
    "reservationId": st.integers(1, 3),
    "numberOfPhasesUsed": st.integers(1, 3),
    "meterValue": st.builds(
        energy, st.integers(0, 2000), st.floats(0, 1e6), st.one_of(st.none(), st.floats(0, 22_000))
    ),
}
_events = st.lists(
    st.builds(
        lambda seq, kind, at_s, fields: event(seq, kind, at_s, **fields),
        st.integers(0, 30),
        st.sampled_from(("Started", "Updated", "Updated", "Ended")),
        st.integers(0, 2000),
        st.fixed_dictionaries({}, optional=_optional),
    ),
    max_size=20,
    unique_by=lambda each: each["seqNo"],
)


@given(_events, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_the_same_transaction(events: list[dict[str, Any]], random: Random) -> None:
    """E04, E11: events come late, out of order and again; the stored transaction must not depend on it."""
    shuffled = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(shuffled)
    one, other = told(events), told(shuffled)
    assert one.record() == other.record()
    assert repr(list(one.series)) == repr(list(other.series))


@given(_events)
def test_every_event_is_kept_exactly_once(events: list[dict[str, Any]]) -> None:
    transaction = Transaction("CP001", "T1")
    assert [transaction.take(each, NOW) for each in events] == [True] * len(events)
    assert [transaction.take(each, NOW) for each in events] == [False] * len(events)
    assert transaction.record().events == len(events)


@given(st.permutations(SESSION * 2), st.integers(0, 2 * len(SESSION)))
def test_what_is_stored_and_the_steps_that_follow_it_make_the_whole(events: list[dict[str, Any]], stored: int) -> None:
    journal = Journal(keeping=True)
    transaction = Transaction("CP001", "T1", 1, journal)
    facts = transaction.facts()
    steps: list[Step] = []
    for number, each in enumerate(events):
        transaction.take(each, NOW)
        if number >= stored:
            steps += journal.steps
        if journal.transactions or number == stored:
            facts = transaction.facts()
            steps += journal.steps  # before or after it: that must not matter
        journal.clear()
    heir = Transaction("CP001", "T1", 1)
    heir.restore(facts)
    for _, seq, at, reading, state in steps:
        heir.again(seq, at, reading, state)
    assert heir.record() == transaction.record()


def test_a_late_event_does_not_overwrite_a_newer_state() -> None:
    late = [SESSION[0], SESSION[4], SESSION[1]]
    assert told(late).record().charging_state == "EVConnected"


def test_gaps_are_recognised_and_close_when_the_late_events_come() -> None:
    transaction = told([SESSION[0], SESSION[3], SESSION[4]])
    assert transaction.record().gaps == ((1, 2),)
    transaction.take(SESSION[1], NOW)
    transaction.take(SESSION[2], NOW)
    assert transaction.record().gaps == ()


def test_a_missing_start_is_a_gap() -> None:
    assert told(SESSION[2:]).gaps == ((0, 1),)


def test_a_transaction_that_starts_at_another_number_than_0_has_no_gap_before_it() -> None:
    """E 1.3.2.1: that seqNo begins at 0 is a SHOULD."""
    assert told([event(17, "Started"), event(18)]).gaps == ()


def test_a_time_that_no_calendar_has_is_the_time_of_arrival() -> None:
    assert told([{**event(0, "Started"), "timestamp": "2026-12-31T23:59:60Z"}]).started_at == NOW


# -- all transactions -----------------------------------------------------------------------------


def test_transactions_of_two_stations_with_one_id_are_two() -> None:
    kept = Transactions()
    kept.take("CP001", SESSION[0], NOW)
    kept.take("CP002", SESSION[1], NOW)
    assert len(kept) == 2
    assert [t.record().events for t in kept] == [1, 1]


def _read(kept: Transactions, evse_id: int, at_s: float, wh: float) -> None:
    kept.measure("CP001", evse_id, BEGIN_AT + at_s, Reading(energy_wh=wh))


def test_a_reading_without_transaction_id_belongs_to_the_one_on_its_evse_at_its_time() -> None:
    """J01.FR.22: a station may send clock-aligned MeterValues for an EVSE in a transaction."""
    kept = Transactions()
    first = kept.take("CP001", SESSION[0], NOW)
    _read(kept, 1, 2, 1300)
    kept.take("CP001", SESSION[4], NOW)
    second = kept.take("CP001", {**event(0, "Started", 50, transaction_id="T2"), "evse": {"id": 1}}, NOW)
    _read(kept, 1, 51, 1600)
    _read(kept, 1, 52, 1700)
    _read(kept, 1, 3, 1400)  # late
    _read(kept, 2, 53, 9999)  # another EVSE
    assert [at - BEGIN_AT for at, _ in first.series] == [0, 2, 3, 4]
    assert [at - BEGIN_AT for at, _ in second.series] == [51, 52]
    assert (first.energy_wh, second.energy_wh) == (500, 100)


def test_a_whole_second_just_before_the_start_still_belongs_to_it() -> None:
    kept = Transactions()
    started = kept.take("CP001", {**SESSION[0], "timestamp": to_wire(BEGIN_AT + 0.9), "meterValue": []}, NOW)
    _read(kept, 1, 0, 1000)
    assert len(started.series) == 1


def test_the_oldest_ended_transactions_are_forgotten_first() -> None:
    kept = Transactions(most_ended=2)
    running = kept.take("CP001", event(0, "Started", transaction_id="running"), NOW)
    for name in "ABC":
        kept.take("CP001", event(0, "Ended", transaction_id=name), NOW)
    assert [t.transaction_id for t in kept.of("CP001")] == ["running", "B", "C"]
    assert kept.get("CP001", "running") is running
    assert kept.get("CP001", "A") is None


@pytest.mark.parametrize("kind", ["Started", "Ended"])
def test_a_station_that_begins_ever_new_transactions_does_not_fill_the_memory(kind: str) -> None:
    kept = Transactions(most_per_station=10)
    for number in range(1000):
        kept.take("CP001", event(0, kind, transaction_id=str(number)), NOW)
    assert [t.transaction_id for t in kept.of("CP001")] == [str(n) for n in range(990, 1000)]
