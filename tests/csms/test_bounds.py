"""What is too old, or too much, goes in small steps; what is live stays, and no number comes again."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from evtui.csms.store.bounds import DAY_S, Bounds, expire, squeeze, tidy
from evtui.csms.store.file import CsmsFile
from evtui.csms.store.rows import Changes
from evtui.errors import ConfigError
from evtui.options import size_of
from tests.csms.stations import station
from tests.csms.stored import keeping

NOW = 1_000_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> CsmsFile:
    return CsmsFile.open(tmp_path / "csms.db", "go elsewhere")


def frames(file: CsmsFile, count: int, at: float = NOW, text: str = "[]") -> None:
    changes = Changes()
    first = _one(file, "select coalesce(max(number), 0) + 1 from frames")
    changes.frames = [
        [number, at, "CP001", 0, 2, "Heartbeat", str(number), text, "", False, None, None]
        for number in range(first, first + count)
    ]
    file.write(changes)


def transactions(file: CsmsFile, *ended: bool, at: float = NOW) -> None:
    changes = Changes()
    first = _one(file, "select coalesce(max(number), 0) + 1 from transactions")
    for number, over in enumerate(ended, first):
        facts = (1, 1, "T", NOW, NOW if over else None, None, 0.0, None, at, "[]")
        changes.transactions[number] = (number, "CP001", f"T{number}", *facts)
        changes.samples += [(number, second, 1.0, 2.0, 3.0, 4.0, 5.0) for second in range(3)]
    file.write(changes)


def numbers(file: CsmsFile, table: str) -> list[int]:
    return [number for (number,) in file.database.execute(f"select number from {table} order by number")]


def _one(file: CsmsFile, query: str) -> int:
    ((value,),) = file.database.execute(query).fetchall()
    return int(value)


def test_old_frames_and_transactions_go_but_never_the_newest(file: CsmsFile) -> None:
    old = NOW - 31 * DAY_S
    frames(file, 3, old)
    transactions(file, True, False, at=old)
    while expire(file.database, Bounds(), NOW):
        pass
    assert (numbers(file, "frames"), numbers(file, "transactions")) == ([3], [2])
    frames(file, 2)
    transactions(file, True, False)
    while expire(file.database, Bounds(), NOW):
        pass
    assert (numbers(file, "frames"), numbers(file, "transactions")) == ([4, 5], [3, 4])
    assert {tx for (tx,) in file.database.execute("select tx from samples")} == {3, 4}


def test_a_clock_that_went_back_keeps_nothing_for_ever(file: CsmsFile) -> None:
    frames(file, 2, NOW - 31 * DAY_S)
    frames(file, 1, NOW)
    frames(file, 2, NOW - 31 * DAY_S)
    expire(file.database, Bounds(), NOW)
    assert numbers(file, "frames") == [5]


def test_a_file_that_is_too_big_loses_the_oldest_frames_in_steps_then_ended_transactions(file: CsmsFile) -> None:
    frames(file, 10_000, text="x" * 400)
    transactions(file, True, False, True)
    bounds = Bounds(max_bytes=2 << 20)
    steps = 0
    while squeeze(file.database, bounds):
        steps += 1
    assert steps > 2
    kept = numbers(file, "frames")
    assert 1_000 < len(kept) < 6_000
    assert kept[-1] == 10_000
    assert numbers(file, "transactions") == [1, 2, 3]
    assert _one(file, "pragma page_count") * _one(file, "pragma page_size") <= 2 << 20
    while squeeze(file.database, Bounds(max_bytes=1)):
        pass
    assert (numbers(file, "frames"), numbers(file, "transactions")) == ([10_000], [2, 3])


def test_only_the_newest_notices_and_starts_are_kept(file: CsmsFile) -> None:
    changes = Changes()
    changes.notices = [(number, number % 2, NOW, "A", "text") for number in range(500)]
    changes.starts = [(number, "[]") for number in range(1, 6_001)]
    file.write(changes)
    tidy(file.database)
    assert len(numbers(file, "notices")) == 400
    assert numbers(file, "starts")[0] == 1_001


async def test_the_writer_itself_keeps_the_file_small(tmp_path: Path) -> None:
    path, bounds = tmp_path / "csms.db", Bounds(max_bytes=1 << 20)
    async with keeping(path, bounds=bounds) as csms, station(csms) as link:
        await link.boot()
        for _ in range(100):
            await link.call("DataTransfer", {"vendorId": "V", "data": "x" * 30_000})
        assert csms.history is not None
        async with asyncio.timeout(10):
            while len((await csms.history.frames(limit=1_000)).frames) > 80:  # noqa: ASYNC110 - the thread looks by itself
                await asyncio.sleep(0.1)
        await link.call("Heartbeat", {})
        await csms.committed()
        assert (await csms.history.frames()).frames[-1].number == 204


@pytest.mark.parametrize(
    ("text", "size"), [("500M", 500 << 20), ("2g", 2 << 30), ("1 GB", 1 << 30), ("1048576", 1 << 20)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert size_of(text, "--db-max") == size


@pytest.mark.parametrize("text", ["", "1", "much", "-5G", "5X", "1023K", "9" * 30])
def test_what_is_no_size_is_refused_with_its_option(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--db-max: .* is no size; write 500M or 2G"):
        size_of(text, "--db-max")


def test_a_file_is_sound_after_all_that(file: CsmsFile) -> None:
    frames(file, 5_000)
    while squeeze(file.database, Bounds(max_bytes=1)):
        pass
    file.close()
    database = sqlite3.connect(file.path)
    assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    database.close()
