"""The seam to the wire: what a session needs of a connection, so that tests plug in a scripted one."""

from collections.abc import Callable
from typing import Protocol

from evtui.ocppj.endpoint import Endpoint


class Connection(Protocol):
    """An open WebSocket with an agreed subprotocol."""

    @property
    def subprotocol(self) -> str: ...

    def offer(self, text: str) -> bool:
        """Sends, if that needs nobody to wait; or says no."""

    async def send(self, text: str) -> None:
        """Sends; waits while the network does not take it."""

    def attend(self, ring: Callable[[], None]) -> None:
        """Calls `ring` whenever there is something to `take`, from now on."""

    @property
    def ready(self) -> bool:
        """There is something to `take`: a message, or the news that the connection has gone."""

    def take(self) -> str | bytes:
        """The next message. LinkError when the connection is gone."""

    def ping_every(self, interval_s: float) -> None:
        """Sends a WebSocket ping every so often from now on; 0: never."""

    async def close(self) -> None: ...

    # What a cut network and a lost power do to it.

    @property
    def gone(self) -> bool:
        """It is over, at this end at least."""

    def shut(self) -> None:
        """Nothing passes any more, either way, and neither side is told."""

    def open(self) -> None:
        """It passes again, what had to wait at once; a connection that was given up meanwhile is reset."""

    def abort(self) -> None:
        """It is gone, without a word to the peer."""


class Connect(Protocol):
    """Opens a connection; raises ConnectError."""

    async def __call__(
        self, endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> Connection: ...
