"""One connected station: its socket, its RPC engine, and what the CSMS answers and asks."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from evtui.csms.books import Books
from evtui.csms.certificates import is_proven
from evtui.csms.handlers import Dialogue, Payload
from evtui.csms.limits import Limits, Throttle
from evtui.csms.lint.linter import Judge
from evtui.csms.lint.seeing import heard
from evtui.csms.orphans import silent, superseded
from evtui.csms.policy import ACCEPTED, REJECTED, Misbehaviour, broken, conduct
from evtui.csms.registry import StationRecord
from evtui.csms.sockets import StationSocket
from evtui.csms.store.store import Store
from evtui.csms.tap import Tap
from evtui.errors import BusyError, CallRefusedError, EvtuiError, LocalError, NoAnswerError, ProtocolError
from evtui.ocppj.frame import Direction
from evtui.ocppj.inbox import UnreadableError
from evtui.ocppj.received import BadResult, CallError, Outgoing, Refuse, Request, Result
from evtui.ocppj.rpc import Rpc
from evtui.ocppj.schemas import schemas_of
from evtui.ocppj.sending import offered

_TURN: Final = 32  # what a station may have handled before the others get their turn, weighed as for its throttle
_WEIGHED_BYTES: Final = 512
_BOOT_TIMEOUT_S: Final = 30.0
_UNKNOWN_HERE: Final = frozenset({"NotSupported", "NotImplemented"})
_ASK_TIMEOUT_S: Final = 30.0
_MOST_LATE: Final = 64  # answers of one station that are late on purpose
_MOST_HEARD: Final = 1000  # transactions of one connection that are known to live, or asked about
_STUCK_BYTES: Final = 1 << 16  # twice what a socket may hold back before sending waits

_ANSWERS: Final = (Result, BadResult, CallError)
_SENT: Final = Direction.SENT
_RECEIVED: Final = Direction.RECEIVED
_OPEN: Final = State.OPEN
_CLOSED: Final = State.CLOSED

ON_PURPOSE: Final = "on purpose, as the policy says"

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class ConnectedStation:
    """Serves one connection until it is lost. Frames of one station are handled one after the other; a slow or flooding
    one waits for itself alone."""

    def __init__(
        self,
        socket: StationSocket,
        record: StationRecord,
        dialogue: Dialogue,
        *,
        books: Books,
        tap: Tap,
        store: Store | None,
        limits: Limits,
        clock: Callable[[], float],
        spawn: Spawn,
        judge: Judge,
        certified: str | None = None,
    ) -> None:
        self.record = record
        self._socket = socket
        self._dialogue = dialogue
        self._books = books
        self._tap = tap
        self._store = store
        self._limits = limits
        self._clock = clock
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self._rpc = Rpc(schemas_of(dialogue.version), dialogue.handlers.keys())
        self._throttle = Throttle(limits.frames_per_s, limits.burst)
        self._line = asyncio.Lock()
        self._in_line = 0
        self._waiter: asyncio.Future[Payload] | None = None
        self._gone = False
        self._inbox = socket.inbox
        self._busy = False
        """Something is being handled, or waited for: what comes meanwhile waits in the inbox."""
        self._reply: Outgoing | None = None
        self._wait_s = 0.0
        self._handled = 0
        """Since others had their turn."""
        self._stalled: asyncio.Future[Coroutine[Any, Any, None] | None] = self._loop.create_future()
        """What is to be waited for until the network has taken an answer; None: all is over."""
        self._asked_for_boot = False
        self._unproven = certified if certified != record.id and record.boot is None else None
        """The common name of its certificate, as long as its serial number has not been heard."""
        self._put_out = ""
        """Why the connection is closed after the next answer (1008)."""
        self._judge = judge
        self._ahead = 0
        """How many of the frames that come next were sent before the newest answer."""
        self._late: set[asyncio.TimerHandle] = set()
        self._heard: dict[str, None] = {}
        self._asked_about: set[str] = set()

    # -- the station's frames ---------------------------------------------------------------------

    async def run(self) -> None:
        """Answers until the connection is lost or replaced. Frames are handled in callbacks of the loop, as they come;
        only what a slow reader makes wait is waited for here."""
        looking = self._loop.call_later(self._limits.quiet_s, self._look_for_orphans)
        self._socket.attend(self._come)
        try:
            self._go_on()
            while (stalled := await self._stalled) is not None:
                await self._patiently(stalled)
                self._stalled = self._loop.create_future()
                if self._may_go_on():
                    self._go_on()
            if self._put_out:
                await self.close(1008, self._put_out)
        except ConnectionClosed:
            return
        finally:
            looking.cancel()
            self.leave()

    def _come(self) -> None:
        """A frame has come, or the news that the connection is lost. Frames that came together are all there before the
        first is answered."""
        if not self._busy:
            self._busy = True
            if self._store is None:
                self._loop.call_soon(self._go_on)
            else:
                self._store.gather(self._go_on)

    def _go_on(self) -> None:
        """Handles one frame after the other, until there is none, or one has to wait."""
        self._busy = True
        try:
            while self._step():
                pass
        except Exception as error:  # noqa: BLE001 (a bug ends this connection, not what called)
            self._end(error)

    def _step(self) -> bool:
        """Sends the answer that was waited with, or handles the next frame. Says no if nothing may follow at once."""
        if self._gone:
            return self._end()
        reply, self._reply = self._reply, None
        if reply is not None:
            self._ahead = len(self._inbox.messages)
            stalled = self._offer(reply)
            if stalled is not None:
                self._stalled.set_result(stalled)
                return False
            if not self._may_go_on():
                return False
        if not self._inbox.messages:
            self._busy = False
            return self._end() if self._socket.protocol.state is _CLOSED else False
        try:
            text = self._inbox.take()
        except UnreadableError as error:
            self._socket.protocol.fail(error.code, error.reason)
            self._socket.send_data()
            return self._end()
        now_s = self._loop.time()
        reply = self._receive(text, now_s)
        weight = 1 + len(text) // _WEIGHED_BYTES
        self._wait_s = self._throttle.take(now_s, weight)
        self._handled += weight
        if reply is None:  # whoever waited for an answer gets it before the station's next frame is read
            return self._rest()
        self._record(reply)
        self._reply = reply
        # What is answered is kept: the answer leaves when all that it acknowledges, and itself, is on the disk.
        return self._store is None or not self._store.when_written(self._go_on)

    def _may_go_on(self) -> bool:
        """Whether the next frame may be handled at once, now that an answer has left."""
        if self._put_out:
            return self._end()
        return self._rest() if self._wait_s or self._handled >= _TURN else True

    def _rest(self) -> bool:
        """Others get their turn; a station that sends too fast waits longer."""
        self._handled = 0
        self._loop.call_later(self._wait_s, self._go_on)
        return False

    def _end(self, error: Exception | None = None) -> bool:
        """Nothing is handled any more."""
        if not self._stalled.done():
            if error is None:
                self._stalled.set_result(None)
            else:
                self._stalled.set_exception(error)
        return False

    def leave(self) -> None:
        """Nothing more is taken from or sent to this connection; whoever waits for an answer is told."""
        self._gone = True
        self._rpc.reset()
        for handle in self._late:
            handle.cancel()
        self._late.clear()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NoAnswerError(f"the connection of {self.record.id} was lost"))

    def _receive(self, text: str | bytes, now_s: float) -> Outgoing | None:
        received = self._rpc.receive(text, now_s)
        now = self._clock()
        record = self.record
        record.last_seen = now
        record.frames_received += 1
        if self._store is not None:
            self._store.seen(record, now)
        rtt_s = None if isinstance(received, Request) or not isinstance(received, _ANSWERS) else received.rtt_s
        number = self._tap.record(now, record.id, _SENT, received.meta, text, rtt_s)
        ahead = self._ahead > 0
        if ahead:
            self._ahead -= 1
        self._judge.station(heard(received, number, now, ahead))
        match received:
            case Request():
                return self._handle(received, now)
            case Refuse():
                return received.reply
            case Result():
                self._settle(received.payload)
            case CallError(action=action, code=code, description=description, details=details):
                self._settle(CallRefusedError(action, code, description, details))
            case BadResult(action=action, fault=fault):
                self._settle(ProtocolError(f"the answer to {action} breaks the schema: {fault}"))
        return None

    def _handle(self, request: Request, now: float) -> Outgoing | None:
        if self._unproven is not None and request.action == "BootNotification":
            if not is_proven(self.record.id, self._unproven, request.payload):
                reason = "the serial number is not the common name of the certificate (A00.FR.414)"
                self._put_out = reason
                return self._rpc.error(request.message_id, "SecurityError", reason, request.action)
            self._unproven = None
        if not self.record.may_send(request.action):
            self._ask_for_boot()
            reason = f"{request.action} before a BootNotification was accepted"
            return self._rpc.error(request.message_id, "SecurityError", reason, request.action)
        record = self.record
        manner = conduct(record.policy, record.id, record.answers, request.action)
        record.answers += 1
        if manner.wrong is not None and manner.wrong.kind == "callerror":
            error = self._rpc.error(request.message_id, manner.wrong.code, ON_PURPOSE, request.action)
            reply: Outgoing | None = _marked(error, "a CALLERROR")
        else:
            payload = self._dialogue.handlers[request.action](self._books, record, request.payload, now)
            if request.action == "TransactionEvent":
                self._hear(request.payload)
            if manner.wrong is None:
                reply = self._rpc.result(request.message_id, request.action, payload)
            else:
                reply = self._misbehave(manner.wrong, request, payload, now)
        if reply is not None and manner.delay_s and len(self._late) < _MOST_LATE:
            self._answer_later(reply, manner.delay_s)
            return None
        return reply

    # -- what goes wrong on purpose ---------------------------------------------------------------

    def _misbehave(self, wrong: Misbehaviour, request: Request, payload: Payload, now: float) -> Outgoing | None:
        """What is sent instead of the answer, as a policy wants it; the frame is marked, or a notice says so."""
        message_id, action = request.message_id, request.action
        match wrong.kind:
            case "invalid":
                reply = self._rpc.result(message_id, action, broken(payload))
                return _marked(reply, reply.meta.fault)
            case "wrong id":
                self._rpc.leave(message_id)
                return _marked(self._rpc.result(str(uuid4()), action, payload), "the id is of no CALL")
            case "drop":
                self.record.note(now, action, f"{ON_PURPOSE}: the connection was cut instead of an answer")
                self._socket.transport.abort()
            case _:
                self.record.note(now, action, f"{ON_PURPOSE}: no answer")
        self._rpc.leave(message_id)
        return None

    def _answer_later(self, reply: Outgoing, delay_s: float) -> None:
        def due() -> None:
            self._late.discard(handle)
            self._spawn(self._answer_if_there(reply))

        handle = self._loop.call_later(delay_s, due)
        self._late.add(handle)

    async def _answer_if_there(self, reply: Outgoing) -> None:
        self._record(reply)
        if self._store is not None:
            await self._store.committed()
        if not self._gone:
            self._ahead = len(self._inbox.messages)
            with suppress(ConnectionClosed):
                await self._send(reply)

    # -- transactions that nothing is heard of ----------------------------------------------------

    def _hear(self, event: Payload) -> None:
        """Something was said of a transaction; where it begins, an older one that still runs is asked about (E14)."""
        station_id, transaction_id = self.record.id, event["transactionInfo"]["transactionId"]
        if len(self._heard) < _MOST_HEARD:
            self._heard[transaction_id] = None
        if event["eventType"] == "Started":
            begun = self._books.transactions.get(station_id, transaction_id)
            if begun is not None:
                self._ask_about(superseded(self._books.transactions.of(station_id), begun))

    def _look_for_orphans(self) -> None:
        self._ask_about(silent(self._books.transactions.of(self.record.id), self._heard))

    def _ask_about(self, transaction_ids: list[str]) -> None:
        new = [each for each in transaction_ids if each not in self._asked_about]
        if new and "GetTransactionStatus" in schemas_of(self._dialogue.version).actions:
            if len(self._asked_about) > _MOST_HEARD:
                self._asked_about.clear()
            self._asked_about.update(new)
            self._spawn(self._ask_each(new))

    async def _ask_each(self, transaction_ids: list[str]) -> None:
        for transaction_id in transaction_ids:
            try:
                answer = await self.call("GetTransactionStatus", {"transactionId": transaction_id}, _ASK_TIMEOUT_S)
            except EvtuiError:
                continue
            if not answer.get("ongoingIndicator", False) and not answer["messagesInQueue"]:
                self._books.transactions.lose(self.record.id, transaction_id)
                self.record.note(
                    self._clock(), "GetTransactionStatus", f"{transaction_id[:36]} is lost: not known there"
                )

    # -- the CSMS's frames ------------------------------------------------------------------------

    async def call(self, action: str, payload: Payload, timeout_s: float) -> Payload:
        """Sends a CALL when those before it are through, and gives the payload of its CALLRESULT. `timeout_s` counts
        from sending. CallRefusedError for a CALLERROR, NoAnswerError if there is none or the connection is lost,
        ProtocolError for an answer that breaks the schema; LocalError for what cannot be asked."""
        self._check_registration()
        if self._in_line >= self._limits.waiting_calls:
            raise BusyError(f"{self._in_line} calls wait for {self.record.id} already")
        self._in_line += 1
        try:
            async with self._line:
                return await self._call(action, payload, timeout_s)
        finally:
            self._in_line -= 1

    def _check_registration(self) -> None:
        if self.record.registration == REJECTED:
            raise LocalError(f"{self.record.id} is Rejected: the CSMS sends it nothing (B03.FR.03)")

    async def _call(self, action: str, payload: Payload, timeout_s: float) -> Payload:
        if self._gone:
            raise NoAnswerError(f"the connection of {self.record.id} was lost")
        self._check_registration()
        outgoing = self._rpc.call(action, payload, self._loop.time(), timeout_s)
        waiter = self._waiter = self._loop.create_future()
        if not outgoing.meta.fault and (wanted := self._dialogue.instructs(action, payload)) is not None:
            self.record.instructed.add(wanted)
            self.record.changed()
        try:
            async with asyncio.timeout(timeout_s):
                number = self._record(outgoing)
                await self._send(outgoing)
                answer: Payload = await waiter
                return answer
        except TimeoutError:
            if self._socket.transport.get_write_buffer_size() > _STUCK_BYTES:
                self._socket.transport.abort()
            self._judge.unanswered(action, number, self._clock())
            wrong = f"; the request breaks the schema: {outgoing.meta.fault}" if outgoing.meta.fault else ""
            raise NoAnswerError(f"{self.record.id} did not answer {action} within {timeout_s:g} s{wrong}") from None
        except ConnectionClosed:
            raise NoAnswerError(f"the connection of {self.record.id} was lost") from None
        finally:
            self._waiter = None
            self._rpc.expire(float("inf"))

    def _settle(self, outcome: Payload | EvtuiError) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if isinstance(outcome, EvtuiError):
            self._waiter.set_exception(outcome)
        else:
            self._waiter.set_result(outcome)

    def _record(self, outgoing: Outgoing) -> int:
        if self._socket.protocol.state is _OPEN:
            self.record.frames_sent += 1
            now = self._clock()
            number = self._tap.record(now, self.record.id, _RECEIVED, outgoing.meta, outgoing.text, None)
            self._judge.csms(outgoing, number, now, ON_PURPOSE not in outgoing.meta.fault)
            return number
        return 0

    async def _send(self, outgoing: Outgoing) -> None:
        stalled = self._offer(outgoing)
        if stalled is not None:
            await self._patiently(stalled)

    def _offer(self, outgoing: Outgoing) -> Coroutine[Any, Any, None] | None:
        """Sends a frame; gives what there is to wait for until the network has taken it, if anything."""
        socket = self._socket
        try:
            sent = offered(socket, outgoing.text)
        except OSError:
            socket.transport.abort()
            return None
        if sent and not socket.paused:
            return None
        return socket.drain() if sent else socket.send(outgoing.text)

    async def _patiently(self, stalled: Coroutine[Any, Any, None]) -> None:
        """Waits for who reads slowly; who reads nothing is cut off."""
        cut = self._loop.call_later(self._limits.send_timeout_s, self._socket.transport.abort)
        try:
            await stalled
        finally:
            cut.cancel()

    # -- a station that is Accepted already, but not by us ----------------------------------------

    def _ask_for_boot(self) -> None:
        """A station that sends other CALLs first may have been accepted before this CSMS was started: no Boot is due
        on a reconnect. So it is asked for one, once."""
        if self.record.registration is None and not self._asked_for_boot:
            self._asked_for_boot = True
            self._spawn(self._trigger_boot())

    async def _trigger_boot(self) -> None:
        try:
            answer = await self.call("TriggerMessage", {"requestedMessage": "BootNotification"}, _BOOT_TIMEOUT_S)
            # That it is Accepted already is what makes a station reject this one (F06.FR.17).
            will_not = answer["status"] in ("Rejected", "NotImplemented")
        except CallRefusedError as refusal:
            will_not = refusal.code in _UNKNOWN_HERE
        except EvtuiError:
            return
        # Who cannot be made to boot would be refused for ever; a Boot would get it accepted.
        taken = self.record.registration is None and self._unproven is None
        if will_not and taken and self.record.policy.boot_status == ACCEPTED:
            self.record.registration = ACCEPTED
            self.record.changed()
            self.record.note(self._clock(), "TriggerMessage", "taken for Accepted: it does not boot again")

    # -- the end ----------------------------------------------------------------------------------

    async def close(self, code: int, reason: str) -> None:
        """Closes the connection; one that does not take part is cut off in time."""
        self.leave()
        try:
            async with asyncio.timeout(2 * self._limits.close_timeout_s):
                await self._socket.close(code, reason)
        except TimeoutError:
            self._socket.transport.abort()


def _marked(outgoing: Outgoing, fault: str) -> Outgoing:
    return Outgoing(outgoing.text, msgspec.structs.replace(outgoing.meta, fault=f"{fault} ({ON_PURPOSE})"))
