"""What is true of a station now, by the names that messages have for it: what a new message begins with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from evtui.engine.beside import CsmsStation, CsmsTransaction
from evtui.engine.door import StationDetail


def moment(at: float) -> str:
    """A Unix time as OCPP writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of_station(detail: StationDetail | None, evse_id: int, at: float) -> Mapping[str, Any]:
    """Of a station and one of its EVSEs at a moment (Unix time)."""
    live: dict[str, Any] = {"format.date-time": moment(at), "format.uri": "http://127.0.0.1/"}
    if detail is None:
        return live
    evse = next((each for each in detail.evses if each.row.evse_id == evse_id), next(iter(detail.evses), None))
    if evse is not None:
        live |= _of_evse(detail, evse.row.evse_id, round(evse.register_wh))
        live["connectorStatus"] = live["status"] = evse.row.status
        live["chargingState"] = evse.row.charging_state
    live |= {
        "idToken.idToken": detail.id_token or None,
        "idTag": detail.id_token or None,
        "idToken.type": "ISO14443",
        "model": detail.model,
        "vendorName": detail.vendor,
        "serialNumber": detail.serial_number,
        "firmwareVersion": detail.firmware_version,
        "chargePointModel": detail.model,
        "chargePointVendor": detail.vendor,
        "chargePointSerialNumber": detail.serial_number,
        "chargeBoxSerialNumber": detail.row.id,
        "errorCode": "NoError",
        "reason": "PowerUp",
        "vendorId": detail.vendor,
        "StopTransaction.reason": "Local",
    }
    return {name: value for name, value in live.items() if value is not None}


def _of_evse(detail: StationDetail, evse_id: int, register_wh: int) -> dict[str, Any]:
    here = [each for each in detail.transactions if each.evse_id == evse_id]
    running = next((each for each in here if each.ended_at is None), next(iter(here), None))
    live: dict[str, Any] = {
        "evse.id": evse_id,
        "evseId": evse_id,
        "evseID": evse_id,
        "connectorId": evse_id if detail.row.version == "1.6" else 1,
        "evse.connectorId": 1,
        "meterStart": register_wh,
        "meterStop": register_wh,
        "sampledValue.value": str(register_wh) if detail.row.version == "1.6" else float(register_wh),
        "eventType": "Updated",
        "triggerReason": "MeterValuePeriodic",
    }
    if running is not None:
        live["transactionId"] = running.transaction_id if running.number is None else running.number
        live["seqNo"] = running.events
    return live


def of_csms(station: CsmsStation | None, shown: CsmsTransaction | None, at: float) -> Mapping[str, Any]:
    """Of a station as the embedded CSMS knows it, and the transaction that is meant, at a moment (Unix time)."""
    number = int(at) % 1_000_000  # of a request: another one each second
    live: dict[str, Any] = {
        "format.date-time": moment(at),
        "format.uri": "http://127.0.0.1/",
        "requestId": number,
        "remoteStartId": number,
        "reservationId": number,
        "connectorId": 1,
        "requestedMessage": "StatusNotification",
        "type": "Immediate",
        "reportBase": "FullInventory",
    }
    if station is not None:
        transaction_id = shown.transaction_id if shown else station.transaction_id
        evse_id = (shown.evse_id if shown else None) or station.evse_id
        id_token = (shown.id_token if shown else "") or station.id_token or "DEADBEEF"
        live |= {"evse.id": evse_id, "evseId": evse_id, "idToken.idToken": id_token, "idTag": id_token}
        live["idToken.type"] = "ISO14443"
        if station.version == "1.6":
            live["connectorId"] = evse_id
            live["transactionId"] = int(transaction_id) if transaction_id.isdecimal() else None
        else:
            live["transactionId"] = transaction_id or None
    return {name: value for name, value in live.items() if value is not None}
