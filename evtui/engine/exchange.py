"""The exchange over one link: a station's messages become CALLs of the agreed dialect, what comes back becomes events.
No I/O: texts to send gather in `outgoing`."""

from collections import deque
from typing import Any

from evtui.dialects.registry import Dialect
from evtui.errors import LocalError, ProtocolError
from evtui.ocppj.fault import printable
from evtui.ocppj.frame import FrameType
from evtui.ocppj.received import BadResult, CallError, FrameMeta, Outgoing, Received, Refuse, Request, Result
from evtui.ocppj.rpc import Rpc
from evtui.ocppj.schemas import schemas_of
from evtui.sim.actions import Reply, Send
from evtui.sim.events import Answered, Failed, Requested
from evtui.sim.requests import Refusal
from evtui.sim.terms import RegistrationStatus

TIMEOUT = "Timeout"

_TALKS = (RegistrationStatus.ACCEPTED, RegistrationStatus.PENDING)
Meaning = Answered | Failed | Requested | None
"""What a received frame means to the station."""


class Exchange:
    """Lives as long as its link. `timeout_s` is how long a CALL waits for its answer."""

    def __init__(self, dialect: Dialect, timeout_s: float) -> None:
        self.dialect = dialect
        self.outgoing: deque[Outgoing] = deque()
        self.trouble = ""  # what was wrong with the newest answer
        self._rpc = Rpc(schemas_of(dialect.version), supported=dialect.actions)
        self._timeout_s = timeout_s
        self._sent: Send | None = None
        self._asked: dict[str, str] = {}  # message id: action, of CALLs that the station is to answer

    @property
    def deadline_s(self) -> float | None:
        """The elapsed time at which to call `expire`."""
        return self._rpc.deadline_s

    def send(self, send: Send, now_s: float) -> Failed | None:
        """Puts a CALL among the outgoing. What JSON cannot say (an identifier that is no Unicode) fails at once."""
        action, payload = self.dialect.render(send.message, send.offline)
        try:
            self.outgoing.append(self._rpc.call(action, payload, now_s, self._timeout_s))
        except LocalError as error:
            self.trouble = f"{action}: {error}"
            return Failed(send.ref, "FormatViolation", str(error))
        self._sent = send
        return None

    def reply(self, reply: Reply) -> None:
        """Puts the answer to a CALL of the CSMS among the outgoing."""
        message_id, answer = reply.ref, reply.answer
        action = self._asked.pop(message_id)
        if isinstance(answer, Refusal):
            self.outgoing.append(self._rpc.error(message_id, answer.code, answer.description, action))
        else:
            self.outgoing.append(self._rpc.result(message_id, action, self.dialect.render_answer(answer)))

    def receive(
        self, text: str | bytes, now_s: float, registration: RegistrationStatus | None
    ) -> tuple[FrameMeta, Meaning]:
        """What the tap records of a received frame, and what it means to the station. A CALL of the CSMS that is not
        for the station to answer is refused here; with SecurityError as long as it has not accepted this station, nor
        told it to wait (B01.FR.10, B03.FR.08)."""
        received = self._rpc.receive(text, now_s)
        return received.meta, self._event(received, registration, text)

    def expire(self, now_s: float) -> Failed | None:
        """The CALL in flight failed if its time is over."""
        timed_out = self._rpc.expire(now_s)
        if timed_out is None:
            return None
        waited = f"no answer within {timed_out.waited_s:.0f} s"
        self.trouble = f"{timed_out.action}: {waited}"
        return Failed(self._landed().ref, TIMEOUT, waited)

    def _event(self, received: Received, registration: RegistrationStatus | None, text: str | bytes) -> Meaning:
        match received:
            case Result(payload=payload):
                self.trouble = ""
                return self._answered(payload)
            case BadResult(action=action, payload=payload, fault=fault):
                # The frame is marked, but a station that refused to read on would only make its user's life harder.
                self.trouble = f"the answer to {action} breaks the schema: {fault}"
                return self._answered(payload)
            case CallError(action=action, code=code, description=description):
                self.trouble = printable(f"{action}: {code or 'CALLERROR'}{': ' if description else ''}{description}")
                return Failed(self._landed().ref, code, description)
            case Request(meta=meta, message_id=message_id, action=action, payload=payload):
                if registration in _TALKS:
                    return self._requested(message_id, action, payload, text)
                self.outgoing.append(self._deny(meta))
            case Refuse(meta=meta, reply=reply):
                self.outgoing.append(reply if self._may_be_told(meta, registration) else self._deny(meta))
            case _:
                pass  # late or doubled: nobody waits for it, and OCPP-J has no answer to it
        return None

    def _requested(self, message_id: str, action: str, payload: dict[str, Any], text: str | bytes) -> Requested | None:
        try:
            request = self.dialect.parse_request(action, payload)
        except ProtocolError as error:
            self.outgoing.append(self._rpc.error(message_id, "PropertyConstraintViolation", str(error), action))
            return None
        self._asked[message_id] = action
        return Requested(message_id, request, len(text.encode() if isinstance(text, str) else text))

    def _answered(self, payload: object) -> Answered | Failed:
        sent = self._landed()
        try:
            return Answered(sent.ref, self.dialect.parse_answer(sent.message, payload))
        except ProtocolError as error:
            self.trouble = printable(str(error))
            return Failed(sent.ref, "FormatViolation", str(error))

    def _landed(self) -> Send:
        """The message that was in flight, and is no longer."""
        sent, self._sent = self._sent, None
        assert sent is not None
        return sent

    @staticmethod
    def _may_be_told(meta: FrameMeta, registration: RegistrationStatus | None) -> bool:
        return registration in _TALKS or meta.type is not FrameType.CALL or not meta.message_id

    def _deny(self, meta: FrameMeta) -> Outgoing:
        return self._rpc.error(meta.message_id, "SecurityError", "the CSMS has not accepted this station", meta.action)
