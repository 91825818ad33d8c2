"""Every key does something that is seen, or says why not."""

from pathlib import Path

import pytest

from evtui.tui.keys import Where, keys_of
from tests.tui.conftest import OpenWindow, Window, settle
from tests.tui.fake_door import charging_fleet

SCENES = [
    ((), (Where.GRID, Where.FLEET, Where.EVERYWHERE)),
    (("tab",), (Where.LOG,)),
    (("enter",), (Where.STATION, Where.EVERYWHERE)),
    (("enter", "g"), (Where.CHART,)),
    (("C",), (Where.CHARTS, Where.EVERYWHERE)),
    (("tab", "enter"), (Where.FRAME, Where.EVERYWHERE)),
    (("enter", "m"), (Where.MODEL, Where.EVERYWHERE)),
    (("R",), (Where.RULES, Where.EVERYWHERE)),
]

ENDS = ("up", "down", "left", "right", "page-up", "page-down", "home", "end", "later", "live", "first")
"""What moves a cursor does nothing at the end, where it is seen to be."""

SHOWN = ("station.chart-power", "charts.power")
"""What is shown already."""

LEAVES = ("window.detach", "window.quit")


def seen(window: Window) -> object:
    """The screen with its colours, and all else that a key may bring about."""
    strips = window.app.screen._compositor.render_strips()
    painted = [[(part.text, str(part.style)) for part in strip] for strip in strips]
    return painted, tuple(window.toasts), len(window.door.submitted), len(window.app.screen_stack)


async def begin(window: Window, way: tuple[str, ...]) -> None:
    """The scene, from wherever the window is."""
    while len(window.app.screen_stack) > 1:
        window.app.pop_screen()
        await settle(window.pilot)
    window.app.clear_notifications()
    window.toasts.clear()
    window.app.fleet_screen.query_one("#log").display = True
    window.app.fleet_screen.query_one("#grid").focus()
    await settle(window.pilot)
    await window.press(*way)


@pytest.mark.parametrize(("way", "places"), SCENES, ids=[" ".join(way) or "fleet" for way, _ in SCENES])
async def test_every_key_has_an_effect_that_is_seen(
    open_window: OpenWindow,
    way: tuple[str, ...],
    places: tuple[Where, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    specs = [spec for place in places for spec in keys_of(place)]
    silent = []
    async with open_window(charging_fleet(), record_dir=tmp_path) as window:
        for spec in specs:
            if spec.id in (*SHOWN, *LEAVES) or spec.id.split(".")[1] in ENDS:
                continue
            await begin(window, way)
            before = seen(window)
            await window.press(spec.keys.split(",")[0])
            if seen(window) == before:
                silent.append(spec.id)
    assert not silent
