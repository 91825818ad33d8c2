"""Keys of the station view that let something happen: each shows its effect, or says why there is none."""

import pytest

from evtui.engine.door import Command, LinkState, Target
from evtui.tui.keys import KEYS, Where, keys_of
from tests.tui.conftest import OpenWindow
from tests.tui.fake_door import FakeDoor, charging_fleet

HERE = (Target("CP001", 1),)
EVENTS = [spec for spec in keys_of(Where.STATION) if spec.command and spec.id.startswith("station.")]


def test_no_key_of_an_event_is_one_that_the_fleet_screen_uses_or_screens_to_come_want() -> None:
    taken = {"c", "d", "e"}
    for spec in KEYS:
        if spec.where in (Where.FLEET, Where.GRID):
            taken |= set(spec.keys.split(","))
    assert EVENTS
    for spec in EVENTS:
        assert not set(spec.keys.split(",")) & taken, spec.id


@pytest.mark.parametrize(
    ("key", "command", "shown"),
    [
        ("u", "unplug-at-station", "unplugged at the station"),
        ("w", "toggle-ev", "the car suspends"),
        ("percent_sign", "ev-full", "the car is full"),
        ("L", "toggle-lock", "the lock is jammed"),
        ("E", "toggle-emergency-stop", "emergency stop"),
        ("o", "toggle-power", "the power is cut"),
        ("n", "toggle-network", "the network is cut"),
        ("r", "close-connection", "closed"),
    ],
)
async def test_a_key_lets_it_happen_and_a_toast_shows_the_effect(
    open_window: OpenWindow, key: str, command: str, shown: str
) -> None:
    door = FakeDoor()
    door.stations[0].evses[0].plugged = True
    async with open_window(door) as window:
        await window.press("enter", key)
        assert window.door.submitted == [Command(command, HERE)]
        assert window.toasts == [f"CP001: {shown}"]


async def test_b_lets_a_car_come_and_go(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "b")
        assert "in the bay" in window.text
        await window.press("b")
        assert window.toasts == ["CP001: the bay is occupied", "CP001: the bay is free"]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("u", "CP001 EVSE 1 has no cable in"),
        ("w", "CP001 EVSE 1 has no car connected"),
        ("percent_sign", "CP001 EVSE 1 has no car connected"),
    ],
)
async def test_a_key_that_cannot_act_says_why(open_window: OpenWindow, key: str, why: str) -> None:
    async with open_window() as window:
        await window.press("enter", key)
        assert window.door.submitted == []
        assert window.toasts == [why]


async def test_a_dark_station_does_nothing_but_come_back(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "o")
        assert "□ no power" in window.text.splitlines()[0]
        await window.press("s", "t", "i", "exclamation_mark", "E")
        assert window.toasts[1:] == [
            "CP001 has no power",
            "CP001 has no power",
            "CP001 has no connection",
            "CP001 has no power",
            "CP001 has no power",
        ]
        await window.press("o")
        assert window.door.stations[0].link is LinkState.ONLINE


async def test_a_network_that_is_cut_shows_until_it_is_restored(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "n")
        assert "≠ cut, online" in window.text.splitlines()[0]
        await window.press("escape")
        assert "≠ cut, online" in window.text
        await window.press("enter", "n")
        assert "● online" in window.text.splitlines()[0]


# -- faults ---------------------------------------------------------------------------------------


async def test_a_fault_is_chosen_by_number_and_cleared_by_the_same_key(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "exclamation_mark")
        assert "What breaks?" in window.text
        await window.press("1")
        assert window.door.submitted == [Command("fault", HERE, {"kind": "ground-fault"})]
        assert "! Faulted" in window.text
        assert "ground fault" in window.text
        await window.press("exclamation_mark")
        assert window.door.submitted[-1] == Command("clear-fault", HERE)
        assert "! Faulted" not in window.text


async def test_a_fault_is_chosen_with_the_arrows(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "exclamation_mark", "up", "down", "j", "k", "down", "enter")
        assert window.door.submitted == [Command("fault", HERE, {"kind": "overcurrent"})]


async def test_escape_breaks_nothing_and_a_number_that_is_not_there_does_nothing(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "exclamation_mark", "9", "s", "q")
        assert "What breaks?" in window.text
        await window.press("escape")
        assert window.door.submitted == []
        assert "What breaks?" not in window.text


async def test_an_emergency_stop_is_not_repaired_but_released(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "E")
        assert "emergency stop" in window.text
        await window.press("exclamation_mark")
        assert "What breaks?" in window.text
        await window.press("escape", "E")
        assert [command.name for command in window.door.submitted] == ["toggle-emergency-stop"] * 2


async def test_a_jammed_lock_is_repaired_like_any_fault(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "L")
        assert "lock fails" in window.text
        await window.press("exclamation_mark")
        assert window.door.submitted[-1] == Command("clear-fault", HERE)


# -- what asks for arguments ----------------------------------------------------------------------


async def test_any_identifier_can_be_presented(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "t", *"CAFE", "tab", *"Central", "enter")
        assert window.door.submitted == [Command("authorize", HERE, {"id-token": "CAFE", "id-token-type": "Central"})]


async def test_any_text_can_be_sent(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "i", "left_square_bracket", "right_square_bracket", "enter")
        assert window.door.submitted == [Command("send-raw", HERE, {"text": "[]"})]
        assert window.toasts == ["CP001: sent 2 bytes"]


async def test_a_read_only_window_lets_nothing_happen(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet(), read_only=True) as window:
        await window.press("enter", "o", "exclamation_mark", "t", "E")
        assert window.door.submitted == []
        assert set(window.toasts) == {"this window is read-only"}
        assert len(window.toasts) == 4


async def test_the_palette_knows_what_can_happen_where_its_key_does_not_work(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("ctrl+p", *"power cut", "enter")
        assert window.door.submitted == [Command("power-cut", HERE)]
        assert "□ no power" in window.text
