"""OCPP 1.6: what the CSMS does with the messages of a charge point, in the same books as those of 2.0.1.

A connector is its own EVSE here: connector 2 stands in the books as connector 1 of EVSE 2, the charge point as 0 of 0.
"""

from collections.abc import Callable, Mapping
from typing import Any

from evtui.csms.books import Books
from evtui.csms.handlers import Dialogue, Handler, Payload
from evtui.csms.meter import points
from evtui.csms.moment import from_wire, to_wire
from evtui.csms.numbers import Start
from evtui.csms.registry import BootInfo, StationRecord

_NO_TYPE = ""
_STATUSES = frozenset({"Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"})
_LONGEST_TAG = 20

# -- boot and time --------------------------------------------------------------------------------


def boot_notification(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.2: registers the station as its policy says."""
    policy = station.policy
    station.boot = BootInfo(
        at=now,
        reason="",
        vendor=request["chargePointVendor"],
        model=request["chargePointModel"],
        serial_number=request.get("chargePointSerialNumber") or request.get("chargeBoxSerialNumber"),
        firmware_version=request.get("firmwareVersion"),
        modem_iccid=request.get("iccid"),
        modem_imsi=request.get("imsi"),
    )
    station.registration = policy.boot_status
    station.instructed.clear()
    station.changed()
    return {
        "currentTime": to_wire(now + policy.clock_offset_s),
        "interval": policy.interval_s,
        "status": policy.boot_status,
    }


def heartbeat(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.6: the time."""
    return {"currentTime": to_wire(now + station.policy.clock_offset_s)}


# -- authorization and transactions ---------------------------------------------------------------


def _tag_info(books: Books, id_tag: str, connector_id: int | None = None) -> Payload:
    """What is known of an idTag, whatever its type in 2.0.1; 1.6 has fewer words for what is wrong, and only the place
    can tell that a token is not good for it."""
    entry = books.tokens.of_any_type(id_tag)
    if entry is None:
        return {"status": _word(books.tokens.unlisted)}
    misplaced = connector_id is not None and entry.evse_ids and connector_id not in entry.evse_ids
    info = {"status": "Invalid" if misplaced else _word(entry.status)}
    if entry.group is not None and len(entry.group.value) <= _LONGEST_TAG:
        info["parentIdTag"] = entry.group.value
    return info


def _word(status: str) -> str:
    return status if status in _STATUSES else "Invalid"


def authorize(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.1: whether the idTag may charge."""
    return {"idTagInfo": _tag_info(books, request["idTag"])}


def start_transaction(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.8: never refused; gets its number, the same one if it is told again."""
    connector_id, id_tag = request["connectorId"], request["idTag"]
    start = Start(station.id, connector_id, id_tag, request["meterStart"], request["timestamp"])
    number = books.numbers.of(start, now)
    evse = {"id": connector_id, "connectorId": 1}
    token = {"idToken": id_tag, "type": _NO_TYPE}
    register = _register(request["timestamp"], request["meterStart"])
    _take(books, station, 0, "Started", number, request, now, evse=evse, idToken=token, meterValue=[register])
    return {"transactionId": number, "idTagInfo": _tag_info(books, id_tag, connector_id)}


def stop_transaction(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.10: never refused; one that nobody knows is noted (ERR-16 3.18)."""
    number = request["transactionId"]
    if number < 0:
        station.note(now, "StopTransaction", f"{number}: its StartTransaction never came")
    else:
        data = request.get("transactionData", [])
        register = _register(request["timestamp"], request["meterStop"])
        reason = request.get("reason", "Local")
        _take(books, station, 1, "Ended", number, request, now, stopped=reason, meterValue=[*data, register])
    return {"idTagInfo": _tag_info(books, request["idTag"])} if "idTag" in request else {}


def _take(
    books: Books,
    station: StationRecord,
    seq_no: int,
    kind: str,
    number: int,
    request: Payload,
    now: float,
    stopped: str | None = None,
    **facts: Any,
) -> None:
    """Enters a start or an end as the event of 2.0.1 that it would be."""
    info: Payload = {"transactionId": str(number)}
    if stopped is not None:
        info["stoppedReason"] = stopped
    event = {"eventType": kind, "seqNo": seq_no, "timestamp": request["timestamp"], "transactionInfo": info, **facts}
    transaction = books.transactions.take(station.id, event, now)
    evse_id, newest = transaction.evse_id, transaction.series.last
    if evse_id is not None and newest is not None:
        station.set_reading(evse_id, *newest, of_transaction=True)


def _register(timestamp: str, value_wh: int) -> Payload:
    return {"timestamp": timestamp, "sampledValue": [{"value": value_wh}]}


# -- meter values and statuses --------------------------------------------------------------------


def meter_values(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.7: of a transaction, or of whichever runs at that connector."""
    connector_id = request["connectorId"]
    transaction = books.transactions.get(station.id, str(request.get("transactionId", "")))
    for at, measured in points(request["meterValue"], now):
        station.set_reading(connector_id, at, measured)
        if transaction is None:
            books.transactions.measure(station.id, connector_id, at, measured)
        else:
            transaction.measure(at, measured)
    return {}


def status_notification(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.9: the state of a connector; errors are noted."""
    connector_id = request["connectorId"]
    at = from_wire(request["timestamp"], now) if "timestamp" in request else now
    station.set_connector(connector_id, min(connector_id, 1), request["status"], at)
    if request["errorCode"] != "NoError":
        words = [request["errorCode"], request.get("vendorErrorCode", ""), request.get("info", "")]
        station.note(now, "StatusNotification", f"connector {connector_id}: {' '.join(filter(None, words))}")
    return {}


# -- what is noted --------------------------------------------------------------------------------


def firmware_status(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.5, and its signed form: how far a firmware update is."""
    station.firmware_status = request["status"]
    station.changed()
    return {}


def log_status(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
    """S16 4.4, and LogStatusNotification of the security extension: how far an upload is."""
    station.log_status = request["status"]
    station.changed()
    return {}


def _noted(action: str, text: Callable[[Payload], str], answer: Mapping[str, Any] | None = None) -> Handler:
    reply = dict(answer or {})

    def handler(books: Books, station: StationRecord, request: Payload, now: float) -> Payload:
        station.note(now, action, text(request))
        return reply

    return handler


HANDLERS: Mapping[str, Handler] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "DataTransfer": _noted("DataTransfer", lambda r: r["vendorId"], {"status": "UnknownVendorId"}),
    "DiagnosticsStatusNotification": log_status,
    "FirmwareStatusNotification": firmware_status,
    "Heartbeat": heartbeat,
    "LogStatusNotification": log_status,
    "MeterValues": meter_values,
    "SecurityEventNotification": _noted("SecurityEventNotification", lambda r: r["type"]),
    "SignCertificate": _noted("SignCertificate", lambda r: "no certificate authority", {"status": "Rejected"}),
    "SignedFirmwareStatusNotification": firmware_status,
    "StartTransaction": start_transaction,
    "StatusNotification": status_notification,
    "StopTransaction": stop_transaction,
}


def _instructs(action: str, payload: Payload) -> str | None:
    """What a Pending station may send because it was asked to (S16 4.2)."""
    if action not in ("TriggerMessage", "ExtendedTriggerMessage"):
        return None
    requested: str = payload["requestedMessage"]
    return "SignCertificate" if requested.startswith("Sign") else requested


DIALOGUE = Dialogue("1.6", HANDLERS, _instructs)
