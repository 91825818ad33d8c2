"""The faults that a station can have: what its sensors say of them, and how a transaction ends by them.

Components and variables are those of the standard's appendix; codes are those of the ChargeX consortium's minimum
required error codes, which CSMSs of several makers know.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

import msgspec

from evtui.sim.terms import StoppedReason
from evtui.sim.variables.notify_event import EventTrigger


class FaultKind(StrEnum):
    GROUND_FAULT = "ground-fault"
    OVERCURRENT = "overcurrent"
    OVER_TEMPERATURE = "over-temperature"
    CONTACTOR_WELD = "contactor-weld"
    POWER_QUALITY = "power-quality"
    PROBLEM = "problem"  # of no kind that the standard has a sensor for
    EMERGENCY_STOP = "emergency-stop"
    LOCK_FAILURE = "lock-failure"


class Level(StrEnum):
    """How much of the station is out of order."""

    STATION = "station"
    EVSE = "evse"
    CONNECTOR = "connector"


class Severity(IntEnum):
    """SetMonitoringData.severity, as far as there are faults of it (N05)."""

    DANGER = 0
    HARDWARE_FAILURE = 1
    CRITICAL = 3
    ERROR = 4


class FaultSpec(msgspec.Struct, frozen=True):
    """`component` and `variable` are the sensor's, at the level where the fault is; no component: the station, EVSE or
    connector itself. `levels` begin with the usual one. A `blocking` one makes connectors Faulted."""

    component: str
    variable: str
    levels: tuple[Level, ...]
    tech_code: str
    tech_info: str
    stopped_reason: StoppedReason
    severity: Severity
    trigger: EventTrigger = EventTrigger.ALERTING
    blocking: bool = True


_S, _E, _C = Level.STATION, Level.EVSE, Level.CONNECTOR

FAULTS: Mapping[FaultKind, FaultSpec] = MappingProxyType(
    {
        FaultKind.GROUND_FAULT: FaultSpec(
            "RCD",
            "Tripped",
            (_E,),
            "CX002",
            "residual current above 30 mA",
            StoppedReason.GROUND_FAULT,
            Severity.DANGER,
        ),
        FaultKind.OVERCURRENT: FaultSpec(
            "OverCurrentProtection",
            "Tripped",
            (_E,),
            "CX004",
            "current above the rated one",
            StoppedReason.OVERCURRENT_FAULT,
            Severity.HARDWARE_FAILURE,
        ),
        FaultKind.OVER_TEMPERATURE: FaultSpec(
            "TemperatureSensor",
            "Protecting",
            (_E, _C, _S),
            "CX003",
            "temperature above the limit",
            StoppedReason.OTHER,
            Severity.CRITICAL,
        ),
        FaultKind.CONTACTOR_WELD: FaultSpec(
            "PowerContactor",
            "Problem",
            (_E,),
            "CX017",
            "the contactor does not open",
            StoppedReason.OTHER,
            Severity.HARDWARE_FAILURE,
        ),
        FaultKind.POWER_QUALITY: FaultSpec(
            "ElectricalFeed",
            "Problem",
            (_S,),
            "CX006",
            "the supply's voltage is too low",
            StoppedReason.POWER_QUALITY,
            Severity.CRITICAL,
        ),
        FaultKind.PROBLEM: FaultSpec(
            "", "Problem", (_C, _E, _S), "", "internal error", StoppedReason.OTHER, Severity.HARDWARE_FAILURE
        ),
        FaultKind.EMERGENCY_STOP: FaultSpec(
            "EmergencyStopSensor",
            "Active",
            (_S,),
            "CX008",
            "the button was pressed",
            StoppedReason.EMERGENCY_STOP,
            Severity.DANGER,
        ),
        FaultKind.LOCK_FAILURE: FaultSpec(
            "ConnectorPlugRetentionLock",
            "Problem",
            (_C,),
            "CX001",
            "the plug cannot be locked",
            StoppedReason.OTHER,
            Severity.ERROR,
            EventTrigger.DELTA,
            blocking=False,
        ),
    }
)


def shown(kind: FaultKind) -> str:
    """As people call it: "ground fault"."""
    return kind.value.replace("-", " ")
