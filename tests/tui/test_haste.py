"""Keys that come faster than screens close, and answers that come later: neither closes what is below."""

import asyncio

import pytest
from textual import events

from evtui.tui.screens.base import EvtuiScreen
from tests.tui.conftest import OpenWindow, settle
from tests.tui.csms_scene import embedded

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


@pytest.mark.parametrize(
    "keys",
    [("enter",), ("enter", "m"), ("R",), ("C",), ("c",), ("tab", "up", "enter")],
)
async def test_what_the_host_answers_after_a_screen_was_left_harms_nothing(
    open_window: OpenWindow, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_window(embedded()) as window:
        await window.press(*keys)
        screen = window.app.shown_screen()
        assert screen is not window.app.fleet_screen
        may, pull = asyncio.Event(), screen.pull

        async def slow(self: EvtuiScreen) -> None:
            await may.wait()
            await pull()

        monkeypatch.setattr(type(screen), "pull", slow)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(window.app.pull())
            await window.pilot.press("escape")
            await window.pilot.pause()
            may.set()
        screen.show()
        assert screen not in window.app.screen_stack
