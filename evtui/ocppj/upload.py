"""Sending a file by HTTP or HTTPS, as a station does when its CSMS wants one: PUT, and POST where that is refused.

h11 speaks the protocol, asyncio carries it: a transfer can be cancelled at any moment, and thousands need no threads.
Imported when it is needed. Nothing here follows a redirect: what goes out goes where the CSMS said.
"""

import asyncio
import ssl
from base64 import b64encode
from secrets import token_hex
from urllib.parse import urlsplit

import h11
import msgspec

from evtui import __version__
from evtui.errors import RemoteError
from evtui.ocppj.fault import printable

_READ = 1 << 16
_WRITE = 1 << 16
_PORTS = {"http": 80, "https": 443}

Headers = list[tuple[str, str]]


class Answer(msgspec.Struct, frozen=True):
    """What the server said: the status, and its reason in words."""

    status: int
    reason: str


class NoHttpError(RemoteError):
    """The server answered something that is no HTTP, or nothing at all."""


class Remote(msgspec.Struct, frozen=True):
    """A server that takes files, and who we are to it. `context` is for https."""

    context: ssl.SSLContext
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "Remote(***)"


async def put(url: str, content: bytes, remote: Remote) -> Answer:
    """Stores the content at the URL. OSError (ssl.SSLError among them): no connection; NoHttpError."""
    return await _request("PUT", url, [("Content-Type", "text/plain; charset=utf-8")], content, remote)


async def post(url: str, name: str, content: bytes, remote: Remote) -> Answer:
    """Gives the content to the URL as a form's file (N01.FR.19). Errors as for `put`."""
    boundary = token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="uploadfile"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return await _request("POST", url, [("Content-Type", f"multipart/form-data; boundary={boundary}")], body, remote)


async def _request(method: str, url: str, headers: Headers, body: bytes, remote: Remote) -> Answer:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host = parts.hostname or ""
    try:
        reader, writer = await asyncio.open_connection(
            host, parts.port or _PORTS[parts.scheme], ssl=remote.context if secure else None
        )
    except UnicodeError:
        raise OSError(f"no host is named {printable(host, 100)}") from None
    try:
        return await _exchange(reader, writer, method, url, headers, body, remote)
    except h11.ProtocolError as error:
        raise NoHttpError(f"the server does not speak HTTP as it should: {printable(str(error), 100)}") from None
    finally:
        writer.transport.abort()


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    method: str,
    url: str,
    headers: Headers,
    body: bytes,
    remote: Remote,
) -> Answer:
    parts = urlsplit(url)
    http = h11.Connection(h11.CLIENT)
    everything = [
        ("Host", parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc),
        ("User-Agent", f"evtui/{__version__}"),
        ("Accept", "*/*"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        *headers,
    ]
    if remote.username or remote.password:
        pair = b64encode(f"{remote.username}:{remote.password}".encode("utf-8", "surrogatepass")).decode()
        everything.append(("Authorization", f"Basic {pair}"))
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    start = http.send(h11.Request(method=method, target=target, headers=everything))
    try:
        writer.write(start or b"")
        for at in range(0, len(body), _WRITE):
            writer.write(http.send(h11.Data(data=body[at : at + _WRITE])) or b"")
            await writer.drain()
        writer.write(http.send(h11.EndOfMessage()) or b"")
        await writer.drain()
    except ConnectionError:
        pass  # it may have answered before it had read all
    return await _answer(reader, http)


async def _answer(reader: asyncio.StreamReader, http: h11.Connection) -> Answer:
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Response):
            return Answer(event.status_code, event.reason.decode("latin-1"))
        elif isinstance(event, h11.ConnectionClosed):
            raise NoHttpError("the server closed the connection without an answer")
