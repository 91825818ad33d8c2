"""ASCII, no colour, and the terminal's own colours."""

import pytest
from rich.color import Color as RichColor
from rich.color import ColorType
from textual.color import Color
from textual.events import Paste
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES

from evtui.engine.door import HeldRow
from evtui.settings import Settings
from evtui.tui import figures
from evtui.tui.environment import prepare_environment, wants_ascii
from evtui.tui.glyphs import ASCII, UNICODE
from evtui.tui.palette import LINK_ROLES, ROLES, STATE_ROLES, role_styles
from evtui.tui.themes import DARK, LIGHT, OWN, theme_names
from tests.tui.conftest import OpenWindow, Window, settle
from tests.tui.fake_door import FakeDoor, charging_fleet
from tests.tui.test_snapshots import SCENES, troubled_fleet


@pytest.mark.parametrize("scene", list(SCENES))
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_with_ascii_no_cell_of_any_screen_is_beyond_it(
    open_window: OpenWindow, scene: str, size: tuple[int, int]
) -> None:
    fleet, keys = SCENES[scene]
    async with open_window(fleet(), size=size, ascii=True) as window:
        await window.press(*keys)
        assert window.text.isascii()


async def test_with_ascii_toasts_and_the_palette_keep_to_it(open_window: OpenWindow) -> None:
    async with open_window(ascii=True) as window:
        await window.press("x")
        assert window.toasts
        assert window.text.isascii()
        await window.press("ctrl+p")
        assert "EVSE: Start" in window.text
        assert window.text.isascii()
        await window.press("z", "z", "z")
        assert window.text.isascii()


async def test_every_state_and_link_is_readable_without_colour(open_window: OpenWindow) -> None:
    async with open_window(troubled_fleet(), size=(120, 50)) as window:
        for words in (
            "● Charging",
            "! Faulted",
            "◐ SuspendedEV",
            "○ Available",
            "↻ retry in 12 s",
            "✕ rejected",
            "! crashed",
        ):
            assert words in window.text


def test_every_state_and_link_has_a_sign_in_both_sets() -> None:
    assert set(UNICODE.states) == set(ASCII.states) == set(STATE_ROLES)
    assert set(UNICODE.links) == set(ASCII.links)
    assert {str(link) for link in UNICODE.links} == set(LINK_ROLES)


def colours(window: Window) -> set[RichColor]:
    """All that the screen on top is drawn with."""
    styles = [segment.style for strip in window.app.screen._compositor.render_strips() for segment in strip]
    return {each for style in styles if style for each in (style.color, style.bgcolor) if each is not None}


