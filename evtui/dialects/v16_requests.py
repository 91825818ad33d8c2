"""OCPP 1.6: what a central system asks of a charge point, to sim's records, and sim's answers back (S16 chapter 5).

Payloads were validated against the schema before they come here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from evtui.dialects.primitives import as_json, integer
from evtui.dialects.translator import Asked, Payload
from evtui.dialects.v16_messages import as_text
from evtui.dialects.v16_numbering import WHOLE, Numbering
from evtui.sim import requests as ask
from evtui.sim.messages import DataTransfer, DataTransferAnswer, IdToken

_NO_LOCK = ("UnknownConnector", "FixedCable")


def change_availability(payload: Mapping[str, Any], numbering: Numbering) -> Asked:
    """S16 5.2; connector 0 is the whole charge point."""
    number = integer(payload["connectorId"])
    place = None if number == WHOLE else numbering.place(number)
    return Asked(ask.ChangeAvailability(ask.OperationalStatus(payload["type"]), place), _status)


def clear_cache() -> Asked:
    """S16 5.4; Rejected where there is none (ERR-16 3.23)."""
    return Asked(ask.ClearCache(), _status)


def data_transfer(payload: Mapping[str, Any]) -> Asked:
    """S16 5.6; in 1.6 data is text."""
    data = as_json(payload.get("data", msgspec.UNSET))
    return Asked(DataTransfer(payload["vendorId"], payload.get("messageId"), data), _transferred)


def remote_start(payload: Mapping[str, Any], numbering: Numbering, remote_start_id: int) -> Asked:
    """S16 5.11. A charging profile is ignored, as there is no smart charging."""
    evse_id = numbering.place(integer(payload["connectorId"])).id if "connectorId" in payload else None
    return Asked(ask.RequestStartTransaction(remote_start_id, IdToken(payload["idTag"]), evse_id), _status)


def remote_stop(transaction_id: str) -> Asked:
    """S16 5.12, by sim's id of the transaction."""
    return Asked(ask.RequestStopTransaction(transaction_id), _status)


def reset() -> Asked:
    """S16 5.14: Soft and Hard both end what runs; StopTransaction tells which it was (ERR-16 3.36)."""
    return Asked(ask.Reset(ask.ResetType.IMMEDIATE), _status)


def unlock_connector(payload: Mapping[str, Any], numbering: Numbering) -> Asked:
    """S16 5.18: a transaction is ended first."""
    place = numbering.place(integer(payload["connectorId"]))
    return Asked(ask.UnlockConnector(place.id, place.connector_id or 0, ends_transaction=True), _unlocked)


def _status(answer: ask.RequestAnswer) -> Payload:
    """Of the answers whose words are the same in both versions."""
    assert isinstance(answer, ask.StatusAnswer | ask.StartAnswer)
    return {"status": answer.status}


def _transferred(answer: ask.RequestAnswer) -> Payload:
    assert isinstance(answer, DataTransferAnswer)
    payload: Payload = {"status": answer.status.value}
    if answer.data is not None:
        payload["data"] = as_text(answer.data)
    return payload


def _unlocked(answer: ask.RequestAnswer) -> Payload:
    """NotSupported: there is no lock, or no such connector (ERR-16 3.87)."""
    assert isinstance(answer, ask.StatusAnswer)
    reason = answer.info.reason_code if answer.info is not None else ""
    return {"status": "NotSupported" if {answer.status, reason}.intersection(_NO_LOCK) else answer.status}
