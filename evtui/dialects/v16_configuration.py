"""Configuration keys of OCPP 1.6 (S16 chapter 9, errata 3.80 to 3.91), mapped to the device model.

A key stands here when what it says is what the station does: those of profiles that it does not have are left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from evtui.dialects.translator import Asked, Payload
from evtui.ocppj.endpoint import secret_of
from evtui.sim.memory import Memory
from evtui.sim.metering import kept_values
from evtui.sim.requests import Refusal, RequestAnswer, SetVariables, SetVariablesAnswer, SetVariableTo
from evtui.sim.spec import StationSpec
from evtui.sim.terms import Measurand
from evtui.sim.variables.device_model import Definition, DeviceModel, Mutability
from evtui.sim.variables.reports import VariableRef

VALUE_LIMIT = 500

_PASSWORD = "SecurityCtrlr.BasicAuthPassword"
_MAX_KEYS = "DeviceDataCtrlr.ItemsPerMessage[GetVariables]"
_STOP_INTERVAL = "SampledDataCtrlr.TxEndedInterval"
_ALIGNED_STOP_INTERVAL = "AlignedDataCtrlr.TxEndedInterval"

PROFILES = "Core"
"""SupportedFeatureProfiles: exactly those that are implemented."""


Assignment = tuple[str, str]
"""A variable and a value for it."""


class _Key(NamedTuple):
    """`variable` is what it sets, with what `also` gives for the value; and what it says, unless `says` does. Without
    a variable nobody sets it."""

    name: str
    variable: str = ""
    also: Callable[[str], Iterable[Assignment]] = lambda value: ()
    says: Callable[[StationSpec, DeviceModel], str] | None = None


def _connectors(spec: StationSpec) -> int:
    return sum(len(evse.connectors) for evse in spec.evses)


def _most_stop_values(spec: StationSpec, model: DeviceModel) -> str:
    """ERR-16 3.91: the first and the last alone, as long as none in between are kept."""
    kept = model.integer(_STOP_INTERVAL) or model.integer(_ALIGNED_STOP_INTERVAL)
    return str(kept_values.MOST + 1 if kept else 2)


def _measurands(spec: StationSpec, model: DeviceModel) -> str:
    return str(len(Measurand))


def _interval_of(controller: str) -> Callable[[str], Iterable[Assignment]]:
    """1.6 has one interval where 2.0.1 has two, and a switch."""

    def also(value: str) -> Iterable[Assignment]:
        yield f"{controller}.TxEndedInterval", value
        if value.strip().isdecimal():
            yield f"{controller}.Enabled", "true"

    return also


def _if_enabled(controller: str, variable: str) -> Callable[[StationSpec, DeviceModel], str]:
    """What is switched off is never due."""
    return lambda spec, model: model.get(f"{controller}.{variable}") if model.flag(f"{controller}.Enabled") else "0"


_STOP_POINT = "TxCtrlr.TxStopPoint"
_STOP_POINTS: Mapping[str, str] = MappingProxyType({"true": "EVConnected,Authorized", "false": "Authorized"})
_CONNECTION = frozenset({"EVConnected", "PowerPathClosed"})


def _stop_point(value: str) -> Iterable[Assignment]:
    """In 1.6 a transaction goes on without its car when it is not to be stopped by that (S16 4.10); in 2.0.1 its stop
    point has a say in it."""
    point = _STOP_POINTS.get(value.strip().lower())
    return () if point is None else ((_STOP_POINT, point),)


def _stops_without_car(spec: StationSpec, model: DeviceModel) -> str:
    stops = model.flag("TxCtrlr.StopTxOnEVSideDisconnect") or _CONNECTION.intersection(model.members(_STOP_POINT))
    return "true" if stops else "false"


_PHASE_ROTATION = "ConnectorPhaseRotation"
_AUTHORIZATION_KEY = "AuthorizationKey"

_KEYS: tuple[_Key, ...] = (
    _Key("AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
    _Key("AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled"),
    _Key(_AUTHORIZATION_KEY, _PASSWORD),
    _Key("AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart"),
    _Key(
        "ClockAlignedDataInterval",
        "AlignedDataCtrlr.Interval",
        _interval_of("AlignedDataCtrlr"),
        _if_enabled("AlignedDataCtrlr", "Interval"),
    ),
    _Key("ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut"),
    _Key(_PHASE_ROTATION),
    _Key("ConnectorPhaseRotationMaxLength", says=lambda spec, model: str(_connectors(spec) + 1)),
    _Key("GetConfigurationMaxKeys", _MAX_KEYS),
    _Key("HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval"),
    _Key("LocalAuthorizeOffline", "AuthCtrlr.LocalAuthorizeOffline"),
    _Key("LocalPreAuthorize", "AuthCtrlr.LocalPreAuthorize"),
    _Key("MaxEnergyOnInvalidId", "TxCtrlr.MaxEnergyOnInvalidId"),
    _Key("MessageTimeout", "OCPPCommCtrlr.MessageTimeout[Default]"),
    _Key(
        "MeterValueSampleInterval",
        "SampledDataCtrlr.TxUpdatedInterval",
        _interval_of("SampledDataCtrlr"),
        _if_enabled("SampledDataCtrlr", "TxUpdatedInterval"),
    ),
    _Key("MeterValuesAlignedData", "AlignedDataCtrlr.Measurands"),
    _Key("MeterValuesAlignedDataMaxLength", says=_measurands),
    _Key("MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands"),
    _Key("MeterValuesSampledDataMaxLength", says=_measurands),
    _Key("NumberOfConnectors", says=lambda spec, model: str(_connectors(spec))),
    _Key("ResetRetries", "OCPPCommCtrlr.ResetRetries"),
    _Key("StopTransactionMaxMeterValues", says=_most_stop_values),
    _Key("StopTransactionOnEVSideDisconnect", "TxCtrlr.StopTxOnEVSideDisconnect", _stop_point, says=_stops_without_car),
    _Key("StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId"),
    _Key("StopTxnAlignedData", "AlignedDataCtrlr.TxEndedMeasurands"),
    _Key("StopTxnAlignedDataMaxLength", says=_measurands),
    _Key("StopTxnSampledData", "SampledDataCtrlr.TxEndedMeasurands"),
    _Key("StopTxnSampledDataMaxLength", says=_measurands),
    _Key("SupportedFeatureProfiles", says=lambda spec, model: PROFILES),
    _Key("TransactionMessageAttempts", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]"),
    _Key("TransactionMessageRetryInterval", "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"),
    _Key("UnlockConnectorOnEVSideDisconnect", "OCPPCommCtrlr.UnlockOnEVSideDisconnect"),
    _Key("WebSocketPingInterval", "OCPPCommCtrlr.WebSocketPingInterval"),
)

KEYS: Mapping[str, _Key] = MappingProxyType({key.name.casefold(): key for key in _KEYS})
"""By name without case: it is a CiString."""


class PhaseRotation(msgspec.Struct, frozen=True):
    """What the CSMS noted of the wiring: no simulated phase minds."""

    text: str


class Configuration:
    """The keys of one station."""

    __slots__ = ("_memory", "_model", "_rotation", "_spec")

    def __init__(self, spec: StationSpec, model: DeviceModel, memory: Memory) -> None:
        self._spec = spec
        self._model = model
        self._memory = memory
        kept = memory.recall(_ROTATION_ROW, PhaseRotation)
        self._rotation = _factory_rotation(spec) if kept is None else kept.text

    # -- S16 5.8 ----------------------------------------------------------------------------------

    def get(self, names: Sequence[str]) -> Payload | Refusal:
        """GetConfiguration: these keys, or all of them."""
        most = self._model.integer(_MAX_KEYS)
        if len(names) > most:
            return Refusal("OccurrenceConstraintViolation", f"at most {most} keys at a time, not {len(names)}")
        definitions = {each.name: each for each in self._model.definitions}
        payload: Payload = {}
        unknown = [name for name in dict.fromkeys(names) if self._find(name, definitions) is None]
        found = dict.fromkeys(key for name in names or KEYS if (key := self._find(name, definitions)) is not None)
        if found:
            payload["configurationKey"] = [self._row(key, definitions) for key in found]
        if unknown:
            payload["unknownKey"] = unknown
        return payload

    def _row(self, key: _Key, definitions: Mapping[str, Definition]) -> Payload:
        row: Payload = {"key": key.name, "readonly": not self._writable(key, definitions)}
        if key.name != _AUTHORIZATION_KEY:  # write-only (J16 7)
            row["value"] = self._value(key)[:VALUE_LIMIT]
        return row

    def _value(self, key: _Key) -> str:
        if key.says is not None:
            return key.says(self._spec, self._model)
        return self._model.get(key.variable) if key.variable else self._rotation

    # -- S16 5.3 ----------------------------------------------------------------------------------

    def change(self, name: str, value: str) -> Asked | Payload:
        """ChangeConfiguration: what to set, or at once why not."""
        definitions = {each.name: each for each in self._model.definitions}
        key = self._find(name, definitions)
        if key is None:
            return {"status": "NotSupported"}
        if not self._writable(key, definitions):
            return {"status": "Rejected"}
        if key.name == _PHASE_ROTATION:
            return {"status": "Accepted" if self._rotate(value) else "Rejected"}
        if key.name == _AUTHORIZATION_KEY:
            password = password_of(value)
            if password is None:
                return {"status": "Rejected"}
            value = password
        assignments = ((key.variable, value), *key.also(value))
        return Asked(SetVariables(tuple(SetVariableTo(_ref(name), each) for name, each in assignments)), _changed)

    def _rotate(self, value: str) -> bool:
        rotation = ",".join(part.strip() for part in value.split(","))
        if not _rotation_holds(rotation, _connectors(self._spec)):
            return False
        self._rotation = rotation
        self._memory.keep(_ROTATION_ROW, PhaseRotation(rotation))
        return True

    # -- finding keys -----------------------------------------------------------------------------

    def _find(self, name: str, definitions: Mapping[str, Definition]) -> _Key | None:
        """None as well for the key of a variable that this station does not have."""
        key = KEYS.get(name.casefold())
        return None if key is None or (key.variable and key.variable not in definitions) else key

    def _writable(self, key: _Key, definitions: Mapping[str, Definition]) -> bool:
        if not key.variable:
            return key.says is None
        return definitions[key.variable].mutability is not Mutability.READ_ONLY


def _changed(answer: RequestAnswer) -> Payload:
    assert isinstance(answer, SetVariablesAnswer)
    statuses = {row.status for row in answer.rows}
    if "RebootRequired" in statuses and statuses <= {"Accepted", "RebootRequired"}:
        return {"status": "RebootRequired"}
    return {"status": "Accepted" if statuses == {"Accepted"} else "Rejected"}


def _ref(name: str) -> VariableRef:
    """OCPPCommCtrlr.MessageAttempts[TransactionEvent] as a reference."""
    component, _, variable = name.partition(".")
    variable, _, instance = variable.partition("[")
    return VariableRef(component, variable, variable_instance=instance.removesuffix("]") or None)


# -- AuthorizationKey -----------------------------------------------------------------------------

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){1,20}\Z")


def password_of(key: str) -> str | None:
    """The password that a hexadecimal key of at most 40 characters stands for, None if it is none (J16 6.2.2, 7)."""
    if not _HEX.match(key):
        return None
    return secret_of(bytes.fromhex(key))


# -- ConnectorPhaseRotation -----------------------------------------------------------------------

_ROTATION_ROW = "v16/phase-rotation"
_ROTATION = re.compile(r"([0-9]{1,4})\.(NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)\Z")


def _factory_rotation(spec: StationSpec) -> str:
    connectors = [connector for evse in spec.evses for connector in evse.connectors]
    return ",".join(f"{n}.{'RST' if each.phases == 3 else 'NotApplicable'}" for n, each in enumerate(connectors, 1))


def _rotation_holds(text: str, connectors: int) -> bool:
    """Each connector at most once, and 0 for the grid connection of the main meter."""
    numbers = [int(match[1]) for part in text.split(",") if (match := _ROTATION.match(part))]
    return len(numbers) == len(set(numbers)) == len(text.split(",")) and max(numbers) <= connectors