@pytest.mark.parametrize(
    ("theme", "scene"), [*(("evtui-dark", scene) for scene in SCENES), ("terminal", "station"), ("nord", "station")]
)
async def test_no_color_leaves_no_colour(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, theme: str, scene: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fleet, keys = SCENES[scene]
    async with open_window(fleet(), settings=Settings(theme=theme)) as window:
        await window.press(*keys)
        assert colours(window) == set()


@pytest.mark.parametrize("theme", ["evtui-dark", "evtui-light"])
async def test_without_colour_the_choice_in_the_palette_is_reversed(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_window(settings=Settings(theme=theme)) as window:
        await window.press("ctrl+p", "s", "t", "a", "r", "t", "down")
        reversed_ = [
            "".join(segment.text for segment in strip if segment.style and segment.style.reverse)
            for strip in window.app.screen._compositor.render_strips()
        ]
        assert [text for text in reversed_ if len(text.strip()) > 20 and "tart" in text]


@pytest.mark.parametrize(
    ("theme", "scene"),
    [*(("terminal", scene) for scene in SCENES), ("ansi-dark", "fleet"), ("ansi-light", "fleet")],
)
async def test_an_ansi_theme_has_the_colours_of_the_terminal_alone(
    open_window: OpenWindow, theme: str, scene: str
) -> None:
    fleet, keys = SCENES[scene]
    async with open_window(fleet(), settings=Settings(theme=theme)) as window:
        await window.press(*keys)
        assert {colour.type for colour in colours(window)} <= {ColorType.STANDARD, ColorType.DEFAULT}


@pytest.mark.parametrize("theme", ["terminal", "ansi-dark"])
async def test_an_ansi_theme_leaves_the_ground_to_the_terminal(open_window: OpenWindow, theme: str) -> None:
    async with open_window(settings=Settings(theme=theme)) as window:
        styles = window.app.fleet_screen.grid._roles()
        assert {style.bgcolor for style in styles.values()} == {None}
        assert all(style.color is None or style.color.triplet is None for style in styles.values())


@pytest.mark.parametrize("name", [*(theme.name for theme in OWN), *BUILTIN_THEMES])
def test_every_role_has_a_style_in_every_theme(name: str) -> None:
    theme = {**BUILTIN_THEMES, **{own.name: own for own in OWN}}[name]
    variables = theme.to_color_system().generate()
    styles = role_styles(variables, Color.parse(variables["background"]), theme.ansi)
    assert set(styles) == set(ROLES)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_our_themes_are_legible(theme: object) -> None:
    from textual.theme import Theme

    assert isinstance(theme, Theme)
    variables = theme.to_color_system().generate()
    ground = Color.parse(variables["background"])
    for role, style in role_styles(variables, ground, False).items():
        assert style.color is not None
        if role != "border":
            assert _contrast(Color.from_rich_color(style.color), ground) >= 4.5, role


def _contrast(one: Color, other: Color) -> float:
    """WCAG 2's contrast ratio."""

    def luminance(colour: Color) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


async def test_another_theme_repaints_everything(open_window: OpenWindow) -> None:
    async with open_window() as window:
        before = window.app.fleet_screen.grid._roles()["text"]
        window.app.theme = "evtui-light"
        await settle(window.pilot)
        strip = window.app.fleet_screen.grid._painted[0]
        assert window.app.fleet_screen.grid._roles()["text"] != before
        assert all(segment.style is None or segment.style.bgcolor != before.bgcolor for segment in strip)


def test_our_themes_come_first() -> None:
    assert theme_names()[:2] == ("evtui-dark", "evtui-light")
    assert "ansi-dark" in theme_names()


@pytest.mark.parametrize(
    ("term", "encoding", "wanted"),
    [
        ("xterm-256color", "utf-8", False),
        ("xterm-256color", "UTF8", False),
        ("xterm-256color", "ISO-8859-1", True),
        ("xterm-256color", None, True),
        ("linux", "utf-8", True),
        ("dumb", "utf-8", True),
    ],
)
def test_ascii_is_chosen_where_the_terminal_cannot_do_more(term: str, encoding: str | None, wanted: bool) -> None:
    assert wants_ascii({"TERM": term}, encoding) is wanted


def test_what_the_user_set_for_textual_is_kept() -> None:
    environ = {"TEXTUAL_ANIMATIONS": "full"}
    prepare_environment(environ)
    assert environ == {"TEXTUAL_ANIMATIONS": "full", "TEXTUAL_SMOOTH_SCROLL": "0"}


async def test_names_that_terminals_do_not_agree_on_leave_the_window_whole(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].id = "\U0001f3f3\ufe0f\u200d\U0001f308" * 5
    door.stations[1].id = "e\u0301\u0301" * 60
    async with open_window(door, (60, 15)) as window:
        for size in ((80, 24), (200, 50), (40, 10)):
            await window.pilot.resize_terminal(*size)
            await window.press("v", "z", "down", "f")
        assert "4 st" in window.text


@pytest.mark.parametrize("keys", [("slash",), ("ctrl+p",), ("R", "e")])
async def test_what_is_pasted_sends_nothing_but_text_to_the_terminal(
    open_window: OpenWindow, keys: tuple[str, ...]
) -> None:
    door = charging_fleet()
    text = '[2,"a-1","Heartbeat",{}]'
    door.stations[0].held = (HeldRow(7, "SENT", "CALL", "Heartbeat", door.at, "hold", text, len(text), False),)
    async with open_window(door) as window:
        await window.press(*keys)
        window.app.post_message(Paste("one\x1b[2J\ttwo\x07\x9b31m\u202e\x00"))
        await settle(window.pilot)
        assert "one[2J two31m" in window.text
        assert all(line.isprintable() for line in window.text.split("\n"))


def test_lines_that_are_pasted_stay_lines() -> None:
    assert figures.pasted("a\r\nb\rc\nd\x85") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    "keys", [("minus",), ("question_mark",), ("q",), ("R", "a"), ("R", "e"), ("slash",), ("colon",)]
)
async def test_dialogs_stand_in_a_terminal_of_one_cell(open_window: OpenWindow, keys: tuple[str, ...]) -> None:
    door = charging_fleet()
    text = '[2,"a-1","Heartbeat",{}]'
    door.stations[0].held = (HeldRow(7, "SENT", "CALL", "Heartbeat", door.at, "hold", text, len(text), False),)
    async with open_window(door, (1, 1)) as window:
        await window.press(*keys)
        assert isinstance(window.app.screen, ModalScreen)
        for size in ((80, 24), (2, 1), (200, 50), (1, 1)):
            await window.pilot.resize_terminal(*size)
            await window.press("down", "pagedown", "up")
        await window.press("escape")
        assert not isinstance(window.app.screen, ModalScreen)
