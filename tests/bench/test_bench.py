"""`evtui bench`: what it measures is what happened, whatever the clock says."""

import asyncio
import gc
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from evtui.bench.figures import Figures, chart, percentile, table
from evtui.bench.fleet import boot, running, settle
from evtui.bench.plain import end
from evtui.bench.run import marginal, run_bench, sink_process
from evtui.bench.sink import answer
from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.door import Door, View
from evtui.errors import ConfigError
from evtui.host.limits import shortfall
from evtui.ocppj.schemas import schemas_of
from evtui.options import Options


def test_the_sink_answers_each_call_as_the_schema_wants() -> None:
    for action in ("BootNotification", "Heartbeat", "Authorize", "TransactionEvent", "StatusNotification"):
        reply = json.loads(answer(f'[2,"id-1","{action}",{{"reason":"PowerUp"}}]') or "")
        assert reply[:2] == [3, "id-1"]
        assert schemas_of("2.0.1").validate(action, "Response", reply[2]) is None
    assert answer('[3,"id-1",{}]') is None


def test_a_whole_bench_of_few_stations(tmp_path: Path) -> None:
    report, svg = tmp_path / "bench.json", tmp_path / "bench.svg"
    command = [sys.executable, "-m", "evtui", "bench", "--sizes", "2,5", "--seconds", "2", "--compare"]
    done = subprocess.run(
        [*command, "--report", str(report), "--svg", str(svg)], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    small, large, plain = json.loads(report.read_text())
    assert [(each["name"], each["stations"]) for each in (small, large, plain)] == [
        ("evtui", 2),
        ("evtui", 5),
        ("plain ocpp", 5),
    ]
    for each in (small, large):
        assert each["faults"] == 0
        assert each["stations"] * 1 <= each["calls"] <= each["stations"] * 4, "a sample a second and station"
        assert each["cpu_s"] > 0
        assert -1.0 <= each["late_ms"][0] <= each["late_ms"][1], "no sample leaves before it is due"
    assert large["marginal_kb"] is not None
    assert large["marginal_cpu_per_1000_calls_s"] is not None
    assert "plain ocpp costs" in done.stdout
    assert "fleet: 5 stations for 2 s" in done.stderr
    ET.parse(svg)


async def test_a_plain_station_that_swallows_its_cancellation_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("evtui.bench.plain._AGAIN_S", 0.0)
    swallowed = asyncio.Event()

    async def station() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        swallowed.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(station())
        await asyncio.sleep(0)
        await end([task])
    assert swallowed.is_set()
    assert task.cancelled()


async def test_a_measured_fleet_comes_up_as_others_do(tmp_path: Path) -> None:
    """Without the garbage collector: what boots is measured as it is with `evtui`."""
    with sink_process() as url:
        config = FleetConfig(groups=(GroupConfig(count=2),), csms=CsmsConfig(url=url))
        async with running(config, tmp_path, 1) as (door, _, fleet):
            await boot(door, 2)
            assert fleet is not None
            assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="what other processes cost is known on Linux")
def test_a_bench_of_workers_counts_what_all_of_them_do(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    command = [sys.executable, "-m", "evtui", "bench", "--sizes", "1,6", "--seconds", "2", "--workers", "3"]
    done = subprocess.run([*command, "--report", str(report)], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    one, all_of_them = json.loads(report.read_text())
    assert [(each["name"], each["stations"]) for each in (one, all_of_them)] == [("evtui", 1), ("evtui x3", 6)]
    assert 6 <= all_of_them["calls"] <= 24
    assert all_of_them["faults"] == 0
    assert all_of_them["rss_kb"] > 2 * one["rss_kb"], "four processes"
    assert all_of_them["cpu_s"] > 0


@pytest.mark.parametrize("sizes", ["", "many", "1,,2", "0", "-5"])
def test_what_is_no_list_of_sizes_is_refused(sizes: str) -> None:
    with pytest.raises(ConfigError, match="--sizes"):
        run_bench(Options(sizes=sizes))


def test_more_stations_than_files_are_refused_with_the_way_out() -> None:
    assert shortfall(1000, 1024) == "1000 stations need 1064 open files, and this user may have 1024: ulimit -Hn 1064"
    assert shortfall(900, 1024) == ""


def test_percentiles_are_of_what_there_is() -> None:
    assert percentile([], 0.5) == 0.0
    assert percentile([1.0], 0.99) == 1.0
    assert [percentile(range(100), share) for share in (0.0, 0.5, 0.99, 1.0)] == [0, 50, 99, 99]


def _ours(stations: int, calls: int, cpu_s: float, rss_kb: int) -> Figures:
    return Figures("evtui", stations, 10.0, 0.5, calls, cpu_s, 0.2, (1.0, 2.0), (3.0, 4.0), rss_kb, 60.0, 0)


class _Busy:
    """A door behind which less and less waits to be delivered."""

    def __init__(self, *queued: int) -> None:
        self.queued = list(queued)

    async def fleet(self, view: View) -> SimpleNamespace:
        return SimpleNamespace(totals=SimpleNamespace(queued=self.queued.pop(0)))


async def test_what_the_start_left_to_be_delivered_is_no_part_of_what_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SETTLE_S", "_LOOK_S"):
        monkeypatch.setattr(f"evtui.bench.fleet.{name}", 0.0)
    door = _Busy(90, 50, 11, 10, 70)
    await settle(cast("Door", door), 100)
    assert door.queued == [70], "a tenth is what samples have under way"
    monkeypatch.setattr("evtui.bench.fleet.LONGEST_SETTLE_S", 0.0)
    await settle(cast("Door", door), 100)  # a fleet that never gets there is measured all the same
    assert door.queued == [70]


def test_what_more_stations_cost_is_told_from_one_size_to_the_next() -> None:
    small = _ours(100, 1000, 1.0, 50_000)
    assert marginal(small, []) == small
    large = marginal(_ours(500, 5000, 2.2, 70_000), [small])
    assert large.marginal_cpu_per_1000_calls_s == pytest.approx(0.3)
    assert large.marginal_kb == 50.0
    assert " 0.300 " in table([small, large])
    assert marginal(_ours(500, 900, 2.2, 70_000), [small]).marginal_cpu_per_1000_calls_s is None, "no CALL more"


def test_samples_that_never_left_stand_in_the_table() -> None:
    row = table([msgspec.structs.replace(_ours(500, 900, 2.2, 70_000), missing=4321, late_ms=(0.0, 0.0))])
    assert "none   4,321 " in row, "no sample was late, as none left"


def test_table_and_chart_tell_ratios_of_equal_sizes() -> None:
    ours = _ours(500, 5000, 1.0, 50_000)
    plain = Figures("plain ocpp", 500, 10.0, 0.5, 5000, 8.0, 1.6, (1.0, 2.0), (3.0, 4.0), 50_000, 60.0, 0)
    assert "at 500 stations plain ocpp costs 8.0 times as much CPU for a CALL" in table([ours, plain])
    assert chart([ours, plain]).count("<rect") == 3
