"""Round-trip times: percentiles of a histogram, and what was never answered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.round_trips import RoundTrips
from tests.engine.scripted import bench


@given(st.lists(st.floats(1e-6, 500.0), min_size=1, max_size=300), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_percentile_is_right_to_within_a_fiftieth(times_s: list[float], share: float) -> None:
    trips = RoundTrips()
    for time_s in times_s:
        trips.answered(time_s)
    ordered = sorted(times_s)
    true_s = ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
    assert trips.percentile(share) == pytest.approx(true_s, rel=0.021, abs=1.1e-4)


def test_the_longest_is_exact_and_nothing_takes_longer() -> None:
    trips = RoundTrips()
    assert trips.percentile(1.0) is None
    for time_s in (0.003, 0.00451, 500.0):
        trips.answered(time_s)
    assert trips.longest_s == trips.percentile(1.0) == 500.0
    assert trips.percentile(0.5) == pytest.approx(0.00451, rel=0.021)


async def test_a_fleet_counts_calls_that_nobody_answers(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        await it.advance(5)
        await it.order("start", "CP001", within_s=60.0)
        await it.advance(120)
        assert it.fleet.board.pace.round_trips.unanswered > 0
