from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.chance import Chance
from evtui.sim.link.backoff import Backoff


def _backoff(minimum_s: float, range_s: float, times: int) -> Backoff:
    return Backoff(minimum_s, range_s, times, Chance(1, "CP1", "backoff"))


@pytest.mark.parametrize(
    ("times", "waits"),
    [
        (0, [3, 3, 3, 3]),
        (1, [3, 6, 6, 6]),
        (3, [3, 6, 12, 24, 24, 24]),
    ],
)
def test_waits_double_as_often_as_told_and_then_stay_tc_b_57(times: int, waits: list[float]) -> None:
    backoff = _backoff(3.0, 0.0, times)
    assert [backoff.next_s() for _ in waits] == waits


def test_after_a_success_it_begins_anew() -> None:
    backoff = _backoff(3.0, 0.0, 5)
    backoff.next_s()
    backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 3.0


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0), st.integers(0, 10))
def test_each_growing_wait_is_the_last_one_doubled_and_a_random_part(minimum: float, spread: float, times: int) -> None:
    backoff = _backoff(minimum, spread, times)
    waits = [backoff.next_s() for _ in range(times + 3)]
    assert minimum <= waits[0] <= minimum + spread
    for last, wait in pairwise(waits[: times + 1]):
        assert 2.0 * last <= wait <= 2.0 * last + spread
    assert waits[times] == waits[times + 1] == waits[times + 2]


def test_stations_spread_their_first_attempts() -> None:
    waits = {Backoff(1.0, 10.0, 2, Chance(1, f"CP{n}", "backoff")).next_s() for n in range(20)}
    assert len(waits) == 20
