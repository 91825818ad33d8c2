"""`evtui bench echonet`: a node under a controller that asks at a rate."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from evtui.bench.controller import Controller
from evtui.bench.echonet import EchonetFigures, echonet_table, run_echonet_bench
from evtui.cli import bench
from evtui.echonet.node import Node
from evtui.echonet.server import Server
from evtui.echonet.wire import Wire
from evtui.errors import ConfigError
from evtui.options import Options
from tests.echonet.controller import loopback
from tests.echonet.device import CHARGER, IDENTITY, SECOND, Device

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="two nodes need two addresses of loopback")


def test_a_whole_bench_of_few_instances(tmp_path: Path) -> None:
    report = tmp_path / "echonet.json"
    command = [sys.executable, "-m", "evtui", "bench", "echonet", "--sizes", "3", "--seconds", "1", "--rate", "100"]
    done = subprocess.run([*command, "--report", str(report)], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(report.read_text())
    assert (row["instances"], row["requests"], row["answered"], row["faults"]) == (3, 100, 100, 0)
    assert row["notifications"] == 10, "a Set among ten requests"
    assert 0 < row["answer_ms"][0] <= row["answer_ms"][1]
    assert 0 < row["notified_ms"][0] <= row["notified_ms"][1]
    assert row["rss_kb"] > 0
    assert "echonet: 3 instances, 100 requests/s for 1 s" in done.stderr


@asynccontextmanager
async def _node(*devices: Device) -> AsyncIterator[Controller]:
    home = loopback()
    wire = Wire(home)
    with Controller(loopback(), home) as controller:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(Server(wire, Node(IDENTITY, devices)).run())
            yield controller
            running.cancel()
    wire.close()


async def _heard(controller: Controller, answers: int) -> None:
    async with asyncio.timeout(10):
        while len(controller.answers_ms) < answers:  # noqa: ASYNC110 (what comes over a socket tells nobody)
            await asyncio.sleep(0.01)


async def test_each_instance_is_asked_in_turn_and_set_now_and_then() -> None:
    first, second = Device(), Device(SECOND)
    async with _node(first, second) as controller:
        await controller.find(2)
        await controller.ask_for(0.05, 1000.0)
        await _heard(controller, 50)
    assert (controller.requests, controller.faults) == (50, 0)
    assert [epc for epc, _ in first.written] == [0x81] * len(first.written)
    assert len(first.written) + len(second.written) == 5
    assert first.written
    assert second.written


async def test_what_is_refused_is_counted() -> None:
    device = Device(CHARGER)
    device.values[0xE4] = None  # no car whose battery could be told
    async with _node(device) as controller:
        await controller.find(1)
        await controller.ask_for(0.01, 1000.0)
        await _heard(controller, 10)
    assert controller.faults == 9, "all but the Set"


async def test_a_node_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evtui.bench.controller._WAIT_S", 0.0)
    absent = pytest.raises(TimeoutError, match="the node shows 0 of 2 instances")
    with Controller(loopback(), loopback()) as controller, absent:
        await controller.find(2)


def test_more_instances_than_a_list_holds_are_refused() -> None:
    with pytest.raises(ConfigError, match="84 instances at most"):
        run_echonet_bench(Options(sizes="10,85"))


@pytest.mark.parametrize("options", [Options(compare=True), Options(svg="a.svg"), Options(workers=2)])
def test_what_is_for_the_fleet_alone_is_refused(options: Options) -> None:
    with pytest.raises(ConfigError, match="is not for `bench echonet`"):
        run_echonet_bench(options)


def test_what_is_for_one_measurement_is_refused_for_others() -> None:
    with pytest.raises(ConfigError, match="--idle: is for `bench` alone"):
        bench(Options(idle=3), "csms")
    with pytest.raises(ConfigError, match="--rate: is for `bench echonet` alone"):
        bench(Options(rate=3.0))


def test_what_was_not_answered_stands_in_the_table() -> None:
    row = EchonetFigures(84, 10.0, 5000, 4877, 0, 1.5, 0.3, (1.0, 2.0), 480, (1.5, 2.5), 90_000, 12.5)
    assert "      123 " in echonet_table([row])
