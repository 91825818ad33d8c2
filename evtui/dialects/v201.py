"""OCPP 2.0.1: what a station says, from sim's records to payloads, and the CSMS's answers back.

Optional fields are left out where a record says nothing of them (OCPP-J 4.1.5).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from evtui.dialects.primitives import as_json, aware, timestamp
from evtui.dialects.v201_requests import render_notify_report, render_ref
from evtui.dialects.v201_tokens import TokenInfo
from evtui.errors import ProtocolError
from evtui.sim import messages as say
from evtui.sim.terms import DataTransferStatus, Location, Measurand, Phase, ReadingContext, RegistrationStatus
from evtui.sim.variables.notify_event import EventData, NotifyEvent
from evtui.sim.variables.reports import NotifyReport

SUBPROTOCOL = "ocpp2.0.1"

Payload = dict[str, Any]

# -- rendering ------------------------------------------------------------------------------------


def render(message: say.Message, station_offline: bool = False) -> tuple[str, Payload]:
    """Action and payload of a CALL. `station_offline` says that a transaction event happened without a link."""
    if isinstance(message, say.TransactionEvent):
        return "TransactionEvent", _transaction_event(message, station_offline)
    return _RENDERERS[type(message)](message)


# The hot path: each sample of each station goes through here. `_value_` is an enumeration's plain string, which hashes,
# validates and encodes several times faster than the member itself.


def _transaction_event(event: say.TransactionEvent, offline: bool) -> Payload:
    at = event.timestamp
    spelled = timestamp(at)
    info: Payload = {"transactionId": event.transaction_id}
    if event.charging_state is not None:
        info["chargingState"] = event.charging_state._value_
    if event.time_spent_charging_s is not None:
        info["timeSpentCharging"] = event.time_spent_charging_s
    if event.stopped_reason is not None:
        info["stoppedReason"] = event.stopped_reason._value_
    if event.remote_start_id is not None:
        info["remoteStartId"] = event.remote_start_id
    payload: Payload = {
        "eventType": event.event_type._value_,
        "timestamp": spelled,
        "triggerReason": event.trigger_reason._value_,
        "seqNo": event.seq_no,
        "transactionInfo": info,
    }
    if offline:
        payload["offline"] = True
    if event.number_of_phases_used is not None:
        payload["numberOfPhasesUsed"] = event.number_of_phases_used
    if event.cable_max_current_a is not None:
        payload["cableMaxCurrent"] = event.cable_max_current_a
    if event.reservation_id is not None:
        payload["reservationId"] = event.reservation_id
    if event.evse_id is not None:
        payload["evse"] = {"id": event.evse_id}
        if event.connector_id is not None:
            payload["evse"]["connectorId"] = event.connector_id
    if event.id_token is not None:
        payload["idToken"] = _id_token(event.id_token)
    if event.meter_values:
        payload["meterValue"] = [
            _meter_value(each, spelled if each.timestamp == at else timestamp(each.timestamp))
            for each in event.meter_values
        ]
    return payload


def _meter_value(meter_value: say.MeterValue, spelled: str) -> Payload:
    sampled: list[Payload] = []
    for sample in meter_value.samples:
        payload = _form(sample.measurand, sample.context, sample.phase, sample.location).copy()
        payload["value"] = sample.value
        sampled.append(payload)
    return {"timestamp": spelled, "sampledValue": sampled}


@cache  # there are only so many: all are enumerations
def _form(measurand: Measurand, context: ReadingContext, phase: Phase | None, location: Location | None) -> Payload:
    """A sampled value that has no value yet."""
    form: Payload = {"value": None, "context": context._value_, "measurand": measurand._value_}
    unit = _UNITS[measurand._value_]
    if unit is not None:
        form["unitOfMeasure"] = unit
    if phase is not None:
        form["phase"] = phase._value_
    if location is not None:
        form["location"] = location._value_
    return form


_UNITS: Mapping[str, Payload | None] = {
    Measurand.ENERGY_REGISTER.value: {"unit": "Wh"},
    Measurand.ENERGY_INTERVAL.value: {"unit": "Wh"},
    Measurand.POWER.value: {"unit": "W"},
    Measurand.POWER_OFFERED.value: {"unit": "W"},
    Measurand.POWER_FACTOR.value: None,
    Measurand.CURRENT.value: {"unit": "A"},
    Measurand.CURRENT_OFFERED.value: {"unit": "A"},
    Measurand.VOLTAGE.value: {"unit": "V"},
    Measurand.FREQUENCY.value: {"unit": "Hz"},
    Measurand.SOC.value: {"unit": "Percent"},
}


def _boot(boot: say.BootNotification) -> tuple[str, Payload]:
    station = {"model": boot.model, "vendorName": boot.vendor}
    if boot.serial_number is not None:
        station["serialNumber"] = boot.serial_number
    if boot.firmware_version is not None:
        station["firmwareVersion"] = boot.firmware_version
    return "BootNotification", {"reason": boot.reason.value, "chargingStation": station}


def _heartbeat(_: say.Heartbeat) -> tuple[str, Payload]:
    return "Heartbeat", {}


def _status(status: say.StatusNotification) -> tuple[str, Payload]:
    return "StatusNotification", {
        "timestamp": timestamp(status.timestamp),
        "connectorStatus": status.status.value,
        "evseId": status.evse_id,
        "connectorId": status.connector_id,
    }


def _authorize(request: say.Authorize) -> tuple[str, Payload]:
    return "Authorize", {"idToken": _id_token(request.id_token)}


def _meter_values(values: say.MeterValues) -> tuple[str, Payload]:
    return "MeterValues", {
        "evseId": values.evse_id,
        "meterValue": [_meter_value(each, timestamp(each.timestamp)) for each in values.meter_values],
    }


def _security_event(event: say.SecurityEvent) -> tuple[str, Payload]:
    payload: Payload = {"type": event.type, "timestamp": timestamp(event.timestamp)}
    if event.tech_info is not None:
        payload["techInfo"] = event.tech_info
    return "SecurityEventNotification", payload


def _notify_report(report: NotifyReport) -> tuple[str, Payload]:
    return "NotifyReport", render_notify_report(report, timestamp(report.generated_at))


def _notify_event(notice: NotifyEvent) -> tuple[str, Payload]:
    return "NotifyEvent", {
        "generatedAt": timestamp(notice.generated_at),
        "seqNo": 0,
        "eventData": [_event_data(event) for event in notice.events],
    }


def _event_data(event: EventData) -> Payload:
    payload: Payload = {
        "eventId": event.event_id,
        "timestamp": timestamp(event.timestamp),
        "trigger": event.trigger.value,
        "actualValue": event.actual_value,
        "eventNotificationType": event.notification.value,
        **render_ref(event.ref),
    }
    if event.cause is not None:
        payload["cause"] = event.cause
    if event.tech_code:
        payload["techCode"] = event.tech_code
    if event.tech_info:
        payload["techInfo"] = event.tech_info
    if event.cleared:
        payload["cleared"] = True
    if event.transaction_id is not None:
        payload["transactionId"] = event.transaction_id
    return payload


def _reservation(update: say.ReservationStatusUpdate) -> tuple[str, Payload]:
    return "ReservationStatusUpdate", {
        "reservationId": update.reservation_id,
        "reservationUpdateStatus": update.status.value,
    }


def _data_transfer(message: say.DataTransfer) -> tuple[str, Payload]:
    payload: Payload = {"vendorId": message.vendor_id}
    if message.message_id is not None:
        payload["messageId"] = message.message_id
    if message.data is not None:
        payload["data"] = msgspec.json.decode(message.data)
    return "DataTransfer", payload


def _log_status(log: say.LogStatus) -> tuple[str, Payload]:
    payload: Payload = {"status": log.status.value}
    if log.request_id is not None:
        payload["requestId"] = log.request_id
    return "LogStatusNotification", payload


def _customer_information(page: say.NotifyCustomerInformation) -> tuple[str, Payload]:
    return "NotifyCustomerInformation", {
        "requestId": page.request_id,
        "data": page.data,
        "seqNo": page.seq_no,
        "generatedAt": timestamp(page.generated_at),
        "tbc": page.to_be_continued,
    }


def _firmware_status(firmware: say.FirmwareStatus) -> tuple[str, Payload]:
    return "FirmwareStatusNotification", {"status": firmware.status}


_RENDERERS: Mapping[type, Callable[[Any], tuple[str, Payload]]] = {
    say.BootNotification: _boot,
    say.Heartbeat: _heartbeat,
    say.StatusNotification: _status,
    say.Authorize: _authorize,
    say.MeterValues: _meter_values,
    say.SecurityEvent: _security_event,
    NotifyReport: _notify_report,
    NotifyEvent: _notify_event,
    say.ReservationStatusUpdate: _reservation,
    say.DataTransfer: _data_transfer,
    say.LogStatus: _log_status,
    say.NotifyCustomerInformation: _customer_information,
    say.FirmwareStatus: _firmware_status,
}


def _id_token(token: say.IdToken) -> Payload:
    return {"idToken": token.id_token, "type": token.type.value}


# -- parsing --------------------------------------------------------------------------------------


class _Boot(msgspec.Struct, rename="camel"):
    status: RegistrationStatus
    current_time: datetime
    interval: int


class _Heartbeat(msgspec.Struct, rename="camel"):
    current_time: datetime


class _Authorize(msgspec.Struct, rename="camel"):
    id_token_info: TokenInfo


class _TransactionEvent(msgspec.Struct, rename="camel"):
    total_cost: float | None = None
    id_token_info: TokenInfo | None = None


def parse_answer(message: say.Message, payload: object) -> say.Answer:
    """What the CSMS answered to `message`. ProtocolError: the payload does not say what the station must know."""
    parse = _PARSERS.get(type(message))
    if parse is None or (parse is _parse_transaction_event and payload == {}):
        return _TOOK_NOTE.get(type(message), _EMPTY)
    try:
        return parse(payload)
    except (msgspec.ValidationError, OverflowError) as error:
        raise ProtocolError(f"the answer to {type(message).__name__} cannot be used: {error}") from None


_EMPTY = say.EmptyAnswer()
_TOOK_NOTE: Mapping[type, say.Answer] = {say.TransactionEvent: say.TransactionEventAnswer()}


def _parse_boot(payload: object) -> say.BootAnswer:
    answer = msgspec.convert(payload, _Boot)
    return say.BootAnswer(answer.status, answer.interval, aware(answer.current_time))


def _parse_heartbeat(payload: object) -> say.HeartbeatAnswer:
    return say.HeartbeatAnswer(aware(msgspec.convert(payload, _Heartbeat).current_time))


def _parse_authorize(payload: object) -> say.AuthorizeAnswer:
    return say.AuthorizeAnswer(msgspec.convert(payload, _Authorize).id_token_info.record)


def _parse_transaction_event(payload: object) -> say.TransactionEventAnswer:
    answer = msgspec.convert(payload, _TransactionEvent)
    info = None if answer.id_token_info is None else answer.id_token_info.record
    return say.TransactionEventAnswer(info, answer.total_cost)


class _DataTransfer(msgspec.Struct, rename="camel"):
    status: DataTransferStatus
    data: Any = msgspec.UNSET


def _parse_data_transfer(payload: object) -> say.DataTransferAnswer:
    answer = msgspec.convert(payload, _DataTransfer)
    return say.DataTransferAnswer(answer.status, as_json(answer.data))


_PARSERS: Mapping[type, Callable[[object], say.Answer]] = {
    say.DataTransfer: _parse_data_transfer,
    say.BootNotification: _parse_boot,
    say.Heartbeat: _parse_heartbeat,
    say.Authorize: _parse_authorize,
    say.TransactionEvent: _parse_transaction_event,
}
