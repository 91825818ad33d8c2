"""The conversation with the CSMS: what is told when a link is there, and what its answers do (B01-B04, E05, G01)."""

from collections.abc import Sequence
from datetime import datetime

from evtui.sim.actions import NoticeKind
from evtui.sim.connector import Connector
from evtui.sim.data_transfers import DataTransfers
from evtui.sim.diagnostics.diagnostics import Diagnostics
from evtui.sim.diagnostics.security_log import SecurityEventType
from evtui.sim.events import Answered, ConnectFailed, Failed, Linked, LinkLost
from evtui.sim.evse import Evse
from evtui.sim.faults import Faults
from evtui.sim.flows import Flow
from evtui.sim.instant import Instant
from evtui.sim.link.line import HEARTBEAT_INTERVAL, Line
from evtui.sim.link.outbox import Lane
from evtui.sim.link.uplink import Uplink
from evtui.sim.messages import (
    Authorize,
    AuthorizeAnswer,
    BootAnswer,
    BootNotification,
    DataTransfer,
    DataTransferAnswer,
    HeartbeatAnswer,
    IdTokenInfo,
    StatusNotification,
    TransactionEvent,
    TransactionEventAnswer,
)
from evtui.sim.messages import Heartbeat as HeartbeatMessage
from evtui.sim.metering.aligned import AlignedData
from evtui.sim.reader import Reader
from evtui.sim.station_clock import StationClock
from evtui.sim.surroundings import Say
from evtui.sim.terms import BootReason
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.notify_event import NotifyEvent

_LONGEST_INTERVAL_S = 2**31 - 1
_LOST = "the link was lost before the CSMS answered"


