"""Pictures and recordings of the screen."""

import json
from pathlib import Path
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from evtui.tui.recording import Cast, self_contained
from tests.tui.conftest import OpenWindow, Window
from tests.tui.fake_door import charging_fleet


def events_of(path: Path) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    """Header and events, after a look at each line: that it is what the format (asciicast v2) wants."""
    text = path.read_bytes()
    assert text.endswith(b"\n")
    header, *lines = (json.loads(line) for line in text.decode("utf-8").splitlines())
    assert header["version"] == 2
    assert all(type(header[name]) is int and header[name] > 0 for name in ("width", "height", "timestamp"))
    last = 0.0
    for line in lines:
        time, code, data = line
        assert last <= time
        assert code in ("o", "r")
        assert isinstance(data, str)
        if code == "r":
            columns, rows = data.split("x")
            assert int(columns) > 0
            assert int(rows) > 0
        last = time
    return header, [(line[0], line[1], line[2]) for line in lines]


def _only(directory: Path, suffix: str) -> Path:
    (path,) = directory.glob(f"evtui-*.{suffix}")
    return path


# -- the file -------------------------------------------------------------------------------------


def test_a_cast_is_a_header_and_a_line_for_each_event(tmp_path: Path) -> None:
    now = iter([100.0, 100.0, 100.5, 101.0, 101.0, 102.0])
    cast = Cast(tmp_path, (80, 24), elapsed_s=lambda: next(now))
    cast.output("\x1b[31mé\x07\x00 ⚡\r\n", (80, 24))
    cast.output("wider", (120, 36))
    cast.close()
    header, events = events_of(cast.path)
    assert (header["width"], header["height"]) == (80, 24)
    assert events[1:-1] == [(0.5, "o", "\x1b[31mé\x07\x00 ⚡\r\n"), (1.0, "r", "120x36"), (1.0, "o", "wider")]
    assert events[-1][2].endswith("\x1b[?1049l")


def test_what_is_copied_stays_out_of_the_recording(tmp_path: Path) -> None:
    cast = Cast(tmp_path, (80, 24))
    cast.output("\x1b]52;c;c2VjcmV0\a", (80, 24))
    cast.close()
    assert b"c2VjcmV0" not in cast.path.read_bytes()


def test_a_crash_leaves_whole_lines(tmp_path: Path) -> None:
    cast = Cast(tmp_path, (80, 24))
    cast.output("seen", (80, 24))
    assert events_of(cast.path)[1][-1][2] == "seen"
    cast.close()


def test_a_full_recording_ends_says_so_and_plays(tmp_path: Path) -> None:
    cast = Cast(tmp_path, (80, 24), max_bytes=2_000)
    for _ in range(100):
        cast.output("x" * 100, (80, 24))
    assert not cast.open
    assert cast.trouble == f"the recording is full: {cast.path}"
    assert cast.path.stat().st_size <= 2_000
    events_of(cast.path)
    cast.close()


def test_two_recordings_within_a_second_are_two_files(tmp_path: Path) -> None:
    casts = [Cast(tmp_path, (80, 24)) for _ in range(3)]
    assert len({cast.path for cast in casts}) == 3
    for cast in casts:
        cast.close()


def test_a_picture_loads_nothing_from_elsewhere() -> None:
    svg = '<style>@font-face { src: url("https://cdn/x.woff2") } .a { font-family: Fira Code; }</style>'
    assert "http" not in self_contained(svg)


# -- the keys -------------------------------------------------------------------------------------


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window draws, although nobody sees it."""
    monkeypatch.setattr(HeadlessDriver, "is_headless", False)


async def test_ctrl_s_saves_the_screen_and_says_where(open_window: OpenWindow, tmp_path: Path) -> None:
    async with open_window(charging_fleet(), record_dir=tmp_path) as window:
        await window.press("ctrl+s")
        path = _only(tmp_path, "svg")
        assert window.toasts == [f"the screen is in {path}"]
    svg = path.read_text()
    assert "CP001" in svg
    assert "@font-face" not in svg


@pytest.mark.parametrize("way", [("minus",), ("slash", "x"), ("colon",)])
async def test_ctrl_s_saves_dialogs_and_prompts_too(
    open_window: OpenWindow, tmp_path: Path, way: tuple[str, ...]
) -> None:
    async with open_window(charging_fleet(), record_dir=tmp_path) as window:
        await window.press(*way, "ctrl+s")
        assert _only(tmp_path, "svg").read_text()
        assert len(window.toasts) == 1


@pytest.mark.usefixtures("drawing")
async def test_ctrl_r_records_until_it_is_pressed_again(open_window: OpenWindow, tmp_path: Path) -> None:
    async with open_window(charging_fleet(), record_dir=tmp_path) as window:
        await window.press("ctrl+r")
        assert window.text.startswith(" REC ")
        await window.press("enter")
        assert window.text.startswith(" REC ")
        await window.press("escape", "ctrl+r")
        assert " REC " not in window.text
        path = _only(tmp_path, "cast")
        assert window.toasts[-1] == f"recorded: asciinema play {path}"
        size = path.stat().st_size
        await window.press("enter")
        assert path.stat().st_size == size
    _, events = events_of(path)
    assert "Why this power" in "".join(data for _, _, data in events)


@pytest.mark.usefixtures("drawing")
async def test_leaving_while_it_records_completes_the_file(open_window: OpenWindow, tmp_path: Path) -> None:
    async with open_window(record_dir=tmp_path) as window:
        await window.press("ctrl+r", "q")
    path = _only(tmp_path, "cast")
    assert events_of(path)[1][-1][2].endswith("\x1b[?1049l")


@pytest.mark.usefixtures("drawing")
async def test_a_recording_that_ended_by_itself_is_told(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evtui.tui.recorder.Cast", _Small)
    async with open_window(record_dir=tmp_path) as window:
        await window.press("ctrl+r", "enter")
        assert "the recording is full" in window.toasts[-1]
        assert " REC " not in window.text


class _Small(Cast):
    def __init__(self, directory: Path, size: tuple[int, int]) -> None:
        super().__init__(directory, size, max_bytes=4_000)


@pytest.mark.parametrize("key", ["ctrl+s", "ctrl+r"])
async def test_where_nothing_can_be_written_it_says_so(open_window: OpenWindow, tmp_path: Path, key: str) -> None:
    nowhere = tmp_path / "nowhere"
    async with open_window(record_dir=nowhere) as window:
        await _press_and_be_refused(window, key, f"cannot write to {nowhere}: No such file or directory")
        nowhere.write_text("a file")
        await _press_and_be_refused(window, key, f"cannot write to {nowhere}: Not a directory")


async def _press_and_be_refused(window: Window, key: str, why: str) -> None:
    await window.press(key)
    assert window.toasts[-1] == why
    assert " REC " not in window.text


def test_a_full_disk_ends_the_recording(tmp_path: Path) -> None:
    cast = Cast(tmp_path, (80, 24), path=Path("/dev/full"))
    assert not cast.open
    assert cast.trouble == "the recording ended: No space left on device: /dev/full"
