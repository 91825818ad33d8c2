"""Sockets of the CSMS: those that listen, and those of connections, from their first byte on."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform that the library has no compiled part for
    from websockets.utils import apply_mask

from evtui.errors import LocalError
from evtui.ocppj.inbox import Inbox
from evtui.web.listening import PortTakenError, listen

_TEXT: Final = 0x81  # a text frame, and the last of its message
_MASKED: Final = 0x80
_END_OF_REQUEST: Final = b"\r\n\r\n"
_WAITING: Final = 8  # messages of one station that wait to be handled before its socket is no longer read


async def listen_on(host: str, port: int, exact: bool, host_name: str, port_name: str) -> tuple[socket.socket, ...]:
    """Sockets that listen there; errors name the setting that is in the way."""
    try:
        return await listen(host, port, exact)
    except PortTakenError as error:
        raise PortTakenError(f"{port_name}: {error}") from None
    except LocalError as error:
        raise LocalError(f"{host_name}: {error}") from None


class StationSocket(ServerConnection):
    """A connection with an inbox, which rings when a message is there, and when there will be no more.

    Text that comes in one frame of its own, uncompressed, as nearly all of it does, takes a short way into the inbox,
    at a fifth of the library's cost. All other frames, and whatever breaks the protocol, are the library's."""

    inbox: Inbox
    _clean = False  # the library has seen the request of the handshake, and nothing after it
    _short = False  # it stands between two frames, and would have nothing to decompress

    def attend(self, ring: Callable[[], None]) -> None:
        """Calls `ring` whenever there is something to take, or nothing more to come, from now on."""
        self.inbox.ring = ring
        self._held = bytearray()  # what has come of a frame, from its beginning
        self._short = self._clean and not self.protocol.extensions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.inbox = Inbox(self.transport, _nobody, _WAITING)
        self.recv_messages = cast("Any", self.inbox)

    def data_received(self, data: bytes) -> None:
        if self._short:
            self._split(data)
            return
        first = self.request is None
        super().data_received(data)
        self._clean = first and self.request is not None and data.find(_END_OF_REQUEST) == len(data) - 4

    def _split(self, data: bytes) -> None:
        held, protocol = self._held, self.protocol
        held += data
        while held:
            start, end = _payload_of(held)
            if protocol.state is not State.OPEN or end - start > (protocol.max_message_size or end):
                self._short, end = False, len(held)  # the library knows what to say, from here on
            elif not start or len(held) < end:
                return
            if self._short and held[0] == _TEXT and protocol.current_size is None:
                self.inbox.put_text(apply_mask(held[start:end], held[start - 4 : start]))
            else:
                super().data_received(bytes(held[:end]))
            del held[:end]

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.inbox.ring()


def _payload_of(held: bytearray) -> tuple[int, int]:
    """Where the payload of the frame begins and ends that `held` begins with (RFC 6455, 5.2); (0, 0) until that can be
    told. That of a frame without a mask, which clients must not send, is beyond all limits."""
    if len(held) < 2:
        return 0, 0
    if not held[1] & _MASKED:
        return 0, sys.maxsize
    size = held[1] & ~_MASKED
    if size < 126:
        return 6, 6 + size
    start = 4 if size == 126 else 10
    if len(held) < start:
        return 0, 0
    return start + 4, start + 4 + int.from_bytes(held[2:start], "big")


def _nobody() -> None:
    """Hears the ring before anybody attends."""


def tracked(sockets: set[StationSocket]) -> type[StationSocket]:
    """Connections that stand in `sockets` as long as they live, also before and during the handshake."""

    class Tracked(StationSocket):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            sockets.add(self)

        def connection_lost(self, exc: Exception | None) -> None:
            sockets.discard(self)
            super().connection_lost(exc)

    return Tracked


def close_all(sockets: Sequence[socket.socket]) -> None:
    """Lets go of sockets that listen."""
    for sock in sockets:
        sock.close()
