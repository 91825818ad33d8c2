"""Charts."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.tui.charts import CHARTS, ChartSpec, Curve, chart_spec
from evtui.tui.glyphs import ASCII, UNICODE
from evtui.tui.paint import text_of, width_of
from evtui.tui.widgets.plot import _thinned, chart_lines
from tests.tui.fake_door import charging_fleet


def ramp(values: tuple[float, ...]) -> ChartSpec:
    return ChartSpec(tuple(float(x) for x in range(len(values))), (Curve("power", "kW", values, "power"),), 0.0, 25.0)


@pytest.mark.parametrize("size", [(40, 9), (60, 14), (140, 30)])
def test_a_chart_has_exactly_its_size(size: tuple[int, int]) -> None:
    lines = chart_lines(ramp(tuple(float(x) for x in range(25))), *size, UNICODE)
    assert len([line for line in lines if text_of(line).strip()]) == size[1]
    assert all(width_of(line) <= size[0] for line in lines)


def test_a_curve_has_its_role_and_the_axes_are_dim() -> None:
    pieces = [piece for line in chart_lines(ramp((0.0, 10.0, 20.0)), 60, 14, UNICODE) for piece in line]
    assert {role for _, role in pieces} == {"power", "dim"}
    assert any("20┤" in text for text, role in pieces if role == "dim")


def test_with_ascii_a_chart_keeps_to_it() -> None:
    assert all(text_of(line).isascii() for line in chart_lines(ramp((0.0, 10.0, 20.0)), 60, 14, ASCII))


def test_the_scale_of_time_is_in_round_minutes_and_seconds() -> None:
    text = "\n".join(text_of(line) for line in chart_lines(ramp((1.0,) * 301), 60, 14, UNICODE))
    assert "00:00" in text
    assert "01:00" in text or "02:00" in text


def test_points_that_are_no_numbers_are_left_out() -> None:
    chart_lines(ramp((1.0, nan, 3.0, float("inf"), 5.0)), 60, 14, UNICODE)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=2000), st.integers(4, 200))
def test_thinning_keeps_the_ends_and_the_peaks(values: list[float], most: int) -> None:
    t = [float(x) for x in range(len(values))]
    thin = _thinned(t, values, most)
    assert thin[-1][0] == t[-1]
    assert {min(values), max(values)} <= {y for _, y in thin}
    assert thin == sorted(thin)
    assert len(thin) <= max(most, 4) + 2 or len(thin) == len(values)


async def test_every_chart_of_a_session_can_be_drawn() -> None:
    detail = await charging_fleet().station("CP001")
    assert detail is not None
    for kind in CHARTS:
        spec = chart_spec(kind, detail.evses[0])
        assert spec.low < spec.high
        assert chart_lines(spec, 60, 14, UNICODE)


async def test_the_chart_of_power_has_its_limit_and_the_energy_on_the_other_axis() -> None:
    detail = await charging_fleet().station("CP001")
    assert detail is not None
    spec = chart_spec("power", detail.evses[0])
    assert {(curve.title, curve.right) for curve in spec.curves} == {
        ("power kW", False),
        ("limit kW", False),
        ("energy kWh", True),
    }
    assert spec.high >= detail.evses[0].row.rated_w / 1000
