"""A fleet: its stations, each with a session task of its own, and what everybody outside may ask of it."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from evtui.config import FleetConfig
from evtui.engine.clock import Clock
from evtui.engine.feed import Feed
from evtui.engine.link import Connect

if TYPE_CHECKING:
    from evtui.ocppj.spool import SpoolWriter


class Fleet:
    """Runs the stations of a configuration against one CSMS.

    Entering it starts every session, leaving it stops what still runs without waiting for answers: call `shutdown`
    before. ConfigError: a password, certificate or station that the configuration names cannot be used.
    """

    def __init__(
        self,
        config: FleetConfig,
        *,
        clock: Clock,
        frames: "SpoolWriter",
        csms_url: str,
        banner: str = "",
        connect: Connect | None = None,
    ) -> None:
        self.feed = Feed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def add(self, count: int = 1) -> tuple[str, ...]:
        """Adds stations like those of the last group and starts them; gives their ids."""
        raise NotImplementedError

    async def remove(self, station_id: str) -> None:
        """Ends its transactions, waits a little for their delivery and takes the station away. LocalError if unknown."""
        raise NotImplementedError

    async def shutdown(self, drain_s: float) -> dict[str, int]:
        """Stops all transactions locally, then waits until all is delivered or `drain_s` passed. Gives the number of
        undelivered transaction messages of each station that has some."""
        raise NotImplementedError
