"""A run on a real Dask cluster: a scheduler and several worker processes, some of which do not live to see its end."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import msgspec
import pytest

from evtui.headless.report import RunReport
from tests.cluster.csms import WatchfulCsms, watchful_csms
from tests.need import need
from tests.program import EVTUI, Household, household, until

PASSWORD = "a-secret-of-the-workers"
LEASE_S = "3"


class Cluster:
    """A scheduler, and workers by their process ids."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self._environment = house.environment(CSMS_PASSWORD=PASSWORD, DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED="0")
        self._processes: list[subprocess.Popen[bytes]] = []
        file = house.home / "scheduler.json"
        self._dask("scheduler", "--port", "0", "--scheduler-file", str(file))
        until(lambda: file.exists() and file.read_bytes().endswith(b"}"), 20)
        self.address: str = msgspec.json.decode(file.read_bytes())["address"]

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        return self._dask("worker", self.address, "--name", name, "--nthreads", "1", "--no-nanny")

    def _dask(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.house.home / "dask.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", what, *arguments, "--host", "127.0.0.1", "--no-dashboard"],
                env=self._environment,
                cwd=self.house.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._processes.append(process)
        return process

    @property
    def log(self) -> str:
        return (self.house.home / "dask.log").read_text()

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    need(find_spec("distributed"), "Dask is not installed: pip install 'evtui[cluster]'")
    with household() as house:
        made = Cluster(house)
        try:
            yield made
        finally:
            made.close()


class Run:
    """`evtui run --cluster`, as a process."""

    def __init__(self, cluster: Cluster, csms: WatchfulCsms, *arguments: str) -> None:
        self._said = [cluster.house.home / name for name in ("out", "error")]
        with self._said[0].open("wb") as out, self._said[1].open("wb") as error:
            self.process = subprocess.Popen(
                [*EVTUI, "run", "--cluster", cluster.address, "--csms-url", csms.url, "--lease", LEASE_S, *arguments],
                env=cluster.house.environment(),
                cwd=cluster.house.home,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=error,
            )

    def transactions(self) -> int:
        """How many run, as the coordinator has told last, with --json."""
        told = [line for line in self._said[0].read_bytes().splitlines(keepends=True) if b'"kind":"totals"' in line]
        whole = [line for line in told if line.endswith(b"\n")]
        return int(msgspec.json.decode(whole[-1])["transactions"]) if whole else 0

    async def ended(self) -> tuple[int, str, str]:
        """The exit code, and what it has said on stdout and stderr."""
        code = await asyncio.to_thread(self.process.wait, 30)
        return code, *(each.read_text() for each in self._said)  # type: ignore[return-value]


async def _see(condition: Callable[[], bool]) -> None:
    """Waits for what other processes do."""
    await asyncio.to_thread(until, condition, 20)


def _report(cluster: Cluster, name: str) -> RunReport:
    return msgspec.json.decode((cluster.house.home / name).read_bytes(), type=RunReport)


