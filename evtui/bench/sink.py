"""The sink: a CSMS that accepts everything and does nothing else, so that it never is what a bench measures.

Run as `python -m evtui.bench.sink PORT HEARTBEAT_S`: prints its port, and ends with its stdin.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from evtui.host.loop import run

_ANSWERS = {
    "BootNotification": '[3,"{0}",{{"currentTime":"{1}","interval":{2},"status":"Accepted"}}]',
    "Heartbeat": '[3,"{}",{{"currentTime":"{}"}}]',
    "Authorize": '[3,"{}",{{"idTokenInfo":{{"status":"Accepted"}}}}]',
}
HEARTBEAT_S = 86_400
"""How far heartbeats are apart, unless told otherwise: a day, so that they are no part of what is measured."""

_EMPTY = '[3,"{}",{{}}]'


def answer(text: str, heartbeat_s: int = HEARTBEAT_S) -> str | None:
    """The answer to a CALL, None to anything else. Looks at nothing but the id and the action."""
    if not text.startswith("[2,"):
        return None
    _, message_id, _, action, _ = text.split('"', 4)
    form = _ANSWERS.get(action)
    if form is None:
        return _EMPTY.format(message_id)
    return form.format(message_id, datetime.now(UTC).isoformat(), heartbeat_s)


async def _serve(connection: ServerConnection, heartbeat_s: int) -> None:
    try:
        async for text in connection:
            reply = answer(text if isinstance(text, str) else text.decode(), heartbeat_s)
            if reply is not None:
                await connection.send(reply)
    except ConnectionClosed:
        pass  # stations come and go


async def sink(ended: asyncio.Event, told: Callable[[int], None], port: int, heartbeat_s: int) -> None:
    """Serves on a port of loopback (0: a free one), which `told` gets, until it is ended. Several may share it."""
    async with serve(
        partial(_serve, heartbeat_s=heartbeat_s),
        "127.0.0.1",
        port,
        reuse_port=True,
        subprotocols=["ocpp2.0.1"],  # type: ignore[list-item]
        compression=None,
        ping_interval=None,
        max_queue=None,
        backlog=4096,
    ) as server:
        told(next(iter(server.sockets)).getsockname()[1])
        await ended.wait()


async def _main(port: int, heartbeat_s: int) -> int:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
    await sink(ended, lambda port: print(port, flush=True), port, heartbeat_s)
    return 0


if __name__ == "__main__":
    from evtui.host.limits import raise_open_files

    raise_open_files()
    sys.exit(run(_main(*map(int, sys.argv[1:]))))
