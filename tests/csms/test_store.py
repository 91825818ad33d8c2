"""What a CSMS keeps: the next one on the same file goes on where it ended, however it ended."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evtui.csms.books import Books
from evtui.csms.limits import Limits
from evtui.csms.server import Csms
from evtui.csms.store import loading, schema, steps, store
from evtui.csms.store.schema import KIND
from evtui.csms.tokens import Token, TokenEntry
from evtui.errors import ConfigError, LocalError
from evtui.ocppj.frame import Direction, FrameType
from tests.csms.messages import FROM_CHARGE_POINTS, FROM_STATIONS, old_payload, payload
from tests.csms.stations import RawStation, station, until
from tests.csms.stored import keeping, told

START = "2026-01-02T03:04:05Z"


def event(seq_no: int, kind: str = "Updated", **more: Any) -> dict[str, Any]:
    """A TransactionEventRequest."""
    return {
        "eventType": kind,
        "timestamp": f"2026-01-02T03:04:{5 + seq_no:02d}Z",
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": "T1", "chargingState": "Charging"},
        "evse": {"id": 1, "connectorId": 1},
    } | more


def sample(at: int, wh: float) -> dict[str, Any]:
    return {"meterValue": [{"timestamp": f"2026-01-02T03:04:{5 + at:02d}Z", "sampledValue": [{"value": wh}]}]}


async def pages(link: RawStation, *numbers: int) -> None:
    item = {
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Power"},
        "variableAttribute": [{"value": "22000", "mutability": "ReadOnly"}],
        "variableCharacteristics": {"dataType": "decimal", "unit": "W", "supportsMonitoring": False},
    }
    for number in numbers:
        variable = {"name": f"Power{number}"}
        await link.call(
            "NotifyReport",
            {
                "requestId": 5,
                "generatedAt": START,
                "seqNo": number,
                "tbc": number < 2,
                "reportData": [{**item, "variable": variable}],
            },
        )


def assert_same(one: Books, other: Books) -> None:
    for kind, values in told(other).items():
        for name, value in values.items():
            assert told(one)[kind][name] == value, (kind, name)
    assert told(one) == told(other)


# -- the books ------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True], ids=["required", "all"])
async def test_after_every_message_there_is_the_next_csms_knows_what_the_first_one_knew(
    tmp_path: Path, full: bool
) -> None:
    async with keeping(tmp_path / "csms.db") as csms:
        csms.books.tokens.put(Token("DEADBEEF", "ISO14443"), TokenEntry("Blocked", Token("G", "Central"), (1,)))
        csms.books.tokens.put(Token("GONE", "ISO14443"), TokenEntry())
        csms.books.tokens.remove(Token("GONE", "ISO14443"))
        csms.books.settings.put("CP001", "place", "Cité — 3")
        csms.books.settings.put("CP001", "mood", "{}")
        csms.books.settings.put("CP001", "mood", None)
        async with station(csms) as link, station(csms, "CP16", subprotocols=("ocpp1.6",)) as old:
            await link.boot()
            await old.call("BootNotification", {"chargePointModel": "M", "chargePointVendor": "V"})
            for action in FROM_STATIONS:
                await link.ask(action, payload(action, full))
            for action in FROM_CHARGE_POINTS:
                await old.ask(action, old_payload(action, full))
            await pages(link, 0, 2)
            for number in range(3):
                await link.call("TransactionEvent", event(number, **sample(number, 100.0 * number)))
        first = csms.books
    async with keeping(tmp_path / "csms.db") as heir:
        assert_same(heir.books, first)
        async with station(heir) as link:
            await link.call("Heartbeat", {})  # no BootNotification is due
            await pages(link, 1)
            names = list(heir.books.registry.station("CP001").device_model.variables)
            assert [each for each in names if each.startswith("EVSE#1.")] == [f"EVSE#1.Power{n}" for n in range(3)]
    async with keeping(tmp_path / "csms.db") as third:
        assert_same(third.books, heir.books)


async def test_a_transaction_goes_on_after_a_restart_with_its_remote_start_and_what_is_missing(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        info = {"transactionId": "T1", "remoteStartId": 77}
        await link.call("TransactionEvent", event(0, "Started", transactionInfo=info, **sample(0, 1000)))
        await link.call("TransactionEvent", event(2, **sample(2, 1200)))
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.call("TransactionEvent", event(2, **sample(2, 9999)))  # again: its answer might have been lost
        await link.call("TransactionEvent", event(3, "Ended", **sample(3, 1500)))
        (transaction,) = csms.books.transactions
        record = transaction.record()
        assert (record.remote_start_id, record.gaps, record.events, record.energy_wh) == (77, ((1, 1),), 3, 500)
        await csms.committed()
        assert csms.history is not None
        assert await csms.history.transaction_of("CP001", "T1") == record
        assert [(at, one.energy_wh) for at, one in await csms.history.meter_values(record.number)] == [
            (1767323045.0, 1000.0),
            (1767323047.0, 1200.0),
            (1767323048.0, 1500.0),
        ]


async def test_numbers_of_1_6_transactions_never_come_again(tmp_path: Path) -> None:
    start = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 7, "timestamp": START}
    numbers = []
    for index in range(3):
        # The clock stands still, or even goes back.
        async with (
            keeping(tmp_path / "csms.db", clock=lambda index=index: 1_000.0 - index) as csms,
            station(csms, subprotocols=("ocpp1.6",)) as link,
        ):
            await link.call("BootNotification", {"chargePointModel": "M", "chargePointVendor": "V"})
            numbers += [
                (await link.call("StartTransaction", {**start, "meterStart": meter}))["transactionId"]
                for meter in (7, 100 + index)
            ]
    assert numbers[0] == numbers[2] == numbers[4]  # told again
    assert len(set(numbers)) == 4


async def test_an_event_of_a_transaction_that_the_books_have_forgotten_finds_it_in_the_file(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        csms.books.transactions._most_ended = 0
        await link.call("TransactionEvent", event(0, "Started"))
        await link.call("TransactionEvent", event(2, "Ended"))
        assert not list(csms.books.transactions)
        await link.call("TransactionEvent", event(1))
        await csms.committed()
        assert csms.history is not None
        (record,) = (await csms.history.transactions()).transactions
        assert (record.events, record.gaps, record.ended_at is not None) == (3, (), True)


async def test_a_key_code_is_not_stored_with_a_transaction(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event(0, "Started", idToken={"idToken": "1234567", "type": "KeyCode"}))
    assert not [each for each in tmp_path.iterdir() if b"1234567" in each.read_bytes()]  # noqa: ASYNC240


@pytest.mark.parametrize("huge", [10**30, -(2**64), 2**63], ids=["big", "small", "just"])
async def test_numbers_that_sql_cannot_hold_are_kept_all_the_same(tmp_path: Path, huge: int) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        info = {"transactionId": "T1", "remoteStartId": huge}
        await link.call("TransactionEvent", event(1, transactionInfo=info, evse={"id": huge}, reservationId=huge))
        first = csms.books
    async with keeping(tmp_path / "csms.db") as csms:
        assert told(csms.books)["transactions"] == told(first)["transactions"]


# -- steps: what readings say of a transaction ----------------------------------------------------


def reading(seq_no: int, wh: float, state: str = "") -> dict[str, Any]:
    """An event that tells nothing but a reading, and the charging state if one is given."""
    info = {"transactionId": "T1"} | ({"chargingState": state} if state else {})
    plain = event(seq_no, transactionInfo=info, **sample(seq_no, wh))
    del plain["evse"]
    return plain


def as_it_lies_there(path: Path, to: Path) -> Path:
    """What a CSMS leaves behind that is killed now."""
    to.mkdir()
    for each in path.parent.glob(f"{path.name}*"):
        (to / each.name).write_bytes(each.read_bytes())
    return to / path.name


def rows(csms: Csms, statement: str) -> list[Any]:
    assert csms.store is not None
    return csms.store._file.database.execute(statement).fetchall()


async def test_a_reading_is_written_at_once_behind_the_others_and_the_row_it_belongs_to_stays(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event(0, "Started", **sample(0, 1000)))
        before = rows(csms, "select facts, written_at from transactions")
        for seq_no in (1, 3, 2):
            await link.call("TransactionEvent", reading(seq_no, 1000 + seq_no))
            assert rows(csms, "select seq, energy_wh, state from steps")[-1] == (seq_no, 1000 + seq_no, None)
        for seq_no, state in ((5, "SuspendedEV"), (4, "Charging")):
            await link.call("TransactionEvent", reading(seq_no, 1000 + seq_no, state))
            assert rows(csms, "select seq, energy_wh, state from steps")[-1] == (seq_no, 1000 + seq_no, state)
        (transaction,) = csms.books.transactions
        assert transaction.record().charging_state == "SuspendedEV"
        assert rows(csms, "select facts, written_at from transactions") == before
        assert not rows(csms, "select * from samples")
        await link.call("MeterValues", {"evseId": 1, **sample(9, 1009)})
        assert rows(csms, "select seq, energy_wh from steps")[-1] == (None, 1009)


async def test_readings_of_a_csms_that_was_killed_are_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link, station(csms, "CP002") as other:
        await link.boot()
        await other.boot()
        csms.books.transactions._most_ended = 0
        await other.call("TransactionEvent", event(0, "Started", **sample(0, 500)))
        await other.call("TransactionEvent", reading(1, 700))
        await other.call("TransactionEvent", event(2, "Ended"))  # and the books forget it
        await link.call("TransactionEvent", event(0, "Started", **sample(0, 1000)))
        for seq_no, state in ((1, ""), (2, "SuspendedEVSE"), (4, "SuspendedEV")):
            await link.call("TransactionEvent", reading(seq_no, 1000 + seq_no, state))
        await csms.committed()
        left = as_it_lies_there(tmp_path / "csms.db", tmp_path / "killed")
        first = csms.books
        assert csms.history is not None
        page = await csms.history.transactions()
        series = [await csms.history.meter_values(number) for number in (1, 2)]
    monkeypatch.setattr(loading, "MOST_ENDED", 0)  # the other one is not in the heir's books, either
    async with keeping(left) as heir:
        assert told(heir.books)["transactions"] == told(first)["transactions"]
        assert [(evse, at) for evse, (at, _) in heir.books.registry.station("CP001").readings.items()] == [
            (1, 1767323049.0)
        ]
        assert heir.history is not None
        await heir.committed()
        assert not rows(heir, "select * from steps")
        assert await heir.history.transactions() == page
        assert [(each.events, each.charging_state) for each in page.transactions] == [
            (4, "SuspendedEV"),
            (3, "Charging"),
        ]
        assert repr([await heir.history.meter_values(number) for number in (1, 2)]) == repr(series)
        assert [len(each) for each in series] == [2, 4]
        assert rows(heir, "select energy_wh from samples where tx = 2") == [(1000.0,), (1001.0,), (1002.0,), (1004.0,)]


async def test_what_is_told_of_a_transaction_is_as_new_as_its_newest_reading(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event(0, "Started", **sample(0, 1000)))
        (transaction,) = csms.books.transactions
        history = csms.history
        assert history is not None
        for seq_no in (1, 2, 4):
            await link.call("TransactionEvent", reading(seq_no, 1000 + seq_no))
            record = transaction.record()
            assert record.energy_wh == seq_no
            assert await history.transaction(1) == await history.transaction_of("CP001", "T1") == record
            assert (await history.transactions(station="CP001", running=True, limit=1)).transactions == (record,)
            assert repr(await history.meter_values(1)) == repr(tuple(transaction.series))


async def test_a_transaction_with_readings_that_the_books_have_forgotten_is_found_as_it_is(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        csms.books.transactions._most_per_station = 1
        await link.call("TransactionEvent", event(0, "Started"))
        await link.call("TransactionEvent", reading(1, 1001))
        await link.call("TransactionEvent", event(0, "Started", transactionInfo={"transactionId": "T2"}))
        assert [each.transaction_id for each in csms.books.transactions] == ["T2"]
        await link.call("TransactionEvent", reading(3, 1003))
        await csms.committed()
        assert csms.history is not None
        record = await csms.history.transaction_of("CP001", "T1")
        assert record is not None
        assert (record.events, record.gaps, record.energy_wh) == (3, ((2, 2),), 2)


async def test_rows_and_samples_are_written_together_when_the_oldest_step_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (store, steps):
        monkeypatch.setattr(module, "FOLD_S", 0.05)
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event(0, "Started", **sample(0, 1000)))
        await link.call("TransactionEvent", reading(1, 1001))
        async with asyncio.timeout(10):  # nobody says anything any more
            while rows(csms, "select * from steps"):  # noqa: ASYNC110 - the loop's timer
                await asyncio.sleep(0.05)
        assert rows(csms, "select energy_wh from transactions") == [(1.0,)]
        assert rows(csms, "select at, energy_wh, power_w from samples") == [
            (1767323045.0, 1000.0, None),
            (1767323046.0, 1001.0, None),
        ]


async def test_a_seq_no_that_sql_cannot_hold_is_no_step(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        for seq_no in (-(10**30), -(10**29), 0, 10**30):
            plain = reading(0, 1000)
            await link.call("TransactionEvent", plain | {"seqNo": seq_no})
        first = csms.books
        left = as_it_lies_there(tmp_path / "csms.db", tmp_path / "killed")
    async with keeping(left) as heir:
        assert told(heir.books)["transactions"] == told(first)["transactions"]
        (transaction,) = heir.books.transactions
        assert transaction.record().events == 4


@pytest.mark.parametrize("old", ["pragma user_version = 1;", f"{schema._STEPS} pragma user_version = 2;"])
async def test_a_file_of_before_there_were_steps_or_states_in_them_goes_on(tmp_path: Path, old: str) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event(0, "Started", **sample(0, 1000)))
        first = csms.books
    with closing(sqlite3.connect(tmp_path / "csms.db")) as database:
        database.executescript(f"drop table steps; {old}")
    async with keeping(tmp_path / "csms.db") as heir, station(heir) as link:
        assert told(heir.books)["transactions"] == told(first)["transactions"]
        await link.call("TransactionEvent", reading(1, 1001, "SuspendedEV"))
        await link.call("TransactionEvent", reading(2, 1002))
        assert rows(heir, "select seq, state from steps") == [(1, "SuspendedEV"), (2, None)]


# -- frames ---------------------------------------------------------------------------------------


async def test_every_frame_is_kept_and_paired_and_numbers_go_on(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        await link.boot()
        asking = asyncio.ensure_future(csms.call("CP001", "ClearCache", {}))
        call = await link.hear()
        await link.call("Heartbeat", {})
        await link.say([3, call[1], {"status": "Accepted"}])
        await asking
        await link.ask("Nonsense", {})
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link:
        assert len(csms.tap.newest(100)) == 8
        await link.call("Heartbeat", {})
        await csms.committed()
        assert csms.history is not None
        page = await csms.history.frames()
    frames = page.frames
    assert [frame.number for frame in frames] == list(range(1, 11))
    assert [(frame.direction, frame.type, frame.action, frame.pair) for frame in frames[:6]] == [
        (Direction.SENT, FrameType.CALL, "BootNotification", 2),
        (Direction.RECEIVED, FrameType.CALLRESULT, "BootNotification", 1),
        (Direction.RECEIVED, FrameType.CALL, "ClearCache", 6),
        (Direction.SENT, FrameType.CALL, "Heartbeat", 5),
        (Direction.RECEIVED, FrameType.CALLRESULT, "Heartbeat", 4),
        (Direction.SENT, FrameType.CALLRESULT, "ClearCache", 3),
    ]
    assert frames[6].fault
    assert frames[5].rtt_s is not None
    assert not page.more


# -- frames that come while a commit is put off ---------------------------------------------------


@pytest.mark.parametrize("most", [2, 1])
async def test_frames_that_come_before_a_commit_is_due_are_handled_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as one, station(csms, "CP002") as other:
        kept = csms.store
        assert kept is not None
        for link in (one, other):
            await link.boot()
        monkeypatch.setattr(store, "MOST_GATHERED", most)
        put_off(kept, monkeypatch)
        batch, handled = kept._batch, csms.tap.total
        await one.say([2, "H1", "Heartbeat", {}])
        await until(lambda: len(kept._gathered) == 1)
        await other.say([2, "H2", "Heartbeat", {}])
        await until(lambda: len(kept._gathered) == 2 or csms.tap.total > handled)
        assert csms.tap.total - handled == (0 if most == 2 else 2)
        kept._hand_over()
        assert [(await link.hear())[:2] for link in (one, other)] == [[3, "H1"], [3, "H2"]]
        assert csms.tap.total - handled == 4
        assert kept._batch == batch + 1


async def test_a_frame_that_was_to_be_handled_is_kept_though_its_station_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with keeping(tmp_path / "csms.db") as csms:
        kept = csms.store
        assert kept is not None
        async with station(csms) as link:
            await link.boot()
            put_off(kept, monkeypatch)
            await link.say([2, "H1", "Heartbeat", {}])
            await until(lambda: kept._gathered)
        assert csms.connected == ("CP001",)
        kept._hand_over()
        await until(lambda: not csms.connected)
        assert [each.message_id for each in csms.tap.newest(1)] == ["H1"]


def put_off(kept: store.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """No commit is due any more, unless by hand."""
    monkeypatch.setattr(store, "APART_S", 3_600.0)
    kept._credit = 0.0


async def test_frames_are_found_by_filter_and_cursor_in_both_directions(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link, station(csms, "CP002") as other:
        await link.boot()
        await other.boot()
        for _ in range(5):
            await link.call("Heartbeat", {})
        await csms.committed()
        history = csms.history
        assert history is not None
        newest = await history.frames("~a Heartbeat ~t call", limit=2)
        assert [frame.number for frame in newest.frames] == [11, 13]
        assert newest.more
        older = await history.frames("~a Heartbeat ~t call", limit=10, before=newest.first)
        assert [frame.number for frame in older.frames] == [5, 7, 9]
        assert not older.more
        newer = await history.frames("~a Heartbeat ~t call", limit=2, after=6)
        assert [frame.number for frame in newer.frames] == [7, 9]
        assert newer.more
        rest = await history.frames("~a Heartbeat ~t call", after=newer.last)
        assert [frame.number for frame in rest.frames] == [11, 13]
        assert [frame.station for frame in (await history.frames("~s CP002")).frames] == ["CP002"] * 2
        assert [frame.number for frame in (await history.frames("powerup")).frames] == [1, 3]
        assert not (await history.frames("~u")).frames
        assert (await history.frame(13)) == (await history.frames("~t call")).frames[-1]
        assert await history.frame(99) is None


# -- the file -------------------------------------------------------------------------------------


async def test_a_file_that_another_csms_uses_is_refused(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db"):
        with pytest.raises(ConfigError, match=r"csms\.db: another CSMS uses it: stop that one, or name another"):
            await Csms(port=0, web_port=None, db=lambda port: tmp_path / "csms.db").start()
    async with keeping(tmp_path / "csms.db"):
        pass


async def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "csms.db"
    path.write_bytes(b"SQLite format 3\0" + b"junk" * 5_000)
    before = path.read_bytes()
    async with keeping(path) as csms, station(csms) as link:
        await link.boot()
        (note,) = csms.notes
    (aside,) = tmp_path.glob("csms.damaged-*.db")  # noqa: ASYNC240
    assert note == f"{path} was damaged: it is {aside.name} now, and the CSMS begins a new one"
    assert aside.read_bytes() == before


async def test_a_file_of_a_newer_evtui_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "csms.db"
    async with keeping(path):
        pass
    with sqlite3.connect(path) as database:
        database.execute(f"pragma user_version = {KIND.schema + 1}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"was written by a newer evtui; name another file with --db"):
        await Csms(port=0, web_port=None, db=lambda port: path).start()
    assert path.read_bytes() == before


async def test_rows_that_are_not_ours_are_named_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "csms.db"
    async with keeping(path) as csms, station(csms) as link:
        await link.boot()
    with sqlite3.connect(path) as database:
        database.execute("update parts set value = '[]'")
    database.close()
    with pytest.raises(ConfigError, match=r"csms\.db: .*; move it away, or name another"):
        await Csms(port=0, web_port=None, db=lambda port: path).start()


async def test_a_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    with pytest.raises(ConfigError, match=r"here: .*; name another file with --db"):
        await Csms(port=0, web_port=None, db=lambda port: tmp_path / "here" / "csms.db").start()


async def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db"):
        for each in tmp_path.iterdir():  # noqa: ASYNC240
            assert each.stat().st_mode & 0o077 == 0, each.name


async def test_a_full_disk_is_told_once_and_the_csms_goes_on(tmp_path: Path) -> None:
    said: list[str] = []
    async with keeping(tmp_path / "csms.db", tell=said.append) as csms, station(csms) as link:
        await link.boot()
        assert csms.store is not None
        ((pages_now,),) = csms.store._file.database.execute("pragma page_count").fetchall()
        csms.store._file.database.execute(f"pragma max_page_count = {pages_now + 1}")
        for _ in range(50):
            await link.call("DataTransfer", {"vendorId": "V", "data": "x" * 2_000})
        assert "database or disk is full: what happens from now on is not kept" in said[0]
        assert csms.store.trouble
        csms.store._file.database.execute("pragma max_page_count = 1000000")
        async with asyncio.timeout(10):
            while csms.store.trouble:  # noqa: ASYNC110 - the thread tries again by itself
                await asyncio.sleep(0.05)
        await csms.committed()
        assert csms.history is not None
        assert len((await csms.history.frames(limit=1_000)).frames) == 102
        assert said[-1].endswith("what the CSMS remembers is written again")
        assert len(said) == 2


async def test_a_disk_that_is_full_for_long_costs_bounded_memory_and_what_is_lost_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_WAITING_CHARACTERS", 20_000)
    said: list[str] = []
    async with keeping(tmp_path / "csms.db", tell=said.append) as csms, station(csms) as link:
        await link.boot()
        assert csms.store is not None
        database = csms.store._file.database
        ((pages_now,),) = database.execute("pragma page_count").fetchall()
        database.execute(f"pragma max_page_count = {pages_now + 1}")
        for _ in range(50):
            await link.call("DataTransfer", {"vendorId": "V", "data": "x" * 2_000})
        database.execute("pragma max_page_count = 1000000")
        async with asyncio.timeout(10):
            while len(said) < 3:  # noqa: ASYNC110 - the thread tries again by itself
                await asyncio.sleep(0.05)
        await csms.committed()
        assert csms.history is not None
        kept = (await csms.history.frames(limit=1_000)).frames
        assert 2 < len(kept) < 60
        assert kept[-1].number == 102
        lost = 102 - len(kept)
        assert any(f"csms.db: {lost} frames and samples are lost" in each for each in said)


# -- history --------------------------------------------------------------------------------------


async def test_transactions_are_found_by_station_and_state_newest_first_and_by_cursor(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms, station(csms) as link, station(csms, "CP002") as other:
        await link.boot()
        await other.boot()
        for number in range(5):
            what = {"transactionInfo": {"transactionId": f"T{number}"}, "evse": {"id": number + 1}}
            await link.call("TransactionEvent", event(0, "Started", **what))
            if number % 2:
                await link.call("TransactionEvent", event(1, "Ended", **what))
        await other.call("TransactionEvent", event(0, "Started"))
        await csms.committed()
        history = csms.history
        assert history is not None

        async def ids(**wanted: Any) -> list[str]:
            return [each.transaction_id for each in (await history.transactions(**wanted)).transactions]

        assert await ids() == ["T1", "T4", "T3", "T2", "T1", "T0"]
        assert await ids(station="CP002") == ["T1"]
        assert await ids(station="CP001", running=True) == ["T4", "T2", "T0"]
        assert await ids(running=False) == ["T3", "T1"]
        page = await history.transactions(station="CP001", limit=2)
        assert page.next is not None
        assert await ids(station="CP001", before=page.next) == ["T2", "T1", "T0"]
        assert (await history.transactions(station="CP001", before=page.next)).next is None
        assert await ids(station="nobody") == []
        newest = page.transactions[0]
        assert await history.transaction(newest.number) == newest
        assert await history.transaction(10**30) is None
        assert await history.transaction_of("CP001", "T9") is None


async def test_a_long_series_is_thinned_in_the_file_as_in_memory(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db", limits=Limits(burst=100_000)) as csms, station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event(0, "Started"))
        values = [
            {"timestamp": f"2026-01-02T{4 + hour:02d}:{minute:02d}:{second:02d}Z", "sampledValue": [{"value": 1.0}]}
            for hour in range(2)
            for minute in range(60)
            for second in range(60)
        ]
        for first in range(0, len(values), 600):
            await link.call("TransactionEvent", event(1 + first // 600, meterValue=values[first : first + 600]))
        (transaction,) = csms.books.transactions
        await csms.committed()
        assert csms.history is not None
        assert repr(await csms.history.meter_values(transaction.number)) == repr(tuple(transaction.series))
        assert csms.store is not None
        ((rows,),) = csms.store._file.database.execute("select count(*) from samples").fetchall()
        assert rows < 1_500


async def test_a_regular_expression_is_refused_where_it_could_hold_up_others(tmp_path: Path) -> None:
    async with keeping(tmp_path / "csms.db") as csms:
        assert csms.history is not None
        with pytest.raises(LocalError, match="~b is for the window"):
            await csms.history.frames('not ~b "(a+)+$"')
        with pytest.raises(LocalError):
            await csms.history.frames("~nonsense")
