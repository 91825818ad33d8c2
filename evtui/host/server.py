"""The door as windows reach it: a Unix socket that only its user can open."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import msgspec

from evtui import __version__
from evtui.engine.beside import Alone, Attendance, Beside, CsmsQuery, CsmsRequest
from evtui.engine.door import Command, Door, View
from evtui.errors import EvtuiError, LocalError, ProtocolError
from evtui.host.lifeline import Lifeline
from evtui.host.wire import (
    CHANGING,
    FORGET,
    LENGTH_BYTES,
    MAX_CALL,
    PROTOCOL,
    SETTLE,
    VERBS,
    Call,
    Hello,
    Reply,
    Role,
    Welcome,
    pack,
    raw,
)

MAX_CALLS = 64
HELLO_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 0.3
"""How long a window that does not read may take to get its last answers."""

_NOTHING = raw(None)

Settle = Callable[[float], Coroutine[Any, Any, dict[str, int]]]
"""Ends all transactions, waits so many seconds at most, and tells what each station still owes."""


class DoorServer:
    """Serves a door to any number of windows. Nobody waits for a slow one: what it asked for waits in its own
    connection, and it may ask MAX_CALLS things at a time. `settle` is what a worker does for its lead."""

    def __init__(
        self, door: Door, lifeline: Lifeline, beside: Beside | None = None, settle: Settle | None = None
    ) -> None:
        self._door = door
        self._settle = settle
        self._beside = beside or Alone()
        self._lifeline = lifeline
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._stopped = asyncio.Event()

    async def listen(self, path: Path) -> None:
        """Opens the socket; its directory must be private already."""
        self._server = await asyncio.start_unix_server(self._serve, sock=_listener(path))

    def stopped(self) -> None:
        """The fleet has ended: whoever asked for it gets the answer."""
        self._stopped.set()

    async def close(self) -> None:
        """Closes the door; open windows see it."""
        if self._server is not None:
            self._server.close()
        await asyncio.sleep(0)  # whoever was told in this turn of the loop answers before its socket closes
        for writer in self._connections.values():
            writer.close()
        if self._connections:
            await asyncio.wait(self._connections, timeout=CLOSE_TIMEOUT_S)
        for writer in self._connections.values():
            writer.transport.abort()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            await _Connection(
                reader, writer, self._door, self._beside, self._lifeline, self._stopped, self._settle
            ).run()
        except* (ConnectionError, asyncio.IncompleteReadError, ProtocolError, TimeoutError, msgspec.MsgspecError):
            pass  # a window that went in the middle of a word, or is none: its connection ends, nothing else
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            del self._connections[task]


def _listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(os.fspath(path))
    path.chmod(0o600)
    return listener


class _Connection:
    """One window: reads its calls and lets each run on its own."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        door: Door,
        beside: Beside,
        lifeline: Lifeline,
        stopped: asyncio.Event,
        settle: Settle | None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._door = door
        self._beside = beside
        self._lifeline = lifeline
        self._stopped = stopped
        self._settle = settle
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._role = Role.READER  # until it has said what it is

    async def run(self) -> None:
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            hello = msgspec.msgpack.decode(await self._record(), type=Hello)
        self._writer.write(pack(Welcome(PROTOCOL, __version__)))
        if hello.protocol != PROTOCOL:
            await self._writer.drain()
            return
        self._role = hello.role
        with self._presence(hello.role):
            await self._calls_of()

    def _presence(self, role: Role) -> AbstractContextManager[None]:
        match role:
            case Role.WINDOW | Role.LEAD:
                return self._lifeline.window()
            case Role.READER:
                return self._lifeline.reader()
            case Role.VISITOR:
                return nullcontext()

    async def _calls_of(self) -> None:
        decoder = msgspec.msgpack.Decoder(Call)
        most = sys.maxsize if self._role is Role.LEAD else MAX_CALLS
        async with asyncio.TaskGroup() as group:
            try:
                while True:
                    call = decoder.decode(await self._record())
                    if call.verb == FORGET:
                        if task := self._calls.get(msgspec.msgpack.decode(call.body, type=int)):
                            task.cancel()
                    elif len(self._calls) < most and call.id not in self._calls:
                        self._calls[call.id] = group.create_task(self._answer(call))
                    else:
                        await self._send(Reply(call.id, _NOTHING, "too many calls at a time"))
            except asyncio.IncompleteReadError:
                for task in self._calls.values():
                    task.cancel()

    async def _record(self) -> bytes:
        length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
        if length > MAX_CALL:
            raise ProtocolError(f"a call of {length} bytes; at most {MAX_CALL} are allowed")
        return await self._reader.readexactly(length)

    async def _answer(self, call: Call) -> None:
        try:
            reply = Reply(call.id, raw(await self._ask(call)))
        except (EvtuiError, msgspec.MsgspecError) as error:
            reply = Reply(call.id, _NOTHING, str(error))
        finally:
            del self._calls[call.id]
        await self._send(reply)

    async def _send(self, reply: Reply) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(pack(reply))
        await self._writer.drain()

    def _ask(self, call: Call) -> Coroutine[Any, Any, Any]:
        verb = VERBS.get(call.verb)
        if verb is None:
            raise ProtocolError(f"the door has no {call.verb!r}")
        if self._role is Role.READER and call.verb in CHANGING:
            raise LocalError("this window is read-only")
        if call.verb == SETTLE and (self._settle is None or self._role is not Role.LEAD):
            raise LocalError("only the lead of a worker may ask that")
        body = msgspec.msgpack.decode(call.body, type=verb.takes)
        match call.verb, body:
            case "fleet", View():
                return self._door.fleet(body)
            case "submit", Command():
                return self._door.submit(body)
            case "station", (str() as station_id, bool() as whole):
                return self._door.station(station_id, whole=whole)
            case "events", int():
                return self._door.events(body)
            case "stop", str():
                return self._stop(body)
            case "node", _:
                return self._beside.node()
            case "csms", CsmsQuery():
                return self._beside.csms(body)
            case "ask", CsmsRequest():
                return self._beside.ask(body)
            case "settle", float() if self._settle is not None:
                return self._settle(body)
            case "attendance", _:
                return self._attendance()
            case _:
                return self._door.frames()

    async def _attendance(self) -> Attendance:
        lifeline = self._lifeline
        return Attendance(lifeline.windows, lifeline.readers, lifeline.stay)

    async def _stop(self, reason: str) -> None:
        if reason == "detach":
            self._lifeline.detach()
            return
        self._lifeline.end(reason)
        await self._stopped.wait()
