"""The sensors and locks of a station as variables: true as long as they have detected something."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from evtui.sim.evse import Evse
from evtui.sim.fault_kinds import FAULTS, Level
from evtui.sim.faults import Faults
from evtui.sim.spec import EvseSpec
from evtui.sim.variables.device_model import DataType, Definition, DeviceModel, Mutability

BAY, LOCK = "BayOccupancySensor", "ConnectorPlugRetentionLock"
_WHOLES = {Level.STATION: "ChargingStation", Level.EVSE: "EVSE", Level.CONNECTOR: "Connector"}


@lru_cache(maxsize=64)
def definitions(evses: tuple[EvseSpec, ...]) -> tuple[Definition, ...]:
    """Those of the station, then those of each EVSE and its connectors. Only sockets have locks."""
    return tuple(_definitions(evses))


def _definitions(evses: tuple[EvseSpec, ...]) -> Iterator[Definition]:
    yield from _sensors(Level.STATION)
    for evse_id, evse in enumerate(evses, 1):
        yield from _sensors(Level.EVSE, evse_id)
        yield _flag(BAY, "Active", evse_id)
        for connector_id, connector in enumerate(evse.connectors, 1):
            for sensor in _sensors(Level.CONNECTOR, evse_id, connector_id):
                if sensor.component != LOCK or connector.type.is_socket:
                    yield sensor
            if connector.type.is_socket:
                yield _flag(LOCK, "Active", evse_id, connector_id)


def _sensors(level: Level, evse_id: int = 0, connector_id: int = 0) -> Iterator[Definition]:
    yield _flag(_WHOLES[level], "Problem", evse_id, connector_id)
    for spec in FAULTS.values():
        if level in spec.levels and spec.component:
            yield _flag(spec.component, spec.variable, evse_id, connector_id)


def _flag(component: str, variable: str, evse_id: int = 0, connector_id: int = 0) -> Definition:
    return Definition(
        component,
        variable,
        DataType.BOOLEAN,
        "false",
        Mutability.READ_ONLY,
        fixed=True,
        evse_id=evse_id,
        connector_id=connector_id,
    )


def bind(model: DeviceModel, specs: tuple[EvseSpec, ...], evses: Sequence[Evse], faults: Faults) -> None:
    """Ties them to what they speak of."""
    model.bind(_live(specs), _Detecting(evses, faults))


class _Detecting(NamedTuple):
    evses: Sequence[Evse]
    faults: Faults


@lru_cache(maxsize=64)
def _live(evses: tuple[EvseSpec, ...]) -> dict[str, Callable[[_Detecting, Definition], str]]:
    return dict.fromkeys([definition.name for definition in definitions(evses)], _tell)


def _tell(detecting: _Detecting, definition: Definition) -> str:
    return "true" if _holds(definition, detecting.evses, detecting.faults) else "false"


def _holds(definition: Definition, evses: Sequence[Evse], faults: Faults) -> bool:
    component = definition.component
    place = evse_id, connector_id = definition.evse_id, definition.connector_id
    if component in _WHOLES.values():
        return faults.problem(place)
    if component == BAY:
        return evses[evse_id - 1].bay.occupied
    if component == LOCK and definition.variable == "Active":
        evse = evses[evse_id - 1]
        return evse.bay.locked and evse.bay.connector.id == connector_id
    return faults.stands(component, place)
