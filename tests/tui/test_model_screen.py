"""The device model in the station view: browsed, searched, changed, and what is said against a change."""

import pytest

from evtui.engine.door import Command, Target
from evtui.tui.screens.model import ModelScreen
from tests.tui.conftest import OpenWindow, Window
from tests.tui.fake_door import VARIABLES, FakeDoor

OPEN = ("enter", "m")
HEARTBEAT = ("slash", *"heart", "enter")


def here(window: Window) -> str:
    """The variable under the cursor."""
    screen = window.app.screen
    assert isinstance(screen, ModelScreen)
    assert screen.table.row is not None
    return screen.table.row.name


async def test_m_opens_it_from_the_station_view_and_escape_leads_back(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN)
        assert "device model" in window.text
        assert "14 variables" in window.text
        assert "HeartbeatInterval                           300                    s       RW" in window.text
        assert here(window) == "ChargingStation.AvailabilityState"
        await window.press("escape")
        assert "transactions" in window.text


async def test_the_cursor_passes_headings_by_and_jumps_from_component_to_component(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "down")
        assert here(window) == "EVSE(1).Power"
        await window.press("right", "right")
        assert here(window) == "OCPPCommCtrlr.HeartbeatInterval"
        await window.press("left", "left", "left", "left")
        assert here(window) == "ChargingStation.AvailabilityState"
        assert window.toasts == ["there is no component beyond"]
        await window.press("G")
        assert here(window) == "TxCtrlr.TxStopPoint"
        await window.press("pageup")
        assert here(window) != "TxCtrlr.TxStopPoint"
        await window.press("g")
        assert here(window) == "ChargingStation.AvailabilityState"


async def test_what_is_under_the_cursor_is_told_below(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "G")
        assert "─ TxCtrlr.TxStopPoint ─" in window.text
        assert "MemberList, 1 to 1000 characters, read and write" in window.text
        assert "any of ParkingBayOccupancy, EVConnected" in window.text


async def test_values_follow_the_station(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN)
        window.door.stations[0].variables["EVSE(1).Power"] = "21975.125"
        await window.pass_time(1)
        assert "21975.125" in window.text


async def test_a_search_shows_what_it_finds_while_it_is_typed(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "slash", *"tx point")
        assert "4 of 14" not in window.text
        assert "2 of 14" in window.text
        assert here_of(window) == ["TxStartPoint", "TxStopPoint"]
        await window.press("enter", "down")
        assert here(window) == "TxCtrlr.TxStopPoint"
        await window.press("slash", *"zz", "escape")
        assert "2 of 14" in window.text, "escape keeps what there was"
        await window.press("backspace")
        assert "14 variables" in window.text
        assert here(window) == "TxCtrlr.TxStopPoint", "the cursor stays on its variable"


def here_of(window: Window) -> list[str]:
    """The variables that are shown."""
    lines = window.text.splitlines()
    return [words[-3] for line in lines if len(words := line.split()) >= 3 and words[-1] in ("RW", "RO", "WO")]


async def test_a_search_that_finds_nothing_says_so(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "slash", *"toaster", "enter", "enter", "y", "down", "right")
        assert "nothing has these words in it" in window.text
        assert window.door.submitted == []


async def test_enter_changes_a_variable_by_the_command_of_the_registry(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, *HEARTBEAT, "enter")
        assert "integer in s, at least 1, read and write" in window.text
        await window.press("backspace", "backspace", "backspace", "5", "enter")
        arguments = {"variable": "OCPPCommCtrlr.HeartbeatInterval", "value": "5"}
        assert window.door.submitted == [Command("set-variable", (Target("CP001"),), arguments)]
        assert window.toasts == ["CP001: OCPPCommCtrlr.HeartbeatInterval is 5 now"]
        assert "HeartbeatInterval                           5 " in window.text


async def test_what_is_said_against_a_value_stands_below_it_and_another_may_be_tried(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, *HEARTBEAT, "enter", "x", "enter")
        assert "'300x' is not a whole" in window.text
        assert window.toasts == []
        await window.press("backspace", "enter")
        assert "is 300 now" in window.toasts[-1]
        assert isinstance(window.app.screen, ModelScreen)


async def test_escape_changes_nothing(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, *HEARTBEAT, "enter", "5", "escape")
        assert window.door.submitted == []
        assert isinstance(window.app.screen, ModelScreen)


async def test_tab_goes_on_with_what_there_is(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "slash", *"stoptxon", "enter", "enter", "tab", "enter")
        assert window.door.submitted[-1].arguments["value"] == "false"
        await window.press("backspace", "slash", *"priority", "enter", "enter", "comma", "tab", "tab", "enter")
        assert window.door.submitted[-1].arguments["value"] == "1,3"


async def test_a_password_is_not_shown_while_it_is_typed(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "slash", *"password", "enter", "enter", *"hushhush")
        assert "hushhush" not in window.text


async def test_what_says_how_the_station_is_cannot_be_changed(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, "enter")
        assert window.toasts == ["ChargingStation.AvailabilityState cannot be set: it says what the station is or does"]


async def test_a_read_only_window_changes_nothing(open_window: OpenWindow) -> None:
    async with open_window(read_only=True) as window:
        await window.press(*OPEN, *HEARTBEAT, "enter")
        assert window.toasts == ["this window is read-only"]
        assert isinstance(window.app.screen, ModelScreen)


async def test_a_hostile_value_does_nothing_to_the_terminal(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].variables["AuthCtrlr.MasterPassGroupId"] = "\x1b]0;owned\x07"
    async with open_window(door) as window:
        await window.press(*OPEN, "slash", *"master", "enter")
        assert "\x1b" not in window.text
        assert "␛]0;owned␇" in window.text
        await window.press("enter")
        assert "\x1b" not in window.text


async def test_a_click_takes_the_cursor_there_and_a_second_changes_it(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN)
        await window.pilot.click("#variables", offset=(10, 9))
        await window.press()
        assert here(window) == "OCPPCommCtrlr.HeartbeatInterval"
        await window.pilot.click("#variables", offset=(10, 9), times=2)
        await window.pilot.pause()
        assert "enter sets it" in window.text


async def test_the_variable_is_copied_as_an_option_takes_it(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN, *HEARTBEAT, "y")
        assert window.app.clipboard == "OCPPCommCtrlr.HeartbeatInterval=300"


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 50)])
async def test_it_fits_whatever_the_size(open_window: OpenWindow, size: tuple[int, int]) -> None:
    async with open_window(size=size) as window:
        await window.press(*OPEN, *["down"] * len(VARIABLES))
        assert here(window) == "TxCtrlr.TxStopPoint"
        assert "▶  TxStopPoint" in window.text


async def test_a_station_that_goes_leaves_an_empty_list(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press(*OPEN)
        del window.door.stations[0]
        await window.pass_time(1)
        assert "no variables" in window.text
        await window.press("enter", "down", "right", "y", "G", "escape", "escape")
        assert window.app.screen is window.app.fleet_screen
