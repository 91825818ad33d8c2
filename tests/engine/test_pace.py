"""Frames a second, and percentiles of round-trip times, from a bounded histogram."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.pace import MINUTE, Pace
from tests.engine.scripted import bench


def test_frames_a_second_are_those_of_the_last_seconds() -> None:
    pace = Pace()
    for second in range(1, 20):
        pace.beat(100.0 + second, second * 50)
    assert pace.frames_per_s == 50.0
    for second in range(20, 26):
        pace.beat(100.0 + second, 950)
    assert pace.frames_per_s == 0.0
    assert not pace.beat(130.0, 950)


def test_without_an_answer_there_are_no_percentiles() -> None:
    pace = Pace()
    pace.beat(1.0, 7)
    assert (pace.frames_per_s, pace.rtt_p50_s, pace.rtt_p99_s) == (7.0, None, None)


def test_times_are_forgotten_after_a_minute_of_others() -> None:
    pace = Pace()
    pace.round_trips.answered(5.0)
    for second in range(MINUTE):
        pace.round_trips.answered(0.01)
        pace.beat(float(second), 0)
    assert pace.rtt_p99_s == pytest.approx(5.0, rel=0.1)
    pace.round_trips.answered(0.01)
    pace.beat(float(MINUTE), 0)
    assert pace.rtt_p99_s == pytest.approx(0.01, rel=0.03)


def test_where_nothing_happens_no_figure_changes() -> None:
    pace = Pace()
    pace.round_trips.answered(0.5)
    for second in range(10):
        pace.beat(float(second), 2)
    changed = [pace.beat(float(second), 2) for second in range(10, 200)]
    assert not any(changed)
    assert pace.rtt_p50_s == pytest.approx(0.5, rel=0.03)


@given(st.lists(st.floats(1e-6, 100.0), min_size=1, max_size=300))
def test_a_percentile_is_right_to_within_a_fiftieth(times_s: list[float]) -> None:
    pace = Pace()
    for time_s in times_s:
        pace.round_trips.answered(time_s)
    pace.beat(1.0, 0)
    ordered = sorted(times_s)
    for found_s, share in ((pace.rtt_p50_s, 0.5), (pace.rtt_p99_s, 0.99)):
        true_s = ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
        assert found_s == pytest.approx(true_s, rel=0.021, abs=1.1e-4)


async def test_a_fleet_tells_its_pace_in_its_totals(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        await it.order("start", "CP001")
        await it.advance(10)
        totals = it.fleet.board.totals(3)
        assert totals.frames_per_s > 0
        assert totals.rtt_p50_s is not None
        assert totals.rtt_p99_s is not None
        assert totals.rtt_p50_s <= totals.rtt_p99_s
        assert totals.errors == 0


async def test_frames_that_are_wrong_are_counted_for_their_station(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        it.csms.links["CP002"].push("this is no frame")
        await it.advance(1)
        from evtui.engine.door import View

        view = await it.door.fleet(View(filter="~err >0"))
        assert [row.id for row in view.rows] == ["CP002"]
        assert view.rows[0].errors == view.totals.errors >= 1
