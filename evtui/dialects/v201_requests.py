"""OCPP 2.0.1: what a CSMS asks, from payload to sim's records, and sim's answers back to payloads.

Payloads were validated against the schema before they come here, so required fields are there and enumerations hold.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from evtui.dialects.primitives import as_json
from evtui.dialects.primitives import integer as _integer
from evtui.dialects.primitives import whole as _whole
from evtui.dialects.v201_tokens import Token, TokenInfo
from evtui.errors import ProtocolError
from evtui.sim import requests as ask
from evtui.sim.link.network_profile import Apn, NetworkProfile
from evtui.sim.messages import DataTransfer, DataTransferAnswer, IdToken
from evtui.sim.terms import IdTokenType, LogType
from evtui.sim.variables.reports import EvseRef, NotifyReport, ReportRow, VariableRef

Payload = Mapping[str, Any]


def parse_request(action: str, payload: Payload) -> ask.Request:
    """The request as sim knows it; `action` is one of `ACTIONS`. ProtocolError: what the schema allows and OCPP does
    not."""
    return _PARSERS[action](payload)


def render_answer(answer: ask.RequestAnswer) -> dict[str, Any]:
    """The CALLRESULT's payload. A Refusal has none: it goes out as a CALLERROR."""
    match answer:
        case ask.StatusAnswer(status, info):
            return _with_info({"status": status}, "statusInfo", info)
        case ask.StartAnswer(status, transaction_id, info):
            payload = {"status": status}
            if transaction_id is not None:
                payload["transactionId"] = transaction_id
            return _with_info(payload, "statusInfo", info)
        case ask.TransactionStatusAnswer(messages_in_queue, ongoing):
            status_payload: dict[str, Any] = {"messagesInQueue": messages_in_queue}
            if ongoing is not None:
                status_payload["ongoingIndicator"] = ongoing
            return status_payload
        case ask.ListVersionAnswer(version_number):
            return {"versionNumber": version_number}
        case DataTransferAnswer(status, data):
            reply: dict[str, Any] = {"status": status.value}
            if data is not None:
                reply["data"] = msgspec.json.decode(data)
            return reply
        case ask.LogAnswer(status, name, info):
            log_payload: dict[str, Any] = {"status": status}
            if name is not None:
                log_payload["filename"] = name
            return _with_info(log_payload, "statusInfo", info)
        case ask.GetVariablesAnswer(rows):
            return {"getVariableResult": [_render_variable(row) for row in rows]}
        case ask.SetVariablesAnswer(rows):
            return {"setVariableResult": [_render_variable(row) for row in rows]}
        case ask.Refusal():
            raise ValueError("a refusal is a CALLERROR, it has no payload")


def render_notify_report(report: NotifyReport, generated_at: str) -> dict[str, Any]:
    """NotifyReport's payload; `generated_at` is `report.generated_at` as the wire spells it."""
    return {
        "requestId": report.request_id,
        "generatedAt": generated_at,
        "seqNo": report.seq_no,
        "tbc": report.to_be_continued,
        "reportData": [_render_report_row(row) for row in report.rows],
    }


# -- parsing --------------------------------------------------------------------------------------


def parse_id_token(payload: Payload) -> IdToken:
    return IdToken(payload["idToken"], IdTokenType(payload["type"]))


def _parse_evse(payload: Payload | None) -> EvseRef | None:
    return None if payload is None else EvseRef(_integer(payload["id"]), _whole(payload.get("connectorId")))


def _parse_ref(payload: Payload) -> VariableRef:
    component, variable = payload["component"], payload.get("variable", {})
    return VariableRef(
        component=component["name"],
        variable=variable.get("name", ""),
        component_instance=component.get("instance"),
        variable_instance=variable.get("instance"),
        evse=_parse_evse(component.get("evse")),
    )


def _parse_attribute(row: Payload) -> ask.AttributeType | None:
    return ask.AttributeType(row["attributeType"]) if "attributeType" in row else None


def _parse_get_variables(payload: Payload) -> ask.GetVariables:
    rows = payload["getVariableData"]
    return ask.GetVariables(tuple(ask.GetVariable(_parse_ref(row), _parse_attribute(row)) for row in rows))


def _parse_set_variables(payload: Payload) -> ask.SetVariables:
    return ask.SetVariables(
        tuple(
            ask.SetVariableTo(_parse_ref(row), row["attributeValue"], _parse_attribute(row))
            for row in payload["setVariableData"]
        )
    )


