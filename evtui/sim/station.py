"""A charging station: events and time go in, actions come out; it never looks at a clock or a socket."""

from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType
from typing import Any, TypeGuard
from uuid import uuid4

from evtui.sim import events, evse_memory, flows, premises
from evtui.sim.actions import Action, CancelUpload, ForgetCustomer, Hangup, Notice, NoticeKind, Persist, Reply, Upload
from evtui.sim.availability import Availability
from evtui.sim.connector import Connector
from evtui.sim.connector_use import ConnectorUse, use_of
from evtui.sim.conversation import Conversation
from evtui.sim.data_transfers import DataTransfers
from evtui.sim.diagnostics.diagnostics import Diagnostics
from evtui.sim.diagnostics.security_log import SecurityEventType
from evtui.sim.display import figures, show
from evtui.sim.events import Answered, Event, PlugIn, Tick
from evtui.sim.evse import Evse
from evtui.sim.evse_resets import EvseResets
from evtui.sim.faults import Faults, Standing
from evtui.sim.instant import Instant
from evtui.sim.link import losses, network
from evtui.sim.link.line import Line
from evtui.sim.link.passwords import PASSWORD
from evtui.sim.link.uplink import Uplink
from evtui.sim.local_tokens import LocalTokens
from evtui.sim.memory import Memory
from evtui.sim.messages import (
    Authorize,
    BootNotification,
    EmptyAnswer,
    IdToken,
    Message,
    ReservationStatusUpdate,
    TransactionEvent,
    TransactionEventAnswer,
)
from evtui.sim.metering.aligned import AlignedData
from evtui.sim.metering.reading import EvseReading, Figures
from evtui.sim.physics.charging import Charging
from evtui.sim.premises import Premises
from evtui.sim.reader import Reader
from evtui.sim.reservations import Reservations
from evtui.sim.reset import Reset
from evtui.sim.service import Service
from evtui.sim.spec import StationSpec
from evtui.sim.station_clock import StationClock
from evtui.sim.station_resets import StationResets
from evtui.sim.terms import BootReason, RegistrationStatus, StoppedReason
from evtui.sim.variables import fault_variables, live_variables
from evtui.sim.variables.changes import Changes
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.kept_variables import KeptVariables
from evtui.sim.variables.standard_variables import catalogue


