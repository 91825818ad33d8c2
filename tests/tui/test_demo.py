"""The demo: the same show each time, played by keys."""

import asyncio
import json
from pathlib import Path

import pytest

from evtui.engine.beside import HostDoor
from evtui.ocppj.frame import FrameType
from evtui.settings import Settings
from evtui.tui.demo import DemoApp
from evtui.tui.farewell import WindowResult
from tests.e2e.emulator import Emulator
from tests.show import Played, play
from tests.tui.fake_door import FakeDoor
from tests.tui.test_recording import events_of


def wire(played: Played) -> list[tuple[float, str, int, str]]:
    """When, who, which way, and what was said: all that there is to see of frames."""
    return [(frame.at, frame.station, int(frame.direction), frame.text) for frame in played.frames]


async def test_two_shows_have_the_same_frames_to_the_byte_and_one_recording_ends_on_the_last_screen(
    tmp_path: Path,
) -> None:
    first, second = await play(tmp_path / "demo.cast"), await play()
    assert first.result == second.result == WindowResult()
    assert wire(first) == wire(second)
    actions = {frame.action for frame in first.frames if frame.type is FrameType.CALL}
    assert {"BootNotification", "Authorize", "TransactionEvent", "NotifyEvent"} <= actions
    assert any('"GroundFault"' in frame.text for frame in first.frames)

    cast = tmp_path / "demo.cast"
    header, events = events_of(cast)
    emulator = Emulator(header["width"], header["height"])
    for line in cast.read_bytes()[: first.cast_bytes].splitlines()[1:]:
        _, code, data = json.loads(line)
        assert code == "o"
        emulator.feed(data.encode())
    assert "\n".join(emulator.lines()).rstrip() == first.screen.rstrip()
    assert "─ keys ─" in first.screen
    assert events[-1][2].endswith("\x1b[?1049l")


async def test_a_show_that_cannot_go_on_says_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evtui.tui.demo.PATIENCE_S", 1.0)
    played = await play(refuse=True)
    assert played.result is not None
    assert played.result.code == 1
    assert played.result.text == (
        "evtui: the show stops, as nothing came of: s: the cable goes in, the driver shows a card, it charges"
    )


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_q_ends_it_early_and_other_keys_disturb_nothing(key: str) -> None:
    door = FakeDoor()

    async def connect() -> FakeDoor:
        return door

    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    app = DemoApp(connect, open_reader=lambda directory: door.reader, refresh_hz=0, rest=never)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("s", "x")
        assert not door.submitted
        assert "the show goes on by itself: q ends it" in [str(note.message) for note in app._notifications]
        await pilot.press(key)
        await pilot.pause()
    assert door.stopped == ["the demo is over"]
    assert app.return_value == WindowResult()


def test_a_show_is_played_by_the_keys_that_its_captions_name_whatever_settings_say() -> None:
    door = FakeDoor()

    async def connect() -> HostDoor:
        return door

    assert DemoApp(connect, Settings(keys={"evse.start": "f2"})).keymap == {}
