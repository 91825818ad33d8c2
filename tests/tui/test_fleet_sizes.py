"""The fleet at any size: its three forms, filter, order, and what a command acts on."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from evtui.engine.door import Command, LinkState, SummaryRow, Target, Totals
from evtui.tui import dense
from evtui.tui.glyphs import ASCII, UNICODE, Glyphs
from evtui.tui.layout import Form
from evtui.tui.paint import text_of, width_of
from evtui.tui.panel import Look, panel
from evtui.tui.summary import bar, filter_of, summary_lines
from evtui.tui.widgets.fleet_grid import FleetGrid
from evtui.tui.widgets.frame_log import FrameLog
from evtui.tui.widgets.totals_bar import TotalsBar, totals_line
from tests.tui.conftest import OpenWindow, Window
from tests.tui.fake_door import FakeDoor


def mixed_fleet(stations: int) -> FakeDoor:
    """Every third station charges, every seventh speaks 1.6, every tenth is on the street, one in forty is broken."""
    door = FakeDoor(stations)
    for number, station in enumerate(door.stations):
        station.group = "street" if number % 10 == 9 else "depot"
        station.version = "1.6" if number % 7 == 6 else "2.0.1"
        if number % 40 == 39:
            station.evses[0].status, station.evses[0].faults = "Faulted", ("ground-fault",)
            station.errors = number
        elif number % 3 == 1:
            door.start(number)
            station.evses[0].rated_w = 7_000.0 + 100.0 * (number % 150)
    door.advance(5)
    door.pace = {"frames_per_s": 1_234.0, "rtt_p50_s": 0.0021, "rtt_p99_s": 0.0318}
    return door


def form(window: Window) -> Form:
    return window.app.fleet_screen.grid.plan.form


# -- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stations", "expected"),
    [(4, Form.PANELS), (40, Form.LIST), (400, Form.LIST), (1_000, Form.LIST), (1_001, Form.SUMMARY)],
)
async def test_the_form_fits_the_size_of_the_fleet(open_window: OpenWindow, stations: int, expected: Form) -> None:
    async with open_window(FakeDoor(stations)) as window:
        assert form(window) is expected


@pytest.mark.parametrize("stations", [4, 40, 1_200])
async def test_v_goes_through_the_forms(open_window: OpenWindow, stations: int) -> None:
    async with open_window(mixed_fleet(stations)) as window:
        seen = [form(window)]
        for _ in range(3):
            await window.press("v")
            seen.append(form(window))
        assert set(seen) == set(Form)
        assert seen[0] is seen[3]


async def test_panels_of_many_stations_scroll_with_the_cursor(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(400)) as window:
        await window.press("v", "v")
        assert form(window) is Form.PANELS
        assert "CP001" in window.text
        await window.press("end")
        assert "CP400" in window.text
        assert "CP001 " not in window.text.split(" frames ")[0]
        await window.press("up", "left")
        assert window.app.scene.target() == Target("CP397", 1)
        await window.press("home")
        assert "CP001" in window.text
        await window.press("pagedown")
        here = window.app.scene.target()
        assert here is not None
        assert here.station_id in window.text
        assert max(view.count for view in window.door.views) < 100


async def test_a_summary_counts_what_stations_have_in_common(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(1_200)) as window:
        await window.press("f")
        for piece in ("STATE", "● Charging", "! Faulted", "○ Available", "OCPP", "2.0.1", "1.6", "GROUP", "depot"):
            assert piece in window.text
        assert "LINK" not in window.text  # all are online: the top says so
        assert "MW" in window.text


async def test_links_are_in_the_summary_when_they_differ(open_window: OpenWindow) -> None:
    door = FakeDoor(1_100)
    door.stations[5].link = LinkState.WAITING
    async with open_window(door) as window:
        await window.press("f")
        assert "LINK" in window.text
        assert "waiting" in window.text


async def test_enter_on_a_row_of_the_summary_shows_its_stations(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(1_200)) as window:
        await window.press("enter")
        assert window.app.scene.filter == "~state Faulted"
        assert form(window) is Form.LIST
        assert "30 of 1,200 stations" in window.text
        await window.press("escape")
        assert form(window) is Form.SUMMARY


async def test_the_window_asks_for_no_more_than_is_in_view_however_large_the_fleet(open_window: OpenWindow) -> None:
    counts = []
    for stations in (400, 4_000):
        async with open_window(mixed_fleet(stations)) as window:
            await window.press("v", "v", "v", "pagedown", "end")
            counts.append(max(view.count for view in window.door.views))
    assert counts[0] == counts[1] < 120


# -- filter and order -----------------------------------------------------------------------------


async def test_a_filter_shows_while_it_is_typed_and_says_how_many(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"street")
        assert "4 of 40 stations" in window.text
        await window.press("enter")
        assert "4 of 40 stations" in window.text
        assert "CP010" in window.text
        assert "CP002" not in window.text.split(" frames ")[0]
        await window.press("backspace")
        assert "of 40 stations" not in window.text


async def test_what_is_no_filter_is_said_at_the_prompt_and_the_old_one_stays(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~tx", "enter", "slash", *" ~kw much")
        assert "much is no figure" in window.text
        await window.press("enter")
        assert "much is no figure" in window.text
        await window.press("escape")
        assert window.app.scene.filter == "~tx"
        assert window.app.is_running


async def test_a_filter_is_completed_recalled_and_explained(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~group str", "tab", "enter")
        assert window.app.scene.filter == "~group street"
        await window.press("slash", "ctrl+u", *"~tx", "enter", "slash", "up", "f1")
        assert "~state" in window.text
        assert "in that state" in window.text
        await window.press("escape", "enter")
        assert window.app.scene.filter == "~group street"


async def test_a_filter_that_lets_nobody_through_says_how_to_go_on(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"nobody", "enter")
        assert "the filter lets no station through" in window.text
        await window.press("s", "x", "minus", "space")
        assert set(window.toasts) == {"the filter lets no station through", "there is no station"}
        assert not window.door.submitted
        await window.press("escape")
        assert "of 40 stations" not in window.text


async def test_z_sorts_and_says_by_what(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("z", "z", "z")
        assert "▼ by kW" in window.text
        powers = [row.evses[0].power_w for _, row in window.app.scene.visible()]
        assert powers == sorted(powers, reverse=True)
        assert powers[0] > 0
        await window.press("Z")
        assert "▲ by kW" in window.text
        assert next(window.app.scene.visible())[1].evses[0].power_w == 0
        for _ in range(5):
            await window.press("z")
        assert " by " not in window.text.splitlines()[1]


async def test_there_is_nothing_to_turn_round_without_an_order(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("Z")
        assert window.toasts == ["they stand as they were added: z sorts them"]


async def test_the_cursor_stays_on_its_station_when_the_order_changes(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(20)) as window:
        await window.press("down", "down")
        here = window.app.scene.target()
        await window.press("z", "Z")
        assert window.app.scene.target() == here


# -- what a command acts on -----------------------------------------------------------------------


async def test_a_filter_is_what_a_command_acts_on_once_it_was_asked(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~state available", "enter", "s")
        shown = window.app.scene.shown
        assert f"Start: {shown} stations?" in window.text
        assert not window.door.submitted
        await window.press("y")
        assert window.door.submitted == [Command("start", filter="~state available")]
        assert window.toasts == [f"start: {shown} EVSEs"]


@pytest.mark.parametrize(("key", "command"), [("x", "stop"), ("p", "toggle-plug"), ("minus", "remove-station")])
async def test_other_keys_ask_too(open_window: OpenWindow, key: str, command: str) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~tx", "enter", key, "escape")
        assert not window.door.submitted
        await window.press(key, "y")
        assert window.door.submitted == [Command(command, filter="~tx")]


async def test_o_acts_on_the_station_under_the_cursor_alone(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~tx", "enter", "x", "o")
        assert window.door.submitted == [Command("stop", (Target("CP002", 1),))]


async def test_marked_stations_go_before_a_filter(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~tx", "enter", "space", "x")
        assert window.door.submitted == [Command("stop", (Target("CP002", 1),))]


async def test_a_marks_what_is_shown(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"street", "enter", "a")
        assert {target.station_id for target in window.app.scene.marks} == {"CP010", "CP020", "CP030", "CP040"}
        await window.press("a")
        assert not window.app.scene.marks


async def test_marked_stations_are_removed_only_after_a_question(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("space", "right", "space", "minus")
        assert "Remove 2 marked stations?" in window.text
        await window.press("y")
        assert window.door.submitted == [Command("remove-station", (Target("CP001"), Target("CP002")))]


async def test_a_command_on_a_row_of_the_summary_acts_on_what_it_counts(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(1_200)) as window:
        await window.press("end", "s")
        assert "Start: 120 stations?" in window.text
        await window.press("escape", "space")
        assert "v shows them one by one" in window.toasts[-1]


async def test_the_palette_asks_too(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40)) as window:
        await window.press("slash", *"~tx", "enter")
        window.app.orders.with_arguments("authorize")
        await window.press("y")
        assert "Authorize" in window.text
        await window.press("escape")
        assert not window.door.submitted


async def test_a_read_only_window_asks_nothing(open_window: OpenWindow) -> None:
    async with open_window(mixed_fleet(40), read_only=True) as window:
        await window.press("slash", *"~tx", "enter", "x", "minus")
        assert set(window.toasts) == {"this window is read-only"}


# -- pure ------------------------------------------------------------------------------------------

ROW = SummaryRow("state", "Charging", 3_999, 4_000, 4_000, 87_978_000.0, 88_000_000.0, 123_456_789.0, 12)
ROWS = (ROW, SummaryRow("group", "x" * 60, 1, 1, 0, 0.0, 22_000.0, 0.0, 0))


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_lines_of_a_summary_are_as_wide_as_the_screen(width: int, glyphs: Glyphs) -> None:
    look = Look(glyphs, 0.0)
    lines, numbers = summary_lines(ROWS, width, look, 0)
    assert [width_of(line) for line in lines] == [width] * 4
    assert numbers == [None, 0, None, 1]
    assert "87.978 MW" in text_of(lines[1])
    assert "123.457 MWh" in text_of(lines[1])


@pytest.mark.parametrize(
    ("row", "within", "text"),
    [
        (ROW, "", "~state Charging"),
        (ROW, "~tx | a", "(~tx | a) ~state Charging"),
        (SummaryRow("group", "a b", 1, 1, 0, 0, 0, 0, 0), "", "~group 'a b'"),
        (SummaryRow("version", "", 1, 1, 0, 0, 0, 0, 0), "", "~v ''"),
    ],
)
def test_a_row_of_a_summary_is_a_filter(row: SummaryRow, within: str, text: str) -> None:
    from evtui.engine.station_filter import parse

    assert filter_of(row, within) == text
    parse(text)


def test_columns_of_a_summary_do_not_touch() -> None:
    from msgspec.structs import replace

    full = replace(ROW, evses=999_999, transactions=999_999, power_w=999_999.0)
    line = text_of(summary_lines((replace(full, errors=999_999),), 80, Look(UNICODE, 0.0), 0)[0][1])
    for piece in (" 999,999 999,999 ", " 999.999 kW ", " 999,999 "):
        assert piece in line


def test_a_bar_shows_even_the_few() -> None:
    look = Look(UNICODE, 0.0)
    assert bar(0.0, 8, look) == " " * 8
    assert bar(0.0001, 8, look).strip() == "▏"
    assert bar(1.0, 8, look) == "█" * 8
    assert bar(0.5, 8, Look(ASCII, 0.0)) == "####    "


def largest(window_width: int) -> str:
    from evtui.engine.door import FleetView
    from evtui.tui.scene import Scene

    scene = Scene()
    totals = Totals(4_000, 4_000, 4_000, 87_978_000.0, 123_456_789.0, 10**7, 0, 1_234.0, 0.0021, 0.0318, 12)
    scene.absorb(FleetView(1, 0.0, 60.0, "ws://127.0.0.1:9000", "", 0, (), totals, 4_000))
    return text_of(totals_line(scene, window_width, UNICODE, ""))


def test_all_totals_of_a_large_fleet_fit_80_cells() -> None:
    line = largest(80)
    for piece in ("4,000 st", "4,000 tx", "87.978 MW", "123.457 MWh", "12 err", "1,234 fr/s", "2.1/32 ms"):
        assert piece in line
    assert len(line) <= 80


def test_there_are_words_where_there_is_room() -> None:
    for piece in ("evtui", "4,000 stations", "12 errors", "1,234 frames/s", "p50/p99 2.1/32 ms", "×60", "ws://"):
        assert piece in largest(160)


@pytest.mark.parametrize(("stations", "key", "drawn"), [(1_000, "down", 2), (4, "right", 2), (4, "down", 4)])
async def test_a_step_of_the_cursor_draws_what_changed_and_reads_no_frame(
    open_window: OpenWindow, stations: int, key: str, drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of the list, or rows of panels, where the cursor was and where it is."""
    async with open_window(FakeDoor(stations)) as window:
        counts: Counter[str] = Counter()

        def counted(name: str, what: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **named: Any) -> Any:
                counts[name] += 1
                return what(*given, **named)

            return call

        monkeypatch.setattr(dense, "dense_line", counted("drawn", dense.dense_line))
        monkeypatch.setattr("evtui.tui.widgets.fleet_grid.panel", counted("drawn", panel))
        for widget in (FleetGrid, FrameLog, TotalsBar):
            monkeypatch.setattr(widget, "compose_lines", counted(widget.__name__, widget.compose_lines))
        monkeypatch.setattr(FrameLog, "sync", counted("sync", FrameLog.sync))
        await window.pilot.press(key)
        await window.pilot.pause()
        assert counts == {"drawn": drawn, "FleetGrid": 1}
