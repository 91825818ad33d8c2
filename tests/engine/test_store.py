"""The thread that writes: in groups, in order, and going on whatever the disk does."""

import asyncio
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.disk import group_commit
from evtui.engine.state_file import Rows, StateFile
from evtui.engine.store import Shelf, Store
from tests.engine.manual_store import ManualStore

URL = "ws://csms.test"


class Note(msgspec.Struct, frozen=True):
    """A record."""

    text: str


class Disk:
    """What is written, and when: writing waits while the disk is not `free`; `fault` is what it fails with."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.begun = threading.Event()
        self.fault: Exception | None = None
        self.writes: list[Rows] = []
        self._write: Callable[[StateFile, Rows], None] = StateFile.write

    def write(self, file: StateFile, rows: Rows) -> None:
        self.begun.set()
        assert self.free.wait(10)
        if self.fault is not None:
            raise self.fault
        self._write(file, rows)
        self.writes.append(rows)


class Bench:
    def __init__(self, store: Store, disk: Disk) -> None:
        self.store = store
        self.disk = disk
        self.said: list[str] = []
        store.tell = self.said.append
        (self.shelf,) = store.shelves(["CP001"])

    async def written(self, shelf: Shelf | None = None) -> None:
        """All that was put so far is on the disk, or given up."""
        shelf = shelf or self.shelf
        done = asyncio.Event()
        shelf.call(shelf.ticket(deletions=True), done.set)
        async with asyncio.timeout(10):
            await done.wait()


@asynccontextmanager
async def bench(directory: Path) -> AsyncIterator[Bench]:
    disk = Disk()
    with patch.object(StateFile, "write", lambda file, rows: disk.write(file, rows)):
        async with Store(directory, URL) as store:
            yield Bench(store, disk)


def kept(directory: Path, station_id: str = "CP001") -> dict[str, bytes]:
    file = StateFile.open(directory, URL)
    try:
        return file.claim([station_id])[0].rows
    finally:
        file.close()


def encoded(**texts: str) -> dict[str, bytes]:
    return {key: msgspec.msgpack.encode(Note(text)) for key, text in texts.items()}


async def test_what_was_put_is_on_the_disk_when_it_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.shelf.put({"a": Note("1"), "b": Note("2")})
        assert not it.shelf.reached(it.shelf.ticket(deletions=False))
        await it.written()
        assert it.shelf.reached(it.shelf.ticket(deletions=False))
        assert [{row[0] for row in rows.values() if row} for rows in it.disk.writes] == [{"a", "b"}]
    assert kept(tmp_path) == encoded(a="1", b="2")


async def test_what_gathers_while_the_disk_is_busy_is_written_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.disk.free.clear()
        it.shelf.put({"a": Note("0")})
        await asyncio.to_thread(it.disk.begun.wait)
        others = it.store.shelves(["CP002", "CP003"])
        for number in range(1, 100):
            for shelf in (it.shelf, *others):
                shelf.put({"a": Note(str(number)), f"b{number}": Note("x"), f"b{number - 1}": None})
        it.disk.free.set()
        for shelf in (it.shelf, *others):
            await it.written(shelf)
        assert len(it.disk.writes) == 2
    for station_id in ("CP001", "CP002", "CP003"):
        assert kept(tmp_path, station_id) == encoded(a="99", b99="x")


async def test_the_first_who_put_is_told_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.disk.free.clear()
        told: list[int] = []
        for number in range(5):
            it.shelf.put({"a": Note(str(number))})
            it.shelf.call(it.shelf.ticket(deletions=True), lambda number=number: told.append(number))  # type: ignore[misc]
        assert told == []
        it.disk.free.set()
        await it.written()
        assert told == [0, 1, 2, 3, 4]
        it.shelf.call(it.shelf.ticket(deletions=True), lambda: told.append(5))
        assert told[-1] == 5


async def test_a_deletion_is_waited_for_by_whoever_wants_to(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.shelf.put({"a": Note("1")})
        await it.written()
        it.disk.free.clear()
        it.shelf.put({"a": None, "never": None})
        assert it.shelf.reached(it.shelf.ticket(deletions=False))
        assert not it.shelf.reached(it.shelf.ticket(deletions=True))
        it.disk.free.set()
    assert kept(tmp_path) == {}


async def test_numbers_of_rows_are_used_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        for number in range(50):
            it.shelf.put({f"outbox/{number}": Note("x")})
            it.shelf.put({f"outbox/{number}": None})
        await it.written()
        assert len({row_id for rows in it.disk.writes for row_id in rows}) == 1


async def test_rows_found_on_the_disk_are_replaced_and_deleted(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.shelf.put({"a": Note("1"), "b": Note("2")})
    async with bench(tmp_path) as it:
        assert dict(it.shelf.take()) == encoded(a="1", b="2")
        assert not it.shelf.found
        it.shelf.put({"a": None, "b": Note("3"), "c": Note("4")})
    assert kept(tmp_path) == encoded(b="3", c="4")


async def test_a_full_disk_is_told_once_and_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "RETRY_S", 0.0)
    async with bench(tmp_path) as it:
        it.disk.fault = sqlite3.OperationalError("database or disk is full")
        for number in range(3):
            it.shelf.put({f"a{number}": Note("1")})
            await it.written()
        assert len(it.said) == 1
        assert it.said[0].startswith(f"{it.store.path}: database or disk is full")
        it.disk.fault = None
        it.shelf.put({"b": Note("2"), "a0": None})
        while len(it.said) < 2:
            await it.written()
            await asyncio.sleep(0)
        assert it.said[1].endswith("is written again")
    assert kept(tmp_path) == encoded(a1="1", a2="1", b="2")


async def test_a_disk_that_stays_full_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    async with asyncio.timeout(10):
        async with bench(tmp_path) as it:
            it.disk.fault = sqlite3.OperationalError("disk I/O error")
            it.shelf.put({"a": Note("1")})
    assert kept(tmp_path) == {}


async def test_the_end_waits_for_what_is_still_to_be_written(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.disk.free.clear()
        it.shelf.put({"a": Note("1")})
        await asyncio.to_thread(it.disk.begun.wait)
        it.shelf.put({"b": Note("2")})
        asyncio.get_running_loop().call_later(0.0, it.disk.free.set)
    assert kept(tmp_path) == encoded(a="1", b="2")


async def test_text_that_is_no_unicode_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert it.shelf.put({"a": Note("\ud800"), "b": Note("2"), "\ud800": Note("3")}) == ("a", "\ud800")
    assert kept(tmp_path) == encoded(b="2")


async def test_a_station_is_let_go_when_all_of_it_is_written(tmp_path: Path) -> None:
    released: list[int] = []
    with patch.object(StateFile, "release", lambda self, number: released.append(number)):
        async with bench(tmp_path) as it:
            it.disk.free.clear()
            it.shelf.put({"a": Note("1")})
            it.store.release(it.shelf)
            assert released == []
            it.disk.free.set()
            await it.written()
            assert released == [it.shelf.number]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_bug_of_the_store_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.disk.fault = ZeroDivisionError()
        it.shelf.put({"a": Note("1")})
        await it.written()
        it.shelf.put({"a": Note("2")})
        await it.written()
        assert it.said == ["what keeps the stations' state has crashed: it is not kept any more"]


async def test_a_deletion_goes_with_the_next_record_and_its_row_is_used_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.shelf.put({"outbox/1": Note("one")})
        await it.written()
        it.shelf.put({"outbox/1": None})
        it.shelf.put({"outbox/2": Note("two")})
        await it.written()
        assert [len(rows) for rows in it.disk.writes] == [1, 1]
    assert kept(tmp_path) == encoded(**{"outbox/2": "two"})


async def test_a_deletion_that_nothing_follows_is_written_when_it_is_flushed(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.shelf.put({"outbox/1": Note("one")})
        await it.written()
        it.shelf.put({"outbox/1": None})
        assert it.shelf.reached(it.shelf.ticket(deletions=False))
        it.shelf.flush()
        await it.written()
    assert kept(tmp_path) == {}


# -- where rows lie -------------------------------------------------------------------------------


def test_a_commit_of_many_stations_writes_few_pages(tmp_path: Path) -> None:
    store = ManualStore(tmp_path, URL, at_once=False)
    shelves = store.shelves(f"CP{number:03d}" for number in range(40))
    for shelf in shelves:
        shelf.put({f"variable/{number}": Note("x" * 200) for number in range(20)})
        shelf.put({"evse/1": Note("x" * 100), "outbox/1": Note("x" * 400)})
    store.commit()
    wal = Path(f"{store.path}-wal")
    before = wal.stat().st_size
    for shelf in shelves:
        shelf.put({"outbox/1": None})
        shelf.put({"evse/1": Note("y" * 100), "outbox/2": Note("y" * 400)})
    store.commit()
    assert wal.stat().st_size - before < 4096 * len(shelves) / 2
    store.close()


_STATIONS = ("CP001", "CP002")
_KEYS = ("evse/1", "outbox/1", "outbox/2", "outbox/3", "clock", "cache/1")
_PUTS = st.dictionaries(st.sampled_from(_KEYS), st.none() | st.integers(0, 9).map(str))


@given(st.lists(st.tuples(st.sampled_from(_STATIONS), _PUTS) | st.sampled_from(["commit", "crash"]), max_size=40))
def test_a_crash_leaves_what_was_committed(steps: list[tuple[str, dict[str, str | None]] | str]) -> None:
    """As far as a dict: rows are written, replaced, deleted, and their numbers used again."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "first"
        store = ManualStore(home, URL, at_once=False)
        shelves = dict(zip(_STATIONS, store.shelves(_STATIONS), strict=True))
        committed: dict[str, dict[str, bytes]] = {station: {} for station in _STATIONS}
        put = {station: dict(rows) for station, rows in committed.items()}
        for number, step in enumerate([*steps, "crash", "commit", "crash"]):
            if step == "commit":
                for shelf in shelves.values():
                    shelf.flush()
                store.commit()
                committed = {station: dict(rows) for station, rows in put.items()}
            elif step == "crash":
                left = Path(directory) / str(number)
                shutil.copytree(home, left)
                store.close()
                home, store = left, ManualStore(left, URL, at_once=False)
                shelves = dict(zip(_STATIONS, store.shelves(_STATIONS), strict=True))
                assert {station: dict(shelf.found) for station, shelf in shelves.items()} == committed
                put = {station: dict(rows) for station, rows in committed.items()}
            else:
                assert not isinstance(step, str)
                station, rows = step
                shelves[station].put({key: None if text is None else Note(text) for key, text in rows.items()})
                for key, text in rows.items():
                    put[station].pop(key, None)
                    if text is not None:
                        put[station] |= encoded(**{key: text})
        store.close()
