"""A meter series: bounded, and the same whatever order it came in."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.meter import Reading
from evtui.csms.series import MOST_POINTS, Series

_times = st.one_of(
    st.integers(0, 5000).map(float), st.floats(0, 1e9), st.floats(-1e10, 1e11).map(lambda at: at + 0.0)
)  # -0.0 is 0.0
_points = st.lists(st.tuples(_times, st.floats(0, 1e5)), max_size=60)


def _series(points: Sequence[tuple[float, float]]) -> Series:
    series = Series()
    for at, power_w in points:
        series.add(at, Reading(power_w=power_w))
    return series


@given(_points, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(points: list[tuple[float, float]], random: object) -> None:
    shuffled = [*points, *points[: len(points) // 2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert repr(list(_series(points))) == repr(list(_series(shuffled)))


@given(_points)
def test_it_begins_with_the_first_and_ends_with_the_last(points: list[tuple[float, float]]) -> None:
    times = [at for at, _ in _series(points)]
    assert times == sorted(set(times))
    assert len(times) <= MOST_POINTS + 1
    if points:
        assert times[0] == min(at for at, _ in points)
        assert times[-1] == max(at for at, _ in points)


def test_a_short_session_keeps_every_second() -> None:
    series = _series([(1000.0 + second, 22_000.0 - second) for second in range(MOST_POINTS)])
    assert len(series) == MOST_POINTS
    assert series.slot_s == 1


def test_a_long_one_gets_coarser_but_keeps_its_shape() -> None:
    series = _series([(float(second), float(second)) for second in range(86_400)])
    assert series.slot_s == 512
    assert MOST_POINTS / 2 < len(series) <= MOST_POINTS + 1
    assert all(reading.power_w == at for at, reading in series)


def test_readings_of_one_moment_are_one_point() -> None:
    series = Series()
    series.add(10.0, Reading(power_w=5.0))
    series.add(10.0, Reading(energy_wh=7.0))
    ((at, reading),) = series
    assert (at, reading.power_w, reading.energy_wh) == (10.0, 5.0, 7.0)
