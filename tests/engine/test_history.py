"""What is remembered of an EVSE: traces that scroll, series that thin, nothing for an idle one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.history import POINTS, TRACE, EvseHistory, Series, Trace
from evtui.sim.metering.reading import Figures

BEGAN = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)


def figures(power_w: float = 0.0, energy_wh: float = 0.0, transaction_id: str | None = "tx") -> Figures:
    return Figures(
        power_w=power_w,
        offered_w=22_000.0,
        session_energy_wh=energy_wh,
        register_wh=1e6 + energy_wh,
        soc_percent=50.0,
        transaction_id=transaction_id,
        transaction_started=BEGAN if transaction_id else None,
        voltage_v=(229.0, 230.0, 231.0),
        current_a=(10.0, 11.0, 9.0),
        frequency_hz=50.0,
        limit_w=11_000.0,
    )


def at(second: float) -> float:
    return (BEGAN + timedelta(seconds=second)).timestamp()


def test_a_point_holds_the_figures_of_its_second() -> None:
    history = EvseHistory()
    history.record(figures(11_000.0, 3.0), at(1))
    assert history.series() == ((1.0,), (11_000.0,), (11_000.0,), (3.0,), (230.0,), (11.0,), (50.0,), (50.0,))


def test_a_new_session_begins_a_new_series_and_the_last_one_stays_until_then() -> None:
    history = EvseHistory()
    history.record(figures(1.0), at(1))
    history.record(figures(0.0, transaction_id=None), at(2))
    assert history.series()[0] == (1.0,)
    history.record(figures(2.0, transaction_id="next"), at(3))
    assert history.series()[0] == (3.0,)


@given(st.integers(1, 5 * POINTS), st.floats(0.8, 1.2))
def test_a_series_is_bounded_covers_the_session_and_keeps_its_order(seconds: int, pace_s: float) -> None:
    series = Series("tx", 0.0)
    for second in range(seconds):
        series.add(second * pace_s, figures(float(second)))
    times = next(series.columns())
    assert 1 <= len(series) <= POINTS
    assert len(series) > min(seconds, POINTS) / 2 - 2
    assert times[0] == 0.0
    assert list(times) == sorted(set(times))
    assert times[-1] >= (seconds - 1) * pace_s * 0.98 - 2


def test_a_dip_leaves_its_mark_when_a_series_is_thinned() -> None:
    series = Series("tx", 0.0)
    for second in range(4 * POINTS):
        series.add(float(second), figures(0.0 if second in (301, 1500) else 8_000.0, float(second)))
    t, power_w, _, energy_wh, *_ = series.columns()
    assert t[1] - t[0] == 4.0
    assert [round(value) for value in power_w if value < 8_000.0] == [6_000, 6_000]
    assert energy_wh == t
    assert sum(power_w) / len(power_w) == pytest.approx(8_000.0 * (1 - 2 / (4 * POINTS)), rel=0.001)


@given(st.lists(st.floats(0.0, 1e5, width=32), min_size=1, max_size=1500))
def test_the_mean_of_a_series_is_that_of_what_was_measured(values: list[float]) -> None:
    series = Series("tx", 0.0)
    for second, value in enumerate(values):
        series.add(float(second), figures(value))
    power_w = list(series.columns())[1]
    assert max(power_w) <= max(values) * 1.0001 + 1
    assert min(power_w) >= min(values) * 0.9999 - 1
    if len(values) <= POINTS:
        assert power_w == pytest.approx(values, abs=0.01)


def test_an_idle_evse_remembers_nothing_and_shows_flat_traces() -> None:
    history = EvseHistory()
    assert history.still
    assert history.trace(3, 8.5) == ((0.0, 0.0, 0.0), (8.5, 8.5, 8.5))
    assert history.series() == ((),) * 8


def test_a_trace_repeats_its_first_energy_where_there_is_nothing_older() -> None:
    trace = Trace(100.0, 5.0)
    trace.add(200.0, 6.0)
    assert trace.last(4) == ((0.0, 0.0, 100.0, 200.0), (5.0, 5.0, 5.0, 6.0))


@pytest.mark.parametrize("asked", [0, 1, 60, TRACE, 10_000])
def test_a_trace_is_never_longer_than_what_is_kept(asked: int) -> None:
    history = EvseHistory()
    for second in range(3 * TRACE):
        history.record(figures(float(second), float(second)), at(second))
    power, energy = history.trace(asked, 0.0)
    assert len(power) == len(energy) == min(asked, TRACE)
    assert power == tuple(map(float, range(3 * TRACE - len(power), 3 * TRACE)))


def test_a_trace_is_forgotten_once_it_is_flat() -> None:
    history = EvseHistory()
    history.record(figures(1.0, 1.0), at(0))
    for second in range(1, TRACE):
        history.record(figures(0.0, 1.0, None), at(second))
        history.rest()
    assert not history.still
    history.record(figures(0.0, 1.0, None), at(TRACE))
    history.rest()
    assert history.still
