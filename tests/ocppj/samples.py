"""Payloads that the tests of the wire share."""

from typing import Any

TIME = "2026-11-23T20:00:00.000Z"


def transaction_event() -> dict[str, Any]:
    """A TransactionEvent with one meter value of six samples: the frame that comes all the time."""
    measurands = (
        "Power.Active.Import",
        "Energy.Active.Import.Register",
        "Voltage",
        "Current.Import",
        "Frequency",
        "SoC",
    )
    return {
        "eventType": "Updated",
        "timestamp": TIME,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 4,
        "transactionInfo": {"transactionId": "9c5e1b4e-6b3e-4b0e-8e6a-0f5d3a1b2c3d", "chargingState": "Charging"},
        "evse": {"id": 1, "connectorId": 1},
        "meterValue": [
            {
                "timestamp": TIME,
                "sampledValue": [
                    {"value": 1234.5, "context": "Sample.Periodic", "measurand": measurand} for measurand in measurands
                ],
            }
        ],
    }


def boot_notification() -> dict[str, Any]:
    """The smallest BootNotification of 2.0.1."""
    return {"reason": "PowerUp", "chargingStation": {"model": "AC22", "vendorName": "evtui"}}


def set_variables(name: str, value: Any) -> dict[str, Any]:
    """A SetVariables for one variable of SecurityCtrlr."""
    component, variable = {"name": "SecurityCtrlr"}, {"name": name}
    return {"setVariableData": [{"attributeValue": value, "component": component, "variable": variable}]}
