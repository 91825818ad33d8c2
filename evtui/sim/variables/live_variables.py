"""Variables that tell, whenever they are read, how the station is at that moment."""

from collections.abc import Callable, Iterable, Sequence

from evtui.sim.connector import Connector
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.spec import StationSpec
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import ConnectorStatus
from evtui.sim.variables.device_model import DeviceModel


def bind(
    model: DeviceModel, spec: StationSpec, evses: Sequence[Evse], now: Callable[[], Instant], clock: StationClock
) -> None:
    """Ties the variables of a station and its parts to what they speak of."""
    model.bind("ChargingStation.Model", lambda: spec.model)
    model.bind("ChargingStation.VendorName", lambda: spec.vendor)
    model.bind("ChargingStation.SerialNumber", lambda: spec.serial_number or "")
    model.bind("Controller.FirmwareVersion", lambda: spec.firmware_version or "")
    model.bind("SecurityCtrlr.Identity", lambda: spec.id)
    model.bind("ClockCtrlr.DateTime", lambda: clock.read(now()).isoformat(timespec="milliseconds"))
    model.bind("ChargingStation.AvailabilityState", lambda: _foremost(map(availability, evses), _OF_STATION))
    model.bind("TxCtrlr.ChargingTime", lambda: f"{_charging_time_s(evses, now()):.0f}")
    for evse in evses:
        _bind_evse(model, evse)


def _charging_time_s(evses: Sequence[Evse], now: Instant) -> float:
    """Of the running transaction that has charged longest."""
    running = [evse.transaction for evse in evses if evse.transaction is not None]
    return max((transaction.charging_time_s(now.elapsed_s) for transaction in running), default=0.0)


def _bind_evse(model: DeviceModel, evse: Evse) -> None:
    model.bind(f"EVSE({evse.id}).AvailabilityState", lambda: availability(evse))
    model.bind(f"EVSE({evse.id}).Power", lambda: f"{evse.charging.power_w:.3f}")
    for connector in evse.connectors:
        _bind_connector(model, evse, connector)


def _bind_connector(model: DeviceModel, evse: Evse, connector: Connector) -> None:
    model.bind(f"Connector({evse.id},{connector.id}).AvailabilityState", lambda: connector.status)


_S = ConnectorStatus
_OF_STATION = (_S.AVAILABLE, _S.OCCUPIED, _S.RESERVED, _S.FAULTED, _S.UNAVAILABLE)
"""A station is what the best of its EVSEs is."""

_OF_EVSE = (_S.OCCUPIED, _S.RESERVED, _S.AVAILABLE, _S.FAULTED, _S.UNAVAILABLE)
"""An EVSE charges at one connector at a time, so one that is in use takes the others with it (G01.FR.08)."""


def availability(evse: Evse) -> ConnectorStatus:
    """The status of an EVSE as a whole."""
    return _foremost((connector.status for connector in evse.connectors), _OF_EVSE)


def _foremost(statuses: Iterable[ConnectorStatus], order: Sequence[ConnectorStatus]) -> ConnectorStatus:
    return min(statuses, key=order.index)
