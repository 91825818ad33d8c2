"""Valid payloads for any message, made from its schema."""

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

FROM_STATIONS = (
    "Authorize",
    "BootNotification",
    "ClearedChargingLimit",
    "FirmwareStatusNotification",
    "Get15118EVCertificate",
    "GetCertificateStatus",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "SecurityEventNotification",
    "SignCertificate",
    "StatusNotification",
    "TransactionEvent",
)


FROM_CHARGE_POINTS = (
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
)
"""Of 1.6, security extension included."""


@cache
def _schema(action: str, folder: str, suffix: str) -> dict[str, Any]:
    spec = importlib.util.find_spec("ocpp")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / folder / "schemas" / f"{action}{suffix}.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return schema


def payload(action: str, full: bool) -> dict[str, Any]:
    """A request with its required fields only, or with all that the schema knows."""
    return _payload(_schema(action, "v201", "Request"), full)


def old_payload(action: str, full: bool) -> dict[str, Any]:
    """The same of 1.6."""
    return _payload(_schema(action, "v16", ""), full)


def _payload(schema: dict[str, Any], full: bool) -> dict[str, Any]:
    made: dict[str, Any] = _make(schema, schema.get("definitions", {}), full)
    return made


def _make(part: dict[str, Any], definitions: dict[str, Any], full: bool) -> Any:
    if "$ref" in part:
        return _make(definitions[part["$ref"].rpartition("/")[2]], definitions, full)
    if "enum" in part:
        return part["enum"][0]
    match part.get("type"):
        case "object":
            wanted = part.get("properties", {}) if full else part.get("required", [])
            return {name: _make(part["properties"][name], definitions, full) for name in wanted}
        case "array":
            return [_make(part["items"], definitions, full)] * max(1, part.get("minItems", 1))
        case "string":
            return "2026-01-02T03:04:05.678Z" if part.get("format") == "date-time" else "x"
        case "integer":
            return int(part.get("minimum", 1))
        case "number":
            return 1.5
        case "boolean":
            return False
        case _:
            return {"any": "thing"}
