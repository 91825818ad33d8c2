"""A CSMS that accepts everything, and remembers who was connected when, and what began and ended."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from evtui.bench.sink import answer

_EVENT = re.compile(r'"eventType":"(Started|Ended)"')


class WatchfulCsms:
    """`twice` are the stations that had two connections at the same time, `came` counts connections of each."""

    def __init__(self) -> None:
        self.url = ""
        self.came: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.twice: set[str] = set()
        self.events: Counter[str] = Counter()
        self.authorizations: set[str] = set()

    @property
    def online(self) -> int:
        """Connections that are open now."""
        return sum(self.open.values())

    async def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        station = connection.request.path.rpartition("/")[2]
        self.authorizations.add(connection.request.headers.get("Authorization", ""))
        self.came[station] += 1
        self.open[station] += 1
        if self.open[station] > 1:
            self.twice.add(station)
        try:
            async for text in connection:
                assert isinstance(text, str)
                self.events.update(_EVENT.findall(text))
                reply = answer(text)
                if reply is not None:
                    await connection.send(reply)
        except ConnectionClosed:
            pass
        finally:
            self.open[station] -= 1


@asynccontextmanager
async def watchful_csms() -> AsyncIterator[WatchfulCsms]:
    """One that listens on a free port of loopback."""
    csms = WatchfulCsms()
    protocols = ["ocpp2.0.1"]
    async with serve(csms.serve, "127.0.0.1", 0, subprotocols=protocols, compression=None) as server:  # type: ignore[arg-type]
        csms.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield csms
