"""What the window does before and at its first paint, counted."""

from collections import Counter
from typing import Any

import pytest
from textual.app import App
from textual.css.parse import parse

from tests.tui.conftest import OpenWindow


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[Any]:
    """How often each source of styles was parsed."""
    counts: Counter[Any] = Counter()

    def counted(scope: str, css: str, read_from: Any, **options: Any) -> Any:
        counts[read_from] += 1
        return parse(scope, css, read_from, **options)

    monkeypatch.setattr("textual.css.stylesheet.parse", counted)
    return counts


async def test_styles_are_parsed_once_however_many_screens_are_opened(
    open_window: OpenWindow, parsed: Counter[Any]
) -> None:
    async with open_window() as window:
        assert len(parsed) > 5
        known = set(parsed)
        await window.press("question_mark", "escape", "enter", "escape")
        assert set(parsed) > known
        assert set(parsed.values()) == {1}


async def test_another_theme_gives_all_of_them_other_colours(open_window: OpenWindow, parsed: Counter[Any]) -> None:
    async with open_window() as window:
        before = set(parsed)
        window.app.theme = "evtui-light"
        await window.press()
        await window.pilot.pause()
        assert {source for source, count in parsed.items() if count == 2} == before
        assert window.app.screen.styles.background.hex == "#FAFBFC"


async def test_nothing_is_painted_in_another_theme_first(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = []
    display = App._display

    def seen(self: App[Any], screen: Any, update: Any) -> None:
        if update is not None:
            painted.append((type(screen).__name__, self.theme))
        display(self, screen, update)

    monkeypatch.setattr(App, "_display", seen)
    async with open_window() as window:
        assert set(painted) == {("FleetScreen", "evtui-dark")}
        assert window.app.screen_stack == [window.app.fleet_screen]
