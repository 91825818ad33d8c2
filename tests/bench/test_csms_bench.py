"""`evtui bench csms`: what the embedded CSMS costs, under a load that is valid, and light."""

import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from evtui.bench.csms import run_csms_bench
from evtui.bench.load import Load, booted
from evtui.csms.policy import Misbehaviour, Policies, Policy
from evtui.csms.server import Csms
from evtui.errors import ConfigError
from evtui.options import Options
from tests.csms.stations import until


def test_a_whole_bench_of_few_stations(tmp_path: Path) -> None:
    report, svg = tmp_path / "bench.json", tmp_path / "bench.svg"
    command = [sys.executable, "-m", "evtui", "bench", "csms", "--sizes", "2,5", "--seconds", "2", "--compare"]
    done = subprocess.run(
        [*command, "--report", str(report), "--svg", str(svg)], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(report.read_text())
    assert [(each["name"], each["stations"]) for each in rows] == [
        ("evtui csms", 2),
        ("evtui csms", 5),
        ("csms, no store", 5),
    ]
    for each in rows:
        assert each["faults"] == 0
        assert each["stations"] <= each["calls"] <= 4 * each["stations"], "a sample a second and station"
        assert each["cpu_s"] > 0
        assert each["rss_kb"] > 0
        assert 0 < each["rtt_ms"][0] <= each["rtt_ms"][1]
        assert -1.0 <= each["late_ms"][0] <= each["late_ms"][1], "no sample leaves before it is due"
    assert "csms, no store costs" in done.stdout
    assert "evtui csms: 5 stations for 2 s" in done.stderr
    ET.parse(svg)


async def test_the_load_is_what_stations_say_and_the_linter_finds_nothing() -> None:
    load = Load()
    async with Csms(port=0, web_port=None) as csms:
        made, took_s = await booted(csms.url, 3, load)
        assert took_s > 0
        for station in made:
            station.begin(time.monotonic() - 5.0)  # late: all that is due goes, one after the other
        await until(lambda: all(len(each.seq_nos) >= 4 for each in csms.books.transactions) and csms.tap.total >= 30)
        for station in made:
            station.end()
        (first, *_) = csms.books.transactions.of("LOAD00001")
        assert first.gaps == ()
        assert first.power_w == 21075.525
        assert first.record().energy_wh is not None
        assert csms.findings() == ()
    assert load.faults == 0
    assert load.rtts_ms == [], "only while it counts"


async def test_answers_that_are_no_results_are_faults() -> None:
    wrong = Misbehaviour(kind="callerror", code="GenericError", actions=("TransactionEvent",))
    load = Load()
    async with Csms(port=0, web_port=None, policies=Policies(Policy(misbehaviour=(wrong,)))) as csms:
        (station,), _ = await booted(csms.url, 1, load)
        load.counting = True
        station.begin(time.monotonic() - 2.0)
        await until(lambda: load.calls >= 2)
        station.end()
    assert load.faults >= 2
    assert len(load.rtts_ms) == load.calls


async def test_a_connection_that_is_lost_is_a_fault() -> None:
    load = Load()
    async with Csms(port=0, web_port=None) as csms:
        await booted(csms.url, 1, load)
    await until(lambda: load.faults)
    assert load.faults == 1


async def test_stations_that_are_not_accepted_end_the_bench() -> None:
    async with Csms(port=0, web_port=None, policies=Policies(Policy(boot_status="Rejected"))) as csms:
        with pytest.raises(RuntimeError, match="LOAD00001 was not accepted"):
            await booted(csms.url, 1, Load())


def test_a_csms_is_one_process() -> None:
    with pytest.raises(ConfigError, match="--workers: is not for `bench csms`"):
        run_csms_bench(Options(workers=2))
