"""OCPP 1.6, the core profile: one station's translator between sim's terms and those of 1.6.

A charge point of 1.6 has no EVSEs, gets the numbers of its transactions from the central system, and tells statuses
that follow from how connectors are used. What 1.6 core has no message for is not sent, and counts as answered.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from evtui.dialects import v16_messages as wire
from evtui.dialects import v16_requests
from evtui.dialects.translator import Asked, Call, Payload
from evtui.dialects.v16_configuration import Configuration
from evtui.dialects.v16_numbering import WHOLE, Numbering
from evtui.dialects.v16_status import Status, Statuses, Told
from evtui.dialects.v16_transactions import NEVER_ANSWERED, Begun, Transactions
from evtui.errors import ProtocolError
from evtui.sim import messages as say
from evtui.sim.actions import Send
from evtui.sim.instant import Instant
from evtui.sim.requests import Refusal
from evtui.sim.station import Station
from evtui.sim.terms import AuthorizationStatus, RegistrationStatus, TransactionEventType

SUBPROTOCOL = "ocpp1.6"

_EMPTY = say.EmptyAnswer()
_NOTED = say.TransactionEventAnswer()
_INVALID = say.TransactionEventAnswer(say.IdTokenInfo(AuthorizationStatus.INVALID))
_NO_TRANSACTION = "unknown"
_RESET_ROW = "v16/reset"


class LastReset(msgspec.Struct, frozen=True):
    """The kind of Reset that was asked for last: its transactions may be told of after it."""

    kind: str = wire.HARD


class V16:
    """The translator of one station."""

    __slots__ = ("_configuration", "_numbering", "_remote_starts", "_reset", "_station", "_statuses", "_transactions")
    watches = True

    def __init__(self, station: Station) -> None:
        self._station = station
        self._numbering = Numbering(station.spec.evses)
        self._transactions = Transactions(station.memory)
        self._configuration = Configuration(station.spec, station.variables, station.memory)
        self._statuses = Statuses()
        self._reset = (station.memory.recall(_RESET_ROW, LastReset) or LastReset()).kind
        self._remote_starts = 0

    # -- what the station says --------------------------------------------------------------------

    def render(self, send: Send) -> Call | say.Answer:
        message = send.message
        match message:
            case say.TransactionEvent():
                return self._transaction_event(message, send.evse_id)
            case say.MeterValues():
                return "MeterValues", self._meter_values(message)
            case say.BootNotification():
                return "BootNotification", wire.boot_notification(message)
            case say.Heartbeat():
                return "Heartbeat", {}
            case say.Authorize(id_token=token):
                return "Authorize", {"idTag": wire.id_tag(token)}
            case say.DataTransfer():
                return "DataTransfer", wire.data_transfer(message)
            case _:
                return _EMPTY  # statuses are told as they are observed

    def _transaction_event(self, event: say.TransactionEvent, evse_id: int) -> Call | say.Answer:
        """StartTransaction for the first event that knows a driver, StopTransaction for the last, MeterValues for those
        that bring some. In between, the outbox keeps the order: none goes before StartTransaction was answered, or
        given up."""
        begun = self._transactions.get(event.transaction_id)
        if begun is None or begun.seq_no is None or begun.seq_no == event.seq_no:
            return self._start(event, evse_id, begun)
        number = NEVER_ANSWERED if begun.number is None else begun.number
        if event.event_type is TransactionEventType.ENDED:
            return "StopTransaction", wire.stop_transaction(event, number, self._reset)
        values = wire.of_its_own(event.meter_values)
        return ("MeterValues", wire.meter_values(begun.connector_id, number, values)) if values else _NOTED

    def _start(self, event: say.TransactionEvent, evse_id: int, begun: Begun | None) -> Call | say.Answer:
        """A transaction that nobody is authorized for has not begun yet, in 1.6's sense."""
        if event.event_type is TransactionEventType.ENDED:
            self._transactions.forget(event.transaction_id)
            return _NOTED
        connector_id = self._numbering.number(evse_id, event.connector_id) if begun is None else begun.connector_id
        if event.id_token is None:
            if event.connector_id is not None:
                self._transactions.put(event.transaction_id, Begun(connector_id))
            return _NOTED
        try:
            tag = wire.id_tag(event.id_token)
        except ProtocolError:
            return _INVALID  # no CSMS of 1.6 can know it
        self._transactions.put(event.transaction_id, Begun(connector_id, event.seq_no))
        return "StartTransaction", wire.start_transaction(event, connector_id, tag)

    def _meter_values(self, message: say.MeterValues) -> Payload:
        """Clock-aligned ones, of the transaction that ran there when they were taken (ERR-16 3.16)."""
        begun = None if message.transaction_id is None else self._transactions.get(message.transaction_id)
        if begun is not None:
            return wire.meter_values(begun.connector_id, begun.number, message.meter_values)
        return wire.meter_values(self._numbering.number(message.evse_id), None, message.meter_values)

    # -- what it is answered ----------------------------------------------------------------------

    def parse_answer(self, message: say.Message, payload: object) -> say.Answer:
        match message:
            case say.TransactionEvent():
                return self._transaction_answer(message, payload)
            case say.BootNotification():
                answer = wire.boot_answer(payload)
                if answer.status is RegistrationStatus.ACCEPTED:
                    self._statuses.booted()
                return answer
            case say.Heartbeat():
                return wire.heartbeat_answer(payload)
            case say.Authorize():
                return wire.authorize_answer(payload)
            case say.DataTransfer():
                return wire.data_transfer_answer(payload)
            case _:
                return _EMPTY

    def _transaction_answer(self, event: say.TransactionEvent, payload: object) -> say.Answer:
        begun = self._transactions.get(event.transaction_id)
        if begun is not None and begun.seq_no == event.seq_no:
            number, answer = wire.start_answer(payload)
            self._transactions.put(event.transaction_id, msgspec.structs.replace(begun, number=number))
            return answer
        if event.event_type is not TransactionEventType.ENDED:
            return _NOTED
        self._transactions.forget(event.transaction_id)
        return wire.stop_answer(payload)

    # -- what the CSMS asks -----------------------------------------------------------------------

    def parse_request(self, action: str, payload: Mapping[str, Any]) -> Asked | Payload | Refusal:
        return _REQUESTS[action](self, payload)

    def _remote_start(self, payload: Mapping[str, Any]) -> Asked:
        self._remote_starts += 1
        return v16_requests.remote_start(payload, self._numbering, self._remote_starts)

    def _remote_stop(self, payload: Mapping[str, Any]) -> Asked:
        return v16_requests.remote_stop(self._transactions.find(payload["transactionId"]) or _NO_TRANSACTION)

    def _ask_for_reset(self, payload: Mapping[str, Any]) -> Asked:
        self._reset = payload["type"]
        self._station.memory.keep(_RESET_ROW, LastReset(self._reset))
        return v16_requests.reset()

    # -- what 1.6 wants told beside that ----------------------------------------------------------

    def number_of(self, transaction_id: str) -> int | None:
        begun = self._transactions.get(transaction_id)
        return None if begun is None else begun.number

    def linked(self) -> None:
        self._statuses.linked()

    def observe(self, now: Instant) -> Sequence[Call]:
        station = self._station
        operative = station.operative(WHOLE, WHOLE)
        news = self._statuses.news(station.uses, operative=operative, fault=station.fault)
        return [("StatusNotification", self._status(*each, now)) for each in news]

    def _status(self, number: int, told: Told, now: Instant) -> Payload:
        payload = wire.status_notification(number, told.status, told.error, self._station.clock.read(now))
        if told.info:
            payload["info"] = told.info
        if told.vendor_error:
            payload["vendorErrorCode"] = told.vendor_error
        return payload

    def noted(self, call: Call) -> None:
        _, payload = call
        info, vendor_error = payload.get("info", ""), payload.get("vendorErrorCode", "")
        told = Told(Status(payload["status"]), info, payload["errorCode"], vendor_error)
        self._statuses.noted(payload["connectorId"], told)


_REQUESTS: Mapping[str, Callable[[V16, Mapping[str, Any]], Asked | Payload | Refusal]] = {
    "ChangeAvailability": lambda it, p: v16_requests.change_availability(p, it._numbering),
    "ChangeConfiguration": lambda it, p: it._configuration.change(p["key"], p["value"]),
    "ClearCache": lambda it, p: v16_requests.clear_cache(),
    "DataTransfer": lambda it, p: v16_requests.data_transfer(p),
    "GetConfiguration": lambda it, p: it._configuration.get(p.get("key", ())),
    "RemoteStartTransaction": V16._remote_start,
    "RemoteStopTransaction": V16._remote_stop,
    "Reset": V16._ask_for_reset,
    "UnlockConnector": lambda it, p: v16_requests.unlock_connector(p, it._numbering),
}

ACTIONS = frozenset(_REQUESTS)
"""The requests of the core profile: all of them."""
