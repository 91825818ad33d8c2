"""The exchange over one link: a station's messages become CALLs of the agreed dialect, what comes back becomes events.
No I/O: texts to send gather in `outgoing`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from evtui.dialects.registry import Dialect
from evtui.dialects.translator import Asked, Call, Translator
from evtui.errors import LocalError, ProtocolError
from evtui.ocppj.fault import printable
from evtui.ocppj.frame import FrameType
from evtui.ocppj.received import (
    BadResult,
    CallError,
    FrameMeta,
    Ignored,
    Outgoing,
    Refuse,
    Request,
    Result,
    TimedOut,
)
from evtui.ocppj.rpc import Rpc, new_message_id
from evtui.ocppj.schemas import schemas_of
from evtui.sim.actions import Reply, Send
from evtui.sim.events import Answered, Failed, Requested
from evtui.sim.instant import Instant
from evtui.sim.messages import TransactionEvent
from evtui.sim.requests import Refusal, RequestAnswer
from evtui.sim.terms import RegistrationStatus

TIMEOUT = "Timeout"

_TALKS = (RegistrationStatus.ACCEPTED, RegistrationStatus.PENDING)
_NOW_S = float("-inf")
_ANSWERS = (Result, BadResult, CallError)
Meaning = Answered | Failed | Requested | None
"""What a received frame means to the station."""


class ByHand(NamedTuple):
    """A CALL that somebody wrote: `text` is its payload, and the answer is for them alone: `settle` gets it, or None
    when the link was lost before. Without `message_id` it gets a new one."""

    action: str
    text: str
    message_id: str | None
    settle: Callable[[Result | BadResult | CallError | TimedOut | None], None]


class _Turn(NamedTuple):
    """A CALL that goes, or waits to go; without a message it is the dialect's own, or somebody wrote it."""

    call: Call | ByHand
    send: Send | None


class _Question(NamedTuple):
    """A CALL of the CSMS that the station is to answer."""

    action: str
    render: Callable[[RequestAnswer], dict[str, Any]]


