"""uvicorn as a guest in a process that belongs to a host. Imported when it is needed: it is heavy."""

import asyncio
import logging
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from evtui.web.guard import App

MOST_REQUESTS = 256
"""Connections and requests at a time; more are answered 503."""

SILENT_S = 10.0
"""A connection that has asked for nothing for so long, or for twice that, is closed: others may want its place."""

logging.getLogger("uvicorn").addHandler(logging.NullHandler())


class _Server(uvicorn.Server):
    """Signals belong to the host. `up` is set when it listens: told to exit before, older ones would never let go."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def put_out_silent(self) -> None:
        """Closes, again and again, connections without a request, also those that have sent but a part of one."""
        silent: dict[object, object] = {}
        while True:
            await asyncio.sleep(SILENT_S)
            before, silent = silent, {}
            for connection in tuple(self.server_state.connections):
                cycle = getattr(connection, "cycle", None)
                if cycle is not None and not cycle.response_complete:
                    continue
                if connection in before and before[connection] is cycle:
                    connection.transport.close()
                else:
                    silent[connection] = cycle

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(app: App, sockets: Sequence[socket.socket], closing: asyncio.Event) -> None:
    """Serves on listening sockets until `closing` is set; requests that run then get a second to end."""
    settings: dict[str, Any] = {"log_config": None, "access_log": False, "lifespan": "off", "ws": "none"}
    config = uvicorn.Config(
        app, server_header=False, limit_concurrency=MOST_REQUESTS, timeout_graceful_shutdown=1, **settings
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=list(sockets)), name="http")
        await server.up.wait()
        putting_out = group.create_task(server.put_out_silent(), name="http silent")
        await closing.wait()
        putting_out.cancel()
        server.should_exit = True
