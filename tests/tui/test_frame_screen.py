"""A frame, open."""

import json
from pathlib import Path

import pytest

from evtui.ocppj.frame import Direction, FrameType
from evtui.tui.widgets.frame_view import FrameView
from tests.tui.conftest import OpenWindow, settle
from tests.tui.fake_door import FakeDoor, charging_fleet

OPEN_LAST = ("tab", "enter")


async def test_it_stands_beside_its_answer_where_there_is_room(open_window: OpenWindow) -> None:
    async with open_window(size=(120, 36)) as window:
        await window.press("tab", "up", "enter")
        row = next(line for line in window.text.splitlines() if "the frame" in line)
        assert "its answer" in row
        assert "answered in 12 ms" in window.text
        assert '"vendorName": "evtui"' in window.text
        assert '"status": "Accepted"' in window.text
        assert "✓ valid against the schema" in window.text


async def test_it_stands_above_its_answer_where_it_is_narrow(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("tab", "up", "enter")
        lines = window.text.splitlines()
        assert next(i for i, line in enumerate(lines) if "the frame" in line) < next(
            i for i, line in enumerate(lines) if "its answer" in line
        )


async def test_an_answer_opens_beside_its_call_and_has_the_focus(open_window: OpenWindow) -> None:
    async with open_window(size=(120, 36)) as window:
        await window.press(*OPEN_LAST)
        assert "its CALL" in window.text
        assert window.app.focused is not None
        assert window.app.focused.id == "answer"


async def test_an_answer_that_comes_later_appears(open_window: OpenWindow) -> None:
    door = FakeDoor()
    call = door.reader.add(door.at, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", '[2,"h","Heartbeat",{}]')
    async with open_window(door) as window:
        await window.press(*OPEN_LAST)
        assert "no answer yet" in window.text
        door.reader.add(
            door.at,
            "CP001",
            Direction.RECEIVED,
            FrameType.CALLRESULT,
            "Heartbeat",
            '[3,"h",{"currentTime":"now"}]',
            pair=call,
            rtt_s=0.3,
        )
        await settle(window.pilot)
        assert '"currentTime": "now"' in window.text
        assert "answered in 300 ms" in window.text


async def test_a_fault_is_shown_with_path_and_reason(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.reader.add(
        door.at,
        "CP001",
        Direction.RECEIVED,
        FrameType.CALL,
        "Reset",
        '[2,"r","Reset",{"type":"Soon"}]',
        fault="PropertyConstraintViolation at type: 'Soon' is not one of Immediate, OnIdle",
    )
    async with open_window(door, size=(120, 36)) as window:
        await window.press(*OPEN_LAST)
        assert "✗ PropertyConstraintViolation at type: 'Soon'" in window.text


async def test_a_masked_frame_says_so(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.reader.add(
        door.at, "CP001", Direction.SENT, FrameType.CALL, "Authorize", '[2,"a","Authorize",{}]', masked=True
    )
    async with open_window(door) as window:
        await window.press(*OPEN_LAST)
        assert "a secret in it was masked" in window.text


async def test_y_copies_the_frame_with_the_focus(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN_LAST, "y")
        assert json.loads(window.app.clipboard) == json.loads(window.door.reader.arrived[-1].text)
        assert window.toasts[-1].startswith("copied ")
        await window.press("tab", "y")
        assert json.loads(window.app.clipboard) == json.loads(window.door.reader.arrived[-2].text)


async def test_w_writes_what_is_shown_and_never_overwrites(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_window() as window:
        await window.press(*OPEN_LAST, "w", "w")
        first, second = (tmp_path / "evtui-CP004-7.json", tmp_path / "evtui-CP004-7-1.json")
        assert window.toasts == [f"written to {first}", f"written to {second}"]
    assert [frame[0] for frame in json.loads(first.read_text())] == [2, 3]
    assert first.read_text() == second.read_text()


async def test_w_says_when_it_cannot_write(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setattr(Path, "cwd", lambda: gone)
    async with open_window() as window:
        await window.press(*OPEN_LAST)
        gone.rmdir()
        await window.press("w")
        assert window.toasts[-1].startswith("cannot write to ")


async def test_left_and_right_step_through_the_log(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN_LAST)
        assert "frame 7 " in window.text.splitlines()[0]
        await window.press("left", "left")
        assert "frame 5 " in window.text.splitlines()[0]
        await window.press("right", "right", "right")
        assert "frame 7 " in window.text.splitlines()[0]
        assert window.toasts == ["there is no frame beyond"]


async def test_from_a_stations_log_one_steps_through_that_stations_frames(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", *OPEN_LAST, "left", "left", "left")
        assert "CP001" in window.text.splitlines()[0]


@pytest.mark.parametrize("key", ["escape", "enter", "backspace"])
async def test_it_closes_again(open_window: OpenWindow, key: str) -> None:
    async with open_window() as window:
        await window.press(*OPEN_LAST, key)
        assert "4 stations" in window.text


async def test_a_long_frame_scrolls(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("tab", "up", "enter")
        pane = window.app.screen.query_one("#call", FrameView)
        await window.press("end")
        assert "}]" in window.text
        bottom = pane.top
        await window.press("up", "pageup", "down", "pagedown", "home")
        assert (bottom > 0, pane.top) == (True, 0)


async def test_a_megabyte_is_cut_and_says_so_and_is_written_whole(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    door = FakeDoor()
    text = '[2,"b","DataTransfer",{"data":"' + "x" * 1_000_000 + '"}]'
    door.reader.add(door.at, "CP001", Direction.RECEIVED, FrameType.CALL, "DataTransfer", text)
    async with open_window(door) as window:
        await window.press(*OPEN_LAST, "end")
        assert "65,536 of 1,000,034 characters shown: w writes all of it" in window.text
        await window.press("y", "w")
        assert window.toasts[0] == "too long for a terminal's clipboard: w writes it to a file"
        assert not window.app.clipboard
    path = tmp_path / "evtui-CP001-8.json"
    assert json.loads(path.read_text()) == [json.loads(text)]


async def test_what_is_no_json_is_shown_harmlessly(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.reader.add(
        door.at,
        "CP001",
        Direction.RECEIVED,
        FrameType.UNREADABLE,
        "",
        '\x1b[31m[bold]\x00"never closed \u202e',
        fault="FormatViolation: not JSON",
    )
    async with open_window(door) as window:
        await window.press(*OPEN_LAST)
        assert "␛" in window.text
        assert "[31m" in window.text.replace(" ", "")
        assert not set("\x1b\x00\u202e") & set(window.text)


async def test_a_frame_that_is_no_longer_kept_says_so(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("tab", "home")
        window.door.reader.first = 4
        window.app.ways.frame(window.app.fleet_screen.frame_log.frames, 0)  # type: ignore[arg-type]
        await settle(window.pilot)
        assert "no longer kept" in window.text
        await window.press("y", "w")
        assert window.toasts == ["there is no frame here to copy", "there is nothing to write"]
