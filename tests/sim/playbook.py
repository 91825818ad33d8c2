"""Playbooks: this comes in, that goes out. A station, a CSMS that answers as told, and time that is handed in."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

import msgspec

from evtui.sim.actions import (
    Action,
    CancelUpload,
    ForgetCustomer,
    Hangup,
    Notice,
    NoticeKind,
    Persist,
    Reply,
    Send,
    Upload,
)
from evtui.sim.events import (
    Answered,
    ClearFaults,
    ConnectFailed,
    ConnectTrouble,
    Event,
    Failed,
    Fault,
    Linked,
    LinkLost,
    PlugIn,
    PresentToken,
    Requested,
    SetVariable,
    StopLocally,
    Tick,
    Unplug,
)
from evtui.sim.evse_memory import record
from evtui.sim.evse_record import EvseRecord, evse_key
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.instant import Instant
from evtui.sim.link.network_profile import NetworkSpec
from evtui.sim.link.passwords import PASSWORD
from evtui.sim.memory import Memory
from evtui.sim.messages import (
    Answer,
    Authorize,
    AuthorizeAnswer,
    BootAnswer,
    BootNotification,
    DataTransfer,
    DataTransferAnswer,
    EmptyAnswer,
    FirmwareStatus,
    Heartbeat,
    HeartbeatAnswer,
    IdToken,
    IdTokenInfo,
    LogStatus,
    Message,
    MeterValues,
    NotifyCustomerInformation,
    ReservationStatusUpdate,
    SecurityEvent,
    StatusNotification,
    TransactionEvent,
    TransactionEventAnswer,
)
from evtui.sim.metering.reading import EvseReading
from evtui.sim.requests import Request, RequestAnswer, Reset, SetVariables
from evtui.sim.spec import EvseSpec, StationSpec, TransferReply
from evtui.sim.station import Station
from evtui.sim.terms import AuthorizationStatus, BootReason, DataTransferStatus, RegistrationStatus
from evtui.sim.variables.notify_event import EventData, NotifyEvent
from evtui.sim.variables.reports import NotifyReport

BEGIN = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)
CARD = IdToken("DEADBEEF")
OTHER_CARD = IdToken("CAFE")

Reaction = Answer | Failed | None
"""What a CSMS does with a message: answers, fails it, or keeps silent. `ref` of a Failed does not matter."""


class Csms:
    """Accepts everything, unless told otherwise for a kind of message."""

    def __init__(self) -> None:
        self.boot = RegistrationStatus.ACCEPTED
        self.interval_s = 300
        self.tokens: dict[str, IdTokenInfo] = {}
        self.clock_off_s = 0.0
        self.replies: dict[type[Message], Callable[[], Reaction]] = {}

    def fail(self, kind: type[Message], code: str = "InternalError") -> None:
        """From now on such messages get a CALLERROR, or with "Timeout" no answer in time."""
        self.replies[kind] = lambda: Failed(0, code)

    def keep_silent(self, kind: type[Message]) -> None:
        """From now on such messages stay unanswered."""
        self.replies[kind] = lambda: None

    def behave(self, kind: type[Message]) -> None:
        """Such messages are answered again."""
        del self.replies[kind]

    def token(self, id_token: IdToken) -> IdTokenInfo:
        """What it thinks of an identifier."""
        return self.tokens.get(id_token.id_token, IdTokenInfo(AuthorizationStatus.ACCEPTED))

    def reply(self, message: Message, now: Instant) -> Reaction:
        """Its reaction to a message."""
        if type(message) in self.replies:
            return self.replies[type(message)]()
        time = now.utc + timedelta(seconds=self.clock_off_s)
        match message:
            case BootNotification():
                return BootAnswer(self.boot, self.interval_s, time)
            case Heartbeat():
                return HeartbeatAnswer(time)
            case Authorize(id_token=id_token):
                return AuthorizeAnswer(self.token(id_token))
            case DataTransfer():
                return DataTransferAnswer(DataTransferStatus.UNKNOWN_VENDOR_ID)
            case TransactionEvent(id_token=id_token):
                return TransactionEventAnswer(self.token(id_token) if id_token is not None else None)
            case _:
                return EmptyAnswer()


class Playbook:
    """Everything that a station does, in order: `sent`, `notices`. Each step gives what was sent because of it."""

    def __init__(
        self,
        flow: str = "conformant",
        evses: tuple[EvseSpec, ...] = (EvseSpec(),),
        speed: float = 60.0,
        seed: int = 0,
        variables: dict[str, str] | None = None,
        begin: datetime = BEGIN,
        make: type[Station] = Station,
        network: NetworkSpec | None = None,
        resume_on_boot: bool = False,
        data_transfer: tuple[TransferReply, ...] = (),
    ) -> None:
        self.csms = Csms()
        self.elapsed_s = 0.0
        self.speed = speed
        self.sent: list[Send] = []
        self.taken: list[Message] = []  # what the CSMS has answered, not failed
        self.notices: list[Notice] = []
        self.answers: list[Reply] = []
        self.outstanding: Send | None = None
        self.linked = False
        self.standing: list[RegistrationStatus | None] = []  # of the registration, at each message sent
        self.hangups = 0
        self.uploads: list[Upload] = []
        self.cancelled: list[int] = []
        self.forgotten: list[str] = []
        self._may_hang_up = False
        self._begin = begin
        self.kept: dict[str, bytes] = {}  # the station's memory, as it is written
        self._numbers = count(1)
        self._make = make
        self.spec = StationSpec(
            "CP001",
            evses=evses,
            flow=flow,
            seed=seed,
            variables=variables or {},
            network=network or NetworkSpec(),
            resume_on_boot=resume_on_boot,
            data_transfer=data_transfer,
        )
        self.station = self._new_station()

    @property
    def now(self) -> Instant:
        return Instant(self._begin + timedelta(seconds=self.elapsed_s), self.elapsed_s, self.elapsed_s * self.speed)

    def _new_station(self, cause: BootReason = BootReason.POWER_UP) -> Station:
        memory = Memory(self.kept)
        return self._make(self.spec, self.now, self.speed, lambda: f"tx-{next(self._numbers)}", memory, cause)

    # -- what comes in ----------------------------------------------------------------------------

    def event(self, event: Event) -> list[Message]:
        """Hands an event in, lets the CSMS answer what comes out of it, and so on."""
        before = len(self.sent)
        waiting = [event]
        while waiting:
            actions = self.station.handle(waiting.pop(0), self.now)
            wire = [type(action) for action in actions if not isinstance(action, Notice)]
            assert Persist not in wire[1:], "what is kept is written first"
            assert Reply not in wire[1 + (Persist in wire) :], "the answer goes first"
            for evse in self.station._evses:
                kept = self.station.memory.recall(evse_key(evse.id), EvseRecord)
                assert kept in (None, record(evse)), "whatever has changed is kept"
            for action in actions:
                waiting.extend(self._carry_out(action))
        return [send.message for send in self.sent[before:]]

    def _carry_out(self, action: Action) -> Iterable[Event]:
        match action:
            case Persist(rows=rows):
                for key, record in rows.items():
                    if record is None:
                        del self.kept[key]
                    else:
                        self.kept[key] = msgspec.msgpack.encode(record)
            case Notice():
                self.notices.append(action)
            case Send():
                assert self.outstanding is None, "a second CALL while one is in flight"
                self.sent.append(action)
                self.standing.append(self.station.registration)
                match self.csms.reply(action.message, self.now):
                    case None:
                        self.outstanding = action
                    case Failed(code=code):
                        yield Failed(action.ref, code)
                    case answer:
                        self.taken.append(action.message)
                        yield Answered(action.ref, answer)
            case Upload():
                self.uploads.append(action)
            case CancelUpload():
                self.cancelled.append(action.ref)
            case ForgetCustomer():
                self.forgotten += action.transaction_ids
            case Reply():
                self.answers.append(action)
            case Hangup():
                assert self._may_hang_up, "no hang-up was asked for"
                self.hangups += 1
                self.linked = False
                self.outstanding = None

    def link(self) -> list[Message]:
        self.linked = True
        return self.event(Linked())

    def fail_to_connect(self, trouble: ConnectTrouble = ConnectTrouble.OTHER, times: int = 1) -> list[Message]:
        """So many attempts to connect fail, all in the same way."""
        return [each for _ in range(times) for each in self.event(ConnectFailed(trouble, "it did not work"))]

    def lose_link(self) -> list[Message]:
        self.linked = False
        self.outstanding = None
        return self.event(LinkLost("gone"))

    def cut_power(self, seconds: float = 5.0, cause: BootReason = BootReason.POWER_UP) -> None:
        """The station goes dark at this moment and starts again after so many seconds, from what it has kept."""
        self.linked = False
        self.outstanding = None
        self.elapsed_s += seconds
        self.station = self._new_station(cause)
        self.wait(0.0)

    def ask(self, request: Request, size: int = 100) -> tuple[RequestAnswer, list[Message]]:
        """The CSMS asks: what it is answered, and what is sent because of it."""
        self._may_hang_up |= isinstance(request, Reset | SetVariables)
        ref = f"ask-{len(self.answers)}"
        sent = self.event(Requested(ref, request, size))
        reply = self.answers[-1]
        assert reply.ref == ref
        return reply.answer, sent

    def plug_in(self, evse_id: int = 1, connector_id: int = 1, ev: str | None = None) -> list[Message]:
        return self.event(PlugIn(evse_id, connector_id, ev))

    def unplug(self, evse_id: int = 1) -> list[Message]:
        return self.event(Unplug(evse_id))

    def present(self, id_token: IdToken = CARD, evse_id: int = 1) -> list[Message]:
        return self.event(PresentToken(evse_id, id_token))

    def stop(self, evse_id: int = 1) -> list[Message]:
        return self.event(StopLocally(evse_id))

    def fault(self, kind: FaultKind, evse_id: int = 1, connector_id: int = 0) -> list[Message]:
        return self.event(Fault(kind, evse_id, connector_id))

    def clear(self, evse_id: int = 1, kind: FaultKind | None = None) -> list[Message]:
        return self.event(ClearFaults(evse_id, kind))

    def set(self, name: str, value: str) -> list[Message]:
        self._may_hang_up |= name == PASSWORD
        component, _, variable = name.partition(".")
        return self.event(SetVariable(component, variable, value))

    def answer(self, answer: Answer | None = None) -> list[Message]:
        """The CSMS answers at last what it kept silent about."""
        send, self.outstanding = self.outstanding, None
        assert send is not None
        if answer is None:
            del self.csms.replies[type(send.message)]
            reply = self.csms.reply(send.message, self.now)
            assert reply is not None
            assert not isinstance(reply, Failed)
            answer = reply
        self.taken.append(send.message)
        return self.event(Answered(send.ref, answer))

    def time_out(self) -> list[Message]:
        """The message in flight gets no answer in time."""
        send, self.outstanding = self.outstanding, None
        assert send is not None
        return self.event(Failed(send.ref, "Timeout"))

    def wait(self, seconds: float) -> list[Message]:
        """Time passes; the station gets its Ticks when it wants them."""
        before, end_s, standing = len(self.sent), self.elapsed_s + seconds, 0
        while (deadline_s := self.station.deadline_s) is not None and deadline_s <= end_s:
            standing = 0 if deadline_s > self.elapsed_s else standing + 1
            assert standing < 100, "the station wants Ticks without end"
            self.elapsed_s = max(self.elapsed_s, deadline_s)
            self.event(Tick())
        self.elapsed_s = end_s
        return [send.message for send in self.sent[before:]]

    def sleep(self, seconds: float) -> list[Message]:
        """Time passes unseen: the machine was away, or busy."""
        self.elapsed_s += seconds
        return self.event(Tick())

    # -- shortcuts --------------------------------------------------------------------------------

    def booted(self) -> "Playbook":
        """Linked and accepted."""
        self.link()
        return self

    def charging(self) -> "Playbook":
        """Linked, accepted, plugged in, authorized, and energy flows."""
        self.link()
        if not self.reading().plugged:
            self.plug_in()
        self.present()
        self.wait(max(0.5, 10.0 / self.speed))
        assert self.reading().charging_state == "Charging"
        return self

    def reading(self, evse_id: int = 1) -> EvseReading:
        return self.station.read()[evse_id - 1]

    def events(self) -> list[TransactionEvent]:
        """All transaction events that were sent, retries once."""
        unique = {(e.transaction_id, e.seq_no): e for e in messages(self.sent) if isinstance(e, TransactionEvent)}
        return list(unique.values())

    def said(self, kind: NoticeKind) -> list[str]:
        """The texts of the notices of a kind."""
        return [notice.text for notice in self.notices if notice.kind is kind]


def messages(sent: Iterable[Send]) -> list[Message]:
    return [send.message for send in sent]


def script(sent: Iterable[Message]) -> list[str]:
    """Messages as one reads them in the standard's sequence diagrams."""
    return [line(message) for message in sent]