class Conversation:
    """One station's side of it, over whichever link there is."""

    __slots__ = (
        "_aligned",
        "_clock",
        "_diagnostics",
        "_doubted",
        "_evses",
        "_faults",
        "_flow",
        "_line",
        "_model",
        "_reader",
        "_say",
        "_startup",
        "_transfers",
        "_uplink",
    )

    def __init__(
        self,
        flow: Flow,
        model: DeviceModel,
        clock: StationClock,
        line: Line,
        uplink: Uplink,
        evses: Sequence[Evse],
        reader: Reader,
        aligned: AlignedData,
        diagnostics: Diagnostics,
        faults: Faults,
        transfers: DataTransfers,
        say: Say,
        cause: BootReason,
    ) -> None:
        self._flow = flow
        self._model = model
        self._clock = clock
        self._line = line
        self._uplink = uplink
        self._evses = evses
        self._reader = reader
        self._aligned = aligned
        self._diagnostics = diagnostics
        self._faults = faults
        self._transfers = transfers
        self._say = say
        up = cause is BootReason.POWER_UP
        self._startup: SecurityEventType | None = (  # until it is told
            SecurityEventType.STARTUP if up else SecurityEventType.RESET_OR_REBOOT
        )
        self._doubted = False  # on this link the CSMS has said that it does not know the station

    # -- the link ---------------------------------------------------------------------------------

    def restart(self, reason: BootReason) -> None:
        """The station starts again, and has to be accepted again."""
        self._line.restart(reason)
        self._uplink.rebooted()
        self._startup = SecurityEventType.RESET_OR_REBOOT

    def unreachable(self, event: ConnectFailed, now: Instant) -> None:
        """An attempt to connect failed."""
        self._diagnostics.unreachable(event.text, now)
        self._uplink.failed(event, now)

    def up(self, event: Linked, now: Instant) -> None:
        """An accepted station tells which connectors changed; all of them after more than OfflineThreshold (B04).
        Another CSMS has to accept it first (B10.FR.10)."""
        slot = event.slot or self._uplink.network.slot
        self._diagnostics.connected(slot, now)
        self._line.keeps_values = event.keeps_values
        if self._line.linked:
            self.down(now)
        if self._uplink.connected(slot, now):
            self._line.restart(BootReason.UNKNOWN)
        self._doubted = False
        gone_s = self._line.up(now.elapsed_s)
        if self._line.registration.accepted:
            everything = gone_s > self._model.integer("OCPPCommCtrlr.OfflineThreshold")
            self._report_connectors(now, everything=everything)
            self._faults.tell_all(now)

    def lost(self, event: LinkLost, now: Instant) -> None:
        """The link broke off, or the CSMS closed it."""
        self._diagnostics.write(f"disconnected from the CSMS: {event.reason}", now)
        self.down(now)

    def down(self, now: Instant) -> None:
        """There is no link any more. Transactions go on; what is not kept is dropped."""
        if not self._line.linked:
            return
        for entry in self._line.down(now.elapsed_s):
            match entry.message:
                case Authorize(id_token=id_token):
                    evse = self._evses[entry.evse_id - 1]
                    self._reader.unanswered(evse, id_token, _LOST, now)
                case DataTransfer():
                    self._transfers.failed(_LOST)
                case StatusNotification(evse_id=evse_id, connector_id=connector_id):
                    self._evses[evse_id - 1].connectors[connector_id - 1].told = None  # who knows what it has heard
                case _:
                    pass

    def _report_connectors(self, now: Instant, *, everything: bool) -> None:
        for evse in self._evses:
            for connector in evse.connectors:
                if everything or connector.status is not connector.told:
                    self._line.put(self.status(evse.id, connector, now), evse.id, Lane.FIRST)

    # -- what the CSMS says -----------------------------------------------------------------------

    def answered(self, event: Answered, now: Instant) -> None:
        entry = self._line.answered(event.ref)
        if entry is None:
            return
        message, answer = entry.message, event.answer
        if isinstance(message, TransactionEvent):  # nearly all
            if isinstance(answer, TransactionEventAnswer) and answer.info is not None:
                self._judged(entry.evse_id, message, answer.info, now)
            return
        match message, answer:
            case StatusNotification() as told, _:
                self._noted(told)
            case Authorize(id_token=id_token), AuthorizeAnswer(info=info):
                self._reader.answered(self._evses[entry.evse_id - 1], id_token, info, now)
            case DataTransfer(), DataTransferAnswer() as reply:
                self._transfers.answered(reply)
            case BootNotification(), BootAnswer() as boot:
                self._booted(boot, now)
            case BootNotification(), _:
                self._line.registration.failed(now.elapsed_s)
            case HeartbeatMessage(), HeartbeatAnswer(current_time=told_time):
                self._set_clock(told_time, now)
            case _:
                pass

    def _booted(self, answer: BootAnswer, now: Instant) -> None:
        """The clock; and after Accepted the interval, the status of every connector, then what has queued up (B01)."""
        self._line.registration.answered(answer, now.elapsed_s)
        self._say(NoticeKind.BOOT, answer.status)
        self._set_clock(answer.current_time, now)
        if not self._line.registration.accepted:
            return
        self._line.booted(now.elapsed_s)
        if answer.interval_s > 0:
            self._model.set_local(HEARTBEAT_INTERVAL, str(min(answer.interval_s, _LONGEST_INTERVAL_S)))
        self._report_connectors(now, everything=True)
        if self._startup is not None:
            self._diagnostics.alarm(self._startup, now, silent=not self._flow.startup_event)
            self._startup = None
        self._faults.tell_all(now)
        for evse in self._evses:
            evse.reconsider(now)

    def _set_clock(self, told: datetime, now: Instant) -> None:
        if "Heartbeat" not in self._model.members("ClockCtrlr.TimeSource"):
            return
        try:
            moved_s = self._clock.set(told, now)
        except ValueError as error:
            self._say(NoticeKind.WARNING, f"the CSMS's time is {error}: the clock stays as it is")
            return
        if moved_s is not None:
            self._say(NoticeKind.WARNING, f"the CSMS moved the clock by {moved_s:+.1f} s")
            if abs(moved_s) > self._model.integer("ClockCtrlr.TimeAdjustmentReportingThreshold"):
                self._diagnostics.alarm(SecurityEventType.SETTING_SYSTEM_TIME, now, f"moved by {moved_s:+.1f} s")
            self._aligned.keep_to_intervals(now, clock_set=True)

    def _judged(self, evse_id: int, asked: TransactionEvent, info: IdTokenInfo, now: Instant) -> None:
        if asked.id_token is None:
            return
        self._reader.learn(asked.id_token, info, now)
        evse = self._evses[evse_id - 1]
        if evse.transaction is not None and evse.transaction.id == asked.transaction_id:
            self._reader.judged(evse, asked.id_token, info, now)

    def _noted(self, told: StatusNotification) -> None:
        self._evses[told.evse_id - 1].connectors[told.connector_id - 1].told = told.status

    def failed(self, event: Failed, now: Instant) -> None:
        failure = self._line.failed(event.ref, now.elapsed_s)
        if failure is None:
            return
        entry, given_up = failure
        what = type(entry.message).__name__
        code = event.code if event.code.isidentifier() else "an unreadable error"
        if code == "SecurityError":
            self._doubt()
        match entry.message:
            case BootNotification():
                self._line.registration.failed(now.elapsed_s)
            case StatusNotification() as told:
                self._noted(told)
            case Authorize(id_token=id_token):
                self._reader.unanswered(
                    self._evses[entry.evse_id - 1], id_token, f"the CSMS did not judge it ({code})", now
                )
                return
            case DataTransfer() if given_up:
                self._transfers.failed(code)
                return
            case _:
                pass
        if entry.kept and given_up and not isinstance(entry.message, NotifyEvent):
            transaction_id = None
            if isinstance(entry.message, TransactionEvent):
                transaction_id = entry.message.transaction_id
                what = f"{what} of {transaction_id}, seqNo {entry.message.seq_no},"
            text = f"{what} failed {entry.attempt} times ({code})"
            self._say(NoticeKind.DISCARDED, text, entry.evse_id, transaction_id)
        else:
            self._say(NoticeKind.WARNING, f"{what} failed ({code})", entry.evse_id)

    def _doubt(self) -> None:
        """A CSMS answers so to a station that it has not accepted (B01.FR.10): one that has forgotten about this
        station since. It is asked again, once a link."""
        if self._line.registration.accepted and not self._doubted:
            self._doubted = True
            self._line.restart(BootReason.UNKNOWN)
            self._say(NoticeKind.WARNING, "the CSMS does not know this station any more: it boots again")

    def status(self, evse_id: int, connector: Connector, now: Instant) -> StatusNotification:
        return StatusNotification(self._clock.read(now), evse_id, connector.id, connector.status, connector.fault)
