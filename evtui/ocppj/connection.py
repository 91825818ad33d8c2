"""A WebSocket to a CSMS: opened with the station's credentials, or an error that names the stage and what to do."""

import asyncio
import logging
import re
import socket
from base64 import b64encode
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, cast

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket_connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State
from websockets.typing import Subprotocol

from evtui.errors import ConnectError, LinkError
from evtui.ocppj.diagnosis import Attempt, Stage, diagnose
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.fault import printable
from evtui.ocppj.inbox import Inbox, UnreadableError
from evtui.ocppj.receiving import Receiver
from evtui.ocppj.sending import offered
from evtui.ocppj.tls import client_context
from evtui.ocppj.valve import Valve

DEFAULT_MAX_SIZE = 1 << 20
PONG_TIMEOUT_S = 20.0
CLOSE_TIMEOUT_S = 2.0
_PROTOCOL_ERROR = 1002
_TOO_BIG = 1009
_INTERNAL_ERROR = 1011  # what the library closes with when a pong is overdue
_OUR_CLOSES = (1000, 1001)
_ABNORMAL = 1006

_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

# A logger of our own, at a level of its own: at DEBUG the library would log headers, and with them the password.
_log = logging.getLogger("evtui.websocket")
_log.setLevel(logging.WARNING)


class Connection:
    """An open WebSocket with an agreed subprotocol."""

    __slots__ = ("_inbox", "_max_size", "_websocket")

    def __init__(self, websocket: "_Tracked", max_size: int) -> None:
        self._websocket = websocket
        self._inbox = websocket.inbox
        self._max_size = max_size

    @property
    def subprotocol(self) -> str:
        """The agreed one, such as ocpp2.0.1: it decides the version."""
        return str(self._websocket.subprotocol)

    def offer(self, text: str) -> bool:
        """Sends a text frame, if that needs nobody to wait; says no when it does, or the connection is going. LinkError
        when it breaks off."""
        try:
            return offered(self._websocket, text)
        except OSError as error:
            raise self._broken(error) from None

    async def send(self, text: str) -> None:
        """Sends a text frame; waits while the network does not take it. LinkError when the connection is gone."""
        try:
            await self._websocket.send(text)
        except OSError as error:
            raise self._broken(error) from None
        except ConnectionClosed as closed:
            raise self._lost(closed) from None

    def attend(self, ring: Callable[[], None]) -> None:
        """Calls `ring` whenever there is something to `take`, from now on."""
        self._websocket.attend(ring)

    @property
    def ready(self) -> bool:
        """There is something to `take`: a message, or the news that the connection has gone."""
        inbox = self._inbox
        return bool(inbox.messages) or inbox.over

    def take(self) -> str | bytes:
        """The next message; bytes if it was a binary one. LinkError when the connection is gone."""
        inbox = self._inbox
        if not inbox.messages:
            raise self._lost(self._websocket.protocol.close_exc)
        try:
            return inbox.take()
        except UnreadableError as error:
            websocket = self._websocket
            websocket.protocol.fail(error.code, error.reason)
            websocket.send_data()
            text = f"the CSMS broke the WebSocket protocol ({int(error.code)}: {error.reason})"
            raise LinkError(text, int(error.code)) from None

    def ping_every(self, interval_s: float) -> None:
        """Sends a WebSocket ping every so often from now on, and gives the connection up when no pong comes in time;
        0: never."""
        websocket = self._websocket
        if websocket.keepalive_task is not None:
            websocket.keepalive_task.cancel()
            websocket.keepalive_task = None
        websocket.ping_interval = interval_s or None
        if websocket.state is State.OPEN:
            websocket.start_keepalive()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes; waits for the peer's closing frame for two seconds at most."""
        await self._websocket.close(code, reason)

    def abort(self) -> None:
        """Drops the connection at once, without a word to the peer."""
        self._websocket.transport.abort()

    @property
    def gone(self) -> bool:
        """It is over, at this end at least."""
        return self._websocket.transport.is_closing()

    def shut(self) -> None:
        """Nothing passes any more, either way, and neither side is told."""
        self._websocket.valve.shut()

    def open(self) -> None:
        """It passes again, what had to wait at once; a connection that was given up meanwhile is reset."""
        self._websocket.valve.open()

    def _broken(self, error: OSError) -> LinkError:
        self._websocket.transport.abort()
        return LinkError(f"the connection broke off: {error.strerror or error}", _ABNORMAL)

    def _lost(self, closed: ConnectionClosed) -> LinkError:
        received, sent = closed.rcvd, closed.sent
        if sent is not None and sent.code == _TOO_BIG and not closed.rcvd_then_sent:
            return LinkError(f"the CSMS sent a frame of more than {self._max_size} bytes", _TOO_BIG)
        if received is not None and (closed.rcvd_then_sent or sent is None):
            why = f": {printable(received.reason)}" if received.reason else ""
            return LinkError(f"the CSMS closed the connection ({int(received.code)}{why})", int(received.code))
        if sent is None:
            return LinkError("the connection broke off", _ABNORMAL)
        if sent.code == _INTERNAL_ERROR:
            return LinkError(f"the CSMS did not answer a WebSocket ping within {PONG_TIMEOUT_S:g} s", _ABNORMAL)
        if sent.code in _OUR_CLOSES:
            return LinkError("the connection was closed on this side", int(sent.code))
        why = f": {printable(sent.reason)}" if sent.reason else ""
        return LinkError(f"the CSMS broke the WebSocket protocol ({int(sent.code)}{why})", int(sent.code))


