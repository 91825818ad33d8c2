"""Variables that tell, whenever they are read, how the station is at that moment."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.spec import StationSpec
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import ConnectorStatus
from evtui.sim.variables.device_model import Definition, DeviceModel


def bind(
    model: DeviceModel, spec: StationSpec, evses: Sequence[Evse], now: Callable[[], Instant], clock: StationClock
) -> None:
    """Ties the variables of a station and its parts to what they speak of."""
    model.bind(_live(tuple([len(evse.connectors) for evse in evses])), _Whole(spec, evses, now, clock))


class _Whole(NamedTuple):
    """A station."""

    spec: StationSpec
    evses: Sequence[Evse]
    now: Callable[[], Instant]
    clock: StationClock


def _tell(whole: _Whole, definition: Definition) -> str:
    tell_whole = _OF_THE_WHOLE.get((definition.component, definition.variable))
    if tell_whole is not None:
        return tell_whole(whole)
    evse = whole.evses[definition.evse_id - 1]
    if definition.variable == "Power":
        return f"{evse.charging.power_w:.3f}"
    if definition.connector_id:
        return evse.connectors[definition.connector_id - 1].status
    return availability(evse)


_S = ConnectorStatus
_OF_STATION = (_S.AVAILABLE, _S.OCCUPIED, _S.RESERVED, _S.FAULTED, _S.UNAVAILABLE)
"""A station is what the best of its EVSEs is."""

_OF_THE_WHOLE: dict[tuple[str, str], Callable[[_Whole], str]] = {
    ("ChargingStation", "Model"): lambda at: at.spec.model,
    ("ChargingStation", "VendorName"): lambda at: at.spec.vendor,
    ("ChargingStation", "SerialNumber"): lambda at: at.spec.serial_number or "",
    ("Controller", "FirmwareVersion"): lambda at: at.spec.firmware_version or "",
    ("SecurityCtrlr", "Identity"): lambda at: at.spec.id,
    ("ClockCtrlr", "DateTime"): lambda at: at.clock.read(at.now()).isoformat(timespec="milliseconds"),
    ("ChargingStation", "AvailabilityState"): lambda at: _foremost(map(availability, at.evses), _OF_STATION),
    ("TxCtrlr", "ChargingTime"): lambda at: f"{_charging_time_s(at.evses, at.now()):.0f}",
}


@lru_cache(maxsize=64)
def _live(connectors: tuple[int, ...]) -> dict[str, Callable[[_Whole, Definition], str]]:
    """All of them, for EVSEs with so many connectors each."""
    names = {f"{component}.{variable}" for component, variable in _OF_THE_WHOLE}
    for evse_id, count in enumerate(connectors, 1):
        names |= {f"EVSE({evse_id}).AvailabilityState", f"EVSE({evse_id}).Power"}
        names |= {f"Connector({evse_id},{number}).AvailabilityState" for number in range(1, count + 1)}
    return dict.fromkeys(names, _tell)


def _charging_time_s(evses: Sequence[Evse], now: Instant) -> float:
    """Of the running transaction that has charged longest."""
    running = [evse.transaction for evse in evses if evse.transaction is not None]
    return max((transaction.charging_time_s(now.elapsed_s) for transaction in running), default=0.0)


_OF_EVSE = (_S.OCCUPIED, _S.RESERVED, _S.AVAILABLE, _S.FAULTED, _S.UNAVAILABLE)
"""An EVSE charges at one connector at a time, so one that is in use takes the others with it (G01.FR.08)."""


def availability(evse: Evse) -> ConnectorStatus:
    """The status of an EVSE as a whole."""
    return _foremost((connector.status for connector in evse.connectors), _OF_EVSE)


def _foremost(statuses: Iterable[ConnectorStatus], order: Sequence[ConnectorStatus]) -> ConnectorStatus:
    return min(statuses, key=order.index)
