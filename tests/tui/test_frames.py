"""Which frames are on screen."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool import SpoolWriter
from evtui.tui.frames import Frames, Tail, open_spools
from evtui.tui.widgets.frame_log import payload_of
from tests.tui.fake_door import FakeReader


def reader(*stations: str) -> FakeReader:
    made = FakeReader()
    for station in stations:
        made.add(0.0, station, Direction.SENT, FrameType.CALL, "Heartbeat", "[]")
    return made


def test_frames_come_from_the_spool_that_the_host_writes(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, 1 << 20) as writer:
        for station in ("CP001", "CP002", "CP001"):
            writer.append(1.0, station, Direction.SENT, FrameType.CALL, "Heartbeat", "m1", '[2,"m1","Heartbeat",{}]')
        writer.flush()
        every, one = Frames(open_spools([str(tmp_path)])), Frames(open_spools([str(tmp_path)]), "CP001")
        every.refresh()
        one.refresh()
        assert (list(every.rows), list(one.rows)) == ([0, 1, 2], [0, 2])
        frame = one.frame(2)
        assert frame is not None
        assert (frame.station, frame.action) == ("CP001", "Heartbeat")
        assert one.frame(99) is None


def test_it_follows_the_end_until_the_reader_moves_up() -> None:
    tail = Tail()
    tail.grow(range(100), 10)
    assert list(tail.shown(10)) == list(range(90, 100))
    tail.move(-1, 10)
    tail.grow(range(150), 10)
    assert list(tail.shown(10)) == list(range(90, 100))
    assert tail.cursor == 98


def test_it_counts_what_arrived_meanwhile() -> None:
    tail = Tail()
    tail.grow(range(100), 10)
    assert tail.arrived == 0
    tail.move(-1, 10)
    assert tail.arrived == 0
    tail.grow(range(137), 10)
    assert tail.arrived == 37
    tail.end(10)
    assert (tail.arrived, tail.follow) == (0, True)


def test_coming_back_down_to_the_end_follows_again() -> None:
    tail = Tail()
    tail.grow(range(20), 10)
    tail.move(-1, 10)
    tail.move(1, 10)
    assert tail.follow


def test_frames_that_are_dropped_do_not_move_what_is_read() -> None:
    tail = Tail()
    tail.grow(range(100), 10)
    tail.move(-30, 10)
    before = list(tail.shown(10))
    tail.grow(range(20, 130), 10)
    assert list(tail.shown(10)) == before


def test_when_what_is_read_is_dropped_the_oldest_kept_takes_its_place() -> None:
    tail = Tail()
    tail.grow(range(100), 10)
    tail.home(10)
    tail.grow(range(50, 150), 10)
    assert tail.cursor == 50
    assert list(tail.shown(10)) == list(range(50, 60))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("move"), st.integers(-40, 40)),
            st.tuples(st.just("grow"), st.integers(0, 40)),
            st.tuples(st.just("drop"), st.integers(0, 20)),
            st.tuples(st.sampled_from(["home", "end"]), st.just(0)),
        )
    ),
    st.integers(1, 12),
)
def test_the_cursor_is_always_on_screen(steps: list[tuple[str, int]], height: int) -> None:
    tail, first, count = Tail(), 0, 5
    tail.grow(range(count), height)
    for what, amount in steps:
        if what == "move":
            tail.move(amount, height)
        elif what == "home":
            tail.home(height)
        elif what == "end":
            tail.end(height)
        else:
            count += amount if what == "grow" else 0
            first = min(count - 1, first + (amount if what == "drop" else 0))
            tail.grow(range(first, count), height)
        shown = tail.shown(height)
        assert tail.cursor in shown
        assert len(shown) == min(height, count - first)


def test_a_station_sees_its_own_frames() -> None:
    source = reader("CP001", "CP002", "CP001")
    frames = Frames(source, "CP001")
    frames.refresh()
    assert list(frames.rows) == [0, 2]
    source.add(1.0, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", "[]")
    frames.refresh()
    assert list(frames.rows) == [0, 2, 3]
    assert (frames.beside(2, 1), frames.beside(2, -1), frames.beside(3, 1)) == (3, 0, None)


def test_frames_that_were_dropped_are_gone_from_a_station_too() -> None:
    source = reader("CP001", "CP002", "CP001")
    frames = Frames(source, "CP001")
    frames.refresh()
    source.first = 2
    frames.refresh()
    assert list(frames.rows) == [2]
    assert frames.frame(0) is None
    assert frames.frame(2) is not None


@pytest.mark.parametrize(
    ("type", "text", "shown"),
    [
        (FrameType.CALL, '[2,"m1","Heartbeat",{"a":[1]}]', '{"a":[1]}'),
        (FrameType.CALLRESULT, '[3,"m1",{}]', "{}"),
        (FrameType.CALLRESULT, '[3,"m1",{}]\r\n', "{}"),
        (FrameType.CALLERROR, '[4,"m1","GenericError","",{}]', '"GenericError","",{}'),
        (FrameType.UNREADABLE, '[3,"m1",{}]', '[3,"m1",{}]'),
    ],
)
def test_a_line_says_the_payload_without_the_brackets_of_the_frame(type: FrameType, text: str, shown: str) -> None:
    assert payload_of(Frame(0, 0.0, "CP001", Direction.SENT, type, "Heartbeat", "m1", text)) == shown
