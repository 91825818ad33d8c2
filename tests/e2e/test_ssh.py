"""The console over SSH, through a real sshd: links that are resized, hang, drop, and come back."""

import re
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool import SpoolReader
from tests.e2e.ssh import SshServer, remote_console, ssh_server
from tests.e2e.terminal import Terminal
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import EVTUI, Household, until

pytestmark = pytest.mark.timeout(120)

ASKED = "leave the fleet running"


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as made:
        yield made


@pytest.fixture
def csms() -> Iterator[ScriptedCsms]:
    with scripted_csms(heartbeat_s=1) as made:
        yield made


def _start_session(terminal: Terminal, csms: ScriptedCsms) -> None:
    terminal.wait_for("Available", timeout_s=20)
    terminal.press("s")
    csms.wait_for(lambda frame: frame.is_event("Started"), "CP001")
    terminal.wait_for("Charging")


def _stop_all(terminal: Terminal, csms: ScriptedCsms, house: Household) -> None:
    terminal.press("q")
    terminal.wait_for(ASKED)
    terminal.press("y")
    assert terminal.wait() == 0
    csms.wait_for(lambda frame: frame.is_event("Ended"))
    until(lambda: not house.processes())


def _fills(lines: int, screen: str) -> bool:
    rows = screen.splitlines()
    return len(rows) == lines and "Quit" in rows[-1]


def test_it_is_driven_and_resized_and_gives_the_terminal_back(
    server: SshServer, house: Household, csms: ScriptedCsms
) -> None:
    with remote_console(server, house, "--csms-url", csms.url, "--stations", "1") as terminal:
        _start_session(terminal, csms)
        for columns, lines in ((120, 36), (80, 24)):
            terminal.resize(columns, lines)
            terminal.wait_for(partial(_fills, lines))
        terminal.press("enter")
        terminal.wait_for("Why this power")
        _stop_all(terminal, csms, house)
        assert terminal.settings_restored()
        written = terminal.raw()
        assert written.rfind(b"\x1b[?1049l") > written.rfind(b"\x1b[?1049h") >= 0


def test_a_link_that_hangs_is_nothing_to_heartbeats_and_sessions(
    server: SshServer, house: Household, csms: ScriptedCsms
) -> None:
    with remote_console(server, house, "--csms-url", csms.url, "--stations", "2") as terminal:
        _start_session(terminal, csms)
        terminal.signal(signal.SIGSTOP)  # the client answers nothing any more, and closes nothing
        for station in ("CP001", "CP002"):  # samples and heartbeats, one a second
            csms.wait_for_more(6, station)
        terminal.signal(signal.SIGCONT)
        terminal.press("x")
        csms.wait_for(lambda frame: frame.is_event("Ended"), "CP001")
        terminal.wait_for(lambda screen: "Charging" not in screen)
        terminal.press("q")
        assert terminal.wait() == 0


def test_a_link_that_breaks_ends_transactions_properly(server: SshServer, house: Household, csms: ScriptedCsms) -> None:
    with remote_console(server, house, "--csms-url", csms.url, "--stations", "1") as terminal:
        _start_session(terminal, csms)
        terminal.signal(signal.SIGKILL)
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        until(lambda: not house.processes())


def test_with_keep_a_link_that_breaks_ends_nothing_and_attach_misses_no_frame(
    server: SshServer, house: Household, csms: ScriptedCsms
) -> None:
    with remote_console(server, house, "--csms-url", csms.url, "--stations", "1", "--keep") as terminal:
        _start_session(terminal, csms)
        terminal.signal(signal.SIGKILL)
        broken = csms.received()[-1].at
        csms.wait_for(lambda frame: frame.is_event("Updated"), after=broken + 4)  # a host that ends is gone within 3 s
    sent = [frame.frame[1] for frame in csms.received() if frame.action]
    with remote_console(server, house, "attach") as terminal:
        terminal.wait_for(lambda text: "Charging" in text and _shown(text) >= 2 * len(sent) - 1)
        assert _calls(house)[: len(sent)] == sent
        _stop_all(terminal, csms, house)


def _shown(text: str) -> int:
    """How many frames the log on a screen has."""
    count = re.search(r"([\d,]+) \S following", text)
    return int(count[1].replace(",", "")) if count else 0


def _calls(house: Household) -> list[str]:
    """The message ids of all CALLs that the frame log has of the station."""
    (directory,) = (path for path in Path(house.home).rglob("frames") if path.is_dir())
    with SpoolReader(directory) as reader:
        frames = map(reader.frame, range(reader.refresh()))
        return [
            frame.message_id for frame in frames if (frame.direction, frame.type) == (Direction.SENT, FrameType.CALL)
        ]


def test_a_detached_fleet_does_not_hold_the_link_and_outlives_it(
    server: SshServer, house: Household, csms: ScriptedCsms
) -> None:
    def over_ssh(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = server.client(*EVTUI, *arguments, environment=house.environment(), terminal=False)
        return subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=True, cwd=house.home
        )

    assert "evtui attach" in over_ssh("--detach", "--csms-url", csms.url, "--stations", "1").stdout
    csms.wait_for(lambda frame: frame.action == "Heartbeat")
    with (
        remote_console(server, house, "attach") as window,
        remote_console(server, house, "attach", "--read-only") as reader,
    ):
        _start_session(window, csms)
        reader.wait_for("Charging")
        reader.press("x")
        reader.wait_for("this window is read-only")
        window.press("d")
        assert window.wait() == 0
    assert not any(frame.is_event("Ended") for frame in csms.received())
    assert over_ssh("stop").stdout.endswith(" has stopped\n")
    csms.wait_for(lambda frame: frame.is_event("Ended"))
