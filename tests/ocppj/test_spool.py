"""The frame store: a writer, and readers that it never waits for."""

import multiprocessing
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.ocppj.filter import Of, scan
from evtui.ocppj.frame import Direction, Frame, FrameType, as_text
from evtui.ocppj.spool import SpoolReader, SpoolWriter
from evtui.ocppj.spool_reader import LOST_FAULT

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED
CALL, CALLRESULT, CALLERROR = FrameType.CALL, FrameType.CALLRESULT, FrameType.CALLERROR
SMALL = 400_000  # bytes: a few segments


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "frames"


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    with SpoolWriter(directory) as writer:
        yield writer


@pytest.fixture
def reader(directory: Path) -> Iterator[SpoolReader]:
    with SpoolReader(directory) as reader:
        yield reader


def call(writer: SpoolWriter, at: float, station: str = "CP001", message_id: str = "m-1", size: int = 0) -> int:
    text = f'[2,"{message_id}","Heartbeat",{{{" " * size}}}]'
    return writer.append(at, station, SENT, CALL, "Heartbeat", message_id, text)


def answer(writer: SpoolWriter, at: float, station: str = "CP001", message_id: str = "m-1") -> int:
    return writer.append(at, station, RECEIVED, CALLRESULT, "Heartbeat", message_id, f'[3,"{message_id}",{{}}]')


def of(reader: SpoolReader, station: str, start: int = 0) -> list[int]:
    """The numbers of a station's frames."""
    return [number for found in scan(Of(station), reader, start) for number in found.numbers]


def fill(writer: SpoolWriter, count: int, size: int = 1_000) -> None:
    for number in range(count):
        call(writer, float(number), f"CP{number % 3}", f"m-{number}", size)
    writer.flush()


# -- what goes in comes out -----------------------------------------------------------------------


def test_a_frame_comes_out_as_it_went_in(writer: SpoolWriter, reader: SpoolReader) -> None:
    number = writer.append(1.5, "CP001", RECEIVED, CALLERROR, "Reset", "c-1", "[4]", "a CALLERROR is longer", True)
    writer.flush()
    assert reader.refresh() == 1
    assert reader.frame(number) == Frame(
        0, 1.5, "CP001", RECEIVED, CALLERROR, "Reset", "c-1", "[4]", "a CALLERROR is longer", True
    )


@pytest.mark.parametrize("type", list(FrameType))
@pytest.mark.parametrize("direction", list(Direction))
def test_every_type_and_direction_is_kept(
    writer: SpoolWriter, reader: SpoolReader, type: FrameType, direction: Direction
) -> None:
    writer.append(0, "CP001", direction, type, "", "", "")
    writer.flush()
    reader.refresh()
    assert (reader.frame(0).type, reader.frame(0).direction) == (type, direction)


HOSTILE = st.text(st.characters(exclude_categories=[]))


