"""One connected station: its socket, its RPC engine, and what the CSMS answers and asks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from evtui.csms.books import Books
from evtui.csms.certificates import is_proven
from evtui.csms.handlers import Dialogue, Payload
from evtui.csms.limits import Limits, Throttle
from evtui.csms.registry import ACCEPTED, REJECTED, StationRecord
from evtui.csms.store.store import Store
from evtui.csms.tap import Tap
from evtui.errors import BusyError, CallRefusedError, EvtuiError, LocalError, NoAnswerError, ProtocolError
from evtui.ocppj.frame import Direction
from evtui.ocppj.received import BadResult, CallError, Outgoing, Refuse, Request, Result
from evtui.ocppj.rpc import Rpc
from evtui.ocppj.schemas import schemas_of

_TURN: Final = 32  # what a station may have handled before the others get their turn, weighed as for its throttle
_WEIGHED_BYTES: Final = 512
_BOOT_TIMEOUT_S: Final = 30.0
_UNKNOWN_HERE: Final = frozenset({"NotSupported", "NotImplemented"})
_STUCK_BYTES: Final = 1 << 16  # twice what a socket may hold back before sending waits

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class ConnectedStation:
    """Serves one connection until it is lost. Frames of one station are handled one after the other; a slow or flooding
    one waits for itself alone."""

    def __init__(
        self,
        socket: ServerConnection,
        record: StationRecord,
        dialogue: Dialogue,
        *,
        books: Books,
        tap: Tap,
        store: Store | None,
        limits: Limits,
        clock: Callable[[], float],
        spawn: Spawn,
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
        self._asked_for_boot = False
        self._unproven = certified if certified != record.id and record.boot is None else None
        """The common name of its certificate, as long as its serial number has not been heard."""
        self._put_out = ""
        """Why the connection is closed after the next answer (1008)."""

    # -- the station's frames ---------------------------------------------------------------------

    async def run(self) -> None:
        """Reads and answers until the connection is lost or replaced."""
        socket, handled = self._socket, 0
        take = self._throttle.take
        try:
            while True:
                text = await socket.recv()
                if self._gone:
                    return
                now_s = self._loop.time()
                reply = self._receive(text, now_s)
                if reply is not None:
                    await self._answer(reply)
                if self._put_out:
                    await self.close(1008, self._put_out)
                    return
                weight = 1 + len(text) // _WEIGHED_BYTES
                wait_s = take(now_s, weight)
                handled += weight
                # Others get their turn; so does whoever waited for an answer, before the station's next frame is read.
                if wait_s or reply is None or handled >= _TURN:
                    handled = 0
                    await asyncio.sleep(wait_s)
        except ConnectionClosed:
            return
        finally:
            self.leave()

    def leave(self) -> None:
        """Nothing more is taken from or sent to this connection; whoever waits for an answer is told."""
        self._gone = True
        self._rpc.reset()
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
        rtt_s = received.rtt_s if isinstance(received, Result | BadResult | CallError) else None
        self._tap.record(now, record.id, Direction.SENT, received.meta, text, rtt_s)
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

    async def _answer(self, reply: Outgoing) -> None:
        """What is answered is kept: the answer leaves when all that it acknowledges, and itself, is on the disk."""
        self._record(reply)
        if self._store is not None and not self._store.written:
            await self._store.committed()
        if not self._gone:
            await self._send(reply)

    def _handle(self, request: Request, now: float) -> Outgoing:
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
        handler = self._dialogue.handlers[request.action]
        return self._rpc.result(
            request.message_id, request.action, handler(self._books, self.record, request.payload, now)
        )

    # -- the CSMS's frames ------------------------------------------------------------------------

    async def call(self, action: str, payload: Payload, timeout_s: float) -> Payload:
        """Sends a CALL when those before it are through, and gives the payload of its CALLRESULT. `timeout_s` counts
        from sending. CallRefusedError for a CALLERROR, NoAnswerError if there is none or the connection is lost,
        ProtocolError for an answer that breaks the schema; LocalError for what cannot be asked."""
        if self.record.registration == REJECTED:
            raise LocalError(f"{self.record.id} is Rejected: the CSMS sends it nothing (B03.FR.03)")
        if self._in_line >= self._limits.waiting_calls:
            raise BusyError(f"{self._in_line} calls wait for {self.record.id} already")
        self._in_line += 1
        try:
            async with self._line:
                return await self._call(action, payload, timeout_s)
        finally:
            self._in_line -= 1

    async def _call(self, action: str, payload: Payload, timeout_s: float) -> Payload:
        if self._gone:
            raise NoAnswerError(f"the connection of {self.record.id} was lost")
        outgoing = self._rpc.call(action, payload, self._loop.time(), timeout_s)
        waiter = self._waiter = self._loop.create_future()
        if not outgoing.meta.fault and (wanted := self._dialogue.instructs(action, payload)) is not None:
            self.record.instructed.add(wanted)
            self.record.changed()
        try:
            async with asyncio.timeout(timeout_s):
                self._record(outgoing)
                await self._send(outgoing)
                answer: Payload = await waiter
                return answer
        except TimeoutError:
            if self._socket.transport.get_write_buffer_size() > _STUCK_BYTES:
                self._socket.transport.abort()
            raise NoAnswerError(f"{self.record.id} did not answer {action} within {timeout_s:g} s") from None
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

    def _record(self, outgoing: Outgoing) -> None:
        if self._socket.state is State.OPEN:
            self.record.frames_sent += 1
            self._tap.record(self._clock(), self.record.id, Direction.RECEIVED, outgoing.meta, outgoing.text, None)

    async def _send(self, outgoing: Outgoing) -> None:
        socket = self._socket
        cut = self._loop.call_later(self._limits.send_timeout_s, socket.transport.abort)
        try:
            await socket.send(outgoing.text)
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
