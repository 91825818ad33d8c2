"""The registers of phases: they add up to the EVSE's, and none ever falls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.physics.phase_registers import count, divide
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from tests.proof import proves
from tests.sim.playbook import Playbook

volts = st.tuples(*[st.floats(200.0, 250.0)] * 3)


@given(st.lists(st.tuples(st.floats(0.0, 1e4), volts, volts, st.sampled_from([0, 1, 3])), max_size=20))
def test_they_add_up_to_the_energy_of_alternating_current_and_never_fall(
    segments: list[tuple[float, tuple[float, ...], tuple[float, ...], int]],
) -> None:
    before, total_wh = divide(30_000.0, 3), 30_000.0
    for wh, v0, v1, phases in segments:
        on_the_way, after = count(before, wh / 2, v0, v1, phases), count(before, wh, v0, v1, phases)
        total_wh += wh if phases else 0.0
        assert sum(after) == pytest.approx(total_wh)
        assert all(a <= b <= c for a, b, c in zip(before, on_the_way, after, strict=True))
        if phases == 1:
            assert after[1:] == before[1:], "a car on one phase uses the first"
        before = after


def test_an_outlet_of_direct_current_has_none() -> None:
    assert count(divide(30_000.0, 0), 1.0, (400.0,), (400.0,), 0) == ()


@proves("MeterValues", "J02.FR.16")
@pytest.mark.parametrize("ev", ["vw-id4", "nissan-leaf"])
def test_an_evse_counts_each_phase_through_all_that_happens_to_its_flow(ev: str) -> None:
    play = Playbook().booted()
    charging = play.station._evses[0].charging
    before = charging.phase_register_wh
    play.plug_in(ev=ev)
    play.present()
    for _ in range(20):
        play.wait(0.7)
        now = charging.phase_register_wh
        assert sum(now) == pytest.approx(charging.register_wh, abs=1e-6)
        assert all(a <= b for a, b in zip(before, now, strict=True))
        assert (now[1] > before[1]) is (ev == "vw-id4" and now[0] > before[0])
        before = now
    play.unplug()
    before = charging.phase_register_wh
    play.cut_power()
    assert play.station._evses[0].charging.phase_register_wh == before


def test_an_evse_with_both_kinds_of_outlet_counts_only_alternating_current_by_phase() -> None:
    both = (EvseSpec(connectors=(ConnectorSpec(ConnectorType.CCCS2, 0), ConnectorSpec(ConnectorType.CTYPE2, 3))),)
    play = Playbook(evses=both).charging()
    charging = play.station._evses[0].charging
    before = charging.phase_register_wh
    play.wait(10)
    assert charging.register_wh > sum(before) + 1_000.0
    assert charging.phase_register_wh == before
