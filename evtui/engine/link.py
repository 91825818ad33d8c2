"""The seam to the wire: what a session needs of a connection, so that tests plug in a scripted one."""

from typing import Protocol

from evtui.ocppj.endpoint import Endpoint


class Connection(Protocol):
    """An open WebSocket with an agreed subprotocol."""

    @property
    def subprotocol(self) -> str: ...

    async def send(self, text: str) -> None: ...

    async def recv(self) -> str | bytes:
        """The next message. Cancelled while it waits, it loses none: a session does so whenever something is due."""

    def ping_every(self, interval_s: float) -> None:
        """Sends a WebSocket ping every so often from now on; 0: never."""

    async def close(self) -> None: ...


class Connect(Protocol):
    """Opens a connection; raises ConnectError."""

    async def __call__(
        self, endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> Connection: ...
