from statistics import fmean, pstdev

from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.chance import Chance, derive

_64_BITS = st.integers(0, 2**64 - 1)


@given(_64_BITS, st.text(max_size=20))
def test_the_same_seed_station_and_purpose_draw_the_same(seed: int, station_id: str) -> None:
    one, other = Chance(seed, station_id, "arrival"), Chance(seed, station_id, "arrival")
    assert [one.uniform() for _ in range(5)] == [other.uniform() for _ in range(5)]


def test_another_seed_station_or_purpose_draws_otherwise() -> None:
    keys = {derive(1, "CP1", "a"), derive(2, "CP1", "a"), derive(1, "CP2", "a"), derive(1, "CP1", "b")}
    assert len(keys) == 4


def test_names_cannot_run_into_each_other() -> None:
    assert derive(1, "CP1", "1a") != derive(1, "CP11", "a")


def test_a_lone_surrogate_in_an_id_is_only_another_id() -> None:
    assert derive(0, "\ud800", "a") != derive(0, "?", "a")


@given(_64_BITS, st.floats(-1e6, 1e6), st.floats(0.0, 1e6))
def test_uniform_stays_in_its_range(seed: int, low: float, width: float) -> None:
    draw = Chance(seed, "CP1", "x").uniform(low, low + width)
    assert low <= draw <= low + width


def test_uniform_fills_its_range_evenly() -> None:
    chance = Chance(7, "CP1", "x")
    draws = [chance.uniform(10.0, 20.0) for _ in range(4000)]
    assert abs(fmean(draws) - 15.0) < 0.2
    assert min(draws) < 10.05
    assert max(draws) > 19.95


def test_gauss_has_its_mean_and_sigma_and_no_outliers() -> None:
    chance = Chance(7, "CP1", "x")
    draws = [chance.gauss(5.0, 2.0) for _ in range(4000)]
    assert abs(fmean(draws) - 5.0) < 0.15
    assert abs(pstdev(draws) - 2.0) < 0.1
    assert all(abs(draw - 5.0) <= 2.0 * 3.47 for draw in draws)


def test_weights_decide_how_often_an_index_comes() -> None:
    chance = Chance(7, "CP1", "x")
    draws = [chance.weighted([1.0, 0.0, 3.0]) for _ in range(4000)]
    assert draws.count(1) == 0
    assert 0.70 < draws.count(2) / 4000 < 0.80


def test_without_any_weight_the_first_comes() -> None:
    assert Chance(7, "CP1", "x").weighted([0.0, 0.0]) == 0
