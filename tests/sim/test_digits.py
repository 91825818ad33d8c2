"""What a meter tells is rounded as `round` does it, whatever the figure."""

from math import nextafter

from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.metering.digits import DIGITS, told


@given(st.floats() | st.floats(0.0, 1e8))
def test_any_figure_is_told_as_round_would(figure: float) -> None:
    assert repr(told(figure)) == repr(round(figure, DIGITS))


@given(st.integers(0, 2**45), st.sampled_from((-1.0, 0.0, 1.0)))
def test_a_figure_between_two_that_can_be_told_goes_where_round_puts_it(thousandths: int, way: float) -> None:
    between = (thousandths + 0.5) / 1000.0
    figure = nextafter(between, between + way)
    assert repr(told(figure)) == repr(round(figure, DIGITS))
