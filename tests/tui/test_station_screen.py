"""The station view."""

import pytest

from evtui.engine.door import Command, LinkState, Target
from evtui.tui.figures import duration
from evtui.tui.screens.station import StationScreen
from tests.tui.conftest import OpenWindow, settle
from tests.tui.fake_door import FakeDoor, charging_fleet


async def test_enter_opens_the_station_under_the_cursor(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("right", "enter")
        head = window.text.splitlines()[0]
        for piece in ("CP002", "evtui AC22", "OCPP 2.0.1", "● online", "ws://127.0.0.1:9000/CP002"):
            assert piece in head


async def test_it_says_why_the_power_is_what_it_is_and_marks_the_winner(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter")
        chain = window.text.split("Why this power")[1].splitlines()[1:5]
        assert ["▶" in line for line in chain] == [False, True, False, False]
        assert "onboard charger" in chain[1]
        assert "21.90 kW" in chain[1]


async def test_without_a_session_nothing_limits(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter")
        assert "nothing limits" in window.text
        assert "the chart begins with the next session" in window.text


async def test_it_lists_transactions_running_and_ended(open_window: OpenWindow) -> None:
    door = charging_fleet()
    door.stop_session(0)
    door.start(0)
    async with open_window(door, size=(120, 36)) as window:
        await window.press("enter")
        assert "running" in window.text
        assert "Local, 12 events" in window.text


async def test_its_log_has_this_stations_frames_only(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("right", "enter")
        log = window.text.split("frames of CP002")[1]
        assert "CP002" in log
        assert "CP001" not in log


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("1", "power kW energy kWh limit kW"),
        ("2", "voltage V"),
        ("3", "current A"),
        ("4", "frequency Hz"),
        ("5", "state of charge %"),
    ],
)
async def test_digits_choose_the_chart(open_window: OpenWindow, key: str, title: str) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "c", key)
        assert title in window.text.splitlines()[1]


async def test_c_goes_round_the_charts(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter")
        seen = []
        for _ in range(6):
            seen.append(window.text.splitlines()[1].split("──")[0])
            await window.press("v")
        assert len(set(seen[:5])) == 5
        assert seen[0] == seen[5]


async def test_the_cursor_reads_what_was_measured(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet(), size=(120, 36)) as window:
        await window.press("enter", "g")
        station = window.app.screen
        assert isinstance(station, StationScreen)
        evse = station.evse
        assert evse is not None
        newest = f"{evse.series_power_w[-1] / 1000:.2f} kW {evse.series_energy_wh[-1] / 1000:.2f} kWh limit"
        assert newest in window.text.splitlines()[1]
        await window.press("home")
        assert window.text.splitlines()[1].startswith(f"─ 00:00 {evse.series_power_w[0] / 1000:.2f} kW ")
        await window.press("escape")
        assert "power kW energy kWh" in window.text.splitlines()[1]
        assert station.focused is None


async def test_zoom_and_pan_show_a_stretch_and_say_so(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet(), size=(120, 36)) as window:
        await window.press("enter", "g", "end", "plus")
        station = window.app.screen
        assert isinstance(station, StationScreen)
        left_s, right_s = station.chart.view.window(station.chart._times)
        assert f" {duration(left_s)}-{duration(right_s)} " in window.text.splitlines()[1]
        await window.press("pageup")
        assert station.chart.view.window(station.chart._times)[0] < left_s
        await window.press("end")
        assert station.chart.view.live
        assert " 00:00-" not in window.text.splitlines()[1]


async def test_the_mouse_reads_the_chart_too(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet(), size=(120, 36)) as window:
        await window.press("enter")
        station = window.app.screen
        assert isinstance(station, StationScreen)
        await window.pilot.click("#chart", offset=(20, 8))
        await window.press()
        assert station.focused is station.chart
        assert station.chart.view.cursor is not None


async def test_without_a_session_there_is_nothing_to_read_and_that_is_said(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(2)) as window:
        await window.press("enter", "g")
        assert window.toasts == ["there is nothing to read: the chart begins with the next session"]


async def test_the_chart_has_axes_of_round_figures_and_a_curve(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet(), size=(120, 36)) as window:
        await window.press("enter")
        for piece in ("20┤", "00:10", "00:40", "▀"):
            assert piece in window.text


async def test_s_x_and_p_act_on_the_evse_that_is_shown(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(2, evses=2)) as window:
        await window.press("enter", "down", "s")
        assert window.door.submitted == [Command("start", (Target("CP001", 2),))]
        assert "EVSE 2 of 2" in window.text
        assert "● Charging" in window.text
        await window.press("x", "p")
        assert [command.name for command in window.door.submitted] == ["start", "stop", "toggle-plug"]
        assert all(command.targets == (Target("CP001", 2),) for command in window.door.submitted)


async def test_marks_of_the_fleet_do_not_reach_into_the_station_view(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("a", "enter", "s")
        assert window.door.submitted == [Command("start", (Target("CP001", 1),))]


async def test_a_key_that_cannot_act_says_why(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter", "x", "down")
        assert window.toasts == ["CP001 EVSE 1 has no transaction to stop: s starts one", "CP001 has one EVSE"]


async def test_left_and_right_go_to_the_neighbours(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "right")
        assert "CP002" in window.text.splitlines()[0]
        assert "frames of CP002" in window.text
        await window.press("left", "left")
        assert "CP001" in window.text.splitlines()[0]
        assert window.toasts == ["there is no station beyond"]


async def test_escape_goes_back_to_the_fleet_where_one_was(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("right", "enter", "escape")
        assert "4 stations" in window.text
        assert window.app.scene.target() == Target("CP002", 1)


async def test_tab_moves_to_its_log_and_enter_opens_a_frame(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter", "tab", "up", "enter")
        assert window.text.splitlines()[0].startswith(" evtui › frame ")
        await window.press("escape", "escape", "s")
        assert "frames of CP001" in window.text


async def test_a_station_that_is_removed_meanwhile_is_said_to_be_gone(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("enter")
        del window.door.stations[0]
        await settle(window.pilot)
        assert "CP001  is gone" in window.text
        await window.press("s", "c", "down", "escape")
        assert window.app.is_running


async def test_figures_keep_up_with_time(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter")
        assert "00:50" in window.text
        await window.pass_time(10)
        assert "01:00" in window.text


async def test_the_fleet_is_up_to_date_when_one_comes_back(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter")
        await window.pass_time(70)
        await window.press("escape")
        assert "02:00" in window.text.splitlines()[2]
        await window.pass_time(5)
        assert "02:05" in window.text.splitlines()[2]


async def test_keys_typed_ahead_reach_the_log_that_tab_leads_to(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("enter")
        await window.pilot.press("tab", "up", "up", "enter")
        await settle(window.pilot)
        assert window.text.splitlines()[0].startswith(" evtui › frame ")
        assert not window.toasts


async def test_a_station_that_cannot_connect_says_why_where_there_is_room_for_it(open_window: OpenWindow) -> None:
    door = FakeDoor()
    station = door.stations[0]
    station.link, station.retry_at = LinkState.WAITING, door.at + 6
    station.trouble = "connection refused by 127.0.0.1:9555 (tcp)"
    async with open_window(door) as window:
        await window.press("enter")
        assert "retry in 6 s · connection refused by 127.0.0.1:9555 (tcp)" in window.text.splitlines()[0]
