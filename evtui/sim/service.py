"""What a CSMS asks for, and what comes of it: each request is answered first, then follows what the answer promises."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from evtui.sim.actions import NoticeKind, Reply
from evtui.sim.authorization import is_master
from evtui.sim.availability import STATION, Availability
from evtui.sim.data_transfers import DataTransfers
from evtui.sim.diagnostics.diagnostics import Diagnostics
from evtui.sim.events import Requested
from evtui.sim.evse import Evse
from evtui.sim.evse_resets import EvseResets
from evtui.sim.instant import Instant
from evtui.sim.link.line import Line
from evtui.sim.link.uplink import Uplink
from evtui.sim.local_list import too_long
from evtui.sim.local_tokens import LocalTokens
from evtui.sim.messages import DataTransfer, DataTransferAnswer
from evtui.sim.reader import Reader
from evtui.sim.requests import (
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    CustomerInformation,
    GetBaseReport,
    GetLocalListVersion,
    GetLog,
    GetReport,
    GetTransactionStatus,
    GetVariables,
    LogAnswer,
    OperationalStatus,
    Refusal,
    Request,
    RequestAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
    ReserveNow,
    Reset,
    ResetType,
    SendLocalList,
    SetNetworkProfile,
    SetVariables,
    StartAnswer,
    StatusAnswer,
    StatusInfo,
    TransactionStatusAnswer,
    TriggerMessage,
    UnlockConnector,
)
from evtui.sim.reservations import Reservations
from evtui.sim.station_clock import StationClock
from evtui.sim.station_resets import StationResets
from evtui.sim.terms import BootReason, StoppedReason, TriggerReason, TxPoint
from evtui.sim.triggers import Triggers
from evtui.sim.variables import provisioning
from evtui.sim.variables.changes import Changes
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.reports import EvseRef, ReportRow

Effect = Callable[[Instant], None]
Served = tuple[RequestAnswer, Effect | None]
"""The answer, and what follows it."""

_PAGES_WAITING = 20
"""Pages of reports that may wait when another report is asked for."""


class Back(Protocol):
    """The station behind the service."""

    @property
    def resets(self) -> bool:
        """A reset waits: nothing begins any more."""

    def act(self, action: Reply) -> None:
        """Has an answer sent."""

    def say(self, kind: NoticeKind, text: str) -> None:
        """A notice."""


class Service:
    """Serves one station's CSMS."""

    __slots__ = (
        "_availability",
        "_changes",
        "_clock",
        "_diagnostics",
        "_evse_resets",
        "_evses",
        "_line",
        "_model",
        "_reader",
        "_reservations",
        "_station",
        "_station_resets",
        "_tokens",
        "_transfers",
        "_triggers",
        "_uplink",
    )

    def __init__(
        self,
        station: Back,
        model: DeviceModel,
        clock: StationClock,
        line: Line,
        uplink: Uplink,
        evses: Sequence[Evse],
        reader: Reader,
        tokens: LocalTokens,
        availability: Availability,
        diagnostics: Diagnostics,
        reservations: Reservations,
        evse_resets: EvseResets,
        station_resets: StationResets,
        changes: Changes,
        transfers: DataTransfers,
    ) -> None:
        self._station = station
        self._model = model
        self._clock = clock
        self._line = line
        self._uplink = uplink
        self._evses = evses
        self._reader = reader
        self._tokens = tokens
        self._availability = availability
        self._diagnostics = diagnostics
        self._reservations = reservations
        self._evse_resets = evse_resets
        self._station_resets = station_resets
        self._changes = changes
        self._transfers = transfers
        self._triggers = Triggers(model, clock, line, evses, diagnostics)

    def serve(self, event: Requested, now: Instant) -> None:
        """The answer goes out before what it promises (F01 to F06: "the response first")."""
        request = event.request
        answer, effect = self._answer(request, event.size, now)
        self._station.act(Reply(event.ref, answer))
        text = told(request, answer)
        if text:
            self._station.say(NoticeKind.REQUEST, text)
        else:
            self._diagnostics.write(f"request: {type(request).__name__}, answered", now)
        if effect is not None:
            effect(now)

    def _answer(self, request: Request, size: int, now: Instant) -> Served:
        """`size` is that of the message, in bytes. What this station does not do is refused as NotSupported."""
        kind = type(request)
        handler = _HANDLERS.get(kind)
        if handler is None:
            return Refusal("NotSupported", f"{kind.__name__} is not supported here"), None
        refusal = provisioning.too_long(self._model, kind.__name__, size) or too_long(self._model, request, size)
        return handler(self, request, now) if refusal is None else (refusal, None)

    # -- B: variables -----------------------------------------------------------------------------

    def _get_variables(self, request: GetVariables, now: Instant) -> Served:
        return provisioning.get_variables(self._model, request), None

    def _set_variables(self, request: SetVariables, now: Instant) -> Served:
        """What they say holds at once."""
        answer, names = provisioning.set_variables(self._model, request)
        return answer, lambda at: self._changes.obey(names, at)

    def _get_base_report(self, request: GetBaseReport, now: Instant) -> Served:
        return self._report(request.request_id, provisioning.base_report(self._model, request.base))

    def _get_report(self, request: GetReport, now: Instant) -> Served:
        refusal = provisioning.report_limit(self._model, request)
        if refusal is not None:
            return refusal, None
        rows = provisioning.custom_report(self._model, request)
        return self._report(request.request_id, rows) if rows else (StatusAnswer("EmptyResultSet"), None)

    def _report(self, request_id: int, rows: tuple[ReportRow, ...]) -> Served:
        """Its pages follow one after the other (B07.FR.04, B08.FR.04)."""
        if self._line.asked > _PAGES_WAITING:
            return StatusAnswer("Rejected", StatusInfo("Unspecified", "another report is under way")), None

        def send(now: Instant) -> None:
            for page in provisioning.pages(request_id, rows, self._clock.read(now)):
                self._line.put_asked(page)

        return StatusAnswer("Accepted"), send

    def _set_network_profile(self, request: SetNetworkProfile, now: Instant) -> Served:
        answer = self._uplink.network.set(request)
        accepted = answer.status == "Accepted"
        return answer, (lambda at: self._uplink.profile_set(request, at)) if accepted else None

    # -- E, F: transactions -----------------------------------------------------------------------

    def _start(self, request: RequestStartTransaction, now: Instant) -> Served:
        """F01, F02: where it was asked for, or where it fits best. A charging profile is ignored (F01.FR.12)."""
        if not self._line.registration.accepted:
            return StartAnswer("Rejected", info=_NOT_ACCEPTED), None
        if self._station.resets:
            return StartAnswer("Rejected", info=StatusInfo("Unspecified", "the station is about to reset")), None
        if is_master(request.group_id_token, self._model):  # C16.FR.03
            return StartAnswer("Rejected", info=StatusInfo("InvalidIdToken", "a master pass begins nothing")), None
        if request.evse_id is None:
            chosen = [evse for evse in self._evses if self._obstacle(evse, request) is None]
            if not chosen:
                return StartAnswer("Rejected", info=StatusInfo("NotFound", "no EVSE is free")), None
            evse = min(chosen, key=lambda each: (not self._is_expected(each, request), not each.plugged))
        elif 1 <= request.evse_id <= len(self._evses):
            evse = self._evses[request.evse_id - 1]
            obstacle = self._obstacle(evse, request)
            if obstacle is not None:
                return StartAnswer("Rejected", info=obstacle), None
        else:
            return StartAnswer("Rejected", info=StatusInfo("UnknownEvse")), None
        running = None if evse.transaction is None else evse.transaction.id  # F01.FR.13
        return StartAnswer("Accepted", running), lambda at: self._reader.start_remotely(evse, request, at)

    def _is_expected(self, evse: Evse, request: RequestStartTransaction) -> bool:
        return self._reservations.holds_for(evse, request.id_token, request.group_id_token)

    def _obstacle(self, evse: Evse, request: RequestStartTransaction) -> StatusInfo | None:
        """Why no remote start is possible there (F01.FR.21 to 24, F02.FR.23 to 26)."""
        if not evse.bay.operative:
            return StatusInfo("Unspecified", evse.bay.why_inoperative)
        if evse.authorization is not None or evse.asking is not None:
            return StatusInfo("TxInProgress", "another identifier was presented there")
        if evse.transaction is not None and evse.transaction.driver is not None:
            return StatusInfo("TxInProgress", "the transaction there has had its driver")
        if evse.resets:
            return StatusInfo("Unspecified", "this EVSE is about to reset")
        if evse.bay.left:
            return StatusInfo("TxInProgress", "the cable of an earlier driver is still locked there")
        if self._reservations.bars(evse, request.id_token, request.group_id_token):
            return StatusInfo("Unspecified", "this EVSE is reserved for another one")
        return None

    def _stop(self, request: RequestStopTransaction, now: Instant) -> Served:
        """F03: what ends with the authorization is for TxStopPoint to say, also where nobody was authorized yet."""
        if not self._line.registration.accepted:  # B02.FR.05
            return StatusAnswer("Rejected", _NOT_ACCEPTED), None
        evse = self._running(request.transaction_id)
        if evse is None:  # F03.FR.08
            return StatusAnswer("Rejected", StatusInfo("TxNotFound")), None
        unclaimed = evse.authorization is None and not _BY_DRIVER.isdisjoint(self._model.members("TxCtrlr.TxStopPoint"))
        stop = evse.abort if unclaimed else evse.end_authorization  # F03.FR.03
        return StatusAnswer("Accepted"), lambda at: stop(at, TriggerReason.REMOTE_STOP, StoppedReason.REMOTE)

    def _transaction_status(self, request: GetTransactionStatus, now: Instant) -> Served:
        """E14."""
        transaction_id = request.transaction_id
        if transaction_id is None:
            return TransactionStatusAnswer(bool(self._line.transactions)), None
        ongoing = self._running(transaction_id) is not None
        return TransactionStatusAnswer(self._line.holds(transaction_id), ongoing), None

    # -- G: availability --------------------------------------------------------------------------

    def _change_availability(self, request: ChangeAvailability, now: Instant) -> Served:
        """Of a connector, an EVSE, or the station. Where a transaction runs, its end is waited for (G03.FR.05)."""
        operative = request.operational_status is OperationalStatus.OPERATIVE
        place, evses = request.evse or EvseRef(STATION), self._evses
        connector_id = STATION if place.connector_id is None else place.connector_id
        if request.evse is not None:
            if not 1 <= place.id <= len(self._evses):
                return StatusAnswer("Rejected", StatusInfo("UnknownEvse")), None
            evses = (self._evses[place.id - 1],)
            if place.connector_id is not None and not 1 <= connector_id <= len(evses[0].connectors):
                return StatusAnswer("Rejected", StatusInfo("UnknownConnectorId")), None

        def change(now: Instant) -> None:
            self._availability.change(place.id, connector_id, operative)
            for evse in self._evses:
                evse.keep_to_availability(now)

        waits = not operative and any(
            evse.transaction is not None and connector_id in (STATION, evse.bay.connector.id) for evse in evses
        )
        return StatusAnswer("Scheduled", StatusInfo("TxInProgress")) if waits else StatusAnswer("Accepted"), change

    # -- H: reservations --------------------------------------------------------------------------

    def _reserve(self, request: ReserveNow, now: Instant) -> Served:
        if not self._line.registration.accepted:
            return StatusAnswer("Rejected", _NOT_ACCEPTED), None
        return self._reservations.reserve(request, now)

    def _cancel_reservation(self, request: CancelReservation, now: Instant) -> Served:
        return self._reservations.cancel(request)

    # -- B: reset ---------------------------------------------------------------------------------

    def _reset(self, request: Reset, now: Instant) -> Served:
        """B11, B12; of one EVSE as far as its AllowReset says so (B11.FR.09, FR.10)."""
        if request.evse_id is not None:
            if not 1 <= request.evse_id <= len(self._evses):
                return StatusAnswer("Rejected", StatusInfo("UnknownEvse")), None
            if not self._model.flag(f"EVSE({request.evse_id}).AllowReset"):
                return StatusAnswer("Rejected", StatusInfo("UnsupportedParam", "AllowReset is false")), None
            return self._evse_resets.ask(request, self._evses[request.evse_id - 1])
        if request.type is ResetType.IMMEDIATE:
            return StatusAnswer("Accepted"), lambda at: self._station_resets.plan(
                BootReason.REMOTE_RESET, at_once=True, now=at
            )
        idle = self._station_resets.idle
        reason = BootReason.REMOTE_RESET if idle else BootReason.SCHEDULED_RESET
        charging = not all(evse.idle for evse in self._evses)
        busy = StatusInfo("TxInProgress") if charging else StatusInfo("Unspecified", "a log is being uploaded")
        answer = StatusAnswer("Accepted") if idle else StatusAnswer("Scheduled", busy)
        return answer, lambda at: self._station_resets.plan(reason, at_once=False, now=at)

    # -- N: diagnostics ---------------------------------------------------------------------------

    def _get_log(self, request: GetLog, now: Instant) -> Served:
        return self._diagnostics.get_log(request, now)

    def _customer_information(self, request: CustomerInformation, now: Instant) -> Served:
        return self._diagnostics.customer_information(request, now)

    # -- C, D, F, P: the rest ---------------------------------------------------------------------

    def _trigger(self, request: TriggerMessage, now: Instant) -> Served:
        return self._triggers.pull(request)

    def _unlock(self, request: UnlockConnector, now: Instant) -> Served:
        """F05: never under a driver who charges; a lock that is open already is opened all the same (F05.FR.06)."""
        if not 1 <= request.evse_id <= len(self._evses):
            return StatusAnswer("UnknownConnector", StatusInfo("UnknownEvse")), None
        evse = self._evses[request.evse_id - 1]
        if not 1 <= request.connector_id <= len(evse.connectors):
            return StatusAnswer("UnknownConnector", StatusInfo("UnknownConnectorId")), None
        connector = evse.connectors[request.connector_id - 1]
        here = connector is evse.bay.connector
        charges = here and evse.transaction is not None and evse.authorization is not None
        if charges and not request.ends_transaction:
            return StatusAnswer("OngoingAuthorizedTransaction", StatusInfo("TxInProgress")), None
        if not connector.spec.type.is_socket:
            return StatusAnswer("UnlockFailed", StatusInfo("FixedCable")), None
        if connector.jammed:
            return StatusAnswer("UnlockFailed", StatusInfo("Unspecified", "the lock does not work")), None
        if charges:
            return StatusAnswer("Unlocked"), lambda at: evse.end_authorization(
                at, TriggerReason.UNLOCK_COMMAND, StoppedReason.OTHER
            )
        return StatusAnswer("Unlocked"), evse.unlock if here else None

    def _clear_cache(self, request: ClearCache, now: Instant) -> Served:
        return self._tokens.clear_cache()

    def _list_version(self, request: GetLocalListVersion, now: Instant) -> Served:
        return self._tokens.list_version()

    def _update_list(self, request: SendLocalList, now: Instant) -> Served:
        return self._tokens.update_list(request)

    def _transfer(self, request: DataTransfer, now: Instant) -> Served:
        return self._transfers.reply(request), None

    def _running(self, transaction_id: str) -> Evse | None:
        for evse in self._evses:
            if evse.transaction is not None and evse.transaction.id == transaction_id:
                return evse
        return None


