"""What every HTTP server of evtui stands behind: who may ask, and what pages may do.

A page of another site that is open in the user's browser can send requests to servers on this machine, and by DNS
rebinding read the answers too. So a request must name us as its Host, and a browser's must come from our own pages.
"""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
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


class Guard:
    """ASGI middleware that answers 403 to whoever does not call us by one of `names`, or comes from elsewhere, and puts
    the security headers on all that goes out. Names, not ports: a tunnel may have changed those."""

    def __init__(self, app: App, names: Collection[str] = LOOPBACK_NAMES) -> None:
        self._app = app
        self._names = names

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
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        if self._admits(scope["headers"]):
            await self._app(scope, receive, guarded)
            return
        body = b"Forbidden: not called by a name of this server, or from a page of another.\n"
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await guarded({"type": "http.response.start", "status": 403, "headers": headers})
        await guarded({"type": "http.response.body", "body": body})

    def _admits(self, headers: Collection[tuple[bytes, bytes]]) -> bool:
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        if len(hosts) != 1 or len(origins) > 1 or host_name(hosts[0]) not in self._names:
            return False
        return all(origin_name(origin) in self._names for origin in origins)
