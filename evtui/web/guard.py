"""What every HTTP server of evtui stands behind: who may ask, how much, and what pages may do.

A page of another site that is open in the user's browser can send requests to servers on this machine, and by DNS
rebinding read the answers too. So a request must name us as its Host, and a browser's must come from our own pages.
"""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
)


def host_name(host: str) -> str | None:
    """The name in a Host header, lower case and without port; None if there is none."""
    return _name(f"//{host}")


def origin_name(origin: str) -> str | None:
    """The host name of an Origin header; None for `null` and whatever else is no web page's origin."""
    return _name(origin) if origin.startswith(("http://", "https://")) else None


def _name(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks it
    except ValueError:
        return None
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname


def is_address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def refuse(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    """Answers a request with a line of text."""
    body = text.encode() + b"\n"
    plain = (b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*plain, *headers]})
    await send({"type": "http.response.body", "body": body})


class Guard:
    """ASGI middleware that answers 403 to whoever does not call us by one of `names`, or comes from elsewhere, and puts
    the security headers on all that goes out, unless a page brings its own. Names, not ports: a tunnel may have changed
    those. With `addresses` any IP address is a name of ours too: rebinding needs a name, and a page from another
    address is known by its Origin."""

    def __init__(self, app: App, names: Collection[str] = LOOPBACK_NAMES, *, addresses: bool = False) -> None:
        self._app = app
        self._names = names
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket of ours speaks through here
            await send({"type": "websocket.close", "code": 1008})
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ())]
                own = {name for name, _ in headers}
                message["headers"] = [*headers, *(each for each in _HEADERS if each[0] not in own)]
            await send(message)

        if self._admits(scope["headers"]):
            await self._app(scope, receive, guarded)
        else:
            await refuse(guarded, 403, "Forbidden: not called by a name of this server, or from a page of another.")

    def _admits(self, headers: Collection[tuple[bytes, bytes]]) -> bool:
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        host = host_name(hosts[0]) if len(hosts) == 1 else None
        if host is None or not (host in self._names or (self._addresses and is_address(host))):
            return False
        return len(origins) <= 1 and all(origin_name(each) in (host, *self._names) for each in origins)


class BodyLimit:
    """ASGI middleware that answers 413 to a request whose body is longer than `most` bytes."""

    def __init__(self, app: App, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request: its body is read first, so that nothing begins on half of it."""
        pieces: list[bytes] = []
        more = scope["type"] == "http"
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client is gone
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
            if sum(map(len, pieces)) > self._most:
                await refuse(send, 413, f"Too long: at most {self._most} bytes.", (b"connection", b"close"))
                return
        body = [{"type": "http.request", "body": b"".join(pieces), "more_body": False}]

        async def read() -> Message:
            return body.pop() if body else await receive()

        await self._app(scope, read, send)
