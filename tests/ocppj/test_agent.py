"""How a station of evtui introduces itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui import __version__
from evtui.ocppj.agent import speed_of, user_agent


@pytest.mark.parametrize(
    ("speed", "agent"),
    [(1.0, ""), (60.0, " (physics x60)"), (2.5, " (physics x2.500000)"), (1_000_000.0, " (physics x1000000)")],
)
def test_it_says_how_fast_its_physics_runs(speed: float, agent: str) -> None:
    assert user_agent(speed) == f"evtui/{__version__}{agent}"


@given(st.floats(0.001, 999_999.0).filter(lambda speed: speed != 1.0))
def test_a_csms_reads_what_a_station_says(speed: float) -> None:
    assert speed_of(user_agent(speed)) == pytest.approx(speed, rel=1e-2)


@pytest.mark.parametrize(
    "agent", ["", "evtui/0.1.0", "SomeStation/1.0 (physics x60)", "evtui/0.1.0 (physics x0)", "evtui/1 (physics xNaN)"]
)
def test_who_does_not_say_is_unknown(agent: str) -> None:
    assert speed_of(agent) is None


@given(st.text(max_size=60))
def test_any_header_is_read(agent: str) -> None:
    speed = speed_of(agent)
    assert speed is None or speed > 0
