"""The report of a run: what it counts, what it keeps to itself, and how it is written."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.door import RoundTripCounts, Totals
from evtui.engine.round_trips import RoundTrips
from evtui.headless.report import (
    Loss,
    Recorder,
    RunReport,
    digest,
    percentiles,
    report_of,
    shard_report,
    whole,
    write_report,
)
from evtui.headless.verdict import Tally, figures_of
from evtui.web.svg import Line, ceiling, line_chart
from tests.program import Household


def _counts(*times_s: float) -> RoundTripCounts:
    trips = RoundTrips()
    for each in times_s:
        trips.answered(each)
    return RoundTripCounts(tuple(trips.counts), (), trips.longest_s, trips.unanswered)


def _report(**changes: Any) -> RunReport:
    recorder, totals, trips = Recorder(0.0), Totals(2, 2, errors=1), _counts(0.01, 0.02)
    recorder.record(1.0, Totals(2, 1, 1, 7000.0), _counts(0.01))
    recorder.record(2.0, totals, trips)
    tally = Tally(3, 1, 2000.0)
    report = report_of(
        recorder,
        config=FleetConfig(),
        csms_url="ws://csms.example/ocpp",
        work="Load: 2 s",
        code=1,
        verdict="",
        totals=totals,
        trips=trips,
        figures=figures_of(totals, trips, tally, 0),
        shards=(whole(("CP001", "CP002"), recorder, totals, tally, ""),),
    )
    return msgspec.structs.replace(report, **changes)


def test_round_trips_of_a_second_are_those_of_that_second() -> None:
    series = _report().series
    assert series.t == (1.0, 2.0)
    assert series.online == (1.0, 2.0)
    assert series.p99_ms == pytest.approx((10.0, 20.0), rel=0.03)


def test_a_second_without_answers_has_no_round_trips() -> None:
    recorder = Recorder(0.0)
    recorder.record(1.0, Totals(), _counts(0.5))
    recorder.record(2.0, Totals(), _counts(0.5))
    assert recorder.series().p99_ms[1] == 0.0


def test_counts_tell_the_bound_of_their_times() -> None:
    found = percentiles(_counts(0.1, 0.1, 5.0))
    (below, two), (above, one) = found.counts
    assert (two, one) == (2, 1)
    assert 0.1 <= below < 0.103
    assert 5.0 <= above < 5.11
    assert found.shares_s["max"] == 5.0


def test_the_digest_is_that_of_the_fleet_and_tells_no_secret() -> None:
    def with_csms(csms: CsmsConfig) -> str:
        return digest(FleetConfig(csms=csms))

    assert with_csms(CsmsConfig(headers={"X-Key": "secret"}, proxy="http://u:p@proxy:1")) == with_csms(CsmsConfig())
    assert digest(FleetConfig(groups=(GroupConfig(count=5),))) != digest(FleetConfig())


def test_a_shard_is_what_its_spells_add_up_to() -> None:
    [spell] = _report().shards[0].spells
    shard = shard_report(2, ("A", "B"), (spell, msgspec.structs.replace(spell, epoch=2, sessions=5)))
    assert (shard.first, shard.last, shard.sessions, shard.failed, shard.energy_wh) == ("A", "B", 8, 2, 4000.0)


def test_json_reads_back_as_it_was(tmp_path: Path) -> None:
    path, report = tmp_path / "r.json", _report()
    write_report(str(path), report)
    assert msgspec.json.decode(path.read_bytes(), type=RunReport) == report


def test_the_page_loads_nothing_and_believes_nobody(tmp_path: Path) -> None:
    lost = Loss(
        1,
        1,
        "tcp://<b>:1",
        "<script>alert(1)</script>",
        "2026-01-01T10:00:00.000Z",
        "2026-01-01T10:00:11.000Z",
        "<i>",
        2,
        1,
        0,
        "",
    )
    path = tmp_path / "r.html"
    write_report(str(path), _report(lost=(lost,), verdict="<u>bad</u>", csms_url="ws://<x>/"))
    text = path.read_text()
    assert not re.search(r"<(script|b|i|u|x)>", text)
    assert not re.search(r"(src|href)=", text)
    assert set(re.findall(r"https?://[^\s\"<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert text.count("<svg") == 5
    assert "<td>10:00:00.000Z</td><td>10:00:11.000Z</td>" in text


def test_a_chart_of_nothing_is_a_chart() -> None:
    assert "polyline" in line_chart("Nothing", (), (Line("x", "red", ()),))


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.3, 0.5), (1, 1), (1.01, 2), (21, 25), (99, 100), (7001, 10000)])
def test_an_axis_ends_with_a_round_figure(value: float, top: float) -> None:
    assert ceiling(value) == pytest.approx(top)


def test_a_run_writes_its_report_and_keeps_its_frames(house: Household, sink: str) -> None:
    done = house.run(
        *("run", "--csms-url", sink, "--stations", "3", "--for", "2", "--duration", "1", "--flow", "classic"),
        *("--report", "r.json", "--frames", "kept"),
    )
    assert done.returncode == 0, done.stderr
    report = msgspec.json.decode((house.home / "r.json").read_bytes(), type=RunReport)
    assert report.exit_code == 0
    assert report.stations == 3
    assert report.figures["sessions"] >= 3
    assert report.round_trips.answered > 0
    [spell] = report.shards[0].spells
    assert Path(spell.spool) == house.home / "kept" / "frames"
    assert sum(each.stat().st_size for each in Path(spell.spool).iterdir()) > 0


def test_a_report_that_is_neither_json_nor_html_is_refused_first(house: Household) -> None:
    done = house.run("run", "--report", "r.txt")
    assert done.returncode == 2
    assert "--report: r.txt: end it with .json or .html" in done.stderr


def test_a_report_that_cannot_be_written_is_told_when_all_is_done(house: Household, sink: str) -> None:
    (house.home / "r.json").mkdir()
    done = house.run("run", "--csms-url", sink, "--duration", "1", "--report", "r.json")
    assert done.returncode == 2
    assert "Charging session completed!" in done.stdout
    assert done.stderr == "evtui: --report: r.json cannot be written: Is a directory\n"