def line(message: Message) -> str:
    """A message in one line; fields that are not told are left out."""
    match message:
        case BootNotification():
            return f"BootNotification {message.reason}"
        case StatusNotification():
            return f"StatusNotification {message.evse_id}/{message.connector_id} {message.status}"
        case SecurityEvent():
            return f"SecurityEvent {message.type}"
        case Authorize():
            return f"Authorize {message.id_token.id_token}"
        case Heartbeat():
            return "Heartbeat"
        case MeterValues():
            return f"MeterValues {message.evse_id} {contexts(message)}"
        case TransactionEvent():
            return _event_line(message)
        case LogStatus():
            return f"LogStatus {message.status}" + ("" if message.request_id is None else f" {message.request_id}")
        case NotifyCustomerInformation():
            return f"NotifyCustomerInformation {message.request_id} {message.seq_no}" + (
                " ..." if message.to_be_continued else ""
            )
        case FirmwareStatus():
            return f"FirmwareStatus {message.status}"
        case NotifyEvent():
            return f"NotifyEvent {', '.join(noticed(event) for event in message.events)}"
        case DataTransfer():
            return " ".join(["DataTransfer", message.vendor_id, message.message_id or "-", message.data or ""]).strip()
        case ReservationStatusUpdate():
            return f"ReservationStatusUpdate {message.reservation_id} {message.status}"
        case NotifyReport():
            return f"NotifyReport {message.request_id} {message.seq_no}{' ...' if message.to_be_continued else ''}"


