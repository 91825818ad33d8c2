import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.sim.chance import Chance
from evtui.sim.physics.ev import CATALOGUE, Curve, EvModel, find, pick
from evtui.sim.spec import EvShare

_MODELS = st.sampled_from(list(CATALOGUE.values()))


@pytest.mark.parametrize(("x", "y"), [(-1, 10), (0, 10), (5, 15), (10, 20), (15, 10), (20, 0), (21, 0)])
def test_a_curve_is_straight_between_its_points_and_level_beyond(x: float, y: float) -> None:
    assert Curve((0, 10), (10, 20), (20, 0)).at(x) == pytest.approx(y)


@given(_MODELS, st.floats(0.0, 100.0))
def test_every_pack_takes_something_at_every_state_of_charge(model: EvModel, soc: float) -> None:
    assert 0.0 < model.curve.at(soc) <= max(y for _, y in model.curve.points)


@given(_MODELS)
def test_every_model_is_drawn_from_empty_to_full(model: EvModel) -> None:
    xs = [x for x, _ in model.curve.points]
    assert xs == sorted(set(xs))
    assert (xs[0], xs[-1]) == (0, 100)
    assert 0.0 <= model.arrival_percent[0] <= model.arrival_percent[1] < 100.0
    assert model.pack_voltage_v(0.0) < model.pack_voltage_v(100.0)


@pytest.mark.parametrize(
    ("model_id", "phases", "onboard_kw"),
    [
        ("default", 3, 22.0),
        ("tesla-model-3-lr", 3, 11.0),
        ("hyundai-ioniq-5", 3, 11.0),
        ("vw-id4", 3, 11.0),
        ("vw-id3", 3, 11.0),
        ("hyundai-ioniq", 1, 7.4),
        ("renault-zoe", 3, 22.0),
        ("nissan-leaf", 1, 6.6),
        ("phev", 1, 3.7),
    ],
)
def test_onboard_chargers_are_those_of_the_cars(model_id: str, phases: int, onboard_kw: float) -> None:
    model = find(model_id)
    assert model.phases == phases
    assert model.onboard_a * phases * 0.230 == pytest.approx(onboard_kw, rel=0.01)


def test_five_real_cars_charge_from_dc() -> None:
    assert len([model for model in CATALOGUE.values() if model.dc and model.id != "default"]) == 5


def test_an_unknown_model_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(LocalError, match="nearest is tesla-model-3-lr"):
        find("tesla-model-3")


def test_a_mix_brings_cars_as_often_as_their_weights_say() -> None:
    chance = Chance(1, "CP1", "mix")
    mix = (EvShare("vw-id3", 1.0), EvShare("vw-id4", 3.0))
    ids = [pick(mix, chance).id for _ in range(2000)]
    assert 0.70 < ids.count("vw-id4") / 2000 < 0.80


def test_at_dc_only_cars_with_an_inlet_for_it_come() -> None:
    chance = Chance(1, "CP1", "mix")
    mix = (EvShare("phev", 9.0), EvShare("vw-id4", 1.0))
    assert {pick(mix, chance, dc=True).id for _ in range(50)} == {"vw-id4"}
    with pytest.raises(LocalError, match="no EV of the mix"):
        pick((EvShare("phev"),), chance, dc=True)