async def test_shards_of_dead_workers_boot_afresh_and_no_station_runs_twice(cluster: Cluster) -> None:
    """One worker is killed; another is stopped: its shard lives on, and sees by itself that its lease is over."""
    workers = {name: cluster.worker(name) for name in ("killed", "frozen", "survivor")}
    until(lambda: cluster.log.count("Registered to:") >= 3, 20)
    async with watchful_csms() as csms:
        run = Run(
            cluster, csms, "--stations", "6", "--for", "11", "--password-env", "CSMS_PASSWORD",
            "--report", "lost.json", "--frames", "kept", "--json",
        )  # fmt: skip
        await _see(lambda: csms.online == 6 and csms.events["Started"] >= 6)
        await _see(lambda: run.transactions() == 6)
        workers["killed"].kill()
        workers["frozen"].send_signal(signal.SIGSTOP)
        await _see(lambda: csms.online == 2)
        await _see(lambda: csms.online == 6)
        code, out, error = await run.ended()
        workers["frozen"].send_signal(signal.SIGCONT)
        await _see(lambda: csms.online == 0)
    assert code == 1, error
    assert csms.twice == set()
    assert sorted(csms.came.values()) == [1, 1, 2, 2, 2, 2]
    assert "boots afresh on" in error
    report = _report(cluster, "lost.json")
    assert report.exit_code == 1
    assert len(report.lost) == 2
    for loss in report.lost:
        assert loss.why.startswith("nothing was heard of it for")
        assert (loss.stations, loss.transactions) == (2, 2)
        assert loss.heard_at < loss.at
        assert os.listdir(loss.spool)
    [told] = re.findall(r"Frames: on \S+: evtui frames (\S+)", error)
    frames = cluster.house.run("frames", told, "--filter", "~a BootNotification & ~out").stdout.splitlines()
    assert len(frames) == 10, "those of lost shards, and of those that took their place"
    assert len({frame.split()[1] for frame in frames}) == 6
    assert sorted(len(shard.spells) for shard in report.shards) == [1, 2, 2]
    [survivor] = {shard.spells[-1].worker for shard in report.shards}
    assert survivor not in {loss.worker for loss in report.lost}
    assert report.figures["failed"] == 4
    assert report.round_trips.answered == sum(count for _, count in report.round_trips.counts) > 0
    assert min(report.series.online[3:]) <= 4
    assert report.series.online[-1] == 6
    assert len(csms.authorizations) == 6  # each station has shown its password
    for text in (cluster.log, out, error, (cluster.house.home / "lost.json").read_text()):
        assert PASSWORD not in text
    for name in ("frozen", "survivor"):
        workers[name].kill()
        workers[name].wait()


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> Cluster:
    """The cluster, with two workers more."""
    before = cluster.log.count("Registered to:")
    for name in ("one", "two"):
        cluster.worker(name)
    until(lambda: cluster.log.count("Registered to:") >= before + 2, 20)
    return cluster


async def test_what_a_worker_refuses_ends_the_run(pair: Cluster) -> None:
    async with watchful_csms() as csms:
        code, _, error = await Run(pair, csms, "--password-env", "NOT_THERE").ended()
    assert (code, csms.came) == (2, {})
    assert error.startswith("evtui: shard 1 on tcp://")
    assert error.endswith("the environment variable NOT_THERE is not set\n")


async def test_ctrl_c_ends_every_transaction_everywhere(pair: Cluster) -> None:
    async with watchful_csms() as csms:
        run = Run(pair, csms, "--stations", "4", "--shards", "2", "--for", "60", "--json", "--report", "stopped.json")
        await _see(lambda: csms.events["Started"] == 4)
        await _see(lambda: run.transactions() == 4)
        run.process.send_signal(signal.SIGINT)
        code, out, error = await run.ended()
        await _see(lambda: csms.online == 0)
    assert code == 130, error
    assert csms.events["Ended"] == 4
    report = _report(pair, "stopped.json")
    assert report.lost == ()
    assert {spell.end for shard in report.shards for spell in shard.spells} == {"stopped"}
    assert len({shard.spells[0].worker for shard in report.shards}) == 2
    kinds = [msgspec.json.decode(line)["kind"] for line in out.splitlines()]
    assert kinds.count("session-started") == 4
    assert "totals" in kinds
    assert not [command for command in pair.house.processes().values() if "evtui.cluster" in command]


async def test_when_the_coordinator_dies_everything_stops_by_itself(pair: Cluster) -> None:
    async with watchful_csms() as csms:
        run = Run(pair, csms, "--stations", "2", "--for", "60")
        await _see(lambda: csms.events["Started"] == 2)
        run.process.kill()
        await run.ended()
        await _see(lambda: csms.online == 0)
        assert csms.events["Ended"] == 2  # in good order, as there was time left
