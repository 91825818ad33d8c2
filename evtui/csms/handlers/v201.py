"""OCPP 2.0.1: what the CSMS does with the 24 messages that only a station sends, and with DataTransfer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from evtui.csms.books import Books
from evtui.csms.handlers import Dialogue, Handler, Payload
from evtui.csms.meter import points
from evtui.csms.moment import from_wire, to_wire
from evtui.csms.registry import StationRecord, boot_info
from evtui.csms.reports import Report
from evtui.ocppj.masking import without_secrets

_encode = msgspec.json.encode


# -- provisioning (block B) -----------------------------------------------------------------------


def boot_notification(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """B01-B03: registers the station as its policy says."""
    policy = station.policy
    station.boot = boot_info(request, now)
    station.registration = policy.boot_status
    station.instructed.clear()
    station.changed()
    return {
        "currentTime": to_wire(now + policy.clock_offset_s),
        "interval": policy.interval_s,
        "status": policy.boot_status,
    }


def heartbeat(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """G02: the time."""
    return {"currentTime": to_wire(now + station.policy.clock_offset_s)}


def notify_report(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """B07, B08: pages of the device model; taken over when all are there."""
    items = _page(station, "NotifyReport", request, [*map(without_secrets, request.get("reportData", ()))])
    if items is not None:
        station.device_model.take(items)
        station.changed("device_model")
        _keep(station, "NotifyReport", request, items, now)
    return {}


# -- authorization and transactions (blocks C and E) ----------------------------------------------


def authorize(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """C01: whether the token may charge."""
    return {"idTokenInfo": books.tokens.info(request["idToken"])}


def transaction_event(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """E01-E15: kept, and never refused: what is missing or odd does not keep the answer back. The status of a token is
    told for each that is given (E05)."""
    transaction = books.transactions.take(station.id, request, now)
    evse_id, newest = transaction.evse_id, transaction.series.last
    if evse_id is not None and newest is not None:
        station.set_reading(evse_id, *newest, of_transaction=True)
    id_token = request.get("idToken")
    return {} if id_token is None else {"idTokenInfo": books.tokens.info(id_token)}


# -- availability and meter values (blocks G and J) -----------------------------------------------


def status_notification(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """G01: the state of a connector."""
    at = from_wire(request["timestamp"], now)
    station.set_connector(request["evseId"], request["connectorId"], request["connectorStatus"], at)
    return {}


def meter_values(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """J01: clock-aligned data, which belongs to the transaction on that EVSE, if there is one."""
    evse_id = request["evseId"]
    for at, measured in points(request["meterValue"], now):
        station.set_reading(evse_id, at, measured)
        books.transactions.measure(station.id, evse_id, at, measured)
    return {}


# -- what comes in pages --------------------------------------------------------------------------


def _page(station: StationRecord, kind: str, request: Payload, items: Sequence[Any]) -> list[Any] | None:
    return station.assembler.take(kind, request["requestId"], request.get("seqNo"), request.get("tbc", False), items)


def _keep(station: StationRecord, kind: str, request: Payload, items: Sequence[Any], now: float) -> None:
    station.keep_report(Report(kind, request["requestId"], now, tuple(map(_encode, items))))


def _paged(kind: str, items_of: Callable[[Payload], Sequence[Any]]) -> Handler:
    """A handler for reports that are kept as they are, once complete."""

    def handler(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
        items = _page(station, kind, request, items_of(request))
        if items is not None:
            _keep(station, kind, request, items, now)
        return {}

    return handler


# -- what is noted --------------------------------------------------------------------------------


def firmware_status(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """L01: how far a firmware update is."""
    station.firmware_status = request["status"]
    station.changed()
    return {}


def log_status(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """N01: how far a log upload is."""
    station.log_status = request["status"]
    station.changed()
    return {}


def notify_event(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """N07, G01: monitored changes; the availability of a connector counts as its status."""
    for event in map(without_secrets, request["eventData"]):
        component, variable = event["component"], event["variable"]
        text = f"{component['name']}.{variable['name']} {event['trigger']} {event['actualValue']}"
        station.note(now, "NotifyEvent", text[:200])
        evse = component.get("evse", {})
        if (component["name"], variable["name"]) == ("Connector", "AvailabilityState") and "connectorId" in evse:
            at = from_wire(event["timestamp"], now)
            station.set_connector(evse["id"], evse["connectorId"], event["actualValue"], at)
    return {}


def _noted(action: str, text: Callable[[Payload], str], answer: Mapping[str, Any] | None = None) -> Handler:
    """A handler for messages that only need noting; all get the same answer."""
    reply = dict(answer or {})

    def handler(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
        station.note(now, action, text(request))
        return reply

    return handler


def _unsupported(reason: str) -> Payload:
    return {"reasonCode": "UnsupportedRequest", "additionalInfo": reason}


HANDLERS: Mapping[str, Handler] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "ClearedChargingLimit": _noted("ClearedChargingLimit", lambda r: r["chargingLimitSource"]),
    "DataTransfer": _noted("DataTransfer", lambda r: r["vendorId"], {"status": "UnknownVendorId"}),
    "FirmwareStatusNotification": firmware_status,
    "Get15118EVCertificate": _noted(
        "Get15118EVCertificate",
        lambda r: r["action"],
        {"status": "Failed", "exiResponse": "", "statusInfo": _unsupported("no ISO 15118 back end")},
    ),
    "GetCertificateStatus": _noted(
        "GetCertificateStatus",
        lambda r: r["ocspRequestData"]["responderURL"],
        {"status": "Failed", "statusInfo": _unsupported("no OCSP responder")},
    ),
    "Heartbeat": heartbeat,
    "LogStatusNotification": log_status,
    "MeterValues": meter_values,
    "NotifyChargingLimit": _noted("NotifyChargingLimit", lambda r: r["chargingLimit"]["chargingLimitSource"]),
    "NotifyCustomerInformation": _paged("NotifyCustomerInformation", lambda r: (r["data"],)),
    "NotifyDisplayMessages": _paged("NotifyDisplayMessages", lambda r: r.get("messageInfo", ())),
    "NotifyEVChargingNeeds": _noted(
        "NotifyEVChargingNeeds",
        lambda r: r["chargingNeeds"]["requestedEnergyTransfer"],
        {"status": "Rejected", "statusInfo": _unsupported("no ISO 15118 back end")},
    ),
    "NotifyEVChargingSchedule": _noted(
        "NotifyEVChargingSchedule", lambda r: f"EVSE {r['evseId']}", {"status": "Accepted"}
    ),
    "NotifyEvent": notify_event,
    "NotifyMonitoringReport": _paged("NotifyMonitoringReport", lambda r: r.get("monitor", ())),
    "NotifyReport": notify_report,
    "PublishFirmwareStatusNotification": _noted("PublishFirmwareStatusNotification", lambda r: r["status"]),
    "ReportChargingProfiles": _paged("ReportChargingProfiles", lambda r: r["chargingProfile"]),
    "ReservationStatusUpdate": _noted(
        "ReservationStatusUpdate", lambda r: f"{r['reservationId']} {r['reservationUpdateStatus']}"
    ),
    "SecurityEventNotification": _noted("SecurityEventNotification", lambda r: r["type"]),
    "SignCertificate": _noted(
        "SignCertificate",
        lambda r: r.get("certificateType", "ChargingStationCertificate"),
        {"status": "Rejected", "statusInfo": _unsupported("no certificate authority")},
    ),
    "StatusNotification": status_notification,
    "TransactionEvent": transaction_event,
}


def _instructs(action: str, payload: Payload) -> str | None:
    match action:
        case "TriggerMessage":
            requested: str = payload["requestedMessage"]
            return "SignCertificate" if requested.startswith("Sign") else requested
        case "GetBaseReport" | "GetReport":
            return "NotifyReport"
        case _:
            return None


DIALOGUE = Dialogue("2.0.1", HANDLERS, _instructs)
