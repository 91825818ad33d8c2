import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.physics import outlet

VOLTS = (229.0, 230.0, 231.0)


@given(st.floats(1.0, 22_000.0), st.sampled_from([1, 3]))
def test_power_is_the_sum_of_volts_times_amperes_times_one_power_factor(power_w: float, phases: int) -> None:
    power_w = power_w if phases == 3 else power_w / 3
    volts, amperes = outlet.loaded(power_w, VOLTS, phases, 0.2)
    active = outlet.active_a(amperes[0])
    assert sum(volts[:phases]) * active == pytest.approx(power_w)
    assert amperes[phases:] == (0.0,) * (3 - phases)
    assert volts[phases:] == VOLTS[phases:]


@given(st.floats(0.0, 40.0))
def test_the_power_of_a_current_shows_as_that_current(active: float) -> None:
    volts, amperes = outlet.loaded(outlet.most_w(active, VOLTS, 0.2), VOLTS, 3, 0.2)
    assert outlet.active_a(amperes[0]) == pytest.approx(active, abs=1e-5)
    assert volts == pytest.approx([v - 0.2 * active for v in VOLTS], abs=1e-5)


@pytest.mark.parametrize(("current_a", "low", "high"), [(6.0, 0.90, 0.95), (16.0, 0.97, 0.99), (32.0, 0.98, 0.99)])
def test_the_power_factor_is_that_of_an_onboard_charger(current_a: float, low: float, high: float) -> None:
    assert low <= outlet.active_a(current_a) / current_a <= high


def test_without_power_there_is_no_current_and_no_drop() -> None:
    assert outlet.loaded(0.0, VOLTS, 3, 0.2) == (VOLTS, (0.0, 0.0, 0.0))


@pytest.mark.parametrize(("rated_a", "ohm"), [(16.0, 0.2), (32.0, 0.2), (64.0, 0.1)])
def test_a_stronger_evse_has_a_stronger_connection(rated_a: float, ohm: float) -> None:
    assert outlet.grid_ohm(rated_a) == pytest.approx(ohm)
