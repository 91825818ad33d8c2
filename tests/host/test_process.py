"""A host as a process of its own: it starts, tells why it cannot, and never outlives everybody who cares."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.door import Command, Target, View
from evtui.errors import ConfigError, DoorClosedError
from evtui.host import process
from evtui.host.process import HostProcess
from evtui.host.remote import RemoteDoor
from evtui.host.runtime import running
from evtui.host.start import HostConfig, line
from tests.program import until

GONE_S = 10.0
"""A host ends within 3 s by its own clock; what a busy machine adds until we see it is not its doing."""

EMBEDDED = FleetConfig(groups=(GroupConfig(count=1),), csms=CsmsConfig(port=0, web_port=0))


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test alone, with short paths."""
    with tempfile.TemporaryDirectory(prefix="evtui-", dir="/tmp") as directory:
        for name in ("STATE_HOME", "RUNTIME_DIR"):
            (Path(directory) / name).mkdir(mode=0o700)
            monkeypatch.setenv(f"XDG_{name}", str(Path(directory) / name))
        yield Path(directory)


@pytest.fixture
def host() -> Iterator[HostProcess]:
    process = HostProcess()
    yield process
    process.end(GONE_S)


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def leftovers(home: Path) -> list[str]:
    """Spools and sockets that nobody uses."""
    return [str(path) for path in home.rglob("*") if path.name in ("frames", "door") or path.suffix == ".door"]


def refusal(fleet: FleetConfig, log: str | None = None) -> str:
    process = HostProcess()
    process.configure(HostConfig(fleet, log))
    with pytest.raises(ConfigError) as error:
        process.ready()
    process.end(GONE_S)
    assert "\n" not in str(error.value)
    return str(error.value)


async def test_a_host_opens_its_door_and_ends_when_told(host: HostProcess, home: Path) -> None:
    host.configure(HostConfig(EMBEDDED))
    door = await RemoteDoor.connect(host.ready())
    [record] = running()
    assert (record.pid, record.stations) == (host.pid, 1)
    assert (await door.fleet(View())).totals.stations == 1
    outcome = await door.submit(Command("start", (Target("CP001", 1),)))
    assert outcome.done, outcome
    await asyncio.wait_for(door.stop("quit"), GONE_S)
    door.close()
    until(lambda: not alive(host.pid), GONE_S)
    assert running() == []
    assert leftovers(home) == []


