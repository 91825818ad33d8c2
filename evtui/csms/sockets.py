"""Sockets of the CSMS: those that listen, and those of connections, from their first byte on."""

import asyncio
import socket
from collections.abc import Sequence

from websockets.asyncio.server import ServerConnection

from evtui.errors import LocalError
from evtui.web.listening import PortTakenError, listen


async def listen_on(host: str, port: int, exact: bool, host_name: str, port_name: str) -> tuple[socket.socket, ...]:
    """Sockets that listen there; errors name the setting that is in the way."""
    try:
        return await listen(host, port, exact)
    except PortTakenError as error:
        raise PortTakenError(f"{port_name}: {error}") from None
    except LocalError as error:
        raise LocalError(f"{host_name}: {error}") from None


def tracked(sockets: set[ServerConnection]) -> type[ServerConnection]:
    """Connections that stand in `sockets` as long as they live, also before and during the handshake."""

    class Tracked(ServerConnection):
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
