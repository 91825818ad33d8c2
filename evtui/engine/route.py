"""The route between a station and its CSMS: open, or cut, so that nothing passes and neither side is told."""

import asyncio

from evtui.engine.clock import Clock
from evtui.engine.link import Connect, Connection
from evtui.engine.uploads import TIMEOUT_S, Carry, Result, failure
from evtui.errors import ConnectError
from evtui.ocppj.endpoint import Endpoint
from evtui.sim.actions import Upload


class Route:
    """Through it a station dials and uploads. What it had open stays open while the route is cut."""

    __slots__ = ("_carry", "_clock", "_connect", "_dark", "_lost", "_open", "_restored", "is_cut")

    def __init__(self, connect: Connect, carry: Carry, clock: Clock) -> None:
        self.is_cut = False
        self._connect = connect
        self._carry = carry
        self._clock = clock
        self._open: list[Connection] = []
        self._lost: list[Connection] = []  # of a station that lost its power
        self._dark = False
        self._restored: asyncio.Event | None = None  # while it is cut

    # -- what happens to it -----------------------------------------------------------------------

    def cut(self) -> None:
        """Nothing passes any more."""
        self.is_cut = True
        self._restored = asyncio.Event()
        for connection in self._open:
            connection.shut()

    def restore(self) -> None:
        """It passes again: what had to wait at once."""
        self.is_cut = False
        if self._restored is not None:
            self._restored.set()
        for connection in self._open:
            connection.open()
        self._open = [connection for connection in self._open if not connection.gone]
        self._bury()

    def close(self) -> None:
        """Lets go of everything."""
        self._dark = self.is_cut = False
        for connection in self._open:
            connection.open()
        self._bury()

    def power_lost(self, connection: Connection | None) -> None:
        """The station is dark: its connection is gone without a word, and the CSMS does not know yet."""
        self._dark = True
        if connection is not None:
            connection.shut()
            connection.abort()
            self._open.remove(connection)
            self._lost.append(connection)

    def power_returned(self) -> None:
        """The machine at this end knows nothing of what was open before, and says so to those who ask."""
        self._dark = False
        self._bury()

    def _bury(self) -> None:
        if self._dark or self.is_cut:
            return
        lost, self._lost = self._lost, []
        for connection in lost:
            connection.open()

    # -- what goes over it ------------------------------------------------------------------------

    async def connect(
        self, endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> Connection:
        """Dials, if need be as soon as the route is restored. ConnectError as from dialling, and when it is not in
        time."""
        until_s = self._clock.now().elapsed_s + open_timeout_s
        if not await self._passes(until_s):
            advice = "the network is cut: restore-network lets it pass again"
            raise ConnectError("tcp", f"no answer within {open_timeout_s:g} s", advice)
        connection = await self._connect(
            endpoint,
            open_timeout_s=max(until_s - self._clock.now().elapsed_s, 0.1),
            ping_interval_s=ping_interval_s,
            max_size=max_size,
        )
        self._open = [each for each in self._open if not each.gone]
        self._open.append(connection)
        if self.is_cut:
            connection.shut()
        return connection

    async def carry(self, upload: Upload, endpoint: Endpoint) -> Result:
        """Uploads, if need be as soon as the route is restored."""
        if not await self._passes(self._clock.now().elapsed_s + TIMEOUT_S):
            return failure(upload, f"no answer within {TIMEOUT_S:g} s")
        return await self._carry(upload, endpoint)

    async def _passes(self, until_s: float) -> bool:
        """Waits until the route is open, at most until then (elapsed time)."""
        while self._restored is not None and self.is_cut and self._clock.now().elapsed_s < until_s:
            timer = self._clock.call_at(until_s, self._restored.set)
            try:
                await self._restored.wait()
            finally:
                timer.cancel()
            if self.is_cut:
                self._restored.clear()
        return not self.is_cut
