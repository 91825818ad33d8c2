"""Sparklines on a fixed scale."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from evtui.tui.glyphs import ASCII, UNICODE
from evtui.tui.sparkline import nice_top, sparkline

values = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60)


def test_a_steady_power_is_a_steady_line() -> None:
    assert sparkline([11.0] * 5, 5, 1, 22.0, UNICODE) == ("▅▅▅▅▅",)


def test_rated_power_is_full_and_nothing_is_the_base_line() -> None:
    assert sparkline([0.0, 22.0], 2, 1, 22.0, UNICODE) == ("▁█",)


def test_the_newest_value_is_at_the_right_and_before_the_first_is_the_base_line() -> None:
    assert sparkline([22.0], 4, 1, 22.0, UNICODE) == ("▁▁▁█",)
    assert sparkline([0.0, 0.0, 22.0], 2, 1, 22.0, UNICODE) == ("▁█",)


def test_above_the_scale_stays_full() -> None:
    assert sparkline([100.0], 1, 1, 22.0, UNICODE) == ("█",)


def test_two_lines_have_twice_the_steps() -> None:
    assert sparkline([5.5, 11.0, 16.5, 22.0], 4, 2, 22.0, UNICODE) == ("  ▄█", "▅███")


def test_a_small_power_is_told_from_none_by_neither_colour_nor_guess() -> None:
    drawn = sparkline([3.0, 0.0], 2, 1, 22.0, ASCII)[0]
    assert drawn[0] != drawn[1]


@given(values, st.integers(1, 60), st.integers(1, 6), st.floats(0, 1e6))
def test_every_line_is_as_wide_as_asked_whatever_comes(
    series: list[float], width: int, height: int, top: float
) -> None:
    for glyphs in (UNICODE, ASCII):
        lines = sparkline(series, width, height, top, glyphs)
        assert [cell_len(line) for line in lines] == [width] * height
        assert not glyphs.ascii or "".join(lines).isascii()


@given(st.floats(0, 1e7))
def test_the_scale_of_energy_is_round_and_never_below_the_value(value: float) -> None:
    assert nice_top(value) >= value
    assert str(nice_top(value)).lstrip("0")[0] in "125"


def test_no_room_means_no_sparkline() -> None:
    assert sparkline([1.0], 0, 1, 22.0, UNICODE) == ()
