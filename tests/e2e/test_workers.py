"""A fleet in several processes, from the outside: it is used, ends and fails as one in a single process."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from tests.e2e.console import console
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import EVTUI, Household, until

pytestmark = pytest.mark.timeout(120)

FOUR = ("--workers", "2", "--stations", "4")
SHORT = ("--duration", "2", "--speed", "900")
IDS = {f"CP{n:03d}" for n in range(1, 5)}


@pytest.fixture
def csms() -> Iterator[ScriptedCsms]:
    with scripted_csms() as made:
        yield made


@contextmanager
def _running(house: Household, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*EVTUI, *arguments],
        env=house.environment(),
        cwd=house.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _workers(house: Household) -> list[int]:
    return sorted(pid for pid, command in house.processes().items() if "evtui.host.worker" in command)


def _charging(csms: ScriptedCsms) -> None:
    """Waits until each station has told of its power."""
    until(lambda: {frame.station for frame in csms.received() if frame.is_event("Updated")} == IDS)


def _ended(csms: ScriptedCsms) -> set[str]:
    return {frame.station for frame in csms.received() if frame.is_event("Ended")}


@pytest.mark.parametrize(("fail_if", "code"), [("p99>20s or errors>0 or sessions<8", 0), ("sessions<9", 4)])
def test_a_run_is_told_and_judged_as_one(house: Household, csms: ScriptedCsms, fail_if: str, code: int) -> None:
    done = house.run("run", *FOUR, *SHORT, "--sessions", "2", "--csms-url", csms.url, "--json", "--fail-if", fail_if)
    assert done.returncode == code, done.stderr
    assert "Sessions completed: 8, " in done.stderr
    assert "0 unanswered, 0 errors" in done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert len([event for event in events if event["kind"] == "session-ended"]) == 8
    assert not house.processes()


def test_no_csms_is_3(house: Household) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        done = house.run("run", *FOUR, *SHORT, "--csms-url", url, "--connect-timeout", "1.5")
    assert done.returncode == 3, done.stdout + done.stderr
    assert not house.processes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workers", "0"), "--workers: '0' is no whole number from 1 to 64"),
        (("--workers", "65"), "--workers: '65' is no whole number from 1 to 64"),
        ((*FOUR, "--log-max", "1M"), "--log-max: 2 workers need 2M at least"),
        ((*FOUR, "--csms-url", "ws://127.0.0.1:1", "--password-env", "NOT_THERE"), "NOT_THERE"),
    ],
)
def test_what_cannot_run_is_one_line_and_2(house: Household, arguments: tuple[str, ...], said: str) -> None:
    done = house.run("run", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not house.processes()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_transactions_of_all_workers_first(
    house: Household, csms: ScriptedCsms, number: signal.Signals, code: int
) -> None:
    with _running(house, "run", *FOUR, "--duration", "600", "--csms-url", csms.url) as process:
        _charging(csms)
        assert len(_workers(house)) == 2
        process.send_signal(number)
        assert process.wait(10) == code
        until(lambda: _ended(csms) == IDS)
        until(lambda: not house.processes())


def test_what_cannot_be_delivered_is_told_of_every_worker_and_1(house: Household, csms: ScriptedCsms) -> None:
    with _running(house, "run", *FOUR, "--duration", "2", "--drain", "1", "--csms-url", csms.url) as process:
        _charging(csms)
        csms.die()
        story, _ = process.communicate(timeout=20)
        assert process.returncode == 1
        (line,) = [line for line in story.splitlines() if "Messages not delivered" in line]
        assert all(station in line for station in IDS)


def test_the_report_has_what_went_with_a_worker(house: Household, csms: ScriptedCsms) -> None:
    report = house.home / "report.json"
    with _running(house, "run", *FOUR, "--duration", "600", "--report", str(report), "--csms-url", csms.url) as process:
        _charging(csms)
        victim = _workers(house)[1]
        os.kill(victim, signal.SIGKILL)
        until(lambda: len([frame for frame in csms.received() if frame.action == "BootNotification"]) == 6)
        process.send_signal(signal.SIGINT)
        story, _ = process.communicate(timeout=20)
    assert "gone until then; with it went 2 transactions and 0 owed messages" in story
    assert "worker 2 is back" in story
    (lost,) = json.loads(report.read_text())["lost"]
    assert lost["worker"] == f"worker 2 (process {victim})"
    assert lost["why"] == "was killed (SIGKILL)"
    assert (lost["epoch"], lost["stations"], lost["transactions"]) == (1, 2, 2)


def test_a_run_that_is_stopped_while_a_worker_hangs_ends_with_its_report_and_leaves_nobody(
    house: Household, csms: ScriptedCsms
) -> None:
    report = house.home / "report.json"
    with _running(house, "run", *FOUR, "--duration", "600", "--report", str(report), "--csms-url", csms.url) as process:
        _charging(csms)
        os.kill(_workers(house)[1], signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert json.loads(report.read_text())["exit_code"] == 130
        until(lambda: not house.processes())


def test_a_killed_lead_leaves_no_worker_and_no_transaction_behind(house: Household, csms: ScriptedCsms) -> None:
    with _running(house, "run", *FOUR, "--duration", "600", "--csms-url", csms.url) as process:
        _charging(csms)
        process.kill()
        process.wait()
        until(lambda: not house.processes())
        assert _ended(csms) == IDS


def test_a_window_shows_one_fleet_and_a_worker_that_is_killed_comes_back(house: Household, csms: ScriptedCsms) -> None:
    with console(house, *FOUR, "--csms-url", csms.url, columns=120, lines=40) as terminal:
        terminal.wait_for("CP004")
        terminal.wait_for(lambda screen: screen.count("online") == 4)
        terminal.press("a", "s")
        terminal.wait_for("4 started")
        terminal.wait_for(lambda screen: all(f"{each}  → CALL" in screen for each in IDS))  # frames of all spools
        os.kill(_workers(house)[1], signal.SIGKILL)
        terminal.wait_for(lambda screen: screen.count("crashed") == 2 and screen.count("online") == 2)
        terminal.wait_for(lambda screen: screen.count("online") == 4)
        assert len([frame for frame in csms.received() if frame.action == "BootNotification"]) == 6
        terminal.press("q")
        terminal.wait_for("leave the fleet running")
        terminal.press("y")
        assert terminal.wait() == 0
        until(lambda: not house.processes())
        assert {"CP001", "CP002"} <= _ended(csms)


def test_a_fleet_that_keeps_its_state_owes_after_a_killed_worker_what_it_owed(
    house: Household, csms: ScriptedCsms
) -> None:
    with _running(house, "run", *FOUR, "--duration", "600", "--state", "kept", "--csms-url", csms.url):
        _charging(csms)
        os.kill(_workers(house)[0], signal.SIGKILL)
        until(lambda: _ended(csms) >= {"CP001", "CP002"}, timeout_s=20)  # PowerLoss, told after the boot


def test_a_detached_fleet_is_one_to_ls_and_stop(house: Household, csms: ScriptedCsms) -> None:
    started = house.run("--detach", *FOUR, "--csms-url", csms.url)
    assert started.returncode == 0, started.stderr
    csms.wait_for_stations(4)
    (fleet,) = json.loads(house.run("ls", "--json").stdout)
    assert (fleet["stations"], fleet["answers"]) == (4, True)
    assert datetime.fromtimestamp(fleet["since"]).astimezone()
    assert house.run("stop").returncode == 0
    until(lambda: not house.processes())
