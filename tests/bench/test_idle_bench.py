"""`evtui bench --idle`: how many stations a process holds, and in words what keeps it from holding more."""

import json
from pathlib import Path

import msgspec
import pytest

from evtui.bench.idle import KB_EACH, IdleFigures, holdable, lines, measure, run_idle_bench
from evtui.bench.sink import answer
from evtui.errors import ConfigError
from evtui.host.limits import NEEDED_BESIDES
from evtui.options import Options


def test_a_whole_bench_of_few_stations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("evtui.bench.idle.HEARTBEAT_S", 2)
    report = tmp_path / "idle.json"
    assert run_idle_bench(Options(idle=20, seconds=1.0, report=str(report))) == 0
    assert "20 idle stations in one process, a heartbeat every 2 s each" in capsys.readouterr().out
    figures = json.loads(report.read_text())
    assert (figures["wanted"], figures["stations"], figures["least"]) == (20, 20, 20)
    assert figures["booted_s"] > 0
    assert figures["boot_cpu_s"] > 0
    assert figures["rss_kb"] > 0
    assert figures["seconds"] >= 2, "long enough for a heartbeat of each"
    assert figures["frames"] > 0, "heartbeats, and their answers"
    assert figures["short"] == []


def test_enough_of_everything_holds_all() -> None:
    assert holdable(15_000, 15_000 + NEEDED_BESIDES, 28_232, 15_000 * KB_EACH) == (15_000, ())
    assert holdable(15_000, 20_000, None, None) == (15_000, ())


def test_what_is_short_is_told_with_the_number_that_can_be_held_and_what_to_raise() -> None:
    count, (files,) = holdable(15_000, 1_024, 28_232, None)
    assert count == 960
    assert files == "open files are enough for 960: ulimit -Hn 15064"
    count, (ports,) = holdable(40_000, 100_000, 28_232, None)
    assert count == 28_232
    assert "28,232" in ports
    assert "net.ipv4.ip_local_port_range" in ports
    count, (memory,) = holdable(15_000, 20_000, 28_232, 500_000)
    assert count == 500_000 // KB_EACH
    assert "1,464 MB are needed" in memory
    assert holdable(40_000, 1_024, 28_232, 500_000)[0] == 960, "the scarcest counts"


def test_a_process_that_may_open_no_file_holds_none() -> None:
    with pytest.raises(ConfigError, match=r"--idle: open files are enough for 0: ulimit -Hn 74"):
        holdable(10, 20, None, None)


async def test_stations_that_do_not_come_online_are_told_with_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evtui.bench.idle.STALLED_S", 0.2)
    monkeypatch.setattr("evtui.bench.idle.SETTLE_S", 0.0)
    figures = await measure("ws://127.0.0.1:9", 3, 0.1, 0)  # the discard port, where nobody listens
    assert (figures.stations, figures.least) == (0, 0)
    assert len(figures.short) == 1
    assert figures.short[0].startswith("3 of them: connection refused by 127.0.0.1:9")
    text = "\n".join(lines(msgspec.structs.replace(figures, wanted=3)))
    assert "3 were asked for, and 0 could be held" in text


def test_stations_that_were_lost_are_told() -> None:
    figures = IdleFigures(10, 10, 0.1, 0.2, 0.3, 5.0, 0.5, 20, 60, 7, 60_000, 40.0)
    text = "\n".join(lines(figures))
    assert "lost                  3" in text
    assert "10.0%" in text
    assert "asked for" not in text


def test_the_sink_tells_how_far_heartbeats_are_apart() -> None:
    boot = '[2,"1","BootNotification",{"reason":"PowerUp"}]'
    assert json.loads(answer(boot, 60) or "")[2]["interval"] == 60
    assert json.loads(answer(boot) or "")[2]["interval"] == 86_400


@pytest.mark.parametrize("options", [Options(idle=5, compare=True), Options(idle=5, workers=2)])
def test_what_is_for_other_measurements_is_refused(options: Options) -> None:
    with pytest.raises(ConfigError, match="not for --idle"):
        run_idle_bench(options)
