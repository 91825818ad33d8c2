"""OCPP 1.6: payloads of what a charge point says, and what a central system answers.

Optional fields are left out where a record says nothing of them; texts are cut to the length of their CiString.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from evtui.dialects.primitives import as_json, aware, timestamp
from evtui.dialects.translator import Payload
from evtui.errors import ProtocolError
from evtui.sim import messages as say
from evtui.sim.terms import (
    AuthorizationStatus,
    DataTransferStatus,
    Measurand,
    ReadingContext,
    RegistrationStatus,
    StoppedReason,
    TriggerReason,
)

ID_TAG_LIMIT = 20

HARD, SOFT = "Hard", "Soft"
"""Kinds of Reset."""

# -- rendering ------------------------------------------------------------------------------------


def boot_notification(boot: say.BootNotification) -> Payload:
    """S16 4.2: 1.6 has no reason."""
    payload: Payload = {"chargePointVendor": boot.vendor[:20], "chargePointModel": boot.model[:20]}
    if boot.serial_number is not None:
        payload["chargePointSerialNumber"] = boot.serial_number[:25]
    if boot.firmware_version is not None:
        payload["firmwareVersion"] = boot.firmware_version[:50]
    return payload


def id_tag(token: say.IdToken) -> str:
    """1.6 knows no types of identifiers. ProtocolError for one that is too long: cut, it would be another's."""
    if len(token.id_token) > ID_TAG_LIMIT:
        raise ProtocolError(f"an idTag of OCPP 1.6 has at most {ID_TAG_LIMIT} characters")
    return token.id_token


def data_transfer(message: say.DataTransfer) -> Payload:
    """S16 4.3: data is text."""
    payload: Payload = {"vendorId": message.vendor_id}
    if message.message_id is not None:
        payload["messageId"] = message.message_id
    if message.data is not None:
        payload["data"] = as_text(message.data)
    return payload


def as_text(data: str) -> str:
    """JSON as 1.6 carries it: text as it is, anything else as it is written."""
    value = msgspec.json.decode(data)
    return value if isinstance(value, str) else data


def status_notification(connector_id: int, status: str, error: str, at: datetime) -> Payload:
    """S16 4.9."""
    return {"connectorId": connector_id, "errorCode": error, "status": str(status), "timestamp": timestamp(at)}


def start_transaction(event: say.TransactionEvent, connector_id: int, tag: str) -> Payload:
    """S16 4.8: what the event tells, whichever it is."""
    payload: Payload = {
        "connectorId": connector_id,
        "idTag": tag,
        "meterStart": round(event.register_wh),
        "timestamp": timestamp(event.timestamp),
    }
    if event.reservation_id is not None:
        payload["reservationId"] = event.reservation_id
    return payload


def stop_transaction(event: say.TransactionEvent, number: int, reset: str) -> Payload:
    """S16 4.10. `reset` is the kind of Reset that the CSMS asked for last."""
    payload: Payload = {
        "transactionId": number,
        "meterStop": round(event.register_wh),
        "timestamp": timestamp(event.timestamp),
        "reason": _reason(event, reset),
    }
    if event.id_token is not None and len(event.id_token.id_token) <= ID_TAG_LIMIT:
        payload["idTag"] = event.id_token.id_token
    if event.meter_values:
        payload["transactionData"] = meter_value(event.meter_values)
    return payload


def _reason(event: say.TransactionEvent, reset: str) -> str:
    if event.trigger_reason is TriggerReason.UNLOCK_COMMAND:
        return "UnlockCommand"
    if event.stopped_reason is StoppedReason.IMMEDIATE_RESET:
        return f"{reset}Reset"
    return "Local" if event.stopped_reason is None else _REASONS.get(event.stopped_reason, "Other")


_REASONS: Mapping[StoppedReason, str] = MappingProxyType(
    {
        StoppedReason.DE_AUTHORIZED: "DeAuthorized",
        StoppedReason.EMERGENCY_STOP: "EmergencyStop",
        StoppedReason.EV_DISCONNECTED: "EVDisconnected",
        StoppedReason.LOCAL: "Local",
        StoppedReason.MASTER_PASS: "Local",
        StoppedReason.POWER_LOSS: "PowerLoss",
        StoppedReason.REBOOT: "Reboot",
        StoppedReason.REMOTE: "Remote",
    }
)
"""Those that 1.6 has a word for; the others are Other."""


def meter_values(connector_id: int, number: int | None, values: Iterable[say.MeterValue]) -> Payload:
    """S16 4.7. `number` is the transaction's, if they belong to one."""
    payload: Payload = {"connectorId": connector_id, "meterValue": meter_value(values)}
    if number is not None:
        payload["transactionId"] = number
    return payload


