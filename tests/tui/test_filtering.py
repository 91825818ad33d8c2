"""The log of frames, filtered: what is typed shows at once, what is found can be walked, copied and written."""

from pathlib import Path

import msgspec
import pytest

from evtui.ocppj.frame import Direction, FrameType
from evtui.tui.frames import Frames
from evtui.tui.screens.filter_prompt import FilterPrompt
from tests.tui.conftest import OpenWindow, Window
from tests.tui.fake_door import FakeDoor, FakeReader


def log_of(window: Window) -> list[str]:
    """The lines of the log, its heading first."""
    lines = window.text.splitlines()
    start = next(n for n, line in enumerate(lines) if (" frames " in line and "following" in line) or "follows" in line)
    return [line for line in lines[start:-1] if line.strip()]


@pytest.fixture
def door() -> FakeDoor:
    made = FakeDoor()
    made.reader.arrived.clear()
    for number in range(6):
        made.reader.exchange(float(number), f"CP00{number % 2 + 1}", ("Heartbeat", "Authorize")[number % 2], "{}", "{}")
    made.reader.add(
        9.0, "CP001", Direction.SENT, FrameType.CALL, "DataTransfer", '[2,"m","DataTransfer",{"vendorId":"X"}]'
    )
    return made


async def write_filter(window: Window, text: str) -> None:
    await window.press("tab", "slash", *("space" if each == " " else each for each in text))


async def test_what_is_typed_shows_at_once_and_enter_keeps_it(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "heart")
        assert "Authorize" not in "".join(log_of(window))
        assert "Heartbeat" in "".join(log_of(window))
        await window.press("enter")
        assert "/heart" in log_of(window)[0]
        assert " 3 " in log_of(window)[0], "the word stands in CALLs alone"


async def test_escape_goes_back_to_the_filter_there_was(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "heart")
        await window.press("enter", "slash", *"xyz")
        assert "no frame is let through" in window.text
        await window.press("escape")
        assert "/heart " in log_of(window)[0]
        await window.press("backspace")
        assert "13" in log_of(window)[0]


async def test_what_is_no_filter_is_told_where_it_is_typed(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "~y")
        assert "~y is no filter" in window.text
        await window.press("enter")
        assert isinstance(window.app.screen, FilterPrompt), "what is no filter cannot be kept"


async def test_tab_goes_on_with_what_there_is(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "~a ")
        await window.press("tab", "tab", "enter")
        assert "/~a DataTransfer" in log_of(window)[0]


async def test_older_filters_come_back_by_arrow(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "heart")
        await window.press("enter", "slash", *["backspace"] * 5, *"auth", "enter", "slash", "up", "enter")
        assert "/heart" in log_of(window)[0]


async def test_f1_tells_the_language(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "")
        await window.press("f1")
        assert "~rtt >ms" in window.text
        await window.press("escape", "escape")
        assert window.app.screen is window.app.fleet_screen


async def test_what_does_not_match_can_stay_in_sight(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await write_filter(window, "transfer")
        await window.press("enter", "H")
        assert "Authorize" in "".join(log_of(window))
        assert "dimmed" in window.toasts[-1]
        log = window.app.fleet_screen.frame_log
        await window.press("home", "n")
        assert log.tail.cursor == 12
        await window.press("n")
        assert "no match beyond" in window.toasts[-1]
        await window.press("up", "N")
        assert "no match beyond" in window.toasts[-1]


async def test_a_call_leads_to_its_answer_and_back(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        log = window.app.fleet_screen.frame_log
        await window.press("tab", "home", "o")
        assert log.tail.cursor == 1
        await window.press("o")
        assert log.tail.cursor == 0
        await window.press("end", "o")
        assert "no answer" in window.toasts[-1]


@pytest.mark.parametrize(("seconds", "shown"), [(0, ""), (3, "3 s ?"), (20, "20 s ?"), (300, "no ans.")])
async def test_a_call_that_waits_counts_up(open_window: OpenWindow, seconds: int, shown: str) -> None:
    door = FakeDoor()
    door.reader.arrived.clear()
    door.reader.add(door.at - seconds, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", "[]")
    async with open_window(door) as window:
        assert shown in log_of(window)[1]
        assert shown or "s ?" not in log_of(window)[1]


async def test_an_answer_that_came_ends_the_waiting(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.reader.arrived.clear()
    call = door.reader.add(door.at - 9, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", "[]")
    async with open_window(door) as window:
        assert "9 s ?" in window.text
        door.reader.add(
            door.at, "CP001", Direction.RECEIVED, FrameType.CALLRESULT, "Heartbeat", "[]", pair=call, rtt_s=9.0
        )
        await window.pass_time(1)
        assert "s ?" not in window.text


async def test_a_frame_is_copied_as_one_line(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("tab", "y")
        assert window.app.clipboard == '[2,"m","DataTransfer",{"vendorId":"X"}]'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> tuple[list[str], list[tuple[int, str, str]]]:
    """The files in a folder, and what is in them."""
    files = sorted(folder.iterdir())
    lines = [msgspec.json.decode(line) for file in files for line in file.read_bytes().splitlines()]
    assert all(line["text"].startswith("[2,") for line in lines)
    return [file.name for file in files], [(line["number"], line["station"], line["direction"]) for line in lines]


async def finished(window: Window) -> None:
    """Until what is being written is written."""
    for worker in [each for each in window.app.workers if each.group == "write"]:
        await worker.wait()


async def test_the_filtered_log_is_written_a_line_each(open_window: OpenWindow, door: FakeDoor, folder: Path) -> None:
    async with open_window(door) as window:
        await write_filter(window, "~s CP002 ~out")
        await window.press("enter", "w")
        await finished(window)
        await window.press("w")
        await finished(window)
        names, lines = written(folder)
        assert names == ["evtui-frames-1.jsonl", "evtui-frames.jsonl"]
        assert lines[:3] == lines[3:] == [(2, "CP002", "SENT"), (6, "CP002", "SENT"), (10, "CP002", "SENT")]
        assert f"3 frames written to {folder}" in window.toasts[-1]


def test_a_search_gives_the_window_its_turn_and_goes_on() -> None:
    from evtui.ocppj.filter import parse

    reader = FakeReader()
    for number in range(40_000):
        reader.add(0.0, f"CP{number % 2}", Direction.SENT, FrameType.CALL, "Heartbeat", "[]")
    frames = Frames(reader)
    frames.ask(parse("~s CP1"))
    assert frames.refresh(slice_s=0.0)
    assert 0.0 < frames.searched < 1.0
    while frames.refresh(slice_s=0.0):
        pass
    assert frames.searched == 1.0
    assert list(frames.rows) == list(range(1, 40_000, 2))
