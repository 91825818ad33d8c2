"""Sending a frame again: with a new message id, edited, or exactly as it was."""

import pytest

from evtui.engine.door import Command, Target
from evtui.ocppj.frame import Direction, FrameType
from evtui.tui.screens.message import MessageScreen
from evtui.tui.widgets.key_bar import KeyBar
from tests.tui.conftest import OpenWindow
from tests.tui.fake_door import FakeDoor

CALL = '[2, "abc","Authorize", {"idToken":{"idToken": "1","type":"Central"}, "x": 1.10}]'


@pytest.fixture
def door() -> FakeDoor:
    """The newest frame is a CALL of CP002, out of order with its schema."""
    made = FakeDoor()
    made.reader.add(50.0, "CP002", Direction.SENT, FrameType.CALL, "Authorize", CALL, message_id="abc")
    return made


async def test_with_a_new_message_id_its_payload_goes_letter_by_letter(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("tab", "end", "r")
        assert "with a new message id" in window.text
        await window.press("1")
        payload = '{"idToken":{"idToken": "1","type":"Central"}, "x": 1.10}'
        assert door.submitted == [
            Command("send", (Target("CP002"),), {"action": "Authorize", "payload": payload, "invalid": "send"})
        ]


async def test_edited_it_opens_as_a_form(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("tab", "end", "enter", "r", "2")
        screen = window.app.screen
        assert isinstance(screen, MessageScreen)
        assert screen.end.targets == (Target("CP002"),)
        assert screen.draft.payload == {"idToken": {"idToken": "1", "type": "Central"}, "x": 1.1}
        assert screen.draft.faults == {"x": "is no field of this message"}


async def test_exactly_as_it_was_it_keeps_its_id(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("tab", "end", "r", "3")
        assert door.submitted == [Command("send-raw", (Target("CP002"),), {"text": CALL})]


async def test_what_is_no_call_is_edited_as_text(open_window: OpenWindow, door: FakeDoor) -> None:
    door.reader.add(51.0, "CP001", Direction.SENT, FrameType.CALLERROR, "", '[4,"x","GenericError","",{}]')
    async with open_window(door) as window:
        await window.press("tab", "end", "r")
        assert "with a new message id" not in window.text
        await window.press("1", "end", "left", "backspace", "backspace", "ctrl+o")
        assert "not JSON" in window.text
        await window.press("ctrl+o")
        assert door.submitted == [Command("send-raw", (Target("CP001"),), {"text": '[4, "x", "GenericError", "", ]'})]


async def test_what_was_masked_has_to_be_filled_in(open_window: OpenWindow, door: FakeDoor) -> None:
    door.reader.add(
        51.0, "CP001", Direction.SENT, FrameType.CALL, "Authorize", CALL.replace('"1"', '"***"'), masked=True
    )
    async with open_window(door) as window:
        await window.press("tab", "end", "r")
        assert "A secret in it was masked" in window.text
        assert "exactly as it was" not in window.text
        await window.press("escape")
        assert door.submitted == []


async def test_what_the_csms_sent_is_not_a_station_s_to_send(open_window: OpenWindow, door: FakeDoor) -> None:
    door.reader.add(51.0, "CP001", Direction.RECEIVED, FrameType.CALL, "Reset", '[2,"x","Reset",{"type":"Immediate"}]')
    async with open_window(door) as window:
        await window.press("tab", "end", "r")
        assert window.toasts[-1].startswith("the CSMS sent this one")


async def test_a_read_only_window_sends_nothing_again(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door, read_only=True) as window:
        await window.press("tab", "end", "r")
        assert window.toasts[-1] == "this window is read-only"


@pytest.mark.parametrize("keys", [("tab", "end"), ("tab", "end", "enter")], ids=["log", "frame"])
@pytest.mark.parametrize("read_only", [True, False])
async def test_only_who_can_send_is_offered_to_send_again(
    open_window: OpenWindow, door: FakeDoor, keys: tuple[str, ...], read_only: bool
) -> None:
    async with open_window(door, size=(160, 40), read_only=read_only) as window:
        await window.press(*keys)
        screen = window.app.shown_screen()
        pieces = dict(screen.query_one("#keys", KeyBar).compose_lines(160, 1)[0])
        assert (pieces.get(" Again ") == "text") is not read_only