def _parse_get_report(payload: Payload) -> ask.GetReport:
    return ask.GetReport(
        _integer(payload["requestId"]),
        tuple(_parse_ref(row) for row in payload.get("componentVariable", ())),
        tuple(payload.get("componentCriteria", ())),
    )


def _parse_request_start(payload: Payload) -> ask.RequestStartTransaction:
    group = payload.get("groupIdToken")
    return ask.RequestStartTransaction(
        remote_start_id=_integer(payload["remoteStartId"]),
        id_token=parse_id_token(payload["idToken"]),
        evse_id=_whole(payload.get("evseId")),
        group_id_token=None if group is None else parse_id_token(group),
    )


def _parse_network_profile(payload: Payload) -> ask.SetNetworkProfile:
    data = payload["connectionData"]
    apn = data.get("apn")
    profile = NetworkProfile(
        csms_url=data["ocppCsmsUrl"],
        security_profile=_integer(data["securityProfile"]),
        message_timeout_s=_integer(data["messageTimeout"]),
        version=data["ocppVersion"],
        transport=data["ocppTransport"],
        interface=data["ocppInterface"],
        apn=None if apn is None else _parse_apn(apn),
        vpn="vpn" in data,
    )
    return ask.SetNetworkProfile(_integer(payload["configurationSlot"]), profile)


def _parse_apn(payload: Payload) -> Apn:
    return Apn(
        apn=payload["apn"],
        authentication=payload["apnAuthentication"],
        user_name=payload.get("apnUserName"),
        password=payload.get("apnPassword"),
        sim_pin=_whole(payload.get("simPin")),
        preferred_network=payload.get("preferredNetwork"),
        use_only_preferred_network=payload.get("useOnlyPreferredNetwork", False),
    )


class _AuthorizationData(msgspec.Struct, rename="camel"):
    id_token: Token
    id_token_info: TokenInfo | None = None


def _parse_send_local_list(payload: Payload) -> ask.SendLocalList:
    try:
        rows = msgspec.convert(payload.get("localAuthorizationList", ()), tuple[_AuthorizationData, ...])
        entries = tuple(
            ask.AuthorizationData(row.id_token.record, None if row.id_token_info is None else row.id_token_info.record)
            for row in rows
        )
    except (msgspec.ValidationError, OverflowError) as error:
        raise ProtocolError(f"localAuthorizationList cannot be used: {error}") from None
    return ask.SendLocalList(_integer(payload["versionNumber"]), ask.UpdateType(payload["updateType"]), entries)


def _parse_reserve(payload: Payload) -> ask.ReserveNow:
    group = payload.get("groupIdToken")
    return ask.ReserveNow(
        id=_integer(payload["id"]),
        expires=_time(payload["expiryDateTime"]),
        id_token=parse_id_token(payload["idToken"]),
        evse_id=_whole(payload.get("evseId")),
        connector_type=payload.get("connectorType"),
        group_id_token=None if group is None else parse_id_token(group),
    )


def _parse_data_transfer(payload: Payload) -> DataTransfer:
    data = as_json(payload.get("data", msgspec.UNSET))
    return DataTransfer(payload["vendorId"], payload.get("messageId"), data)


def _time(text: str) -> datetime:
    """UTC where no zone is named. ProtocolError for what the schema's format lets through and no calendar has."""
    try:
        at = msgspec.convert(text, datetime)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise ProtocolError("there is no such date and time") from None


def _any_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _parse_get_log(payload: Payload) -> ask.GetLog:
    log = payload["log"]
    return ask.GetLog(
        request_id=_integer(payload["requestId"]),
        type=LogType(payload["logType"]),
        location=log["remoteLocation"],
        oldest=_any_time(log.get("oldestTimestamp")),
        latest=_any_time(log.get("latestTimestamp")),
        retries=_whole(payload.get("retries")),
        retry_interval_s=_whole(payload.get("retryInterval")),
    )


def _parse_customer_information(payload: Payload) -> ask.CustomerInformation:
    id_token, certificate = payload.get("idToken"), payload.get("customerCertificate")
    return ask.CustomerInformation(
        request_id=_integer(payload["requestId"]),
        report=payload["report"],
        clear=payload["clear"],
        id_token=None if id_token is None else parse_id_token(id_token),
        identifier=payload.get("customerIdentifier"),
        certificate=None if certificate is None else parse_certificate_hash(certificate),
    )


