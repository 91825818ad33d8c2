"""A theme is shown while it is chosen, and kept where settings are."""

from pathlib import Path

from evtui.tui.themes import theme_names
from tests.tui.conftest import OpenWindow


async def test_the_palette_offers_it_and_moving_shows_it(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\nrefresh = 4\n")
    async with open_window(settings_path=path) as window:
        ground = window.app.fleet_screen.grid._roles()["text"].bgcolor
        await window.press("ctrl+p", *"theme", "enter")
        assert "> evtui-dark" in window.text.replace("▶", ">")
        await window.press("down")
        assert window.app.theme == "evtui-light"
        assert window.app.fleet_screen.grid._roles()["text"].bgcolor != ground
        await window.press("enter")
        assert window.app.theme == "evtui-light"
        assert path.read_text() == 'theme = "evtui-light"\n# mine\nrefresh = 4\n'
        assert window.toasts[-1] == f"evtui-light is kept in {path}"


async def test_escape_goes_back_to_the_theme_before(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    async with open_window(settings_path=path) as window:
        window.app.action_change_theme()
        await window.press("up", "up", "escape")
        assert window.app.theme == "evtui-dark"
        assert not path.exists()


async def test_every_theme_can_be_walked_to(open_window: OpenWindow) -> None:
    async with open_window(size=(80, 24), ascii=True) as window:
        window.app.action_change_theme()
        seen = []
        for _ in theme_names():
            await window.press("down")
            seen.append(window.app.theme)
            assert f"> {window.app.theme} " in window.text
            assert window.text.isascii()
        assert sorted(seen) == sorted(theme_names())


async def test_a_file_that_cannot_be_changed_is_told(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('"theme" = "nord"\n')
    async with open_window(settings_path=path) as window:
        window.app.action_change_theme()
        await window.press("2")
        assert 'write theme = "evtui-light" there' in window.toasts[-1]
        assert path.read_text() == '"theme" = "nord"\n'
