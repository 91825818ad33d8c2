"""How the window ends."""

import asyncio

import pytest

from evtui.engine.beside import Attendance, HostDoor
from evtui.errors import ConnectError
from evtui.tui.app import EvtuiApp
from evtui.tui.farewell import WindowResult
from tests.tui.conftest import OpenWindow, settle
from tests.tui.fake_door import FakeDoor, charging_fleet


async def test_q_quits_at_once_when_nothing_runs(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("q")
    assert window.door.stopped == ["quit"]
    assert window.result == WindowResult()


async def test_q_asks_when_transactions_run(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("q")
        assert "3 transactions are running." in window.text
        assert not window.door.stopped


@pytest.mark.parametrize("key", ["escape", "n"])
async def test_escape_goes_back(open_window: OpenWindow, key: str) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("q", key)
        assert "4 stations" in window.text
        assert not window.door.stopped


@pytest.mark.parametrize("key", ["y", "enter"])
async def test_yes_stops_the_transactions_and_quits(open_window: OpenWindow, key: str) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("q", key)
    assert window.door.stopped == ["quit"]
    assert window.result == WindowResult()


async def test_d_leaves_the_fleet_running(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("q", "d")
    assert window.door.stopped == ["detach"]
    assert window.result is not None
    assert window.result.detached
    assert "the fleet runs on" in window.result.text


async def test_d_alone_leaves_the_fleet_running_at_once(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "d")
    assert window.door.stopped == ["detach"]
    assert window.result is not None
    assert window.result.detached


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (Attendance(stays=True), "The fleet was told to stay."),
        (Attendance(windows=2), "Another window looks on."),
        (Attendance(windows=1, readers=3), "3 other windows look on."),
    ],
)
async def test_q_asks_when_others_count_on_the_fleet(open_window: OpenWindow, others: Attendance, said: str) -> None:
    door = FakeDoor()
    door.looking_on = others
    async with open_window(door) as window:
        await window.press("q")
        assert said in window.text
        assert "stop the fleet and quit" in window.text
        assert not window.door.stopped
        await window.press("y")
    assert window.door.stopped == ["quit"]


async def test_while_it_stops_one_sees_how_many_transactions_end(open_window: OpenWindow) -> None:
    door = charging_fleet()
    door.hold_stop = asyncio.Event()
    async with open_window(door) as window:
        await window.press("q", "y")
        assert "stopping, 3 transactions end ..." in window.text
        door.stop_session(0)
        door.stop_session(1)
        await settle(window.pilot)
        assert "stopping, 1 transaction ends ..." in window.text
        door.hold_stop.set()
        await window.pilot.pause()
    assert window.result == WindowResult()


async def test_ctrl_q_is_q_and_ctrl_c_says_how_to_quit(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("ctrl+c")
        assert window.toasts == ["q quits"]
        await window.press("ctrl+q")
        assert "3 transactions are running." in window.text


async def test_q_works_in_the_station_view_and_on_a_frame(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "q", "escape", "tab", "enter", "q")
        assert "3 transactions are running." in window.text


@pytest.mark.parametrize("key", ["q", "d"])
async def test_a_read_only_window_just_goes(open_window: OpenWindow, key: str) -> None:
    async with open_window(charging_fleet(), read_only=True) as window:
        await window.press(key)
    assert not window.door.stopped
    assert window.result is not None
    assert window.result.detached


async def test_when_the_host_is_gone_the_window_says_so_and_exits_with_1(open_window: OpenWindow) -> None:
    async with open_window() as window:
        window.door.lose()
        window.app.pull_soon()
        await window.pilot.pause()
    assert window.result == WindowResult(1, "evtui: the host is gone: connection reset by the test")
    assert window.app.return_code == 1


async def test_a_host_that_closes_behind_a_stop_is_no_failure(open_window: OpenWindow) -> None:
    door = FakeDoor()

    async def closing(reason: str) -> None:
        door.stopped.append(reason)
        door.lose()
        raise ConnectionResetError("gone")

    door.stop = closing  # type: ignore[method-assign]
    async with open_window(door) as window:
        await window.press("q")
    assert window.result == WindowResult()


async def test_a_door_that_does_not_open_ends_the_window_with_the_reason() -> None:
    async def connect() -> HostDoor:
        raise ConnectError("tcp", "nobody listens", "start one")

    app = EvtuiApp(connect, open_reader=lambda directory: FakeDoor().reader, refresh_hz=0)
    async with app.run_test() as pilot:
        await pilot.pause()
    assert app.return_value == WindowResult(1, "evtui: nobody listens (tcp): start one")


async def test_a_host_that_does_not_answer_is_said_and_the_window_stays(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_window() as window:
        monkeypatch.setattr("evtui.tui.app.PATIENCE_S", 0.01)
        answer = window.door.fleet

        async def silent(view: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(window.door, "fleet", silent)
        await window.app.pull()
        await window.pilot.pause()
        assert "the host does not answer" in window.text
        monkeypatch.setattr(window.door, "fleet", answer)
        await settle(window.pilot)
        assert "does not answer" not in window.text


async def test_q_before_the_door_is_open_leaves_at_once() -> None:
    async def connect() -> HostDoor:
        await asyncio.Event().wait()
        raise AssertionError

    app = EvtuiApp(connect, open_reader=lambda directory: FakeDoor().reader, refresh_hz=0)
    async with app.run_test() as pilot:
        await pilot.press("s")
        assert [str(note.message) for note in app._notifications] == ["the fleet is still starting"]
        await pilot.press("q")
    assert app.return_value == WindowResult()
