"""The fleet screen: every key and its effect."""

import pytest

from evtui.engine.door import Command, LinkState, Target
from evtui.settings import Settings
from tests.tui.conftest import OpenWindow, make_app, screen_text, settle
from tests.tui.fake_door import FakeDoor, charging_fleet


async def test_the_first_screen_shows_every_station_its_totals_and_the_log(open_window: OpenWindow) -> None:
    async with open_window() as window:
        for piece in ("CP001", "CP004", "4 stations", "0.000 kW", "×60", "127.0.0.1:9000", "BootNotification"):
            assert piece in window.text


async def test_an_idle_fleet_says_which_key_starts_a_session(open_window: OpenWindow) -> None:
    async with open_window() as window:
        assert "s starts a session" in window.text
    async with open_window(FakeDoor(30)) as window:
        assert "s starts a session" in window.text


async def test_an_empty_fleet_says_which_key_adds_a_station(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(0)) as window:
        assert "+ adds one" in window.text


async def test_s_starts_the_evse_under_the_cursor(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("right", "s")
        assert window.door.submitted == [Command("start", (Target("CP002", 1),))]
        assert "● Charging" in window.text


async def test_x_stops_it_again(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("s", "x")
        assert window.door.submitted[-1] == Command("stop", (Target("CP001", 1),))
        assert "Charging" not in window.text


async def test_p_plugs_in_and_unplugs(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("p")
        assert "◉ Occupied" in window.text
        await window.press("p")
        assert "Occupied" not in window.text


async def test_a_key_that_cannot_act_says_why(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("x")
        assert window.toasts == ["CP001 EVSE 1 has no transaction to stop: s starts one"]
        assert not window.door.submitted


async def test_what_the_fleet_refuses_is_said(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].id = "CP666"
    async with open_window(door) as window:
        await window.press("s")
        assert window.toasts == ["CP666: the CSMS says Blocked for DEADBEEF"]


async def test_space_marks_and_commands_act_on_the_marked(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("space", "right", "space", "down")
        assert "2 marked" in window.text
        await window.press("s")
        assert window.door.submitted == [Command("start", (Target("CP001", 1), Target("CP002", 1)))]
        assert window.toasts == ["start: 2 EVSEs"]
        assert "2 sessions" in window.text


async def test_marked_evses_that_cannot_act_are_left_out(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("s", "a", "s")
        assert [target.station_id for target in window.door.submitted[-1].targets] == ["CP002", "CP003", "CP004"]


async def test_a_marks_all_of_the_fleet_and_then_none(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(200)) as window:
        await window.press("a")
        assert "200 marked" in window.text
        await window.press("a")
        assert "marked" not in window.text


@pytest.mark.parametrize(
    ("keys", "station"),
    [
        (("right",), "CP002"),
        (("l",), "CP002"),
        (("down",), "CP003"),
        (("j",), "CP003"),
        (("down", "right"), "CP004"),
        (("down", "right", "up"), "CP002"),
        (("down", "k"), "CP001"),
        (("right", "h"), "CP001"),
        (("right", "left"), "CP001"),
        (("end",), "CP004"),
        (("end", "home"), "CP001"),
        (("G", "g"), "CP001"),
        (("up", "left"), "CP001"),
    ],
)
async def test_the_cursor_moves_over_the_panels(open_window: OpenWindow, keys: tuple[str, ...], station: str) -> None:
    async with open_window() as window:
        await window.press(*keys)
        assert window.app.scene.target() == Target(station, 1)


async def test_the_cursor_visits_every_evse_in_order(open_window: OpenWindow) -> None:
    door = FakeDoor(30, evses=2)
    async with open_window(door) as window:
        seen = []
        for _ in range(3):
            await window.press("down")
            seen.append(window.app.scene.target())
        assert seen == [Target("CP001", 2), Target("CP002", 1), Target("CP002", 2)]
        await window.press("up", "up")
        assert window.app.scene.target() == Target("CP001", 2)


async def test_the_cursor_stands_on_evses_not_on_stations(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(2, evses=2)) as window:
        await window.press("down")
        assert window.app.scene.target() == Target("CP001", 2)
        await window.press("s")
        assert window.door.submitted == [Command("start", (Target("CP001", 2),))]


async def test_a_long_list_scrolls_with_the_cursor(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(300)) as window:
        await window.press("pagedown")
        assert window.app.scene.index > 5
        await window.press("end")
        assert "▶ CP300" in window.text
        assert "290-300 " in window.text
        await window.press("home")
        assert "▶ CP001" in window.text
        await window.press(*["down"] * 14)
        assert "▶ CP015" in window.text
        assert "CP001 " not in window.text.split("frames")[0]


async def test_only_the_rows_in_view_are_asked_for(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(5000)) as window:
        await window.press("v", "v", "end")
        view = window.door.views[-1]
        assert view.first > 4900
        assert view.count < 100


async def test_f_hides_the_log_and_shows_it_again(open_window: OpenWindow) -> None:
    async with open_window(FakeDoor(8)) as window:
        assert " frames " in window.text
        assert "STATE" in window.text
        await window.press("f")
        assert "BootNotification" not in window.text
        assert "STATE" not in window.text
        assert "╭" in window.text
        await window.press("f")
        assert "BootNotification" in window.text


async def test_plus_adds_a_station_like_the_last(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("plus")
        assert window.door.submitted == [Command("add-stations")]
        assert "CP005" in window.text
        assert window.toasts == ["CP005 added"]


async def test_minus_asks_before_it_takes_an_idle_station_away(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("right", "minus")
        assert "Remove CP002?" in window.text
        assert "No transaction runs there." in window.text
        await window.press("n")
        assert not window.door.submitted
        assert "4 stations" in window.text
        await window.press("minus", "y")
        assert window.door.submitted == [Command("remove-station", (Target("CP002"),))]
        assert "3 stations" in window.text


async def test_minus_says_what_would_end(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("minus")
        assert "1 transaction runs there and would end." in window.text
        await window.press("escape")
        assert not window.door.submitted
        await window.press("minus", "d")
        assert "Remove CP001?" in window.text
        await window.press("y")
        assert [command.name for command in window.door.submitted] == ["remove-station"]


@pytest.mark.parametrize(
    ("name", "question"), [("remove-station", "Remove CP001?"), ("clear-rules", "Every rule of CP001 goes.")]
)
@pytest.mark.parametrize("way", [(), ("enter",)], ids=["fleet", "station"])
async def test_the_palette_asks_before_it_takes_away(
    open_window: OpenWindow, name: str, question: str, way: tuple[str, ...]
) -> None:
    async with open_window() as window:
        await window.press(*way)
        window.app.orders.with_arguments(name)
        await window.press()
        await window.pass_time(1)
        assert question in window.text
        assert not window.door.submitted
        await window.press("y")
        assert window.door.submitted == [Command(name, (Target("CP001"),))]


async def test_toasts_never_cover_the_window() -> None:
    app = make_app(FakeDoor())
    async with app.run_test(size=(60, 15), notifications=True) as pilot:
        await settle(pilot)
        for number in range(12):
            app.tell(f"toast {number}")
        await settle(pilot)
        await settle(pilot)
        shown = [line for line in screen_text(app).splitlines() if "toast" in line]
        assert [line.split("toast")[1].split()[0] for line in shown] == ["9", "10", "11"]


async def test_a_question_about_a_long_name_keeps_its_answers_in_view(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].id = "界" * 100
    async with open_window(door, (60, 15)) as window:
        await window.press("minus")
        assert "…?" in window.text
        assert "take nothing away" in window.text


async def test_tab_moves_the_focus_to_the_log_and_escape_brings_it_back(open_window: OpenWindow) -> None:
    async with open_window() as window:
        focused = []
        for key in ("tab", "escape", "shift+tab"):
            await window.press(key)
            focused.append(window.app.focused.id if window.app.focused else None)
        assert focused == ["log", "grid", "log"]


async def test_fleet_keys_work_while_the_log_has_the_focus(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("tab", "s")
        assert window.door.submitted == [Command("start", (Target("CP001", 1),))]


async def test_the_log_follows_until_one_moves_up_and_then_counts_what_arrives(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        assert "following" in window.text
        await window.press("tab", "up", "up")
        before = window.text.split("frames")[1].splitlines()[1:5]
        await window.pass_time(5)
        assert "▼ 30 new" in window.text
        assert window.text.split("frames")[1].splitlines()[1:5] == before
        await window.press("end")
        assert "following" in window.text


async def test_home_goes_to_the_oldest_frame_and_pages_move_by_a_screen(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("tab", "home")
        log = window.app.fleet_screen.frame_log
        assert log.tail.cursor == 0
        await window.press("pagedown")
        assert log.tail.cursor > 5
        await window.press("pageup")
        assert log.tail.cursor == 0


async def test_a_fault_is_marked_in_the_log_with_its_reason(open_window: OpenWindow) -> None:
    door = FakeDoor()
    from evtui.ocppj.frame import Direction, FrameType

    door.reader.add(
        door.at,
        "CP001",
        Direction.RECEIVED,
        FrameType.CALL,
        "Reset",
        '[2,"r","Reset",{}]',
        fault="OccurrenceConstraintViolation at type: missing",
    )
    async with open_window(door) as window:
        assert "✗ OccurrenceConstraint" in window.text


async def test_the_key_bar_shows_what_works_now(open_window: OpenWindow) -> None:
    async with open_window() as window:
        assert "s Start" in window.text.splitlines()[-1]
        assert "x Stop" not in window.text.splitlines()[-1]
        await window.press("s")
        assert "x Stop" in window.text.splitlines()[-1]
        assert "s Start" not in window.text.splitlines()[-1]


async def test_a_click_on_the_key_bar_is_that_key(open_window: OpenWindow) -> None:
    async with open_window() as window:
        x = window.text.splitlines()[-1].index("Start")
        await window.pilot.click("#keys", offset=(x, 0))
        await settle(window.pilot)
        assert window.door.submitted == [Command("start", (Target("CP001", 1),))]


async def test_the_mouse_moves_the_cursor_and_opens_a_station(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.pilot.click("#grid", offset=(60, 7))
        await settle(window.pilot)
        assert window.app.scene.target() == Target("CP004", 1)
        await window.pilot.click("#grid", offset=(60, 7), times=2)
        await settle(window.pilot)
        assert "CP004" in window.text.splitlines()[0]


async def test_a_waiting_station_counts_down(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].link, door.stations[0].retry_at = LinkState.WAITING, door.at + 12
    async with open_window(door) as window:
        assert "retry in 12 s" in window.text
        assert "3/4 stations" in window.text
        await window.pass_time(5)
        assert "retry in 7 s" in window.text


async def test_a_re_mapped_key_acts_and_the_old_one_does_not(open_window: OpenWindow) -> None:
    async with open_window(settings=Settings(keys={"evse.start": "b"})) as window:
        await window.press("s")
        assert not window.door.submitted
        assert "b Start" in window.text
        assert "b starts a session" in window.text
        await window.press("b")
        assert [command.name for command in window.door.submitted] == ["start"]


async def test_a_reader_whose_frames_make_room_is_told_and_moves_on(open_window: OpenWindow) -> None:
    door = charging_fleet()
    async with open_window(door) as window:
        await window.press("tab", "home")
        assert not window.toasts
        door.reader.first = 40
        await settle(window.pilot)
        assert window.toasts == ["frames before 40 made room for newer ones (--log-max)"]
        assert "40 of" in window.text
        await settle(window.pilot)
        assert len(window.toasts) == 1


async def test_a_read_only_window_changes_nothing(open_window: OpenWindow) -> None:
    async with open_window(read_only=True) as window:
        await window.press("s", "p", "plus", "minus")
        assert not window.door.submitted
        assert set(window.toasts) == {"this window is read-only"}
        assert window.text.startswith(" read-only ")


async def test_the_banner_is_permanent(open_window: OpenWindow) -> None:
    async with open_window(banner="--insecure: certificates are not checked") as window:
        assert "! --insecure: certificates are not checked" in window.text
    door = FakeDoor()
    door.banner = "--insecure"
    async with open_window(door) as window:
        await window.press("enter")
        assert "! --insecure" in window.text


async def test_a_smaller_terminal_gets_another_layout(open_window: OpenWindow) -> None:
    async with open_window(size=(200, 50)) as window:
        assert window.app.fleet_screen.grid.plan.columns == 4
        await window.pilot.resize_terminal(80, 24)
        await settle(window.pilot)
        assert window.app.fleet_screen.grid.plan.columns == 2
        assert "CP004" in window.text


async def test_a_tiny_terminal_is_survived(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet(), size=(20, 8)) as window:
        await window.press(
            "down", "f", "f", "enter", "c", "escape", "tab", "enter", "escape", "question_mark", "escape"
        )
        assert window.app.is_running


async def test_hostile_ids_and_frames_show_harmlessly(open_window: OpenWindow) -> None:
    from evtui.ocppj.frame import Direction, FrameType

    door = FakeDoor(2)
    door.stations[0].id = "\x1b[2J[bold]CP"
    door.stations[1].trouble, door.stations[1].link = "[red]\x07\x9b31m", LinkState.CRASHED
    door.csms_url = "ws://[/red]\x1b]0;x\x07"
    door.reader.add(door.at, "\x1bc", Direction.RECEIVED, FrameType.UNREADABLE, "[b]\x1b", "\x1b[31m[/x]\r\n" * 9)
    async with open_window(door, size=(120, 36)) as window:
        assert not any(character in window.text.replace("\n", "") for character in "\x1b\x07\x9b\r\n")
        assert "␛[2J[bold]CP" in window.text
        await window.press("s")
        assert window.app.is_running


@pytest.mark.parametrize(("width", "shown"), [(160, True), (80, False)])
async def test_where_the_dashboard_is_stands_beside_the_csms(open_window: OpenWindow, width: int, shown: bool) -> None:
    door = FakeDoor(2)
    door.web_url = "http://127.0.0.1:8081/"
    async with open_window(door, size=(width, 30)) as window:
        assert ("http://127.0.0.1:8081/" in window.text) is shown


async def test_a_crash_of_a_station_is_said_aloud(open_window: OpenWindow) -> None:
    async with open_window() as window:
        window.door.shout("crashed", "CP002", "KeyError: 'x' (see the log)")
        await settle(window.pilot)
        assert window.toasts == ["CP002: KeyError: 'x' (see the log)"]


async def test_stations_that_crash_together_are_told_in_one_toast(open_window: OpenWindow) -> None:
    async with open_window() as window:
        for station in ("CP001", "CP002", "CP003"):
            window.door.shout("crashed", station, "worker 1 was killed")
        await settle(window.pilot)
        assert window.toasts == ["CP001: worker 1 was killed (and 2 more)"]


async def test_a_warning_about_the_whole_fleet_is_said_aloud_and_says_why_stations_crash(
    open_window: OpenWindow,
) -> None:
    async with open_window() as window:
        window.door.shout("warning", "CP001", "something about one station")
        window.door.shout("warning", "", "worker 1 was killed, and its 2 stations are gone")
        for station in ("CP001", "CP002"):
            window.door.shout("crashed", station, "worker 1 was killed")
        await settle(window.pilot)
        assert window.toasts == ["worker 1 was killed, and its 2 stations are gone"]


async def test_what_a_csms_asks_for_is_told_in_one_toast(open_window: OpenWindow) -> None:
    async with open_window() as window:
        window.door.shout("reset", "CP001", "RemoteReset")
        await settle(window.pilot)
        window.door.shout("request", "CP002", "RequestStartTransaction: Accepted")
        await settle(window.pilot)
        assert window.toasts == ["CP001: resets: RemoteReset", "CP002: RequestStartTransaction: Accepted"]
