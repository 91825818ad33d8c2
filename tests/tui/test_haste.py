"""Keys that come faster than screens close: none of them closes what is below."""

import pytest
from textual import events

from tests.tui.conftest import OpenWindow, settle

CHARACTERS = {"slash": "/", "question_mark": "?"}


@pytest.mark.parametrize(
    ("slowly", "hastily", "least"),
    [
        (("tab",), ("slash", "1", "enter", "enter", "enter"), 0),
        ((), ("question_mark", "escape", "escape", "escape"), 0),
        (("enter",), ("escape", "escape", "escape", "escape"), 0),
        (("enter", "m"), ("slash", *"heart", "enter", "enter"), 2),
        (("enter", "m", "slash"), ("h", "enter", "enter", "escape"), 1),
        (("enter", "m", "G", "enter"), ("enter", "enter", "enter"), 2),
        (("tab", "up", "enter"), ("escape", "escape", "escape"), 0),
    ],
)
async def test_keys_in_haste_close_nothing_that_is_below(
    open_window: OpenWindow, slowly: tuple[str, ...], hastily: tuple[str, ...], least: int
) -> None:
    async with open_window() as window:
        await window.press(*slowly)
        for key in hastily:
            window.app.post_message(events.Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))
        for _ in range(3):
            await settle(window.pilot)
        above = len(window.app.screen_stack) - 1 - window.app.screen_stack.index(window.app.fleet_screen)
        assert above >= least
