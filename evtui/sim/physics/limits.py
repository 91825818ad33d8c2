"""The chain of limits between grid and battery: every link has a name, and the smallest wins."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import msgspec

from evtui.sim.metering.reading import Limit
from evtui.sim.physics.ev import EvModel
from evtui.sim.physics.grid import NOMINAL_V
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType

EV = "ev"
ONBOARD_CHARGER = "onboard-charger"
CABLE = "cable"
EVSE = "evse"
STANDBY = "standby"
"""Charging was suspended from outside; the limit is 0."""

MINIMUM_A = 6.0
"""The least that an AC EVSE can offer (IEC 61851-1); below it, it offers nothing."""

_DC_PLUG_A = {ConnectorType.CCCS1: 500.0, ConnectorType.CCCS2: 500.0, ConnectorType.CG105: 200.0}
_AC_CABLE_A = ConnectorSpec().cable_a


def used_phases(connector: ConnectorSpec, model: EvModel | None) -> int:
    """How many phases carry current: those that EVSE, cable and EV all have; 0 for DC."""
    if connector.type.is_dc:
        return 0
    return connector.phases if model is None else min(connector.phases, model.phases)


def evse_a(evse: EvseSpec, connector: ConnectorSpec) -> float:
    """What an AC EVSE is rated for on each of its phases."""
    return evse.rated_w / (connector.phases * NOMINAL_V)


def line_voltage_v(phases: int, pack_v: float) -> float:
    """W for each A: phases times nominal voltage (K01.FR.49), or the voltage of the pack for DC."""
    return phases * NOMINAL_V if phases else pack_v


def _by_power(source: str, name: str, power_w: float, line_v: float) -> Limit:
    return Limit(source, name, power_w, power_w / line_v)


def _by_current(source: str, name: str, current_a: float, line_v: float) -> Limit:
    return Limit(source, name, current_a * line_v, current_a)


def pack(ev_w: float, line_v: float) -> Limit:
    """What the car's battery takes, measured at the outlet."""
    return _by_power(EV, "EV battery", ev_w, line_v)


def onboard_charger(model: EvModel, line_v: float) -> Limit:
    """What the car makes of AC."""
    return _by_current(ONBOARD_CHARGER, f"Onboard charger {model.onboard_a:g} A", model.onboard_a, line_v)


def cable(connector: ConnectorSpec, line_v: float) -> Limit:
    """What the cable carries. A DC cable is the EVSE's own and carries what its plug does, unless the specification
    says otherwise; the default for AC says nothing of DC."""
    carries_a = connector.cable_a
    if connector.type.is_dc:
        plug_a = _DC_PLUG_A[connector.type]
        carries_a = plug_a if carries_a == _AC_CABLE_A else min(plug_a, carries_a)
    return _by_current(CABLE, f"Cable {carries_a:g} A", carries_a, line_v)


def evse(spec: EvseSpec, connector: ConnectorSpec, line_v: float) -> Limit:
    """What the EVSE is rated for: in W, for AC shared evenly by its phases."""
    name = f"EVSE {spec.rated_w / 1000:g} kW"
    if connector.type.is_dc:
        return _by_power(EVSE, name, spec.rated_w, line_v)
    return _by_current(EVSE, name, evse_a(spec, connector), line_v)


def later(source: str, name: str, power_w: float, line_v: float) -> Limit:
    """A limit set from elsewhere: a charging profile, a house's controller, an operator."""
    return _by_power(source, name, power_w, line_v)


def winner(chain: Sequence[Limit]) -> Limit:
    """The smallest link; of equals the one nearest to the grid, which holds whatever the car."""
    return min(reversed(chain), key=lambda limit: limit.power_w)


def chain(
    spec: EvseSpec,
    connector: ConnectorSpec,
    model: EvModel,
    sources: Mapping[str, tuple[str, float]],
    line_v: float,
    currents: Mapping[str, tuple[str, float]] = MappingProxyType({}),
) -> tuple[Limit, ...]:
    """All links but the pack, from the car to the grid and on to the later sources (source: name and W), and those of
    them that limit the current of each phase (`currents`: name and A)."""
    return (
        *(_dc_links if connector.type.is_dc else _ac_links)(spec, connector, model, line_v),
        *(later(source, name, power_w, line_v) for source, (name, power_w) in sources.items()),
        *(_by_current(source, name, current_a, line_v) for source, (name, current_a) in currents.items()),
    )


@lru_cache(maxsize=256)  # one for each kind of EVSE and car: for AC the voltage is nominal
def _ac_links(spec: EvseSpec, connector: ConnectorSpec, model: EvModel, line_v: float) -> tuple[Limit, ...]:
    return onboard_charger(model, line_v), cable(connector, line_v), evse(spec, connector, line_v)


def _dc_links(spec: EvseSpec, connector: ConnectorSpec, model: EvModel, pack_v: float) -> tuple[Limit, ...]:
    return cable(connector, pack_v), evse(spec, connector, pack_v)


class Ceiling(msgspec.Struct, frozen=True):
    """What limits a car beside its own pack, taken together until the next event.

    `offered_w` is what the EVSE tells the car, 0 when that is less than a car may draw. The flow stays below both
    `power_w` and `current_a`; for DC the latter is the cable alone, whose power follows the pack's voltage.
    """

    chain: tuple[Limit, ...]
    offered_w: float
    power_w: float
    current_a: float


def ceiling(links: tuple[Limit, ...]) -> Ceiling:
    """The ceiling under a chain."""
    if links[0].source == ONBOARD_CHARGER:
        offered, lowest = winner(links[1:]), winner(links)
        enough = offered.current_a >= MINIMUM_A
        return Ceiling(links, offered.power_w if enough else 0.0, lowest.power_w, lowest.current_a)
    power_w = winner(links[1:]).power_w
    return Ceiling(links, power_w, power_w, links[0].current_a)
