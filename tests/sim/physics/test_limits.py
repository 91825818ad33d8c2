import pytest

from evtui.sim.metering.reading import Limit
from evtui.sim.physics import limits
from evtui.sim.physics.ev import find
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType

AC3 = ConnectorSpec()
AC1 = ConnectorSpec(phases=1)
CCS = ConnectorSpec(ConnectorType.CCCS2, phases=0)


@pytest.mark.parametrize(
    ("connector", "ev", "phases"),
    [(AC3, "default", 3), (AC3, "phev", 1), (AC1, "default", 1), (AC3, None, 3), (CCS, "vw-id4", 0), (CCS, None, 0)],
)
def test_phases_in_use_are_those_that_all_have(connector: ConnectorSpec, ev: str | None, phases: int) -> None:
    assert limits.used_phases(connector, find(ev) if ev else None) == phases


@pytest.mark.parametrize(
    ("ev", "rated_w", "cable_a", "sources", "source", "kw"),
    [
        ("default", 22_000, 32, {}, "evse", 22.0),
        ("default", 43_000, 32, {}, "cable", 22.08),
        ("default", 43_000, 63, {}, "onboard-charger", 22.08),
        ("default", 22_000, 20, {}, "cable", 13.8),
        ("default", 11_000, 32, {}, "evse", 11.0),
        ("tesla-model-3-lr", 22_000, 32, {}, "onboard-charger", 11.04),
        ("phev", 22_000, 32, {}, "onboard-charger", 3.68),
        ("phev", 22_000, 13, {}, "cable", 2.99),
        ("default", 22_000, 32, {"csms": ("Profile 7", 7_000.0)}, "csms", 7.0),
        ("default", 22_000, 32, {"csms": ("Profile 7", 7_000.0), "house": ("HEMS", 5_000.0)}, "house", 5.0),
    ],
)
def test_the_smallest_link_wins(
    ev: str, rated_w: float, cable_a: float, sources: dict[str, tuple[str, float]], source: str, kw: float
) -> None:
    connector = ConnectorSpec(cable_a=cable_a)
    model = find(ev)
    line_v = limits.line_voltage_v(limits.used_phases(connector, model), 0.0)
    smallest = limits.winner(limits.chain(EvseSpec((connector,), rated_w), connector, model, sources, line_v))
    assert smallest.source == source
    assert smallest.power_w / 1000 == pytest.approx(kw)


def test_both_figures_of_a_link_are_converted_by_phases_and_nominal_voltage_k01_fr_49() -> None:
    chain = limits.chain(EvseSpec(), AC3, find("default"), {"csms": ("Profile", 11_040.0)}, 690.0)
    assert all(limit.power_w == pytest.approx(limit.current_a * 690.0) for limit in chain)
    assert chain[-1] == Limit("csms", "Profile", 11_040.0, 16.0)


def test_a_single_phase_car_gets_one_phase_of_the_evse() -> None:
    assert limits.evse(EvseSpec(), AC3, 230.0).power_w == pytest.approx(22_000 / 3)


def test_of_equal_links_the_one_nearest_to_the_grid_wins() -> None:
    chain = limits.chain(EvseSpec(rated_w=22_080.0), AC3, find("default"), {}, 690.0)
    assert len({round(limit.power_w, 6) for limit in chain}) == 1
    assert limits.winner(chain).source == "evse"


@pytest.mark.parametrize(("offered_w", "told_w"), [(6.0 * 690.0, 6.0 * 690.0), (6.0 * 690.0 - 1.0, 0.0), (0.0, 0.0)])
def test_below_6_a_an_ac_evse_offers_nothing(offered_w: float, told_w: float) -> None:
    chain = limits.chain(EvseSpec(), AC3, find("default"), {"csms": ("Profile", offered_w)}, 690.0)
    assert limits.ceiling(chain).offered_w == pytest.approx(told_w)


@pytest.mark.parametrize(
    ("connector", "ampere"),
    [
        (CCS, 500.0),
        (ConnectorSpec(ConnectorType.CCCS2, 0, cable_a=300.0), 300.0),
        (ConnectorSpec(ConnectorType.CCCS1, 0, cable_a=900.0), 500.0),
        (ConnectorSpec(ConnectorType.CG105, 0), 200.0),
    ],
)
def test_a_dc_cable_carries_what_its_plug_does_unless_told_less(connector: ConnectorSpec, ampere: float) -> None:
    link = limits.cable(connector, 400.0)
    assert (link.current_a, link.power_w) == (ampere, ampere * 400.0)


def test_a_dc_chain_has_no_onboard_charger() -> None:
    chain = limits.chain(EvseSpec((CCS,), 150_000.0), CCS, find("vw-id4"), {}, 400.0)
    assert [limit.source for limit in chain] == ["cable", "evse"]
