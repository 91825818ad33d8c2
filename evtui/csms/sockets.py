"""Sockets of the CSMS: those that listen, and those of connections, from their first byte on."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Final

from websockets.asyncio.server import ServerConnection

from evtui.errors import LocalError
from evtui.ocppj.inbox import Inbox
from evtui.ocppj.receiving import Receiver
from evtui.web.listening import PortTakenError, listen

_WAITING: Final = 8  # messages of one station that wait to be handled before its socket is no longer read


async def listen_on(host: str, port: int, exact: bool, host_name: str, port_name: str) -> tuple[socket.socket, ...]:
    """Sockets that listen there; errors name the setting that is in the way."""
    try:
        return await listen(host, port, exact)
    except PortTakenError as error:
        raise PortTakenError(f"{port_name}: {error}") from None
    except LocalError as error:
        raise LocalError(f"{host_name}: {error}") from None


class StationSocket(Receiver, ServerConnection):
    """A connection with an inbox, which rings when a message is there, and when there will be no more."""

    masks = 4

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.receive_into(Inbox(self.transport, high=_WAITING))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.inbox.ring()


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
