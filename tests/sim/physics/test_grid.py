from itertools import pairwise
from statistics import fmean, pstdev

from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.physics.grid import Grid

_SEED = st.integers(0, 2**64 - 1)
_TIME = st.floats(0.0, 1e9)


def _correlation(xs: list[float], ys: list[float]) -> float:
    mx, my = fmean(xs), fmean(ys)
    return fmean((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / (pstdev(xs) * pstdev(ys))


@given(_SEED, _TIME)
def test_frequency_and_voltage_stay_within_normal_operation(seed: int, physics_s: float) -> None:
    grid = Grid(seed, "CP1")
    assert 49.8 <= grid.frequency_hz(physics_s) <= 50.2
    assert all(227.0 <= v <= 233.0 for v in grid.voltage_v(physics_s))


@given(_SEED, st.lists(_TIME, min_size=1, max_size=8))
def test_a_moment_reads_the_same_whatever_was_read_before(seed: int, times: list[float]) -> None:
    grid = Grid(seed, "CP1")
    for physics_s in times:
        fresh = Grid(seed, "CP1")
        assert grid.voltage_v(physics_s) == fresh.voltage_v(physics_s)
        assert grid.frequency_hz(physics_s) == fresh.frequency_hz(physics_s)


def test_frequency_reverts_to_50_hz_with_a_sigma_of_20_mhz_and_a_tau_of_a_minute() -> None:
    grid = Grid(3, "CP1")
    every_second = [grid.frequency_hz(float(t)) for t in range(200_000)]
    assert abs(fmean(every_second) - 50.0) < 0.002
    assert 0.018 < pstdev(every_second) < 0.022
    assert 0.33 < _correlation(every_second[:-60], every_second[60:]) < 0.41
    assert abs(_correlation(every_second[:-300], every_second[300:])) < 0.1


def test_nothing_jumps() -> None:
    grid = Grid(3, "CP1")
    volts = [grid.voltage_v(float(t))[0] for t in range(5_000)]
    hertz = [grid.frequency_hz(float(t)) for t in range(5_000)]
    assert max(abs(b - a) for a, b in pairwise(volts)) < 0.05
    assert max(abs(b - a) for a, b in pairwise(hertz)) < 0.005


def test_the_phases_move_mostly_together_but_are_not_equal() -> None:
    grid = Grid(3, "CP1")
    series = [grid.voltage_v(60.0 * t) for t in range(5_000)]
    l1, l2 = [v[0] for v in series], [v[1] for v in series]
    assert 0.4 < _correlation(l1, l2) < 0.95
    assert l1 != l2


def test_stations_of_a_seed_share_the_frequency_but_not_the_voltage() -> None:
    one, other = Grid(3, "CP1"), Grid(3, "CP2")
    assert one.frequency_hz(1234.5) == other.frequency_hz(1234.5)
    assert one.voltage_v(1234.5) != other.voltage_v(1234.5)