class Station:
    """One charging station. `handle` takes whatever happens, and the part that it concerns does what there is to do;
    `deadline_s` tells when it wants a Tick."""

    __slots__ = (
        "_actions",
        "_aligned",
        "_availability",
        "_changes",
        "_conversation",
        "_diagnostics",
        "_due_s",
        "_evse_resets",
        "_evses",
        "_faults",
        "_line",
        "_now",
        "_premises",
        "_reset",
        "_service",
        "_station_resets",
        "_transfers",
        "clock",
        "deadline_s",
        "memory",
        "model",
        "new_id",
        "queued",
        "registration",
        "reservations",
        "spec",
        "tokens",
        "uplink",
        "variables",
    )

    def __init__(
        self,
        spec: StationSpec,
        now: Instant,
        speed: float = 60.0,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        memory: Memory | None = None,
        cause: BootReason = BootReason.POWER_UP,
    ) -> None:
        """`speed` is how much faster than life physics runs; `new_id` makes transaction ids. With the `memory` of an
        earlier one it goes on from there; `cause` is why it starts. Raises LocalError for a flow, a variable or a car
        that does not exist, and for a memory that cannot be read."""
        self.spec = spec
        self.memory = memory = Memory() if memory is None else memory
        memory.discard()
        new = memory.blank
        self.new_id = new_id
        flow = flows.find(spec.flow)
        given = {**flow.variables, **network.initial(spec.network), **spec.variables}
        self.model = self.variables = DeviceModel(catalogue(spec.evses), given)
        """Iterating gives (component, variable, instance, value)."""
        self.clock = StationClock(memory)
        self.deadline_s: float | None = None
        self._due_s = inf
        self._now = now
        self._actions: list[Action] = []  # of the present event, or of what happened before the first one
        kept_variables = KeptVariables(self.model, memory, but=(PASSWORD,))
        self._availability = Availability(memory)
        self._reset = Reset()
        self._line = Line(
            self.model,
            BootNotification(cause, spec.vendor, spec.model, spec.serial_number, spec.firmware_version),
            memory,
        )
        self._evses = tuple(
            Evse(evse_id, each, Charging(each, spec.seed, spec.id, evse_id, speed), self, speed)
            for evse_id, each in enumerate(spec.evses, 1)
        )
        say = self.say  # one bound method for all parts
        self._diagnostics = Diagnostics(self, spec.id, self.clock, self._line, self._evses, memory)
        self.uplink = Uplink(self.model, memory, spec.network, self._diagnostics.alarm, say)
        self._evse_resets = EvseResets(self._evses, say)
        self.reservations = Reservations(self, self.model, self.clock, self._evses, memory)
        self.tokens = LocalTokens(self.model, self.clock, memory)
        self._diagnostics.keepers += (self.tokens, self.reservations)
        reader = Reader(self, self._evses, self.tokens)
        self._aligned = AlignedData(flow, self.model, self.clock, self._evses, self._line.put_values, say)
        self._faults = Faults(self, self._line, self._evses, memory)
        self._changes = Changes(self, self.model, kept_variables, self._evses, self._aligned, self.uplink, say)
        self._premises = Premises(spec, self._evses, reader, self._faults, say)
        self._transfers = DataTransfers(spec.data_transfer, self._put_online, say)
        self._conversation = Conversation(
            flow,
            self.model,
            self.clock,
            self._line,
            self.uplink,
            self._evses,
            reader,
            self._aligned,
            self._diagnostics,
            self._faults,
            self._transfers,
            say,
            cause,
        )
        self._station_resets = StationResets(
            self,
            self._reset,
            self.model,
            self._line,
            self._evses,
            self._diagnostics.upload,
            self._conversation,
            self._evse_resets,
            say,
        )
        self._service = Service(
            self,
            self.model,
            self.clock,
            self._line,
            self.uplink,
            self._evses,
            reader,
            self.tokens,
            self._availability,
            self._diagnostics,
            self.reservations,
            self._evse_resets,
            self._station_resets,
            self._changes,
            self._transfers,
        )
        when = self._when
        live_variables.bind(self.model, spec, self._evses, when, self.clock)
        self.tokens.bind(when)
        self._diagnostics.write(f"started: {cause}", now)
        fault_variables.bind(self.model, spec.evses, self._evses, self._faults)
        self._advance(now)
        self._aligned.keep_to_intervals(now)
        if flow.cable_at_boot and new:
            for evse in self._evses:
                self._premises.take(PlugIn(evse.id), now)
        self._actions = []
        for text in kept_variables.dropped:
            say(NoticeKind.WARNING, text)
        self._go_on(cause, now)
        self._plan()
        if self._actions:  # that is to be told and kept at once
            self._due_s = now.elapsed_s
        self.deadline_s = self._due_s if self._due_s < inf else None
        self.queued = len(self._line.transactions)
        """Transaction messages that the CSMS has not taken yet."""
        self.registration: RegistrationStatus | None = None
        """What the CSMS said last of this station's boot; None before its first word."""

    # -- what others see --------------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """There is a link, and the CSMS has accepted the station."""
        return self._line.online

    @property
    def registered(self) -> bool:
        """The CSMS has accepted the station, whether or not there is a link now."""
        return self._line.registration.accepted

    def operative(self, evse_id: int, connector_id: int) -> bool:
        """The CSMS has not taken that connector out of operation, nor what it is a part of."""
        return self._availability.operative(evse_id, connector_id)

    @property
    def may_begin(self) -> bool:
        """Transactions may begin (B01-B03), and no reset waits."""
        return not self.resets and (self.registered or self.model.flag("TxCtrlr.TxBeforeAcceptedEnabled"))

    @property
    def resets(self) -> bool:
        """A reset waits: nothing begins any more."""
        return self._reset.waits

    def bars(self, evse_id: int, id_token: IdToken) -> bool:
        """The EVSE is reserved, and not for this identifier."""
        return self.reservations.bars(self._evses[evse_id - 1], id_token)

    def log_tail(self, count: int) -> tuple[str, ...]:
        """The newest lines of the diagnostics log, oldest of them first; some thirty at most."""
        return self._diagnostics.journal.tail(count)

    def read(self) -> tuple[EvseReading, ...]:
        """The displays, as of the last event: a Tick before makes them fresh."""
        return tuple([show(evse, self._faults.at(evse.id)) for evse in self._evses])

    @property
    def figures(self) -> list[Figures]:
        """What moves on the displays."""
        return [figures(evse) for evse in self._evses]

    @property
    def uses(self) -> tuple[ConnectorUse, ...]:
        """How each connector is used, as of the last event."""
        over = self._faults.over
        return tuple([use_of(evse, each, over((evse.id, each.id))) for evse in self._evses for each in evse.connectors])

    @property
    def fault(self) -> Standing | None:
        """What is wrong with the station as a whole."""
        return self._faults.over((0, 0))

    # -- what happens -----------------------------------------------------------------------------

    def _when(self) -> Instant:
        """The moment of the present event, or of the last one."""
        return self._now

    def handle(self, event: Event, now: Instant) -> list[Action]:
        """Takes one event and gives what is to be done, in order. Nothing that is asked wrongly raises: a Notice
        IMPOSSIBLE says why nothing changed."""
        self._now = now
        actions = self._actions
        line, reset = self._line, self._reset
        if now.elapsed_s >= self._due_s or reset.reason is not None or not _is_receipt(event):
            self._advance(now)
            self._keep_up(now)
            if type(event) is not Tick:  # what is due is done already
                _HANDLERS[type(event)](self, event, now)
                self._keep_up(now)
            self._plan()
            if reset.reason is not None:
                self._station_resets.restart_if_due(now)
            evse_memory.remember(self._evses, self.memory, now, ticked=type(event) is Tick)
        else:
            self._conversation.answered(event, now)
        send = line.next(now.elapsed_s)
        if send is not None:
            actions.append(send)
        rows = self.memory.collect()
        if rows:
            actions.insert(0, Persist(rows))
        due_s = self._due_s  # compared one by one, here and below: `min` takes four times as long
        if line.due_s < due_s:
            due_s = line.due_s
        if reset.by_s < due_s:
            due_s = reset.by_s
        self.deadline_s = due_s if due_s < inf else None
        self.queued = len(line.transactions)
        self.registration = line.registration.status
        self._actions = []
        return actions

    def _advance(self, now: Instant) -> None:
        """Physics up to now, and what is due. A gap in which the machine was away is told, and not made up for."""
        gap_s = 0.0
        for evse in self._evses:
            skipped_s = evse.charging.advance(now)
            if skipped_s > gap_s:
                gap_s = skipped_s
        if gap_s:
            self.say(NoticeKind.WARNING, f"nothing happened here for {gap_s:.0f} s: no energy is counted for them")
        if now.elapsed_s >= self._aligned.due_s:
            self._aligned.tick(now)
        if now.elapsed_s >= self._diagnostics.upload.due_s:
            self._diagnostics.upload.tick(now)
        for evse in self._evses:
            evse.observe(now)
            evse.tick(now)

    def _keep_up(self, now: Instant) -> None:
        """What follows from what has happened."""
        self._evse_resets.keep_up(now)
        self.reservations.keep_up(now)

    def _go_on(self, cause: BootReason, now: Instant) -> None:
        """Takes up what was kept of an earlier life; the transactions that ran then go on or have ended then."""
        reason = StoppedReason.POWER_LOSS if cause is BootReason.POWER_UP else StoppedReason.REBOOT
        resume = self.spec.resume_on_boot
        evse_memory.go_on(self._evses, self.memory, self._line, now, resume=resume, reason=reason)
        self.reservations.recall(now)

    def _plan(self) -> None:
        """When something is due here, whatever the line waits for."""
        due_s, upload, resets = self._aligned.due_s, self._diagnostics.upload, self._evse_resets
        if upload.due_s < due_s:
            due_s = upload.due_s
        if (resets_s := resets.due_s) < due_s:
            due_s = resets_s
        if (reservations_s := self.reservations.due_s(self._now)) < due_s:
            due_s = reservations_s
        for evse in self._evses:
            if (evse_s := evse.due_s) < due_s:
                due_s = evse_s
        self._due_s = due_s

    # -- what parts want --------------------------------------------------------------------------

    def say(
        self,
        kind: NoticeKind,
        text: str,
        evse_id: int = 0,
        transaction_id: str | None = None,
        power_w: float | None = None,
        energy_wh: float | None = None,
    ) -> None:
        """A notice among the actions, and in the diagnostics log."""
        notice = Notice(kind, text, evse_id, transaction_id, power_w, energy_wh)
        self._actions.append(notice)
        self._diagnostics.note(notice, self._now)

    def act(self, action: Reply | Upload | CancelUpload | ForgetCustomer) -> None:
        """Has something carried out."""
        self._actions.append(action)

    def hang_up(self, why: str, now: Instant) -> None:
        """Nothing more goes over this link; without one, the next attempt to make one does not wait."""
        self._conversation.down(now)
        self._actions.append(Hangup(why))

    def _put_online(self, message: Message) -> bool:
        return self.online and self._line.put(message)

    def ask(self, evse_id: int, id_token: IdToken) -> None:
        """Sends an Authorize; nobody waits for it longer than the link lasts."""
        self._line.put(Authorize(id_token), evse_id)

    def report(self, evse_id: int, event: TransactionEvent) -> None:
        """Queues a transaction event; what does not fit any more is told."""
        self._diagnostics.account(event, evse_id)
        lost = self._line.put_event(event, evse_id)
        if lost:
            self._diagnostics.alarm(SecurityEventType.MEMORY_EXHAUSTION, self._now, "the queue of transaction messages")
            for text in losses.tell(lost):
                self.say(NoticeKind.DISCARDED, text, evse_id)

    def report_status(self, evse_id: int, connector: Connector, now: Instant) -> None:
        """Tells a connector's new status; without a link it waits for the reconnect (B04)."""
        self.say(NoticeKind.STATUS, connector.status, evse_id)
        self._line.put(self._conversation.status(evse_id, connector, now), evse_id)

    def report_reservation(self, update: ReservationStatusUpdate) -> None:
        """Tells that a reservation is no longer there."""
        self._line.put(update)

    def lags(self, transaction_id: str, behind: int) -> bool:
        """The CSMS has not taken the last samples of the transaction yet, though there is a link."""
        return self._line.lags(transaction_id, behind)

    def lock_failed(self, evse_id: int, now: Instant) -> None:
        """The plug there cannot be locked (G05)."""
        self._faults.lock_failed(evse_id, now)

    def transaction_begins(self, now: Instant) -> None:
        """One is about to begin."""
        self._aligned.transaction_begins(now)

    def transaction_ends(self, now: Instant) -> None:
        """One is about to end."""
        self._aligned.transaction_ends(now)