_NOT_ACCEPTED = StatusInfo("CSNotAccepted")
_BY_DRIVER = frozenset({TxPoint.AUTHORIZED, TxPoint.POWER_PATH_CLOSED})


_HANDLERS: Mapping[type[Request], Callable[..., Served]] = MappingProxyType(
    {
        GetVariables: Service._get_variables,
        SetVariables: Service._set_variables,
        GetBaseReport: Service._get_base_report,
        GetReport: Service._get_report,
        SetNetworkProfile: Service._set_network_profile,
        RequestStartTransaction: Service._start,
        RequestStopTransaction: Service._stop,
        GetTransactionStatus: Service._transaction_status,
        TriggerMessage: Service._trigger,
        ChangeAvailability: Service._change_availability,
        ReserveNow: Service._reserve,
        CancelReservation: Service._cancel_reservation,
        Reset: Service._reset,
        UnlockConnector: Service._unlock,
        ClearCache: Service._clear_cache,
        GetLocalListVersion: Service._list_version,
        SendLocalList: Service._update_list,
        DataTransfer: Service._transfer,
        GetLog: Service._get_log,
        CustomerInformation: Service._customer_information,
    }
)

_FACTS = (GetVariables, GetBaseReport, GetReport, GetTransactionStatus, GetLocalListVersion)


def told(request: Request, answer: RequestAnswer) -> str:
    """What people read of it; nothing of what only asks for facts."""
    name = type(request).__name__
    if isinstance(request, _FACTS):
        return ""
    match answer:
        case (
            StatusAnswer(status=status, info=info)
            | StartAnswer(status=status, info=info)
            | LogAnswer(status=status, info=info)
        ):
            why = "" if info is None else f", {info.additional_info or info.reason_code}"
            return f"{name}: {status}{why}"
        case DataTransferAnswer(status=status):
            return f"{name}: {status}"
        case Refusal(code=code, description=description):
            return f"{name}: {code}, {description}"
        case _:
            return ""
