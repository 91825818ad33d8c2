"""The window on a fleet, in a terminal, as a user has it: keys in, screen out, and the wire behind it."""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.e2e.console import console
from tests.e2e.terminal import Terminal
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import Household, until

pytestmark = pytest.mark.timeout(120)

FULL_SCREEN_OFF = b"\x1b[?1049l"
CURSOR_ON = b"\x1b[?25h"
ASKED = "leave the fleet running"
SOON = ("--set", "OCPPCommCtrlr.RetryBackOffWaitMinimum=1", "--set", "OCPPCommCtrlr.RetryBackOffRandomRange=0")


@pytest.fixture
def csms() -> Iterator[ScriptedCsms]:
    with scripted_csms() as made:
        yield made


def _restored(terminal: Terminal) -> bool:
    """Whether the user has his terminal back: modes, normal screen, cursor."""
    written = terminal.raw()
    return (
        terminal.settings_restored()
        and written.rfind(FULL_SCREEN_OFF) > written.rfind(b"\x1b[?1049h") >= 0
        and written.rfind(CURSOR_ON) > written.rfind(b"\x1b[?25l") >= 0
    )


def _host(house: Household) -> int:
    """The host's process id."""
    (pid,) = [pid for pid, command in house.processes().items() if "evtui.host" in command]
    return pid


def _start_session(terminal: Terminal, csms: ScriptedCsms) -> None:
    terminal.wait_for("Available")
    terminal.press("s")
    csms.wait_for(lambda frame: frame.is_event("Updated", "ChargingStateChanged"))
    terminal.wait_for("Charging")


# -- keys -----------------------------------------------------------------------------------------


def test_s_starts_and_x_stops_a_session(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "2") as terminal:
        _start_session(terminal, csms)
        started = csms.wait_for(lambda frame: frame.is_event("Started"))
        assert started.station == "CP001"  # where the cursor stands
        assert started.payload["idToken"] == {"idToken": "DEADBEEF", "type": "ISO14443"}
        terminal.press("x")
        ended = csms.wait_for(lambda frame: frame.is_event("Ended"))
        assert ended.payload["triggerReason"] == "StopAuthorized"
        assert len([frame for frame in csms.received() if frame.action == "Authorize"]) == 1  # E07.FR.01
        terminal.wait_for("0 sessions")
        terminal.press("q")
        assert terminal.wait() == 0


def test_p_plugs_in_and_unplugs(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        terminal.wait_for("Available")
        terminal.press("p")
        csms.wait_for(lambda frame: frame.payload.get("connectorStatus") == "Occupied" if frame.action else False)
        terminal.wait_for("Occupied")
        terminal.press("p")
        terminal.wait_for(lambda screen: "Occupied" not in screen.split("StatusNotification")[0])
        assert not [frame for frame in csms.received() if frame.action in ("Authorize", "TransactionEvent")]


def test_all_marked_stations_start_with_one_key(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "3") as terminal:
        csms.wait_for_stations(3)
        for station in ("CP001", "CP002", "CP003"):
            csms.wait_for(lambda frame: frame.action == "SecurityEventNotification", station)
        terminal.wait_for("Available")
        terminal.press("a", "s")
        for station in ("CP001", "CP002", "CP003"):
            csms.wait_for(lambda frame: frame.is_event("Started"), station)


def test_plus_and_minus_add_and_remove_a_station(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        terminal.wait_for("Available")
        terminal.press("+")
        csms.wait_for(lambda frame: frame.action == "BootNotification", "CP002")
        terminal.wait_for("CP002")
        terminal.press("-")
        terminal.wait_for("Remove CP001?")
        terminal.press("y")
        csms.wait_for_stations(1)


def test_raw_frames_are_on_the_screen_and_f_hides_them(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        terminal.wait_for("BootNotification")
        terminal.press("f")
        terminal.wait_for(lambda screen: "BootNotification" not in screen)
        terminal.press("f")
        terminal.wait_for("BootNotification")


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 36), (200, 50)])
def test_the_screen_follows_the_size_of_the_terminal(
    house: Household, csms: ScriptedCsms, columns: int, lines: int
) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1", columns=100, lines=30) as terminal:
        terminal.wait_for("Available")
        terminal.resize(columns, lines)
        terminal.wait_for(lambda screen: len(screen.splitlines()) == lines and "Quit" in screen.splitlines()[-1])


def test_ascii_screens_are_ascii(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "2", "--ascii") as terminal:
        _start_session(terminal, csms)
        csms.wait_for(lambda frame: frame.is_event("Updated", "MeterValuePeriodic"))
        assert terminal.text().isascii(), terminal.text()
        terminal.press("enter")
        terminal.wait_for("Why this power")
        assert terminal.text().isascii(), terminal.text()