def meter_value(values: Iterable[say.MeterValue]) -> list[Payload]:
    """Values of one moment after the other."""
    return [
        {"timestamp": timestamp(each.timestamp), "sampledValue": [_sample(sample) for sample in each.samples]}
        for each in values
    ]


def _sample(sample: say.Sample) -> Payload:
    measurand = sample.measurand._value_
    payload: Payload = {
        "value": f"{sample.value:.3f}".rstrip("0").rstrip("."),
        "context": sample.context._value_,
        "measurand": measurand,
    }
    unit = _UNITS.get(measurand)
    if unit is not None:
        payload["unit"] = unit
    if sample.phase is not None:
        payload["phase"] = sample.phase._value_
    if sample.location is not None:
        payload["location"] = sample.location._value_
    return payload


_UNITS: Mapping[str, str] = MappingProxyType(
    {
        Measurand.ENERGY_REGISTER.value: "Wh",
        Measurand.ENERGY_INTERVAL.value: "Wh",
        Measurand.POWER.value: "W",
        Measurand.POWER_OFFERED.value: "W",
        Measurand.CURRENT.value: "A",
        Measurand.CURRENT_OFFERED.value: "A",
        Measurand.VOLTAGE.value: "V",
        Measurand.SOC.value: "Percent",
    }
)
"""Frequency has none in 1.6 (ERR-16 3.86), a power factor none at all."""


def of_its_own(values: Iterable[say.MeterValue]) -> tuple[say.MeterValue, ...]:
    """Without those of the beginning: StartTransaction tells the meter's, StopTransaction the others'."""
    return tuple(
        [each for each in values if each.samples and each.samples[0].context is not ReadingContext.TRANSACTION_BEGIN]
    )


# -- parsing --------------------------------------------------------------------------------------


class _Boot(msgspec.Struct, rename="camel"):
    status: RegistrationStatus
    current_time: datetime
    interval: int


class _Heartbeat(msgspec.Struct, rename="camel"):
    current_time: datetime


class _TagInfo(msgspec.Struct, rename="camel"):
    status: AuthorizationStatus
    expiry_date: datetime | None = None
    parent_id_tag: Annotated[str, msgspec.Meta(max_length=36)] | None = None


class _Authorize(msgspec.Struct, rename="camel"):
    id_tag_info: _TagInfo


class _Start(msgspec.Struct, rename="camel"):
    id_tag_info: _TagInfo
    transaction_id: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Transfer(msgspec.Struct, rename="camel"):
    status: DataTransferStatus
    data: Any = msgspec.UNSET


class _Stop(msgspec.Struct, rename="camel"):
    id_tag_info: _TagInfo | None = None


def _info(info: _TagInfo) -> say.IdTokenInfo:
    return say.IdTokenInfo(
        status=info.status,
        group_id_token=None if info.parent_id_tag is None else say.IdToken(info.parent_id_tag),
        cache_expiry=None if info.expiry_date is None else _utc(info.expiry_date),
    )


def boot_answer(payload: object) -> say.BootAnswer:
    """BootNotification.conf."""
    answer = _read(payload, _Boot)
    return say.BootAnswer(answer.status, answer.interval, _utc(answer.current_time))


def heartbeat_answer(payload: object) -> say.HeartbeatAnswer:
    """Heartbeat.conf."""
    return say.HeartbeatAnswer(_utc(_read(payload, _Heartbeat).current_time))


def data_transfer_answer(payload: object) -> say.DataTransferAnswer:
    """DataTransfer.conf."""
    answer = _read(payload, _Transfer)
    return say.DataTransferAnswer(answer.status, as_json(answer.data))


def authorize_answer(payload: object) -> say.AuthorizeAnswer:
    """Authorize.conf."""
    return say.AuthorizeAnswer(_info(_read(payload, _Authorize).id_tag_info))


def start_answer(payload: object) -> tuple[int, say.TransactionEventAnswer]:
    """StartTransaction.conf: the transaction's number, and what the CSMS thinks of its driver."""
    answer = _read(payload, _Start)
    return answer.transaction_id, say.TransactionEventAnswer(_info(answer.id_tag_info))


def stop_answer(payload: object) -> say.TransactionEventAnswer:
    """StopTransaction.conf."""
    info = _read(payload, _Stop).id_tag_info
    return say.TransactionEventAnswer(None if info is None else _info(info))


def _utc(time: datetime) -> datetime:
    try:
        return aware(time)
    except OverflowError:
        raise ProtocolError("the answer cannot be used: there is no such time") from None


def _read(payload: object, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(payload, kind, strict=False)  # 7.0 and "7" will do
    except (msgspec.ValidationError, OverflowError) as error:
        raise ProtocolError(f"the answer cannot be used: {error}") from None
