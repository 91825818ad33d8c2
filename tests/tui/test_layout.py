"""Where the panels go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.tui.layout import LOG_HEIGHT, PANEL_WIDTH, panels_height, plan

SIZES = [(80, 22), (120, 34), (200, 48)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_four_stations_are_panels_beside_a_log_in_every_layout(width: int, height: int) -> None:
    found = plan(width, height, log=True, evses=[1] * 4, stations=4)
    assert not found.dense
    assert height - found.height >= LOG_HEIGHT


def test_eight_stations_are_panels_at_80x24_once_the_log_is_hidden() -> None:
    assert plan(80, 22, log=True, evses=[1] * 8, stations=8).dense
    assert not plan(80, 22, log=False, evses=[1] * 8, stations=8).dense


def test_more_than_fit_are_a_list() -> None:
    assert plan(80, 22, log=False, evses=[1] * 9, stations=9).dense
    assert plan(200, 48, log=True, evses=[1] * 60, stations=60).dense


def test_stations_that_are_not_known_yet_are_too_many_for_panels() -> None:
    assert plan(200, 48, log=False, evses=[1] * 4, stations=1000).dense


def test_roomy_screens_have_higher_panels() -> None:
    heights = [plan(w, h, log=True, evses=[1] * 4, stations=4).level for w, h in SIZES]
    assert heights == sorted(heights)
    assert heights[0] < heights[-1]


def test_panels_spread_evenly_over_the_rows() -> None:
    assert plan(120, 34, log=True, evses=[1] * 4, stations=4).columns == 2


def test_a_station_with_more_evses_has_a_higher_panel() -> None:
    assert panels_height([2, 1], 2, (1, 1)) == panels_height([2], 1, (1, 1)) == 8


@given(
    st.integers(20, 300),
    st.integers(10, 100),
    st.booleans(),
    st.lists(st.integers(1, 4), min_size=1, max_size=60),
)
def test_whatever_the_screen_all_panels_fit_and_the_log_keeps_its_lines(
    width: int, height: int, log: bool, evses: list[int]
) -> None:
    found = plan(width, height, log=log, evses=evses, stations=len(evses))
    if not found.dense:
        assert panels_height(evses, found.columns, found.level) <= found.height
        assert found.columns == 1 or width // found.columns >= PANEL_WIDTH
        assert found.height <= height - (LOG_HEIGHT if log else 0)
