"""F06: the messages that a CSMS can have sent whenever it wants to see them."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from evtui.sim.diagnostics.diagnostics import Diagnostics
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.link.line import Line
from evtui.sim.messages import FirmwareStatus, Heartbeat, Message, MeterValues, StatusNotification
from evtui.sim.metering import sampling
from evtui.sim.requests import MessageTrigger, StatusAnswer, StatusInfo, TriggerMessage
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import ReadingContext
from evtui.sim.variables.device_model import DeviceModel

Effect = Callable[[Instant], None]
Triggered = Effect | StatusInfo
"""What sends the messages, or why they are not sent."""

_IDLE = "Idle"


class Triggers:
    """Gives the answer to a TriggerMessage, and what sends the message after it (F06.FR.04)."""

    __slots__ = ("_clock", "_diagnostics", "_evses", "_line", "_model")

    def __init__(
        self, model: DeviceModel, clock: StationClock, line: Line, evses: Sequence[Evse], diagnostics: Diagnostics
    ) -> None:
        self._model = model
        self._clock = clock
        self._line = line
        self._evses = evses
        self._diagnostics = diagnostics

    def pull(self, request: TriggerMessage) -> tuple[StatusAnswer, Effect | None]:
        """What is not known here is NotImplemented (F06.FR.08)."""
        handler = _MESSAGES.get(request.requested)
        if handler is None:
            return StatusAnswer("NotImplemented"), None
        triggered = handler(self, request)
        if isinstance(triggered, StatusInfo):
            return StatusAnswer("Rejected", triggered), None
        return StatusAnswer("Accepted"), triggered

    def _boot(self, request: TriggerMessage) -> Triggered:
        """Only a station that is not accepted boots when it is told to (F06.FR.17)."""
        if self._line.registration.accepted:
            return StatusInfo("InvalidMessageSeq", "the CSMS has accepted this station already")
        return lambda now: self._line.boot_again()

    def _heartbeat(self, request: TriggerMessage) -> Triggered:
        return self._send(Heartbeat())

    def _log_status(self, request: TriggerMessage) -> Triggered:
        return self._send(self._diagnostics.upload.status)

    def _firmware_status(self, request: TriggerMessage) -> Triggered:
        """L01.FR.25: no update is under way, ever."""
        return self._send(FirmwareStatus(_IDLE))

    def _status(self, request: TriggerMessage) -> Triggered:
        """Of one connector, which must be named (F06.FR.12)."""
        place = request.evse
        if place is None or place.connector_id is None:
            return StatusInfo("MissingParam", "of which EVSE and connector?")
        found = self._named(request)
        if isinstance(found, StatusInfo):
            return found
        (evse,) = found
        if not 1 <= place.connector_id <= len(evse.connectors):
            return StatusInfo("UnknownConnectorId")
        connector = evse.connectors[place.connector_id - 1]

        def send(now: Instant) -> None:
            at = self._clock.read(now)
            status = StatusNotification(at, evse.id, connector.id, connector.status, connector.fault)
            self._line.put_asked(status, evse.id)

        return send

    def _meter_values(self, request: TriggerMessage) -> Triggered:
        """The measurands of clock-aligned data (F06.FR.06)."""
        found = self._named(request)
        if isinstance(found, StatusInfo):
            return found
        if not self._model.flag("AlignedDataCtrlr.Enabled"):
            return StatusInfo("NotEnabled", "AlignedDataCtrlr.Enabled is false")
        measurands = self._model.members("AlignedDataCtrlr.Measurands")
        if not any(sampling.can(evse.charging, measurands) for evse in found):
            return StatusInfo("NotEnabled", "nothing in AlignedDataCtrlr.Measurands can be measured there now")

        by_phase = sampling.by_phase(self._model)

        def send(now: Instant) -> None:
            for evse in found:
                at = self._clock.read(now)
                values = sampling.take(evse.charging, measurands, ReadingContext.TRIGGER, at, by_phase=by_phase)
                if values:
                    self._line.put_asked(MeterValues(evse.id, values), evse.id)

        return send

    def _transaction(self, request: TriggerMessage) -> Triggered:
        """Of each transaction that runs (F06.FR.07). Before Accepted its events wait their turn, so none can be had."""
        if not self._line.registration.accepted:
            return StatusInfo("CSNotAccepted", "its events wait until the CSMS accepts this station")
        found = self._named(request)
        if isinstance(found, StatusInfo):
            return found
        running = [evse for evse in found if evse.transaction is not None]
        if not running:
            return StatusInfo("TxNotFound")

        def send(now: Instant) -> None:
            for evse in running:
                if evse.transaction is not None:
                    evse.recorder.triggered_sample(now)

        return send

    def _send(self, message: Message) -> Effect:
        def send(now: Instant) -> None:
            self._line.put_asked(message)

        return send

    def _named(self, request: TriggerMessage) -> Sequence[Evse] | StatusInfo:
        """The EVSE of the request, or all of them when it names none (F06.FR.11)."""
        if request.evse is None:
            return self._evses
        if 1 <= request.evse.id <= len(self._evses):
            return (self._evses[request.evse.id - 1],)
        return StatusInfo("UnknownEvse")


_MESSAGES: Mapping[MessageTrigger, Callable[[Triggers, TriggerMessage], Triggered]] = MappingProxyType(
    {
        MessageTrigger.BOOT_NOTIFICATION: Triggers._boot,
        MessageTrigger.LOG_STATUS_NOTIFICATION: Triggers._log_status,
        MessageTrigger.FIRMWARE_STATUS_NOTIFICATION: Triggers._firmware_status,
        MessageTrigger.HEARTBEAT: Triggers._heartbeat,
        MessageTrigger.METER_VALUES: Triggers._meter_values,
        MessageTrigger.STATUS_NOTIFICATION: Triggers._status,
        MessageTrigger.TRANSACTION_EVENT: Triggers._transaction,
    }
)
