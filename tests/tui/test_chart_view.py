"""The view of a chart: zoom, pan and cursor never leave the data, and the cursor stands on what is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.tui.chart_view import LEAST_S, ChartView, nearest

TIMES = tuple(float(second) for second in range(601))

deeds = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), st.integers(-3, 3)),
        st.tuples(st.just("pan"), st.floats(-2.0, 2.0)),
        st.tuples(st.just("step"), st.integers(-50, 50).filter(bool)),
        st.tuples(st.just("point"), st.floats(-100.0, 2000.0)),
    ),
    max_size=30,
)
times = st.lists(st.floats(0.0, 5000.0).map(lambda t: round(t, 1)), min_size=1, max_size=60, unique=True).map(sorted)


@given(times, deeds)
def test_whatever_is_done_the_stretch_stays_within_the_data_and_the_cursor_on_a_point(
    times: list[float], deeds: list[tuple[str, float]]
) -> None:
    view = ChartView()
    for deed, amount in deeds:
        match deed:
            case "zoom":
                view = view.zoom(times, int(amount))
            case "pan":
                view = view.pan(times, amount)
            case "step":
                view = view.step(times, int(amount), 70)
            case "point":
                view = view.point(times, amount)
        low, high = view.window(times)
        assert times[0] - 1e-6 <= low < high <= max(times[-1], times[0] + LEAST_S, LEAST_S) + 1e-6
        at = view.at(times)
        assert (at is None) == (view.cursor is None)
        if at is not None:
            assert times[at] == view.cursor


@given(times, st.floats(-10.0, 6000.0))
def test_the_nearest_is_the_nearest(times: list[float], time: float) -> None:
    assert abs(times[nearest(times, time)] - time) == min(abs(each - time) for each in times)


@given(st.integers(1, 5), st.integers(0, 600))
def test_zooming_in_and_out_again_shows_everything_and_goes_on(steps: int, second: int) -> None:
    view = ChartView().point(TIMES, float(second)).zoom(TIMES, steps)
    assert not view.live
    assert view.zoom(TIMES, -steps - 1).live


def test_zoom_keeps_the_cursor_where_it_is_on_screen() -> None:
    view = ChartView().point(TIMES, 150.0).zoom(TIMES, 1)
    low, high = view.window(TIMES)
    assert high - low == 300.0
    assert (150.0 - low) / (high - low) == pytest.approx(0.25)


def test_without_a_cursor_zoom_keeps_the_newest() -> None:
    assert ChartView().zoom(TIMES, 2).window(TIMES) == (450.0, 600.0)


def test_the_first_step_goes_to_the_newest_point_and_the_next_a_cell_on() -> None:
    view = ChartView().step(TIMES, -1, 60)
    assert view.cursor == 600.0
    assert view.step(TIMES, -1, 60).cursor == 590.0
    assert view.step(TIMES, 1, 60).cursor == 600.0
    near = view.zoom(TIMES, 10).step(TIMES, -1, 1000)
    assert near.cursor == 599.0


def test_the_stretch_follows_the_cursor() -> None:
    view = ChartView().zoom(TIMES, 3)
    assert view.window(TIMES) == (525.0, 600.0)
    low, high = view.point(TIMES, 100.0).window(TIMES)
    assert low <= 100.0 <= high


def test_pan_stops_at_the_ends() -> None:
    view = ChartView().zoom(TIMES, 1)
    assert view.pan(TIMES, -0.5).window(TIMES) == (150.0, 450.0)
    assert view.pan(TIMES, -9.0).window(TIMES) == (0.0, 300.0)
    assert view.pan(TIMES, 9.0).window(TIMES) == (300.0, 600.0)
    assert ChartView().pan(TIMES, 1.0) == ChartView()


def test_nothing_to_look_at() -> None:
    view = ChartView()
    assert view.step((), 1, 70) == view.zoom((), 1) == view.pan((), 1.0) == view.point((), 5.0) == view
    assert view.at(()) is None
