"""The door from afar: what a window holds of a fleet in another process."""

import asyncio
from pathlib import Path
from typing import Any, cast

import msgspec

from evtui import __version__
from evtui.engine.beside import Attendance, CsmsAnswer, CsmsQuery, CsmsRequest, CsmsView, NodeView
from evtui.engine.door import Command, FleetEvent, FleetView, Outcome, SpoolInfo, StationDetail, View
from evtui.errors import DoorClosedError, LocalError, ProtocolError
from evtui.host.wire import (
    FORGET,
    MAX_REPLY,
    PROTOCOL,
    VERBS,
    Call,
    Hello,
    Reply,
    Role,
    Unpacker,
    Welcome,
    pack,
    raw,
)

WELCOME_TIMEOUT_S = 5.0
_GONE = "the fleet's process is gone"


class RemoteDoor:
    """A HostDoor over the host's Unix socket. Every call raises DoorClosedError once the host is gone, LocalError for
    what the host refuses."""

    def __init__(self, wire: "_Wire") -> None:
        self._wire = wire

    @classmethod
    async def connect(cls, path: Path | str, role: Role = Role.WINDOW) -> "RemoteDoor":
        """Opens the door at a socket. DoorClosedError: nobody is there, or speaks another version."""
        loop = asyncio.get_running_loop()
        wire = _Wire(role)
        try:
            await loop.create_unix_connection(lambda: wire, str(path))
        except OSError as error:
            raise DoorClosedError(f"no fleet listens on {path}: {error.strerror or error}") from None
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                welcome = await wire.welcome
        except TimeoutError:
            wire.close()
            raise DoorClosedError(f"the fleet on {path} does not answer") from None
        if welcome.protocol != PROTOCOL:
            wire.close()
            raise DoorClosedError(
                f"the fleet runs evtui {welcome.version}, this is {__version__}: use the same version"
            )
        return cls(wire)

    @property
    def closed(self) -> bool:
        """The host is gone, or `close` was called."""
        return self._wire.closed

    def close(self) -> None:
        """The window goes."""
        self._wire.close()

    async def fleet(self, view: View) -> FleetView:
        """See Door."""
        return await self._wire.call("fleet", view)  # type: ignore[no-any-return]

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        """See Door."""
        return await self._wire.call("station", (station_id, whole))  # type: ignore[no-any-return]

    async def frames(self) -> tuple[SpoolInfo, ...]:
        """See Door."""
        return await self._wire.call("frames", None)  # type: ignore[no-any-return]

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        """See Door."""
        return await self._wire.call("events", after)  # type: ignore[no-any-return]

    async def submit(self, command: Command) -> Outcome:
        """See Door."""
        return await self._wire.call("submit", command)  # type: ignore[no-any-return]

    async def node(self) -> NodeView | None:
        """See Beside."""
        return await self._wire.call("node", None)  # type: ignore[no-any-return]

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        """See Beside."""
        return await self._wire.call("csms", query)  # type: ignore[no-any-return]

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        """See Beside."""
        return await self._wire.call("ask", request)  # type: ignore[no-any-return]

    async def attendance(self) -> Attendance:
        """See HostDoor."""
        return await self._wire.call("attendance", None)  # type: ignore[no-any-return]

    async def settle(self, drain_s: float) -> dict[str, int]:
        """For the lead of a worker: see `evtui.engine.fleet.Fleet.shutdown`."""
        return await self._wire.call("settle", drain_s)  # type: ignore[no-any-return]

    async def stop(self, reason: str) -> None:
        """See Door. That the host is gone is what was asked for, so it is no error."""
        try:
            await self._wire.call("stop", reason)
        except DoorClosedError:
            if reason == "detach":
                raise


class _Wire(asyncio.Protocol):
    """The client's end of the socket: sends calls, hands replies to whoever waits. No task of its own."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self.welcome: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()
        self.closed = False
        self._reason = _GONE
        self._transport: asyncio.Transport | None = None
        self._unpacker = Unpacker(MAX_REPLY)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._decoder = msgspec.msgpack.Decoder(Reply)
        self._results = {name: msgspec.msgpack.Decoder(verb.gives) for name, verb in VERBS.items()}
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._transport.write(pack(Hello(PROTOCOL, __version__, self._role)))

    def data_received(self, data: bytes) -> None:
        try:
            for record in self._unpacker.feed(data):
                if not self.welcome.done():
                    self.welcome.set_result(msgspec.msgpack.decode(record, type=Welcome))
                else:
                    self._reply(self._decoder.decode(record))
        except (ProtocolError, msgspec.MsgspecError) as error:
            self._lost(f"the fleet's process speaks nonsense: {error}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(_GONE)

    def close(self) -> None:
        self._lost("the door is closed")
        if self._transport is not None:
            self._transport.close()

    async def call(self, name: str, argument: Any) -> Any:
        if self.closed or self._transport is None:
            raise DoorClosedError(self._reason)
        self._number += 1
        number = self._number
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._transport.write(pack(Call(number, name, raw(argument))))
        try:
            return self._results[name].decode(await future)
        except asyncio.CancelledError:
            if not self.closed:
                self._transport.write(pack(Call(0, FORGET, raw(number))))
            raise
        finally:
            self._waiting.pop(number, None)

    def _reply(self, reply: Reply) -> None:
        future = self._waiting.get(reply.id)
        if future is None or future.done():
            return
        if reply.refused is None:
            future.set_result(reply.body)
        else:
            future.set_exception(LocalError(reply.refused))

    def _lost(self, reason: str) -> None:
        if self.closed:
            return
        self.closed = True
        self._reason = reason
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(DoorClosedError(reason))
        if not self.welcome.done():
            self.welcome.set_exception(DoorClosedError(reason))