async def test_a_transaction_that_runs_when_the_host_ends_is_ended_first(host: HostProcess) -> None:
    host.configure(HostConfig(EMBEDDED))
    door = await RemoteDoor.connect(host.ready())
    assert (await door.submit(Command("start", (Target("CP001", 1),)))).done
    os.kill(host.pid, signal.SIGTERM)
    kinds: list[str] = []
    try:
        while True:
            kinds += [event.kind for event in await door.events(len(kinds))]
    except DoorClosedError:
        pass
    assert "session-ended" in kinds
    until(lambda: not alive(host.pid), GONE_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_host(host: HostProcess, number: signal.Signals) -> None:
    host.configure(HostConfig(EMBEDDED))
    host.ready()
    os.kill(host.pid, number)
    until(lambda: not alive(host.pid), GONE_S)
    assert running() == []


_HANGS = """
import asyncio, sys
from evtui.engine.fleet import Fleet
from evtui.host.serve import serve
from evtui.host.start import HostConfig
from evtui.host.starter import obey_starter

async def shutdown(fleet, drain_s):
    await asyncio.Event().wait()

Fleet.shutdown = shutdown
sys.exit(obey_starter(HostConfig, serve))
"""


def test_a_host_that_hangs_when_it_should_end_does_so_all_the_same() -> None:
    with subprocess.Popen([sys.executable, "-c", _HANGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as host:
        assert host.stdin is not None
        assert host.stdout is not None
        host.stdin.write(line(HostConfig(EMBEDDED)))
        host.stdin.flush()
        assert host.stdout.readline()
        host.terminate()
        assert host.wait(GONE_S) == 1, "by the last resort"


def test_a_starter_that_thinks_better_of_it_leaves_no_host(host: HostProcess) -> None:
    host.end(GONE_S)
    assert not alive(host.pid)


# -- refusals -------------------------------------------------------------------------------------


def test_a_password_that_is_not_there_is_one_line_for_the_user() -> None:
    fleet = FleetConfig(csms=CsmsConfig(url="ws://127.0.0.1:1", password_env="NOT_SET_ANYWHERE"))
    assert "NOT_SET_ANYWHERE is not set" in refusal(fleet)


def test_an_address_that_cannot_be_listened_on_is_named() -> None:
    assert refusal(FleetConfig(csms=CsmsConfig(host="203.0.113.1", open=True))).startswith("csms.host: ")


def test_a_csms_for_other_machines_has_to_be_asked_for() -> None:
    said = refusal(FleetConfig(csms=CsmsConfig(host="0.0.0.0")))
    assert said.startswith("csms.host: 0.0.0.0 lets whoever")
    assert said.endswith("csms.open = true")


def test_a_port_that_was_configured_does_not_move() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refusal(FleetConfig(csms=CsmsConfig(port=port))).startswith(f"csms.port: port {port} on 127.0.0.1")


def test_a_log_that_cannot_be_written_is_named(home: Path) -> None:
    assert refusal(EMBEDDED, str(home)) == f"--log: {home}: Is a directory"


def test_a_host_that_cannot_even_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert refusal(EMBEDDED) == "the host failed to start: it ended with code 1"


# -- whoever goes ---------------------------------------------------------------------------------

_STARTER = """
import sys, msgspec
from evtui.host.start import HostConfig
from evtui.host.process import HostProcess
from evtui.host.start import HostConfig
host = HostProcess()
host.configure(msgspec.json.decode(sys.argv[1], type=HostConfig))
print(host.pid, host.ready(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def starter() -> Iterator[subprocess.Popen[str]]:
    """A program that starts a host and then waits."""
    config = msgspec.json.encode(HostConfig(EMBEDDED)).decode()
    with subprocess.Popen(
        [sys.executable, "-c", _STARTER, config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def started(starter: subprocess.Popen[str]) -> tuple[int, str]:
    """The host's process and socket."""
    assert starter.stdout is not None
    pid, socket = starter.stdout.readline().split()
    return int(pid), socket


def test_a_starter_that_is_killed_before_a_window_came_takes_the_host_with_it(starter: subprocess.Popen[str]) -> None:
    pid, _ = started(starter)
    assert alive(pid)
    starter.kill()
    until(lambda: not alive(pid), GONE_S)


async def test_a_window_keeps_the_host_when_its_starter_is_killed_and_takes_it_along_when_it_goes(
    starter: subprocess.Popen[str],
) -> None:
    pid, socket = started(starter)
    window = await RemoteDoor.connect(socket)
    starter.kill()
    starter.wait()
    assert await window.frames()
    window.close()
    await asyncio.to_thread(until, lambda: not alive(pid), GONE_S)


async def test_a_host_that_was_told_to_stay_outlives_everybody_until_a_window_stops_it(
    starter: subprocess.Popen[str],
) -> None:
    pid, socket = started(starter)
    window = await RemoteDoor.connect(socket)
    await window.stop("detach")
    window.close()
    starter.kill()
    starter.wait()
    again = await RemoteDoor.connect(running()[0].socket)
    assert (await again.fleet(View())).totals.stations == 1
    await asyncio.wait_for(again.stop("quit"), GONE_S)
    again.close()
    await asyncio.to_thread(until, lambda: not alive(pid), GONE_S)


def test_workers_that_the_machine_does_not_give_are_refused_and_none_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[HostProcess] = []

    class Process(HostProcess):
        def __init__(self, module: str) -> None:
            if len(made) == 2:
                raise OSError(errno.EMFILE, "Too many open files")
            super().__init__(module)
            made.append(self)

    monkeypatch.setattr(process, "HostProcess", Process)
    refused = "--workers: 2 of 3 could be started: Too many open files; take fewer"
    with pytest.raises(ConfigError, match=refused), process.hired(3):
        pytest.fail("there are not as many")
    assert not any(is_there(each.pid) for each in made)


def test_a_worker_that_was_killed_before_it_was_ready_is_named() -> None:
    with process.hired(1) as (worker,):
        worker.name = "worker 1"
        os.kill(worker.pid, signal.SIGSTOP)  # before it can say anything
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(ConfigError, match=r"^worker 1 failed to start: it was killed \(SIGKILL\)$"):
            worker.ready()


def test_no_worker_outlives_a_process_that_ends_at_once_not_even_one_that_is_stopped(tmp_path: Path) -> None:
    code = (
        "import os, signal, time; from evtui.host.process import hired; from evtui.host.shutdown import end_within\n"
        "with hired(2) as workers:\n"
        "    os.kill(workers[1].pid, signal.SIGSTOP)\n"
        "    print(*[each.pid for each in workers], flush=True)\n"
        "    end_within(0.0, 7)\n"
        "    time.sleep(60)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 7
    until(lambda: not any(is_there(int(pid)) for pid in done.stdout.split()))


def is_there(pid: int) -> bool:
    """It runs, or is stopped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