def parse_certificate_hash(payload: Payload) -> ask.CertificateHash:
    return ask.CertificateHash(
        payload["hashAlgorithm"], payload["issuerNameHash"], payload["issuerKeyHash"], payload["serialNumber"]
    )


_PARSERS: Mapping[str, Callable[[Payload], ask.Request]] = {
    "GetVariables": _parse_get_variables,
    "SetVariables": _parse_set_variables,
    "GetBaseReport": lambda p: ask.GetBaseReport(_integer(p["requestId"]), ask.ReportBase(p["reportBase"])),
    "GetReport": _parse_get_report,
    "RequestStartTransaction": _parse_request_start,
    "RequestStopTransaction": lambda p: ask.RequestStopTransaction(p["transactionId"]),
    "TriggerMessage": lambda p: ask.TriggerMessage(
        ask.MessageTrigger(p["requestedMessage"]), _parse_evse(p.get("evse"))
    ),
    "GetTransactionStatus": lambda p: ask.GetTransactionStatus(p.get("transactionId")),
    "ChangeAvailability": lambda p: ask.ChangeAvailability(
        ask.OperationalStatus(p["operationalStatus"]), _parse_evse(p.get("evse"))
    ),
    "SetNetworkProfile": _parse_network_profile,
    "UnlockConnector": lambda p: ask.UnlockConnector(_integer(p["evseId"]), _integer(p["connectorId"])),
    "Reset": lambda p: ask.Reset(ask.ResetType(p["type"]), _whole(p.get("evseId"))),
    "ReserveNow": _parse_reserve,
    "CancelReservation": lambda p: ask.CancelReservation(_integer(p["reservationId"])),
    "ClearCache": lambda p: ask.ClearCache(),
    "GetLocalListVersion": lambda p: ask.GetLocalListVersion(),
    "SendLocalList": _parse_send_local_list,
    "DataTransfer": _parse_data_transfer,
    "GetLog": _parse_get_log,
    "CustomerInformation": _parse_customer_information,
}

ACTIONS = frozenset(_PARSERS)
"""The requests of a CSMS that are more than refused."""


# -- rendering ------------------------------------------------------------------------------------


def _with_info(payload: dict[str, Any], key: str, info: ask.StatusInfo | None) -> dict[str, Any]:
    if info is not None:
        payload[key] = {"reasonCode": info.reason_code[:20]}
        if info.additional_info:
            payload[key]["additionalInfo"] = info.additional_info[:512]
    return payload


def render_ref(ref: VariableRef) -> dict[str, Any]:
    """Component and variable, as members of a payload."""
    component: dict[str, Any] = {"name": ref.component}
    if ref.component_instance is not None:
        component["instance"] = ref.component_instance
    if ref.evse is not None:
        component["evse"] = {"id": ref.evse.id}
        if ref.evse.connector_id is not None:
            component["evse"]["connectorId"] = ref.evse.connector_id
    variable: dict[str, Any] = {"name": ref.variable}
    if ref.variable_instance is not None:
        variable["instance"] = ref.variable_instance
    return {"component": component, "variable": variable}


def _render_variable(row: ask.VariableAnswer) -> dict[str, Any]:
    payload: dict[str, Any] = {"attributeStatus": row.status, **render_ref(row.ref)}
    payload["attributeType"] = str(row.attribute or ask.AttributeType.ACTUAL)
    if row.value is not None:
        payload["attributeValue"] = row.value
    return _with_info(payload, "attributeStatusInfo", row.info)


def _render_report_row(row: ReportRow) -> dict[str, Any]:
    attribute: dict[str, Any] = {
        "type": "Actual",
        "mutability": row.mutability,
        "persistent": row.persistent,
        "constant": row.constant,
    }
    if row.value is not None:
        attribute["value"] = row.value
    characteristics: dict[str, Any] = {"dataType": row.data_type, "supportsMonitoring": False}
    optional = {
        "unit": row.unit,
        "minLimit": row.min_limit,
        "maxLimit": row.max_limit,
        "valuesList": row.values_list,
    }
    characteristics |= {key: value for key, value in optional.items() if value is not None}
    return {
        **render_ref(row.ref),
        "variableAttribute": [attribute],
        "variableCharacteristics": characteristics,
    }
