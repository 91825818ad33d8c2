"""The cars: a catalogue of models, and which one comes next.

A model's curve says how much power its pack takes at a state of charge, whoever rectifies it: straight lines between
points of (SoC in percent, W). The measured part of a curve comes from the source its entry names; the ends below the
first and above the last measured point, and the taper of cars that only charge from AC, are drawn by hand.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from types import MappingProxyType

import msgspec

from evtui.errors import LocalError
from evtui.sim.chance import Chance
from evtui.sim.spec import EvShare


class Curve:
    """Straight lines between (x, y) points of rising x; level beyond the ends."""

    __slots__ = ("_last", "_slopes", "_xs", "_ys", "points")

    def __init__(self, *points: tuple[float, float]) -> None:
        self.points = points
        self._xs = tuple(x for x, _ in points)
        self._ys = tuple(y for _, y in points)
        self._last = len(points) - 1
        self._slopes = tuple((y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(points))

    def at(self, x: float) -> float:
        """y at x."""
        i = bisect_right(self._xs, x) - 1
        if i < 0:
            return self._ys[0]
        if i >= self._last:
            return self._ys[self._last]
        return self._ys[i] + self._slopes[i] * (x - self._xs[i])


class EvModel(msgspec.Struct, frozen=True):
    """A model of car. `battery_wh` is what fits in from 0 to 100 %; its onboard charger takes `onboard_a` on each of
    `phases` and brings `ac_efficiency` of it into the pack. `pack_v` is the voltage when empty and when full;
    `arrival_percent` the range of SoC it arrives with. `dc`: it has an inlet for DC."""

    id: str
    name: str
    battery_wh: float
    phases: int
    onboard_a: float
    curve: Curve
    ac_efficiency: float = 0.9
    pack_v: tuple[float, float] = (330.0, 410.0)
    arrival_percent: tuple[float, float] = (15.0, 60.0)
    dc: bool = True

    def pack_voltage_v(self, soc_percent: float) -> float:
        """The voltage of the pack at a state of charge."""
        low, high = self.pack_v
        return low + (high - low) * soc_percent / 100.0


_KW = 1000.0

_MODELS = (
    # A car of no maker: 22 kW from 80 to 96 %, then the taper, so that half an hour brings 8-9 kWh.
    EvModel(
        id="default",
        name="Default EV, 41 kWh",
        battery_wh=41_000.0,
        phases=3,
        onboard_a=32.0,
        curve=Curve(
            (0, 41 * _KW), (85, 41 * _KW), (96, 19.87 * _KW), (99, 7 * _KW), (99.4, 2.8 * _KW), (100, 2.2 * _KW)
        ),
        arrival_percent=(80.0, 82.0),
    ),
    # evtopnews.com/tesla-model-3-lr-vs-hyundai-ioniq-5-fast-charging-comparison (20-80 %: 106 kW, 26 min);
    # 11 kW onboard: tesla.com, "Onboard Charger"
    EvModel(
        id="tesla-model-3-lr",
        name="Tesla Model 3 Long Range (2021)",
        battery_wh=76_500.0,
        phases=3,
        onboard_a=16.0,
        curve=Curve(
            (0, 100 * _KW),
            (10, 250 * _KW),
            (18, 250 * _KW),
            (28, 140 * _KW),
            (40, 140 * _KW),
            (80, 50 * _KW),
            (90, 36 * _KW),
            (96, 11 * _KW),
            (100, 2 * _KW),
        ),
    ),
    # insideevs.com/news/513818 (20-80 %: 144 kW, about 15 min); 800 V pack
    EvModel(
        id="hyundai-ioniq-5",
        name="Hyundai Ioniq 5 (58 kWh)",
        battery_wh=58_000.0,
        phases=3,
        onboard_a=16.0,
        pack_v=(620.0, 810.0),
        curve=Curve(
            (0, 120 * _KW),
            (7, 177 * _KW),
            (45, 177 * _KW),
            (46, 145 * _KW),
            (58, 145 * _KW),
            (60, 90 * _KW),
            (62, 140 * _KW),
            (75, 140 * _KW),
            (86, 50 * _KW),
            (96, 12 * _KW),
            (100, 2 * _KW),
        ),
    ),
    # insideevs.de/news/494229 (20-80 %: 91 kW, 31 min)
    EvModel(
        id="vw-id4",
        name="VW ID.4 (77 kWh)",
        battery_wh=77_000.0,
        phases=3,
        onboard_a=16.0,
        curve=Curve(
            (0, 80 * _KW),
            (5, 127 * _KW),
            (30, 127 * _KW),
            (50, 95 * _KW),
            (70, 65 * _KW),
            (80, 65 * _KW),
            (82, 49 * _KW),
            (90, 38 * _KW),
            (96, 12 * _KW),
            (100, 2 * _KW),
        ),
    ),
    # de.topcarnews.net, ID.3 Pro (20-80 %: 70 kW)
    EvModel(
        id="vw-id3",
        name="VW ID.3 Pro (58 kWh)",
        battery_wh=58_000.0,
        phases=3,
        onboard_a=16.0,
        curve=Curve(
            (0, 70 * _KW),
            (5, 100 * _KW),
            (30, 100 * _KW),
            (70, 50 * _KW),
            (81, 50 * _KW),
            (94, 25 * _KW),
            (97, 11 * _KW),
            (100, 2 * _KW),
        ),
    ),
    # insideevs.com/news/381451
    EvModel(
        id="hyundai-ioniq",
        name="Hyundai Ioniq Electric (38 kWh)",
        battery_wh=38_300.0,
        phases=1,
        onboard_a=32.0,
        curve=Curve(
            (0, 36 * _KW),
            (10, 40 * _KW),
            (50, 45 * _KW),
            (55, 36 * _KW),
            (75, 36 * _KW),
            (77, 14 * _KW),
            (92, 14 * _KW),
            (97, 6 * _KW),
            (100, 1 * _KW),
        ),
    ),
    # 22 kW with three phases; charged from AC alone
    EvModel(
        id="renault-zoe",
        name="Renault Zoe (41 kWh)",
        battery_wh=41_000.0,
        phases=3,
        onboard_a=32.0,
        curve=Curve((0, 19.9 * _KW), (96, 19.9 * _KW), (100, 1.5 * _KW)),
        dc=False,
    ),
    # 6.6 kW with one phase; its CHAdeMO inlet is left out for want of a measured curve
    EvModel(
        id="nissan-leaf",
        name="Nissan Leaf (39 kWh)",
        battery_wh=39_000.0,
        phases=1,
        onboard_a=28.7,
        curve=Curve((0, 6 * _KW), (96, 6 * _KW), (100, 0.6 * _KW)),
        dc=False,
    ),
    # 3.7 kW with one phase, as most plug-in hybrids
    EvModel(
        id="phev",
        name="Plug-in hybrid (12 kWh)",
        battery_wh=12_000.0,
        phases=1,
        onboard_a=16.0,
        curve=Curve((0, 3.4 * _KW), (95, 3.4 * _KW), (100, 0.4 * _KW)),
        ac_efficiency=0.88,
        pack_v=(290.0, 390.0),
        dc=False,
    ),
)

DEFAULT = "default"

CATALOGUE: Mapping[str, EvModel] = MappingProxyType({model.id: model for model in _MODELS})
"""The models by their id."""


def find(model_id: str) -> EvModel:
    """The model of that id; a LocalError names the nearest one."""
    model = CATALOGUE.get(model_id)
    if model is None:
        asked = model_id[:60]
        near = get_close_matches(asked, CATALOGUE, 1, 0.0)[0]
        raise LocalError(f"no EV model {asked!r} in the catalogue; the nearest is {near}")
    return model


def pick(mix: Sequence[EvShare], chance: Chance, dc: bool = False) -> EvModel:
    """The next car of a mix, among those that can charge there; a LocalError when none of them can."""
    fitting = [(share.weight, model) for share in mix if (model := find(share.model)).dc or not dc]
    if not fitting:
        raise LocalError("no EV of the mix has an inlet for DC")
    return fitting[chance.weighted([weight for weight, _ in fitting])][1]
