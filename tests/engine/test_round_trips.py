"""Round-trip times: percentiles of a histogram, and what was never answered."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.door import RoundTripCounts, View
from evtui.engine.pace import Pace
from evtui.engine.round_trips import RoundTrips, percentile
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


@given(st.lists(st.lists(st.floats(1e-6, 500.0), max_size=50), min_size=1, max_size=5), st.integers(0, 3))
def test_what_several_fleets_have_counted_adds_up_to_what_one_would(shares: list[list[float]], unanswered: int) -> None:
    one, sum_of_all = RoundTrips(), RoundTrips()
    for times_s in shares:
        pace = Pace()
        pace.round_trips.unanswered = unanswered
        one.unanswered += unanswered
        for time_s in times_s:
            pace.round_trips.answered(time_s)
            one.answered(time_s)
        sent = msgspec.msgpack.encode(pace.counts())
        sum_of_all.add(msgspec.msgpack.decode(sent, type=RoundTripCounts))
    assert sum_of_all.counts == one.counts
    assert (sum_of_all.longest_s, sum_of_all.unanswered) == (one.longest_s, one.unanswered)


async def test_a_view_has_the_counts_behind_the_percentiles_if_it_asks(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        await it.order("start", "CP001")
        await it.advance(10)
        assert it.fleet.view(View()).round_trips is None
        view = it.fleet.view(View(addable=True))
        assert view.round_trips is not None
        assert sum(view.round_trips.counts) == sum(it.fleet.board.pace.round_trips.counts) > 0
        for found_s, share in ((view.totals.rtt_p50_s, 0.5), (view.totals.rtt_p99_s, 0.99)):
            assert percentile(view.round_trips.minute, share) == found_s


async def test_a_fleet_counts_calls_that_nobody_answers(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        await it.advance(5)
        await it.order("start", "CP001", within_s=60.0)
        await it.advance(120)
        assert it.fleet.board.pace.round_trips.unanswered > 0
