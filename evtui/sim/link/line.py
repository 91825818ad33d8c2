"""The line to the CSMS: registration, heartbeat and outbox take turns on it, one CALL at a time (OCPP-J 4.1.1)."""

from math import inf

import msgspec

from evtui.sim.actions import Send
from evtui.sim.link.boot import BootState, Registration
from evtui.sim.link.heartbeat import Heartbeat
from evtui.sim.link.outbox import TRANSACTION, Entry, Lane, Outbox
from evtui.sim.memory import Memory
from evtui.sim.messages import Authorize, BootNotification, Message, MeterValues, SecurityEvent, TransactionEvent
from evtui.sim.messages import Heartbeat as HeartbeatMessage
from evtui.sim.terms import BootReason
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.notify_event import NotifyEvent

_ATTEMPTS = "OCPPCommCtrlr.MessageAttempts[TransactionEvent]"
_ATTEMPT_INTERVAL = "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"
MOST_ASKED = 200
"""Messages that the CSMS asked for and that wait: a report of a large station has some ten."""

HEARTBEAT_INTERVAL = "OCPPCommCtrlr.HeartbeatInterval"


class Line:
    """What may go out, and when. `boot` is the BootNotification that this station sends."""

    __slots__ = (
        "_boot",
        "_heartbeat",
        "_lost_s",
        "_model",
        "_outbox",
        "_triggered",
        "due_s",
        "keeps_values",
        "linked",
        "registration",
        "transactions",
    )

    def __init__(self, model: DeviceModel, boot: BootNotification, memory: Memory) -> None:
        self.registration = Registration()
        self.linked = False
        self.keeps_values = False  # clock-aligned values outlast the link (1.6: S16 3.7)
        self._model = model
        self._boot = boot
        self._triggered: BootNotification | None = None
        self._outbox = Outbox(memory)
        self.transactions = self._outbox.transactions
        """Transaction messages that the CSMS has not taken yet."""
        self._heartbeat = Heartbeat()
        self._lost_s: float | None = None
        self.due_s = inf
        """As `next` found it last: when, in elapsed time, something may go out that may not now; infinite while an
        answer is awaited."""

    @property
    def online(self) -> bool:
        """There is a link, and the CSMS has accepted the station."""
        return self.linked and self.registration.accepted

    def owes_of(self, evse_id: int) -> bool:
        """A message of that EVSE has not been taken yet."""
        return self._outbox.owes_of(evse_id)

    def holds(self, transaction_id: str) -> bool:
        """A message of that transaction has not been taken yet."""
        return self._outbox.holds(transaction_id)

    @property
    def asked(self) -> int:
        """Messages that the CSMS asked for and that still wait."""
        return self._outbox.asked

    # -- the link ---------------------------------------------------------------------------------

    def up(self, elapsed_s: float) -> float:
        """There is a link. Gives the seconds there was none."""
        self.linked = True
        self._heartbeat.sent(elapsed_s)
        return 0.0 if self._lost_s is None else elapsed_s - self._lost_s

    def down(self, elapsed_s: float) -> list[Entry]:
        """The link is gone. Gives what is dropped with it."""
        self.linked = False
        self._lost_s = elapsed_s
        self.registration.link_lost()
        return self._outbox.link_lost()

    def booted(self, elapsed_s: float) -> None:
        """The CSMS accepted the station, and told the time."""
        self._heartbeat.asked(elapsed_s)

    def boot_again(self) -> None:
        """The CSMS, which has not accepted this station yet, asks for a BootNotification (F06, B02.FR.02)."""
        self._triggered = msgspec.structs.replace(self._boot, reason=BootReason.TRIGGERED)
        self.registration.hurry()

    def restart(self, reason: BootReason) -> None:
        """The station has to be accepted again, as it starts again or has another CSMS; what is kept is not lost."""
        self.registration = Registration()
        self._boot = msgspec.structs.replace(self._boot, reason=reason)
        self._triggered = None

    def next(self, elapsed_s: float) -> Send | None:
        """The next message to send, if one may go: before Accepted none but a BootNotification (B01.FR.09), and while
        Pending what the CSMS asked for (B02.FR.02)."""
        self.due_s = inf
        if not self.linked or self._outbox.in_flight is not None:
            return None
        entry = self._registered(elapsed_s) if self.registration.accepted else self._unregistered(elapsed_s)
        if entry is None:
            return None
        self._heartbeat.sent(elapsed_s)
        offline = entry.offline and entry.lane is TRANSACTION
        return Send(entry.ref, entry.message, offline, entry.attempt, entry.evse_id)

    def _registered(self, elapsed_s: float) -> Entry | None:
        entry = self._outbox.take(elapsed_s)
        if entry is not None:
            return entry
        heartbeat_s = self._heartbeat.due_s(self._model.integer(HEARTBEAT_INTERVAL))
        if elapsed_s >= heartbeat_s:
            self._heartbeat.asked(elapsed_s)
            return self._outbox.launch_alone(HeartbeatMessage())
        outbox_s = self._outbox.due_s()
        self.due_s = heartbeat_s if heartbeat_s < outbox_s else outbox_s
        return None

    def _unregistered(self, elapsed_s: float) -> Entry | None:
        registration = self.registration
        if elapsed_s >= registration.due_s:
            registration.sent()
            boot, self._triggered = self._triggered or self._boot, None
            return self._outbox.launch_alone(boot)
        entry = self._outbox.take(elapsed_s, asked_only=True) if registration.state is BootState.PENDING else None
        if entry is None:
            self.due_s = registration.due_s
        return entry

    # -- what comes back --------------------------------------------------------------------------

    def answered(self, ref: int) -> Entry | None:
        """What was answered; None for an answer that nobody waits for."""
        return self._outbox.answered(ref)

    def failed(self, ref: int, elapsed_s: float) -> tuple[Entry, bool] | None:
        """What failed, and whether it is given up (E13); None for a failure that nobody waits for. A NotifyEvent is
        kept for want of a link, never for want of a CSMS that takes it."""
        attempts, interval_s = self._model.integer(_ATTEMPTS), self._model.integer(_ATTEMPT_INTERVAL)
        if (entry := self._outbox.in_flight) is not None and isinstance(entry.message, NotifyEvent):
            attempts = 1
        return self._outbox.failed(ref, elapsed_s, attempts, interval_s)

    # -- what goes in -----------------------------------------------------------------------------

    def put(self, message: Message, evse_id: int = 0, lane: Lane = Lane.PROMPT, *, keep: bool = False) -> bool:
        """Queues a message that is not of a transaction; says whether it will go out. Without a link it is dropped,
        unless it is one to `keep` or QueueAllMessages says so; an Authorize always is, for nobody waits that long."""
        keep |= self._model.flag("OCPPCommCtrlr.QueueAllMessages") and not isinstance(message, Authorize)
        if not (self.online or keep):
            return False
        return self._outbox.put(message, lane, evse_id, offline=not self.online, kept=keep)

    def put_asked(self, message: Message, evse_id: int = 0) -> bool:
        """Queues what the CSMS asked for; says no when too much of it waits already."""
        return self._outbox.asked < MOST_ASKED and self._outbox.put(message, Lane.ASKED, evse_id)

    def put_event(self, event: TransactionEvent, evse_id: int) -> list[TransactionEvent]:
        """Queues a transaction event for as long as it takes. Gives the events that had to make room."""
        self._outbox.put(event, TRANSACTION, evse_id, offline=not self.online)
        return self._outbox.thin()

    def put_security_event(self, event: SecurityEvent) -> None:
        """Queues a security event, whose delivery is guaranteed (A04.FR.02)."""
        self._outbox.put(event, Lane.FIRST, kept=True)

    def put_values(self, values: MeterValues) -> bool:
        """Queues meter values, together with those of the EVSE that still wait, unless all are kept and go in the order
        of time; says whether they will go out."""
        if self.keeps_values:
            return self.put(values, values.evse_id, keep=True)
        return self._outbox.join_values(values) or self.put(values, values.evse_id, Lane.LATE)

    def lags(self, transaction_id: str, behind: int) -> bool:
        """The CSMS has not taken the last `behind` samples of a transaction yet, though there is a link."""
        return self._outbox.lags(transaction_id, behind) and self.online
