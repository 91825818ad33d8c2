"""Several spools read as one: in the order of capture, by filter, while they grow and drop what is old."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evtui.ocppj.filter import parse, scan
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool import SpoolReader, SpoolWriter
from evtui.ocppj.spool_merged import SETTLE_S, MergedReader, reader_of

FILTERS = ("", "~s CP1", "~a Boot*", "~in", "~e", "~u", "~rtt >1000", "~s CP? & m-3", "~b m-[12]", "!~out")


@contextmanager
def spools(count: int, max_bytes: int = 1 << 24) -> Iterator[tuple[list[Path], list[SpoolWriter]]]:
    with tempfile.TemporaryDirectory(prefix="evtui-") as directory, ExitStack() as stack:
        paths = [Path(directory) / str(number) for number in range(count)]
        yield paths, [stack.enter_context(SpoolWriter(path, max_bytes)) for path in paths]


def put(writer: SpoolWriter, at: float, station: str, kind: str, message_id: str) -> None:
    match kind:
        case "call":
            text = f'[2,"{message_id}","Heartbeat",{{}}]'
            writer.append(at, station, Direction.SENT, FrameType.CALL, "Heartbeat", message_id, text)
        case "answer":
            text = f'[3,"{message_id}",{{}}]'
            writer.append(at, station, Direction.RECEIVED, FrameType.CALLRESULT, "Heartbeat", message_id, text)
        case _:
            writer.append(at, station, Direction.SENT, FrameType.CALL, "BootNotification", message_id, "[2]", "bad")


def found(reader: SpoolReader | MergedReader, text: str, chunk: int) -> list[int]:
    return [number for each in scan(parse(text), reader, reader.first, chunk) for number in each.numbers]


frames = st.tuples(
    st.integers(0, 2),  # spool: a station is in one of them
    st.integers(0, 1),
    st.sampled_from(["call", "answer", "boot"]),
    st.integers(1, 4),
)


@settings(deadline=None)
@given(st.lists(st.lists(frames, max_size=12), max_size=3), st.integers(1, 9))
def test_they_are_read_as_one_spool_with_all_frames_would_be(
    looks: list[list[tuple[int, int, str, int]]], chunk: int
) -> None:
    with spools(3) as (paths, writers), spools(1) as (whole, (writer,)):
        at = 0.0
        with MergedReader(paths, lambda: at + 1.0) as merged, SpoolReader(whole[0]) as reader:
            for look in looks:
                for spool, number, kind, message in look:
                    at += 1.0
                    station = f"CP{spool * 2 + number}"
                    put(writers[spool], at, station, kind, f"m-{message}")
                    put(writer, at, station, kind, f"m-{message}")
                for each in (*writers, writer):
                    each.flush()
                assert merged.refresh() == reader.refresh()
                for text in FILTERS:
                    assert found(merged, text, chunk) == found(reader, text, chunk), text
            assert [merged.frame(n) for n in range(merged.count)] == [reader.frame(n) for n in range(reader.count)]
            assert set(merged.stations) == set(reader.stations)
            assert set(merged.actions) == set(reader.actions)


def test_a_frame_waits_until_no_other_spool_can_have_an_older_one() -> None:
    with spools(2) as (paths, (one, other)):
        now = 100.0
        reader = MergedReader(paths, lambda: now)
        put(one, 99.95, "CP1", "call", "late")
        one.flush()
        assert reader.refresh() == 0
        put(other, 99.9, "CP2", "call", "early")
        other.flush()
        now += SETTLE_S
        assert reader.refresh() == 2
        assert [reader.frame(number).message_id for number in range(2)] == ["early", "late"]


def test_frames_from_before_the_clock_was_set_back_are_shown() -> None:
    with spools(2) as (paths, (one, _)):
        put(one, 9_000.0, "CP1", "call", "m")
        one.flush()
        assert MergedReader(paths, lambda: 100.0).refresh() == 1


def oldest_at(path: Path) -> float:
    with SpoolReader(path) as reader:
        reader.refresh()
        return reader.frame(reader.first).at


def _fill(writers: Sequence[SpoolWriter], count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        writer = writers[number % len(writers)]
        text = f'[2,"m","Heartbeat",{{{" " * 1_000}}}]'
        writer.append(float(number), "CP1", Direction.SENT, FrameType.CALL, "Heartbeat", f"m-{number}", text)
    for writer in writers:
        writer.flush()


def test_what_one_has_dropped_takes_all_that_is_older_with_it() -> None:
    with spools(2, 1 << 20) as (paths, writers):
        reader = MergedReader(paths, lambda: 1e9)
        _fill(writers, 400)
        assert (reader.refresh(), reader.first) == (400, 0)
        for start in range(400, 2_400, 100):  # one of them is busy
            _fill(writers[:1], 100, start)
            assert reader.refresh() == start + 100
        assert reader.first > 400
        with pytest.raises(IndexError, match="is not kept"):
            reader.frame(reader.first - 1)
        for number in (reader.first, reader.count - 1):
            assert reader.frame(number).message_id == f"m-{number}"
        assert found(reader, "Heartbeat", 100) == list(range(reader.first, reader.count))


def test_a_reader_that_looks_late_begins_with_what_is_kept() -> None:
    with spools(2, 1 << 20) as (paths, writers):
        _fill(writers, 4_000)
        reader = MergedReader(paths, lambda: 1e9)
        count = reader.refresh()
        assert 0 < count < 4_000
        assert reader.frame(count - 1).message_id == "m-3999"
        _fill(writers, 4_000, 4_000)
        assert reader.frame(reader.refresh() - 1).message_id == "m-7999"
        assert found(reader, "Heartbeat", 1_000) == list(range(reader.first, reader.count))
        assert min(reader.frame(number).at for number in range(reader.first, reader.count)) >= max(
            oldest_at(path) for path in paths
        )


def test_one_spool_needs_no_merging(tmp_path: Path) -> None:
    assert isinstance(reader_of([tmp_path]), SpoolReader)
