"""An HTTP server that takes files as told: remembers each request, answers by the book, late, or not at all."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple


class Taken(NamedTuple):
    """A request as it came; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class UploadTarget:
    """`answer` gives the bytes of the answer to a request, None for silence. `early`: it answers and closes before it
    has read the body."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.answer: Callable[[Taken], bytes | None] = lambda taken: status(200)
        self.early = False
        self.arrived = asyncio.Event()
        self.gone = asyncio.Event()  # a client left without an answer
        self.port = 0
        self.scheme = "http"

    def url(self, path: str = "/in/", userinfo: str = "") -> str:
        return f"{self.scheme}://{userinfo}127.0.0.1:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = b"" if self.early else await reader.readexactly(int(headers["content-length"]))
            method, path, _ = first.split(" ")
            taken = Taken(method, path, headers, body)
            self.taken.append(taken)
            self.arrived.set()
            answer = self.answer(taken)
            if answer is None:
                await reader.read()
                self.gone.set()
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        finally:
            writer.close()

    @asynccontextmanager
    async def open(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["UploadTarget"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self.scheme = "http" if tls is None else "https"
        async with server:
            yield self


def status(code: int, reason: str = "Whatever") -> bytes:
    return f"HTTP/1.1 {code} {reason}\r\nContent-Length: 0\r\n\r\n".encode()