async def connect(
    endpoint: Endpoint,
    *,
    open_timeout_s: float = 10.0,
    ping_interval_s: float | None = None,
    max_size: int = DEFAULT_MAX_SIZE,
) -> Connection:
    """Opens the connection within `open_timeout_s`, all stages together. `ping_interval_s` None or 0 sends no pings;
    `max_size` bounds a received message, in bytes. ConnectError says what failed and what to do."""
    attempt = Attempt(endpoint, open_timeout_s)
    try:
        async with asyncio.timeout(open_timeout_s):
            websocket = await _open(attempt, ping_interval_s or None, max_size)
    except (ConnectError, OSError, WebSocketException, ValueError, EOFError, ImportError) as error:
        raise diagnose(attempt, error) from None
    if websocket.subprotocol is None:
        # A 101 without a subprotocol is to be treated as a refusal (OCPP-J 3.1.2).
        await websocket.close(_PROTOCOL_ERROR, "no common subprotocol")
        raise diagnose(attempt, None)
    websocket.forget_handshake()
    return Connection(websocket, max_size)


async def _open(attempt: Attempt, ping_interval_s: float | None, max_size: int) -> "_Tracked":
    endpoint = attempt.endpoint
    if not attempt.host or not attempt.port:
        raise ValueError("not a WebSocket URL")
    headers = _headers(endpoint)
    options: dict[str, Any] = {}
    if attempt.secure:
        attempt.stage = Stage.TLS
        options["ssl"] = client_context(endpoint.ca, endpoint.cert, endpoint.key, endpoint.insecure)
    if endpoint.proxy is None:
        # Name and TCP are our own steps: it is then known which of them failed, or was slow.
        attempt.stage = Stage.DNS
        addresses = await _resolved(attempt.host, attempt.port)
        attempt.stage = Stage.TCP
        options["sock"] = await _reached(addresses, attempt.deadline_s)
        if attempt.secure:
            options["server_hostname"] = attempt.host
    else:
        attempt.stage = Stage.PROXY
    handed_over = False

    def tracked(protocol: ClientProtocol, **settings: Any) -> _Tracked:
        nonlocal handed_over
        handed_over = True
        attempt.stage = Stage.TLS if attempt.secure else Stage.HTTP
        return _Tracked(attempt, protocol, **settings)

    try:
        websocket = await _Dial(
            endpoint.url,
            subprotocols=cast("tuple[Subprotocol, ...]", endpoint.subprotocols),
            additional_headers=headers,
            user_agent_header=endpoint.user_agent,
            compression=None,
            proxy=endpoint.proxy,
            open_timeout=None,
            ping_interval=ping_interval_s,
            ping_timeout=PONG_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=max_size,
            logger=_log,
            create_connection=cast("type[ClientConnection]", tracked),
            **options,
        )
        return cast("_Tracked", websocket)
    finally:
        if not handed_over and "sock" in options:
            options["sock"].close()


class _Dial(websocket_connect):
    """Follows no redirect: a station that lands elsewhere than its URL says would only puzzle."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _Tracked(Receiver, ClientConnection):
    """Tells its attempt when TLS is done, and what broke it; has a valve and an inbox; rings when a message is there,
    and when there will be no more."""

    __slots__ = ("_attempt", "valve")

    masks = 0
    valve: Valve

    def __init__(self, attempt: Attempt, protocol: ClientProtocol, **settings: Any) -> None:
        super().__init__(protocol, **settings)
        self._attempt: Attempt | None = attempt  # until there is a connection
        self.logger = protocol.logger = _log  # the library makes one of half a kilobyte, which names the connection
        self.drain_waiters = cast("Any", [])  # an empty deque takes 760 bytes

    def forget_handshake(self) -> None:
        """Lets go of what only the handshake needed: six kilobytes, and the password, that nobody asks for again."""
        self._attempt = self.request = None
        if self.response is not None:  # the library's parser has it too
            self.response.headers.clear()
        self.protocol.key = ""
        del self.response_rcvd

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._attempt is not None:
            self._attempt.stage = Stage.HTTP
        self.valve = Valve(cast("asyncio.Transport", transport), self)
        super().connection_made(self.valve)
        self.receive_into(Inbox(self.valve))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._attempt is not None:
            self._attempt.broken_by = exc
        super().connection_lost(exc)
        self.inbox.over = True
        self.inbox.ring()


def _headers(endpoint: Endpoint) -> list[tuple[str, str]]:
    headers = list(endpoint.headers)
    for name, value in headers:
        if not (name.isascii() and name.isprintable() and _HEADER_VALUE.fullmatch(value)):
            # Its value may be a secret, so the library must not get to complain about it.
            problem = f"the header {printable(name, 60)} cannot be sent"
            raise ConnectError(Stage.HTTP, problem, "check its name and value: Latin-1, no control characters")
    if endpoint.password is not None:
        credentials = f"{endpoint.username}:".encode() + endpoint.password.octets
        headers.append(("Authorization", f"Basic {b64encode(credentials).decode('ascii')}"))
    return headers


# -- name and TCP ---------------------------------------------------------------------------------

_Address = tuple[int, Any]


async def _resolved(host: str, port: int) -> list[_Address]:
    """Family and socket address of each of the host's addresses; a literal one needs no resolver thread."""
    try:
        literal = ip_address(host)
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]
    return [(socket.AF_INET if literal.version == 4 else socket.AF_INET6, (host, port))]


async def _reached(addresses: list[_Address], deadline_s: float) -> socket.socket:
    """A socket to the first address that answers; none may use up the time of those behind it."""
    loop = asyncio.get_running_loop()
    failures: list[OSError] = []
    for index, (family, address) in enumerate(addresses):
        share_s = max(deadline_s - loop.time(), 0.0) / (len(addresses) - index)
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            sock.setblocking(False)
            async with asyncio.timeout(share_s):
                await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failures.append(error)
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failures[0]
