"""The ECHONET screen: objects and properties as a controller finds them, and the frames of both wires."""

import pytest

from evtui.engine.beside import NodeView, ObjectRow, PropertyRow
from evtui.ocppj.frame import Direction, FrameType
from tests.tui.conftest import OpenWindow, Window
from tests.tui.fake_door import FakeDoor

PROFILE = ObjectRow(0x0EF001, "node profile", (PropertyRow(0x80, "Operating status", "booted", "30", "get inf"),))


def charger(number: int, power: str = "21000 W") -> ObjectRow:
    return ObjectRow(
        0x02A100 + number,
        f"CP{number:03} EVSE 1",
        (
            PropertyRow(0xD3, "Instantaneous charging power", power, "00 00 52 08", "get"),
            PropertyRow(0xDA, "Operation mode setting", "charge", "42", "get set inf"),
            PropertyRow(0xE4, "Remaining battery capacity 3", "", "", "get"),
            *(PropertyRow(0xF0 + each, f"Filler {each}", "", "", "get") for each in range(16)),
        ),
    )


@pytest.fixture
def door() -> FakeDoor:
    made = FakeDoor()
    made.node_view = NodeView("127.0.0.1", (PROFILE, charger(1), charger(2)))
    made.reader.add(5.0, "CP001", Direction.RECEIVED, FrameType.ECHONET, "Get", "Get D3 from 127.0.0.2 1081 0001")
    return made


async def test_e_opens_it_on_the_first_charger(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("e")
        assert "UDP 3610 of 127.0.0.1 · 2 EV chargers" in window.text
        assert "02A101 CP001 EVSE 1" in window.text
        assert "object 2 of 3" in window.text
        row = next(line for line in window.text.splitlines() if " D3 " in line)
        assert "Instantaneous charging power" in row
        assert "21000 W" in row
        assert row.rstrip().endswith("get")
        assert "no value now" in window.text
        await window.press("escape")
        assert window.app.screen is window.app.fleet_screen


async def test_its_log_shows_the_frames_of_echonet_lite_until_asked_for_others(
    open_window: OpenWindow, door: FakeDoor
) -> None:
    async with open_window(door) as window:
        await window.press("e")
        assert "/~p echonet" in window.text
        assert "Get D3 from 127.0.0.2" in window.text
        assert "BootNotification" not in window.text
        await window.press("tab", "backspace")
        assert "BootNotification" in window.text


async def test_it_follows_the_node(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("e", "right")
        assert "CP002 EVSE 1" in window.text
        door.node_view = NodeView("127.0.0.1", (PROFILE, charger(1), charger(2, "7000 W")))
        await window.pass_time(1)
        assert "7000 W" in window.text
        door.node_view = NodeView("127.0.0.1", (PROFILE, charger(1)))
        await window.pass_time(1)
        assert "CP001 EVSE 1" in window.text, "what was shown is gone: the first takes its place"


async def test_objects_end_where_they_end(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        await window.press("e", "left")
        assert "0EF001 node profile" in window.text
        await window.press("left")
        assert "no object beyond" in window.toasts[-1]


async def test_properties_scroll_and_stop_at_the_end(open_window: OpenWindow, door: FakeDoor) -> None:
    async with open_window(door) as window:
        assert "Filler 15" not in window.text
        await window.press("e", "pagedown", "pagedown", "pagedown")
        assert "Filler 15" in window.text
        assert " D3 Inst" not in window.text
        await window.press("pageup", "pageup", "pageup")
        assert " D3 Inst" in window.text


async def test_without_a_node_it_says_how_to_get_one(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("e")
        assert window.toasts[-1] == "there is no ECHONET Lite node: evtui --echonet starts with one"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_every_line_fits(open_window: OpenWindow, door: FakeDoor, size: tuple[int, int]) -> None:
    async with open_window(door, size=size) as window:
        await window.press("e")
        assert_fits(window, size[0])


def assert_fits(window: Window, width: int) -> None:
    row = next(line for line in window.text.splitlines() if " DA " in line)
    assert len(row) <= width
    assert "get set inf" in row
