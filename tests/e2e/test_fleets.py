"""Fleets that run without a window, and windows that come and go: --detach, --keep, attach, ls, stop."""

import json
import os
import signal
from collections.abc import Iterator

import pytest

from tests.e2e.console import console
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import Household, until

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def csms() -> Iterator[ScriptedCsms]:
    with scripted_csms() as made:
        yield made


def _detach(house: Household, csms: ScriptedCsms, *arguments: str) -> int:
    """Starts a fleet without a window; its process."""
    started = house.run("--detach", "--csms-url", csms.url, "--stations", "1", *arguments)
    assert started.returncode == 0, started.stderr
    pid = int(started.stdout.split()[1])
    assert started.stdout == (
        f"process {pid} runs the fleet: `evtui attach {pid}` opens a window, `evtui stop {pid}` ends it\n"
    )
    return pid


def _listed(house: Household) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(house.run("ls", "--json").stdout)
    return listed


def test_a_detached_fleet_is_listed_attached_to_and_stopped(house: Household, csms: ScriptedCsms) -> None:
    pid = _detach(house, csms)
    csms.wait_for(lambda frame: frame.action == "BootNotification")
    (fleet,) = _listed(house)
    assert (fleet["pid"], fleet["stations"], fleet["sessions"], fleet["windows"], fleet["keeps"]) == (
        pid,
        1,
        0,
        0,
        True,
    )
    assert fleet["csms_url"] == csms.url
    with console(house, "attach") as window, console(house, "attach", str(pid), "--read-only") as reader:
        window.wait_for("Available")
        reader.wait_for("Available")
        reader.wait_for("read-only")
        window.press("s")
        reader.wait_for("Charging")
        reader.press("tab", "home")
        reader.wait_for("BootNotification")  # all that was before it came, too
        reader.press("tab")
        reader.press("x")
        reader.wait_for("this window is read-only")
        table = house.run("ls").stdout.splitlines()
        assert table[0].split() == ["FLEET", "SINCE", "STATIONS", "SESSIONS", "WINDOWS", "CSMS"]
        assert table[1].split()[3:] == ["1", "1", "2,", "stays", csms.url]
        window.press("d")
        assert window.wait() == 0
        reader.press("q")
        assert reader.wait() == 0
    assert not any(frame.is_event("Ended") for frame in csms.received())
    stopped = house.run("stop")
    assert (stopped.returncode, stopped.stdout) == (0, f"{fleet['name']} has stopped\n")
    csms.wait_for(lambda frame: frame.is_event("Ended"))
    until(lambda: not house.processes())
    assert _listed(house) == []


def test_several_fleets_want_a_name_or_all(house: Household, csms: ScriptedCsms) -> None:
    first, second = _detach(house, csms), _detach(house, csms, "--station-id", "CP009")
    unclear = house.run("stop")
    assert unclear.returncode == 2
    assert unclear.stderr.startswith("evtui: 2 fleets of yours are running: name one of ")
    unknown = house.run("stop", "nobody")
    assert unknown.returncode == 2
    assert "no fleet of yours is called 'nobody'" in unknown.stderr
    assert house.run("stop", str(first)).returncode == 0
    assert [fleet["pid"] for fleet in _listed(house)] == [second]
    assert house.run("stop", "--all").returncode == 0
    until(lambda: not house.processes())
    nothing = house.run("stop")
    assert (nothing.returncode, nothing.stderr) == (2, "evtui: no fleet of yours is running; `evtui` starts one\n")


def test_a_fleet_that_hangs_is_told_of_and_not_waited_for(house: Household, csms: ScriptedCsms) -> None:
    pid = _detach(house, csms)
    os.kill(pid, signal.SIGSTOP)
    (line,) = house.run("ls").stdout.splitlines()[1:]
    assert "does not answer" in line
    stopped = house.run("stop", timeout_s=30)
    assert stopped.returncode == 1
    assert f"kill {pid} ends it" in stopped.stderr
    os.kill(pid, signal.SIGCONT)
    assert house.run("stop").returncode == 0


def test_what_cannot_run_is_refused_before_it_is_detached(house: Household) -> None:
    refused = house.run("--detach", "--csms-url", "ws://127.0.0.1:1", "--password-env", "NOT_SET_ANYWHERE")
    assert refused.returncode == 2
    assert "NOT_SET_ANYWHERE" in refused.stderr
    until(lambda: not house.processes())


def test_keep_wants_a_window(house: Household) -> None:
    refused = house.run("--keep")
    assert refused.returncode == 2
    assert "--detach" in refused.stderr


def test_with_keep_a_hangup_ends_nothing(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1", "--keep") as terminal:
        terminal.wait_for("Available")
        terminal.press("s")
        csms.wait_for(lambda frame: frame.is_event("Started"))
        terminal.hang_up()
        gone = csms.received()[-1].at
        csms.wait_for(lambda frame: frame.is_event("Updated"), after=gone + 4)  # a host that ends is gone within 3 s
    with console(house, "attach") as terminal:
        terminal.wait_for("Charging")
        terminal.press("q")
        terminal.wait_for("leave the fleet running")
        terminal.press("y")
        assert terminal.wait() == 0
    csms.wait_for(lambda frame: frame.is_event("Ended"))
    until(lambda: not house.processes())


def test_the_first_window_goes_by_a_signal_and_another_keeps_the_fleet(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1") as first:
        first.wait_for("Available")
        with console(house, "attach") as second:
            second.wait_for("Available")
            first.signal(signal.SIGTERM)
            assert first.wait() == 143
            second.press("s")
            second.wait_for("Charging")
            second.hang_up()
    csms.wait_for(lambda frame: frame.is_event("Ended"))
    until(lambda: not house.processes())


def test_the_frames_on_disk_are_bounded(house: Household, csms: ScriptedCsms) -> None:
    refused = house.run("--detach", "--log-max", "5 bananas")
    assert refused.returncode == 2
    assert "--log-max: '5 bananas' is no size" in refused.stderr
    _detach(house, csms, "--log-max", "1M")
    csms.wait_for(lambda frame: frame.action == "BootNotification")
    size = 0
    for number in range(12):
        csms.send("CP001", json.dumps([2, f"big{number}", "DataTransfer", {"vendorId": "x", "data": "y" * 250_000}]))
    until(lambda: len([each for each in csms.received() if str(each.frame[1]).startswith("big")]) >= 12)
    for path in (house.home / "state").rglob("frames/*"):
        size += path.stat().st_size
    assert 0 < size <= 1 << 20
    with console(house, "attach") as window:
        window.wait_for("DataTransfer")
    assert house.run("stop").returncode == 0


def test_the_demo_starts_takes_q_and_leaves_nothing_behind(house: Household) -> None:
    with console(house, "demo") as terminal:
        terminal.wait_for("Four charging stations")
        terminal.wait_for("online")
        terminal.press("q")
        assert terminal.wait() == 0
        until(lambda: not house.processes())


def test_the_demo_wants_a_terminal(house: Household) -> None:
    refused = house.run("demo")
    assert refused.returncode == 2
    assert "there is no terminal" in refused.stderr