class Exchange:
    """Lives as long as its link; its translator outlives it. `timeout_s` is how long a CALL that is sent from now on
    waits for its answer."""

    __slots__ = (
        "_asked",
        "_dialect",
        "_hears",
        "_in_flight",
        "_rpc",
        "_translator",
        "_unsaid",
        "_yielded",
        "deadline_s",
        "outgoing",
        "rtt_s",
        "timeout_s",
        "trouble",
        "waiting",
        "watches",
    )

    def __init__(
        self, dialect: Dialect, translator: Translator, timeout_s: float, new_id: Callable[[], str] = new_message_id
    ) -> None:
        self.outgoing: list[Outgoing] = []
        self.trouble = ""  # what was wrong with the newest answer
        self.rtt_s: float | None = None  # how long the answer took, if one was received last
        self.deadline_s: float | None = None  # the elapsed time at which to call `expire`
        self.waiting: list[_Turn] = []  # for their turn
        self.watches = translator.watches  # the dialect may want something said after whatever happened
        self._dialect = dialect
        self._translator = translator
        self._rpc = Rpc(schemas_of(dialect.version), dialect.actions, new_id)
        self.timeout_s = timeout_s
        self._in_flight: Send | ByHand | Call | None = None  # without the payload of a message: that may weigh 3 KB
        self._hears = False  # the station is about to hear an answer of ours, and may go on with its transaction
        self._yielded = False  # the dialect's own have let a message of the station pass
        self._unsaid: Failed | None = None  # a message that had to wait, and then could not be said
        self._asked: dict[str, _Question] = {}  # by message id
        translator.linked()

    @property
    def version(self) -> str:
        """Of OCPP, as agreed."""
        return self._dialect.version

    def send(self, send: Send, now_s: float) -> Answered | Failed | None:
        """Puts a CALL among the outgoing, or among those that wait. What the version has no message for counts as
        answered; what it cannot say (an identifier that is no Unicode) fails at once."""
        try:
            rendered = self._translator.render(send)
        except ProtocolError as error:
            self.trouble = printable(str(error))
            return Failed(send.ref, "PropertyConstraintViolation", str(error))
        if not isinstance(rendered, tuple):
            self._hears = isinstance(send.message, TransactionEvent)
            return Answered(send.ref, rendered)
        if self._in_flight is None:
            self._begin(rendered, send, now_s)
        else:
            self.waiting.append(_Turn(rendered, send))
        if self.waiting:
            self._take_turns(now_s)
        failed = self._unsaid
        if failed is not None:
            self._tell_unsaid()
        return failed

    def observe(self, now: Instant) -> None:
        """After whatever happened to an accepted station, if the dialect `watches` or something is `waiting`: lets the
        dialect say what its version wants said beside the station's messages."""
        calls = self._translator.observe(now)
        if calls:
            self.waiting.extend([_Turn(call, None) for call in calls])
        hears, self._hears = self._hears, False
        if self.waiting and not hears:
            self._take_turns(now.elapsed_s)

    def send_raw(self, text: str) -> None:
        """Puts any text among the outgoing, as it is."""
        self.outgoing.append(self._rpc.raw(text))

    def send_by_hand(self, call: ByHand, now_s: float) -> None:
        """Puts a CALL that somebody wrote among the outgoing, or among those that wait."""
        self.waiting.append(_Turn(call, None))
        self._take_turns(now_s)

    def abandon(self) -> None:
        """The link is lost: whoever wrote a CALL that was not answered is told."""
        for call in (self._in_flight, *[turn.call for turn in self.waiting]):
            if isinstance(call, ByHand):
                call.settle(None)

    def reply(self, reply: Reply) -> None:
        """Puts the answer to a CALL of the CSMS among the outgoing."""
        message_id, answer = reply.ref, reply.answer
        question = self._asked.pop(message_id)
        if isinstance(answer, Refusal):
            self._refuse(message_id, question.action, answer)
        else:
            self.outgoing.append(self._rpc.result(message_id, question.action, question.render(answer)))

    def peek(self, text: str) -> FrameMeta:
        """What a text is, as far as can be told before `receive` has it."""
        return self._rpc.peek(text)

    def receive(
        self, text: str | bytes, now_s: float, registration: RegistrationStatus | None, came_s: float | None = None
    ) -> tuple[FrameMeta, Meaning]:
        """What the tap records of a received frame, which came at `came_s` if that was before now, and what it means
        to the station. A CALL of the CSMS that is not for the station to answer is refused here; with SecurityError as
        long as it has not accepted this station, nor told it to wait (B01.FR.10, B03.FR.08), unless the version wants
        it left unanswered."""
        received = self._rpc.receive(text, now_s if came_s is None else came_s)
        if isinstance(received, _ANSWERS):
            self.rtt_s = received.rtt_s
            event: Meaning = self._answered(received)
        else:
            self.rtt_s = None
            event = self._asked_for(received, registration, text)
        if self.waiting:
            self._go_on(event, now_s)
        return received.meta, event

    def expire(self, now_s: float) -> Failed | None:
        """The CALL in flight failed if its time is over. None as well for one of the dialect's own."""
        if self._unsaid is not None:
            return self._tell_unsaid()
        timed_out = self._rpc.expire(now_s)
        if timed_out is None:
            return None
        failed = self.deadline_s = None
        landed, self._in_flight = self._in_flight, None
        if isinstance(landed, ByHand):
            landed.settle(timed_out)
        else:
            waited = f"no answer within {timed_out.waited_s:.0f} s"
            self.trouble = f"{timed_out.action}: {waited}"
            failed = self._failed(landed, TIMEOUT, waited)
        if self.waiting:
            self._go_on(failed, now_s)
        return failed

    def _tell_unsaid(self) -> Failed | None:
        """The message that could not be said; it is told, and what is in flight has all its time."""
        unsaid, self._unsaid = self._unsaid, None
        in_flight = self._rpc.in_flight
        self.deadline_s = None if in_flight is None else in_flight.deadline_s
        return unsaid

    # -- whose turn it is -------------------------------------------------------------------------

    def _go_on(self, landed: Meaning, now_s: float) -> None:
        """What the station says next, now that it has its answer, is older than what the dialect found out meanwhile,
        and goes first: but one message only, as a station may have thousands to deliver."""
        if isinstance(landed, (Answered, Failed)) and not self._yielded:
            self._yielded = True
        else:
            self._take_turns(now_s)

    def _take_turns(self, now_s: float) -> None:
        """The next CALL goes, unless one is in flight."""
        while self._in_flight is None and self.waiting:
            call, send = self.waiting.pop(0)
            self._begin(call, send, now_s)
        if self._unsaid is not None:
            self.deadline_s = _NOW_S

    def _begin(self, call: Call | ByHand, send: Send | None, now_s: float) -> None:
        """It goes, and is in flight, if it can be said."""
        self._yielded &= send is not None
        timeout_s = self.timeout_s
        if isinstance(call, ByHand):
            self.outgoing.append(self._rpc.by_hand(call.action, call.text, now_s, timeout_s, call.message_id))
        else:
            action, payload = call
            try:
                self.outgoing.append(self._rpc.call(action, payload, now_s, timeout_s))
            except LocalError as error:
                self.trouble = f"{action}: {error}"
                if send is not None:
                    self._unsaid = Failed(send.ref, "FormatViolation", str(error))
                return
        self._in_flight = call if send is None else send
        self.deadline_s = now_s + timeout_s

    # -- what comes -------------------------------------------------------------------------------

    def _answered(self, received: Result | BadResult | CallError) -> Answered | Failed | None:
        """The CALL in flight has landed. The answer to one that somebody wrote is told them, and nobody else."""
        landed, self._in_flight = self._in_flight, None
        self.deadline_s = None if self._unsaid is None else _NOW_S
        if isinstance(landed, ByHand):
            landed.settle(received)
            return None
        self.trouble = ""
        if not isinstance(received, Result):
            if isinstance(received, CallError):
                action, code, description = received.action, received.code, received.description
                self.trouble = printable(f"{action}: {code or 'CALLERROR'}{': ' if description else ''}{description}")
                return self._failed(landed, code, description)
            # The frame is marked, but a station that refused to read on would only make its user's life harder.
            self.trouble = f"the answer to {received.action} breaks the schema: {received.fault}"
        if not isinstance(landed, Send):
            self._noted(landed)
            return None
        try:
            return Answered(landed.ref, self._translator.parse_answer(landed.message, received.payload))
        except ProtocolError as error:
            self.trouble = printable(str(error))
            return Failed(landed.ref, "FormatViolation", str(error))

    def _failed(self, landed: Send | Call | None, code: str, description: str) -> Failed | None:
        if isinstance(landed, Send):
            return Failed(landed.ref, code, description)
        self._noted(landed)
        return None

    def _noted(self, landed: Call | None) -> None:
        """A CALL of the dialect's own."""
        assert landed is not None
        self._translator.noted(landed)

    def _asked_for(
        self, received: Request | Refuse | Ignored, registration: RegistrationStatus | None, text: str | bytes
    ) -> Requested | None:
        match received:
            case Request(meta=meta, message_id=message_id, action=action, payload=payload):
                if registration in _TALKS:
                    return self._requested(message_id, action, payload, text)
                self._deny(meta, registration)
            case Refuse(meta=meta, reply=reply):
                if registration in _TALKS or meta.type is not FrameType.CALL or not meta.message_id:
                    self.outgoing.append(reply)
                else:
                    self._deny(meta, registration)
            case _:
                pass  # late: nobody waits for it, and OCPP-J has no answer to it
        return None

    def _requested(self, message_id: str, action: str, payload: dict[str, Any], text: str | bytes) -> Requested | None:
        try:
            asked = self._translator.parse_request(action, payload)
        except ProtocolError as error:
            asked = Refusal("PropertyConstraintViolation", str(error))
        if isinstance(asked, Asked):
            self._asked[message_id] = _Question(action, asked.render)
            return Requested(message_id, asked.request, len(text.encode() if isinstance(text, str) else text))
        if isinstance(asked, Refusal):
            self._refuse(message_id, action, asked)
        else:
            self.outgoing.append(self._rpc.result(message_id, action, asked))
        return None

    def _refuse(self, message_id: str, action: str, refusal: Refusal) -> None:
        self.outgoing.append(self._rpc.error(message_id, refusal.code, refusal.description, action))

    def _deny(self, meta: FrameMeta, registration: RegistrationStatus | None) -> None:
        if registration is RegistrationStatus.REJECTED and self._dialect.silent_while_rejected:
            self._rpc.leave(meta.message_id)
            return
        reason = "the CSMS has not accepted this station"
        self.outgoing.append(self._rpc.error(meta.message_id, "SecurityError", reason, meta.action))