@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE), max_size=5))
def test_hostile_text_is_kept_to_the_last_character(
    tmp_path_factory: pytest.TempPathFactory, frames: list[tuple[str, str, str, str, str]]
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    with SpoolWriter(directory, SMALL) as writer, SpoolReader(directory) as reader:
        for station, action, message_id, text, fault in frames:
            writer.append(0, station, SENT, CALL, action, message_id[:60], text, fault)
        writer.flush()
        assert reader.refresh() == len(frames)
        for number, (station, action, message_id, text, fault) in enumerate(frames):
            got = reader.frame(number)
            assert (got.station, got.action, got.message_id) == (station, action, message_id[:60])
            assert (got.text, got.fault) == (text, fault)


def test_odd_and_huge_texts_are_kept(writer: SpoolWriter, reader: SpoolReader) -> None:
    texts = ["", "\0", "\n\r\n", "\ud800", "\x1b]0;x\x07", "é" * 300_000, "[bold]", "x" * 3_000_000]
    for text in texts:
        writer.append(0, "CP001", RECEIVED, FrameType.UNREADABLE, "", "", text)
    writer.flush()
    assert reader.refresh() == len(texts)
    assert [reader.frame(number).text for number in range(len(texts))] == texts


def test_binary_messages_are_kept_as_text() -> None:
    assert as_text("[3]") == "[3]"
    assert as_text(b"ok \xff\x00") == "ok \\xff\x00"


def test_endless_names_are_cut_and_the_text_is_not(writer: SpoolWriter, reader: SpoolReader) -> None:
    long = "x" * 10_000
    writer.append(0, long, RECEIVED, CALL, long, long, long, long)
    writer.flush()
    reader.refresh()
    frame = reader.frame(0)
    assert frame.text == long
    assert max(len(frame.station), len(frame.action), len(frame.message_id), len(frame.fault)) <= 1_000


def test_a_peer_cannot_fill_the_table_of_actions(writer: SpoolWriter, reader: SpoolReader) -> None:
    for number in range(10_000):
        writer.append(0, "CP001", RECEIVED, CALL, f"Dance{number}", "c", "[]")
    writer.append(0, "CP001", SENT, CALL, "Dance1", "c", "[]")
    writer.flush()
    reader.refresh()
    assert len(reader.actions) < 5_000
    assert reader.frame(9_999).action == "…"
    assert reader.frame(10_000).action == "Dance1"


def test_heads_tell_all_but_the_text(writer: SpoolWriter, reader: SpoolReader) -> None:
    call(writer, 1.0)
    answer(writer, 1.5)
    writer.append(2.0, "CP001", SENT, CALL, "Reset", "c-1", "[2]", "wrong", True)
    writer.flush()
    reader.refresh()
    head = reader.head(1)
    assert (head.number, head.at, head.station, head.direction) == (1, 1.5, "CP001", RECEIVED)
    assert (head.type, head.action, head.pair, head.rtt_s) == (CALLRESULT, "Heartbeat", 0, 0.5)
    assert (head.faulty, head.masked, head.size) == (False, False, len('[3,"m-1",{}]'))
    assert (reader.head(2).faulty, reader.head(2).masked) == (True, True)


def test_a_frame_that_is_not_kept_is_an_index_error(writer: SpoolWriter, reader: SpoolReader) -> None:
    call(writer, 0)
    writer.flush()
    reader.refresh()
    for number in (-1, 1, 10**30):
        with pytest.raises(IndexError):
            reader.frame(number)
        with pytest.raises(IndexError):
            reader.head(number)


# -- pairs ----------------------------------------------------------------------------------------


def test_an_answer_knows_its_call_and_the_call_its_answer(writer: SpoolWriter, reader: SpoolReader) -> None:
    call(writer, 10.0)
    call(writer, 10.1, "CP002")
    answer(writer, 10.25, "CP002")
    answer(writer, 10.5)
    writer.flush()
    reader.refresh()
    assert [reader.frame(number).pair for number in range(4)] == [3, 2, 1, 0]
    assert [reader.frame(number).rtt_s for number in range(4)] == [None, None, 0.15, 0.5]


def test_a_call_that_was_read_before_its_answer_came_knows_it_later(writer: SpoolWriter, reader: SpoolReader) -> None:
    call(writer, 10.0)
    writer.flush()
    reader.refresh()
    assert reader.frame(0).pair is None
    answer(writer, 11.0)
    writer.flush()
    reader.refresh()
    assert reader.frame(0).pair == 1


def test_calls_with_one_id_in_both_directions_keep_their_own_answers(writer: SpoolWriter, reader: SpoolReader) -> None:
    writer.append(1, "CP001", SENT, CALL, "Heartbeat", "7", "[2]")
    writer.append(2, "CP001", RECEIVED, CALL, "Reset", "7", "[2]")
    writer.append(3, "CP001", SENT, CALLRESULT, "Reset", "7", "[3]")
    writer.append(4, "CP001", RECEIVED, CALLERROR, "Heartbeat", "7", "[4]")
    writer.flush()
    reader.refresh()
    assert [reader.frame(number).pair for number in range(4)] == [3, 2, 1, 0]


def test_an_answer_to_nothing_has_no_pair_and_a_second_one_neither(writer: SpoolWriter, reader: SpoolReader) -> None:
    answer(writer, 0, message_id="late")
    call(writer, 1)
    answer(writer, 2)
    answer(writer, 3)
    writer.flush()
    reader.refresh()
    assert [reader.frame(number).pair for number in range(4)] == [None, 2, 1, None]
    assert reader.frame(3).rtt_s is None


def test_a_clock_that_is_set_back_makes_no_negative_round_trip(writer: SpoolWriter, reader: SpoolReader) -> None:
    call(writer, 1_000)
    answer(writer, 900)
    writer.flush()
    reader.refresh()
    assert reader.frame(1).rtt_s == pytest.approx(0, abs=1e-5)


def test_pairs_reach_over_the_end_of_a_segment(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        first = call(writer, 0, "CP-slow")
        fill(writer, 100)
        last = answer(writer, 9, "CP-slow")
        writer.flush()
        reader.refresh()
        assert len(list(directory.glob("*.index"))) > 1
        assert (reader.frame(first).pair, reader.frame(last).pair) == (last, first)


def test_unanswered_calls_do_not_pile_up(writer: SpoolWriter, reader: SpoolReader) -> None:
    for number in range(100):
        call(writer, number, message_id=f"m-{number}")
    answer(writer, 100, message_id="m-0")
    answer(writer, 101, message_id="m-99")
    writer.flush()
    reader.refresh()
    assert (reader.frame(100).pair, reader.frame(101).pair) == (None, 99)


# -- following ------------------------------------------------------------------------------------


def test_a_reader_sees_what_was_flushed_and_no_more(writer: SpoolWriter, reader: SpoolReader) -> None:
    assert reader.refresh() == 0
    call(writer, 0)
    assert reader.refresh() == 0
    writer.flush()
    assert reader.count == 0
    assert reader.refresh() == reader.count == 1


def test_much_is_flushed_by_itself(writer: SpoolWriter, reader: SpoolReader) -> None:
    for number in range(1_000):
        call(writer, number, size=1_000)
    assert 0 < reader.refresh() <= 1_000


def test_a_reader_may_come_before_the_spool_and_stay_after_the_writer(directory: Path) -> None:
    with SpoolReader(directory) as reader:
        assert (reader.refresh(), reader.first) == (0, 0)
        with SpoolWriter(directory) as writer:
            call(writer, 0)
        assert reader.refresh() == 1
        assert reader.frame(0).station == "CP001"


def test_a_closed_writer_takes_no_more_and_does_not_complain(writer: SpoolWriter) -> None:
    call(writer, 0)
    writer.close()
    assert call(writer, 1) == -1
    writer.flush()
    writer.close()


def test_the_oldest_segments_go_and_numbers_stay(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        for round in range(20):
            fill(writer, 100)
            assert reader.refresh() == (round + 1) * 100
            assert sum(path.stat().st_size for path in directory.iterdir()) <= SMALL
            for number in (reader.first, reader.count - 1):
                assert reader.frame(number).message_id == f"m-{number % 100}"
        assert 0 < reader.first < reader.count
        with pytest.raises(IndexError):
            reader.frame(reader.first - 1)


def test_between_refreshes_dropped_frames_stay_readable(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        fill(writer, 50)
        reader.refresh()
        fill(writer, 2_000)
        assert reader.frame(0).message_id == "m-0"


def test_a_reader_that_slept_for_long_finds_the_present(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        fill(writer, 10)
        reader.refresh()
        fill(writer, 5_000)
        assert reader.refresh() == 5_010
        assert reader.first > 10
        assert reader.frame(5_009).message_id == "m-4999"


def test_a_pair_that_was_dropped_is_none(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        call(writer, 0, "CP-slow")
        fill(writer, 5_000)
        last = answer(writer, 7, "CP-slow")
        writer.flush()
        reader.refresh()
        assert reader.first > 0
        assert (reader.frame(last).pair, reader.frame(last).rtt_s) == (None, 7.0)


# -- filtering ------------------------------------------------------------------------------------


def test_the_frames_of_a_station_are_found(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        fill(writer, 200)
        rare = call(writer, 0, "CP-rare")
        fill(writer, 100)
        reader.refresh()
        of_zero = [number for number in range(reader.first, reader.count) if reader.head(number).station == "CP0"]
        assert of(reader, "CP0") == of_zero
        assert of(reader, "CP0", of_zero[5]) == of_zero[5:]
        assert of(reader, "CP0", reader.count) == []
        assert of(reader, "CP-rare") == [rare]
        assert of(reader, "nobody") == []
        assert set(reader.stations) == {"CP0", "CP1", "CP2", "CP-rare"}


@given(st.lists(st.integers(0, 600), max_size=600))
def test_a_station_is_found_among_many(tmp_path_factory: pytest.TempPathFactory, stations: list[int]) -> None:
    directory = tmp_path_factory.mktemp("spool")
    with SpoolWriter(directory, SMALL) as writer, SpoolReader(directory) as reader:
        for number in range(601):
            writer.append(0, f"CP{number}", SENT, CALL, "", "", "")
        for station in stations:
            writer.append(0, f"CP{station}", SENT, CALL, "", "", "")
        writer.flush()
        reader.refresh()
        for wanted in {*stations[:3], 0, 1, 256}:
            found = [wanted, *(601 + index for index, station in enumerate(stations) if station == wanted)]
            assert of(reader, f"CP{wanted}") == found


def test_columns_are_the_index_field_by_field(writer: SpoolWriter, reader: SpoolReader) -> None:
    call(writer, 1.5)
    writer.append(2.5, "CP002", RECEIVED, CALLRESULT, "Reset", "x", "[3]", "fault")
    writer.flush()
    reader.refresh()
    (columns,) = reader.columns()
    assert (columns.first, columns.count) == (0, 2)
    assert columns.at.tolist() == [1.5, 2.5]
    assert columns.stations.tolist() == [reader.station_number("CP001"), reader.station_number("CP002")]
    assert columns.actions.tolist() == [reader.action_number("Heartbeat"), reader.action_number("Reset")]
    assert [flags & 1 for flags in columns.flags] == [SENT, RECEIVED]
    assert [flags >> 1 & 7 for flags in columns.flags] == [CALL, CALLRESULT]
    assert [bool(flags & 16) for flags in columns.flags] == [False, True]
    assert [columns.first for columns in reader.columns(1)] == [1]


# -- when things go wrong -------------------------------------------------------------------------


def test_only_this_user_may_read_it(directory: Path, writer: SpoolWriter) -> None:
    call(writer, 0)
    writer.flush()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def _write_and_die(directory: Path, flushed: int, unflushed: int) -> None:
    writer = SpoolWriter(directory, SMALL)
    fill(writer, flushed)
    for number in range(unflushed):
        call(writer, 0, "CP-new", f"n-{number}")
    os._exit(1)


@pytest.mark.parametrize("flushed", [0, 1, 77, 150])
def test_a_killed_writer_leaves_what_it_flushed_and_the_next_goes_on(directory: Path, flushed: int) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(directory, flushed, 5))
    process.start()
    process.join()
    with SpoolReader(directory) as reader:
        assert reader.refresh() == flushed
        assert reader.first == 0
        for number in range(flushed):
            assert reader.frame(number).message_id == f"m-{number}"
        with SpoolWriter(directory, SMALL) as writer:
            assert call(writer, 0, "CP0", "after") == flushed
            writer.flush()
            assert reader.refresh() == flushed + 1
            assert reader.frame(flushed).message_id == "after"
            assert reader.frame(flushed).station == "CP0"
            assert of(reader, "CP0") == [*range(0, flushed, 3), flushed]


def test_a_spool_survives_many_short_runs(directory: Path, reader: SpoolReader) -> None:
    for run in range(40):
        with SpoolWriter(directory, SMALL) as writer:
            if run % 3:
                call(writer, run, f"CP{run % 4}")
    assert reader.refresh() == 26
    assert reader.stations == ("CP1", "CP2", "CP0", "CP3")
    assert sum(path.stat().st_size for path in directory.iterdir()) <= SMALL


def test_a_name_that_was_cut_off_by_a_crash_is_written_again(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory) as writer:
        call(writer, 0, "CP001")
    with (directory / "names").open("ab") as names:
        names.write(b"S\xff\x00half a na")
    with SpoolWriter(directory) as writer:
        call(writer, 0, "CP002")
    reader.refresh()
    assert [reader.frame(number).station for number in range(2)] == ["CP001", "CP002"]


def test_a_damaged_spool_is_told_and_a_reader_is_not_confused(directory: Path, reader: SpoolReader) -> None:
    with SpoolWriter(directory) as writer:
        call(writer, 0)
    (directory / "00000000000000000007.index").write_bytes(b"")
    (directory / "00000000000000000007.text").write_bytes(b"")
    with pytest.raises(LocalError, match="damaged"):
        SpoolWriter(directory)
    assert reader.refresh() == 1


def test_texts_that_are_shorter_than_the_index_says_are_no_error(directory: Path, reader: SpoolReader) -> None:
    """After a power cut the last blocks of a file may be missing."""
    with SpoolWriter(directory) as writer:
        writer.append(0, "CP001", SENT, CALL, "Heartbeat", "m-1", "[2]", "fault")
    (text,) = directory.glob("*.text")
    os.truncate(text, 4)
    reader.refresh()
    assert reader.frame(0).text == "["


class _FullDisk:
    """Stands in for pwrite: takes nothing while `full`."""

    def __init__(self) -> None:
        self.full = True
        self._pwrite = os.pwrite

    def __call__(self, file: int, data: Any, offset: int) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return self._pwrite(file, data, offset)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> _FullDisk:
    disk = _FullDisk()
    monkeypatch.setattr("evtui.ocppj.spool_writer.os.pwrite", disk)
    disk.full = False
    return disk


def test_on_a_full_disk_frames_lose_their_text_and_nothing_fails(
    directory: Path, reader: SpoolReader, disk: _FullDisk
) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        fill(writer, 10)
        disk.full = True
        fill(writer, 10)
        disk.full = False
        fill(writer, 10)
        assert writer.lost == 10
        assert reader.refresh() == 30
        assert reader.frame(9).text.startswith('[2,"m-9"')
        assert (reader.frame(10).text, reader.frame(10).fault) == ("", LOST_FAULT)
        assert (reader.frame(10).station, reader.frame(10).action) == ("CP0", "Heartbeat")
        assert reader.head(10).faulty
        assert reader.frame(20).text.startswith('[2,"m-0"')


def test_without_room_for_a_segment_frames_are_counted_until_there_is(
    directory: Path, reader: SpoolReader, disk: _FullDisk
) -> None:
    with SpoolWriter(directory, SMALL) as writer:
        disk.full = True
        fill(writer, 1_000)
        lost = writer.lost
        assert lost == 1_000
        disk.full = False
        number = call(writer, 0, "CP-back")
        writer.flush()
        assert reader.refresh() == number + 1
        assert reader.frame(number).station == "CP-back"
        assert writer.lost == lost


def test_a_full_disk_is_relieved_of_the_oldest_segments(
    directory: Path, reader: SpoolReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    with SpoolWriter(directory, SMALL) as writer:
        fill(writer, 200)
        segments = len(list(directory.glob("*.index")))

        def fits_after_a_drop(file: int, data: Any, offset: int) -> int:
            if len(list(directory.glob("*.index"))) == segments:
                raise OSError(28, "No space left on device")
            return pwrite(file, data, offset)

        monkeypatch.setattr("evtui.ocppj.spool_writer.os.pwrite", fits_after_a_drop)
        call(writer, 0, "CP-last")
        writer.flush()
        assert writer.lost == 0
        reader.refresh()
        assert reader.first > 0
        assert reader.frame(reader.count - 1).station == "CP-last"


def _follow(directory: Path, until: int, pipe: Any) -> None:
    """Reads all the time; tells of the first thing that is not as it was written."""
    with SpoolReader(directory) as reader:
        pipe.send("reading")
        while reader.refresh() < until:
            for number in {reader.first, (reader.first + reader.count) // 2, reader.count - 1}:
                with suppress(IndexError):
                    frame = reader.frame(number)
                    if frame.text[: len(f"{number} ")] != f"{number} " or frame.station != f"CP{number % 7}":
                        pipe.send(f"{number}: {frame}")
                        return
        pipe.send("fine")


@pytest.mark.skipif(sys.platform == "win32", reason="mapped files cannot be removed there")
def test_a_reader_in_another_process_never_sees_half_a_frame(directory: Path) -> None:
    here, there = multiprocessing.get_context("spawn").Pipe()
    count = 30_000
    process = multiprocessing.get_context("spawn").Process(target=_follow, args=(directory, count, there))
    process.start()
    assert here.recv() == "reading"
    with SpoolWriter(directory, 2_000_000) as writer:
        for number in range(count):
            text = f"{number} " + "x" * (number % 997)
            writer.append(number, f"CP{number % 7}", SENT, CALL, "Heartbeat", str(number), text)
            if number % 13 == 0:
                writer.flush()
        writer.flush()
        assert here.recv() == "fine"
    process.join()
