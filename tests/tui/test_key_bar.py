"""Which keys the line at the bottom tells where there is no room for all."""

import pytest

from evtui.tui.glyphs import UNICODE
from evtui.tui.keys import KeySpec, Where
from evtui.tui.paint import text_of, width_of
from evtui.tui.widgets.key_bar import KeyBar


def told(places: tuple[Where, ...], width: int, cannot: tuple[str, ...] = ()) -> str:
    def why_not(spec: KeySpec) -> str | None:
        return "it cannot" if spec.id in cannot else None

    bar = KeyBar(UNICODE, {}, why_not)
    bar.places = places
    (line,) = bar.compose_lines(width, 1)
    assert width_of(line) <= width
    return " ".join(text_of(line).split())


NO_RULE = ("rules.remove", "rules.clear")
NOTHING_HELD = ("rules.decide", "rules.pass", "rules.edit", "rules.drop")


@pytest.mark.parametrize(
    ("places", "cannot", "keys"),
    [
        ((Where.GRID, Where.FLEET), (), "s Start x Stop p Plug enter Open / Filter z Sort v Form"),
        ((Where.GRID, Where.FLEET), ("evse.stop",), "s Start p Plug enter Open f Log / Filter z Sort v Form"),
        ((Where.LOG, Where.FLEET), (), "enter Frame end Follow / Filter r Again w Write esc Back"),
        ((Where.STATION,), (), "s Start x Stop p Plug v Chart m Model ! Fault esc Back"),
        ((Where.STATION,), ("evse.start",), "x Stop p Plug v Chart m Model R Rules ! Fault esc Back"),
        ((Where.CHART,), (), "left Read + Zoom - Out pgup Earlier end All esc Back"),
        ((Where.CHART, Where.CHARTS), (), "left Read + Zoom - Out end All esc Back v Chart d Detach"),
        ((Where.LOG,), (), "enter Frame end Follow / Filter r Again w Write esc Back"),
        ((Where.FRAME,), (), "r Again y Copy w Write left Previous right Next esc Back"),
        ((Where.MODEL,), (), "enter Change / Search y Copy right Next esc Back d Detach"),
        ((Where.RULES,), NO_RULE, "a Add enter Decide p Pass e Edit x Drop esc Back"),
        ((Where.RULES,), NOTHING_HELD, "a Add A To all - Remove C Clear esc Back ^p Palette"),
        ((Where.MESSAGE,), (), "s Send enter Edit + Add - Remove e Editor esc Back"),
    ],
)
def test_80_columns_tell_what_is_used_most_on_each_screen(
    places: tuple[Where, ...], cannot: tuple[str, ...], keys: str
) -> None:
    assert told(places, 80, cannot) == f"{keys} ? Help q Quit"


@pytest.mark.parametrize("width", [0, 1, 20, 40, 60, 100, 120, 160])
def test_help_and_quit_are_told_first(width: int) -> None:
    text = told((Where.GRID, Where.FLEET), width)
    assert text.endswith("? Help q Quit" if width >= 16 else "Quit" if width >= 8 else "")


def test_a_wide_bar_tells_all_and_what_cannot_act_too() -> None:
    text = told((Where.GRID, Where.FLEET), 200, ("evse.stop",))
    for title in ("Stop", "ECHONET", "Rules", "Palette", "Detach"):
        assert title in text


def test_the_line_is_made_anew_only_when_something_is_another() -> None:
    cannot: list[str] = []
    bar = KeyBar(UNICODE, {}, lambda spec: "it cannot" if spec.id in cannot else None)
    bar.places = (Where.GRID, Where.FLEET)
    (first,) = bar.compose_lines(200, 1)
    assert bar.compose_lines(200, 1)[0] is first
    cannot.append("evse.stop")
    (second,) = bar.compose_lines(200, 1)
    assert (" x", "key") in first
    assert (" x", "dim") in second
    assert "Stop" not in text_of(bar.compose_lines(80, 1)[0])
    bar.places = (Where.RULES,)
    assert "Add" in text_of(bar.compose_lines(80, 1)[0])
