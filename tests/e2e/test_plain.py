"""evtui --plain: in a poor terminal, in a pipe, attached, read-only."""

import re
import subprocess

import pytest

from tests.e2e.console import console
from tests.e2e.terminal import Terminal
from tests.program import EVTUI, Household

pytestmark = pytest.mark.timeout(120)

SMALL = ("--plain", "--ephemeral", "--stations", "2")


def booted(screen: str) -> bool:
    """Both stations are online: they were when the window opened, or it has told so since."""
    at_first = re.search(r"2 stations, (\d) online", screen)
    return at_first is not None and int(at_first[1]) + screen.count(": Accepted by the CSMS") >= 2


def typed(terminal: Terminal, line: str) -> None:
    terminal.press(*line, "enter")


@pytest.mark.parametrize("arguments", [SMALL, SMALL[1:]], ids=["asked for", "by the terminal"])
def test_a_dumb_terminal_shows_lines_and_takes_commands(house: Household, arguments: tuple[str, ...]) -> None:
    with console(house, *arguments, TERM="dumb", lines=60) as terminal:
        terminal.wait_for(booted)
        typed(terminal, "s CP002")
        terminal.wait_for("CP002 EVSE 1: Session started")
        terminal.wait_for("kWh, ")
        typed(terminal, "help filter")
        terminal.wait_for("  charging or ~s CP00*; without text: all of them\n")  # broken between words
        typed(terminal, "quit")
        terminal.wait_for("1 transaction is running. Type stop")
        typed(terminal, "stop")
        assert terminal.wait() == 0
        assert "CP002 EVSE 1: Session ended" in terminal.text()
        assert b"\x1b" not in terminal.raw().replace(b"\x1b]999;last\x07", b"")
        assert terminal.settings_restored()
    assert not [command for command in house.processes().values() if "evtui.host" in command]


def test_it_goes_into_a_pipe_and_comes_from_one(house: Household) -> None:
    done = subprocess.run(
        [*EVTUI, *SMALL],
        input="list\nqqqq\n",
        env=house.environment(),
        cwd=house.home,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("CP001: ") and "EVSE 1: Available" in line for line in lines)
    assert "there is no command 'qqqq'; help tells what there is" in lines


def test_detach_leaves_the_fleet_to_other_windows(house: Household) -> None:
    with console(house, *SMALL) as terminal:
        terminal.wait_for(booted)
        typed(terminal, "detach")
        terminal.wait_for("evtui attach comes back to it")
        assert terminal.wait() == 0
    with console(house, "attach", "--plain", "--read-only", lines=60) as reader:
        reader.wait_for("read-only")
        typed(reader, "s CP001")
        reader.wait_for("this window is read-only")
        with console(house, "attach", "--plain") as other:
            other.wait_for("2 online")
            typed(other, "s CP001")
            reader.wait_for("CP001 EVSE 1: Session started")
            typed(other, "quit")
            other.wait_for("Others look on")
            typed(other, "stop")
            assert other.wait() == 0
        reader.wait_for("the host is gone")
        assert reader.wait() == 1


def test_ctrl_c_twice_stops_properly(house: Household) -> None:
    with console(house, *SMALL) as terminal:
        terminal.wait_for(booted)
        typed(terminal, "s CP001")
        terminal.wait_for("Charging")
        terminal.press("ctrl+c")
        terminal.wait_for("Type stop")
        terminal.press("ctrl+c")
        assert terminal.wait() == 130
        assert "Session ended" in terminal.text()


def test_options_of_the_screen_are_refused(house: Household) -> None:
    done = house.run(*SMALL, "--refresh", "4")
    assert done.returncode == 2
    assert done.stderr.strip() == "evtui: --refresh is about the screen, and --plain has none; leave one of them out"