# -- leaving --------------------------------------------------------------------------------------


def test_q_leaves_at_once_when_nothing_charges(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url) as terminal:
        terminal.wait_for("Available")
        terminal.press("q")
        assert terminal.wait() == 0
        assert _restored(terminal)
        until(lambda: not house.processes())


def test_q_asks_while_a_transaction_runs_and_y_ends_it(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        _start_session(terminal, csms)
        terminal.press("q")
        terminal.wait_for(ASKED)
        assert "1 transaction is running" in terminal.text()
        terminal.press("escape")
        terminal.wait_for(lambda screen: ASKED not in screen)
        terminal.press("q")
        terminal.wait_for(ASKED)
        terminal.press("y")
        assert terminal.wait() == 0
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        assert _restored(terminal)
        until(lambda: not house.processes())


def test_d_leaves_the_fleet_running_and_attach_comes_back(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        _start_session(terminal, csms)
        terminal.press("q")
        terminal.wait_for(ASKED)
        terminal.press("d")
        assert terminal.wait() == 0
        assert _restored(terminal)
    left_at = csms.received()[-1].at
    csms.wait_for(lambda frame: frame.is_event("Updated", "MeterValuePeriodic"), after=left_at)
    with console(house, "attach") as terminal:
        terminal.wait_for("Charging")
        terminal.press("q")
        terminal.wait_for(ASKED)
        terminal.press("y")
        assert terminal.wait() == 0
    csms.wait_for(lambda frame: frame.is_event("Ended"))
    until(lambda: not house.processes())


def test_a_hangup_ends_transactions_and_every_process(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "2") as terminal:
        _start_session(terminal, csms)
        terminal.hang_up()
        until(lambda: not house.processes())
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_a_hangup_of_a_stalled_terminal_does_the_same(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "2") as terminal:
        _start_session(terminal, csms)
        _stall(terminal, csms)
        terminal.hang_up()
        until(lambda: not house.processes())
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_sigterm_ends_transactions_and_is_143(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        _start_session(terminal, csms)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait(10) == 143
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        assert _restored(terminal)
        until(lambda: not house.processes())


# -- trouble --------------------------------------------------------------------------------------


def _stall(terminal: Terminal, csms: ScriptedCsms) -> None:
    """Stops reading, and makes the window write until the line is full: each `f` repaints the whole screen."""
    terminal.stall()
    terminal.press(*"f" * 60)
    now = csms.received()[-1].at
    csms.wait_for(lambda frame: frame.is_event("Updated"), after=now)


def test_a_stalled_terminal_is_nothing_to_sessions_and_heartbeats(house: Household) -> None:
    with (
        scripted_csms(heartbeat_s=1) as csms,
        console(house, "--csms-url", csms.url, "--stations", "2", columns=120, lines=36) as terminal,
    ):
        _start_session(terminal, csms)
        csms.wait_for(lambda frame: frame.action == "Heartbeat", "CP002")
        _stall(terminal, csms)
        for station in ("CP001", "CP002"):  # samples and heartbeats, one a second
            csms.wait_for_more(6, station)
        terminal.resume()
        written = terminal.bytes_written()
        until(lambda: terminal.bytes_written() > written)
        terminal.press("x")
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_the_host_is_gone_and_the_window_says_so(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        terminal.wait_for("Available")
        os.kill(_host(house), signal.SIGKILL)
        assert terminal.wait(10) == 1
        assert _restored(terminal)
        last_words = terminal.raw()[terminal.raw().rfind(FULL_SCREEN_OFF) :].decode(errors="replace")
        assert "host" in last_words.lower()
        assert "Traceback" not in last_words


SABOTAGE = """
from evtui.tui.environment import prepare_environment
prepare_environment()
from evtui.tui.app import EvtuiApp
def broken(self):
    raise RuntimeError("a bug of ours")
EvtuiApp.action_show_help = broken
from evtui.cli import main
main()
"""


def test_a_crash_of_the_window_restores_the_terminal_and_ends_transactions(
    house: Household, csms: ScriptedCsms
) -> None:
    arguments = ("--csms-url", csms.url, "--stations", "1")
    with console(house, *arguments, program=(sys.executable, "-c", SABOTAGE)) as terminal:
        _start_session(terminal, csms)
        terminal.press("?")
        assert terminal.wait() == 1
        assert _restored(terminal)
        assert b"a bug of ours" in terminal.raw()
        until(lambda: not house.processes())
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_a_killed_window_is_a_hangup(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as terminal:
        _start_session(terminal, csms)
        terminal.signal(signal.SIGKILL)
        until(lambda: not house.processes())
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_the_csms_dies_sessions_go_on_and_all_is_delivered(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1", *SOON) as terminal:
        _start_session(terminal, csms)
        csms.wait_for(lambda frame: frame.is_event("Updated", "MeterValuePeriodic"))
        csms.die()
        terminal.wait_for("retry in")
        assert "Charging" in terminal.text()
        csms.live()
        csms.wait_for(lambda frame: frame.is_event("Updated") and frame.payload.get("offline") is True)
        terminal.press("x")
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        numbers = {frame.payload["seqNo"] for frame in csms.received() if frame.action == "TransactionEvent"}
        assert numbers == set(range(len(numbers)))


HOSTILE = (
    '\x1b]0;PWNED\x07\x1b[2J\x1b[H\x1b[31m[bold red]markup[/bold red] <script>alert("html")</script>',
    json.dumps(
        [2, "h1", "DataTransfer", {"vendorId": "\x1b]0;PWNED\x07[@click=app.quit()]x[/]", "data": "\u202e\x9b2J"}]
    ),
    json.dumps([2, "h2\x1b[2J", "No\x1b[5mSuchAction[/]", {}]),
    json.dumps([3, "never-asked", {"\x1b[2J": [None, True, -1e308]}]),
    json.dumps([2, "h3", "DataTransfer", {"vendorId": "x", "data": "y" * 300_000}]),
    "[" * 5000,
    "",
    json.dumps({"no": "array"}),
)


def test_hostile_frames_show_harmlessly(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1", columns=120, lines=36) as terminal:
        terminal.wait_for("Available")
        for text in HOSTILE:
            csms.send("CP001", text)
        terminal.wait_for("PWNED")
        assert b"\x1b]0;PWNED" not in terminal.raw()
        assert b"\x1b[5m" not in terminal.raw()
        assert "PWNED" not in terminal.title()
        terminal.press("tab", "end", "enter")  # and opened, frame by frame
        for _ in range(2 * len(HOSTILE)):
            terminal.wait_for(" chars")
            terminal.press("left")
        terminal.press("escape")
        terminal.wait_for("─ frames ─")
        terminal.press("tab")
        assert b"\x1b]0;PWNED" not in terminal.raw()
        assert b"\x1b[5m" not in terminal.raw()
        _start_session(terminal, csms)
        assert len([frame for frame in csms.received() if frame.action == "BootNotification"]) == 1


def test_a_taken_default_port_is_told_and_the_next_free_one_used(house: Household) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # it is taken already
            taken.bind(("127.0.0.1", 9000))
            taken.listen()
        with console(house, columns=120, lines=36) as terminal:
            terminal.wait_for("Available")
            terminal.wait_for(lambda screen: any(str(other) in screen for other in range(9001, 9050)))


def test_a_second_evtui_offers_to_attach(house: Household) -> None:
    (house.home / "fleet.toml").write_text("[csms]\nport = 0\nweb_port = 0\n")
    with console(house, "--config", "fleet.toml") as first:
        first.wait_for("Available")
        with console(house) as second:
            second.wait_for(lambda screen: "attach" in screen.lower())


# -- what it costs the line -----------------------------------------------------------------------


def test_eight_charging_panels_cost_at_most_4_kb_a_second(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "8") as terminal:
        terminal.wait_for("Available")
        terminal.press("f")
        terminal.wait_for(lambda screen: "BootNotification" not in screen and "CP008" in screen)
        for station in range(1, 9):
            csms.wait_for(lambda frame: frame.action == "SecurityEventNotification", f"CP{station:03d}")
        terminal.press("a", "s")
        for station in range(1, 9):
            csms.wait_for(lambda frame: frame.is_event("Updated", "MeterValuePeriodic"), f"CP{station:03d}")
        start, written = csms.received()[-1].at, terminal.bytes_written()
        end = csms.wait_for(lambda frame: frame.is_event("Updated"), "CP001", after=start + 8).at
        a_second = (terminal.bytes_written() - written) / (end - start)
        assert 0 < a_second <= 4096, f"{a_second:.0f} bytes a second"


def test_an_idle_fleet_costs_nothing(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "4") as terminal:
        for station in range(1, 5):
            csms.wait_for(lambda frame: frame.action == "SecurityEventNotification", f"CP{station:03d}")
        terminal.wait_for("SecurityEvent")
        terminal.wait_for("fr/s")
        terminal.wait_for(lambda text: "fr/s" not in text)  # they are those of the last seconds
        terminal.wait_until_silent()
        terminal.stays_silent(3)