def _is_receipt(event: Event) -> TypeGuard[Answered]:
    """An answer that says nothing but that it came, as most do: physics need not move for it."""
    if type(event) is not Answered:
        return False
    answer = event.answer
    return type(answer) is EmptyAnswer or (type(answer) is TransactionEventAnswer and answer.info is None)


_Handler = Callable[[Station, Any, Instant], None]

_HANDLERS: Mapping[type[Event], _Handler] = MappingProxyType(
    {
        **dict.fromkeys(premises.HANDLERS, lambda at, event, now: at._premises.take(event, now)),
        events.ConnectFailed: lambda at, event, now: at._conversation.unreachable(event, now),
        events.Linked: lambda at, event, now: at._conversation.up(event, now),
        events.LinkLost: lambda at, event, now: at._conversation.lost(event, now),
        events.Answered: lambda at, event, now: at._conversation.answered(event, now),
        events.Failed: lambda at, event, now: at._conversation.failed(event, now),
        events.Requested: lambda at, event, now: at._service.serve(event, now),
        events.BadFrame: lambda at, event, now: at._diagnostics.bad_frame(event.fault, now),
        events.Uploaded: lambda at, event, now: at._diagnostics.upload.uploaded(event),
        events.UploadFailed: lambda at, event, now: at._diagnostics.upload.failed(event, now),
        events.SetVariable: lambda at, event, now: at._changes.set(event, now),
        events.FailResets: lambda at, event, now: at._station_resets.fail_next(event.count),
        events.TransferData: lambda at, event, now: at._transfers.send(event.message),
        events.AddToCache: lambda at, event, now: at.say(*at.tokens.add(event.id_token, event.info, now)),
    }
)
"""Which part takes which event; a Tick is nobody's."""
