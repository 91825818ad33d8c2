"""A client of the API, and a fleet behind it on a clock that tests move."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from evtui.api.server import open_api
from evtui.config import ApiConfig
from evtui.engine.door import Door
from tests.engine.scripted import Bench, bench

ANY_PORT = ApiConfig(port=0)


class Answer(NamedTuple):
    """What came back; `json` reads the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks over a real socket, in a thread, each time over a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, None, headers)

    async def post(self, path: str, arguments: object = None, **headers: str) -> Answer:
        if arguments is None:
            return await self.ask("POST", path, None, headers)
        body = json.dumps(arguments).encode()
        return await self.ask("POST", path, body, {"Content-Type": "application/json", **headers})

    async def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        return await asyncio.to_thread(self._ask, method, path, body, dict(headers))

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request(method, path, body, headers)
            response = link.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            link.close()

    @asynccontextmanager
    async def events(self, query: str = "", **headers: str) -> AsyncIterator["EventReader"]:
        """The stream of events."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"GET /api/events{query} HTTP/1.0", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            yield EventReader(int(head.split()[1]), head.decode(), reader)
        finally:
            writer.close()
            await writer.wait_closed()


class EventReader:
    """Reads server-sent events."""

    def __init__(self, status: int, head: str, reader: asyncio.StreamReader) -> None:
        self.status = status
        self.head = head
        self._reader = reader

    async def next(self) -> dict[str, Any]:
        """The fields of the next event, its data read; comments are passed over."""
        while True:
            block = (await self._reader.readuntil(b"\n\n")).decode().strip().split("\n")
            fields = dict(line.split(": ", 1) for line in block if not line.startswith(":"))
            if fields:
                return {**fields, "data": json.loads(fields["data"])}

    async def ended(self) -> bool:
        """Waits until the server has closed the stream."""
        await self._reader.read()
        return self._reader.at_eof()


@asynccontextmanager
async def serving(door: Door, config: ApiConfig = ANY_PORT) -> AsyncIterator[Client]:
    """The API of a door."""
    async with open_api(config, door) as api:
        yield Client(api.port)


@asynccontextmanager
async def fleet(directory: Path, stations: int = 1, **group: Any) -> AsyncIterator[tuple[Client, Bench]]:
    """The API of a fleet of so many stations, booted."""
    async with bench(directory, stations, **group) as it, serving(it.door) as client:
        yield client, it