def noticed(event: EventData) -> str:
    """What happened to which variable: "RCD 1 Tripped", or "EVSE 1 Problem cleared"."""
    ref = event.ref
    place = (
        "" if ref.evse is None else f" {ref.evse.id}" + (f"/{ref.evse.connector_id}" if ref.evse.connector_id else "")
    )
    assert event.actual_value == ("false" if event.cleared else "true")
    return f"{ref.component}{place} {ref.variable}{' cleared' if event.cleared else ''}"


def _event_line(event: TransactionEvent) -> str:
    words = [
        f"{event.event_type} {event.trigger_reason}",
        event.charging_state or "",
        event.stopped_reason or "",
        f"evse {event.evse_id}/{event.connector_id}" if event.evse_id is not None else "",
        event.id_token.id_token or "anybody" if event.id_token is not None else "",
        f"reservation {event.reservation_id}" if event.reservation_id is not None else "",
        f"{event.number_of_phases_used} phases" if event.number_of_phases_used is not None else "",
        contexts(event),
    ]
    return " ".join(word for word in words if word)


def contexts(message: TransactionEvent | MeterValues) -> str:
    """The contexts of its meter values."""
    return "+".join(value.samples[0].context for value in message.meter_values)


def measured(message: TransactionEvent | MeterValues) -> list[str]:
    """What its first meter value measures: measurand, and phase if it has one."""
    samples = message.meter_values[0].samples
    return [f"{s.measurand} {s.phase}" if s.phase is not None else str(s.measurand) for s in samples]
