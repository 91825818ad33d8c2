"""A part of a fleet behind a merged door: a door that may go and come back, and what outlives it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from evtui.engine.door import (
    Command,
    Door,
    FleetEvent,
    FleetView,
    Outcome,
    RoundTripCounts,
    SpoolInfo,
    StationDetail,
    StationRow,
    Totals,
    View,
)
from evtui.engine.fallen import FallenDoor
from evtui.engine.sums import sum_of_counts
from evtui.errors import DoorClosedError

SILENT_S = 5.0
"""How long a look at it may take: a process that hangs does not hang the others."""

_EVERYTHING = 1 << 30
T = TypeVar("T")


class Part:
    """Opened by `rise`, it answers like its door; from `fall` on, and while it does not answer, its stations are shown
    as crashed. `rows` are its stations as they were found, by id. Frames, errors, energy and round trips that were
    counted before a fall stay counted, as far as they were looked at. `owed` are the messages that it had not delivered
    when it was last looked at."""

    def __init__(self, name: str = "part") -> None:
        self.name = name
        self.owed = 0
        self.rows: dict[str, StationRow] = {}
        self.round_trips = RoundTripCounts()
        self.totals = Totals()
        self._door: Door = FallenDoor((), "it has not started yet")
        self._last: FleetView | None = None
        self._before = Totals()
        self._trips_before = RoundTripCounts()
        self._spools: tuple[SpoolInfo, ...] = ()
        self._stopped = asyncio.Event()

    async def rise(self, door: Door) -> None:
        """Its stations are behind this door from now on."""
        found = await door.fleet(View(count=_EVERYTHING, addable=True))
        self._spools = await door.frames()
        self.rows = {row.id: row for row in found.rows}
        self._door = door
        self._stopped.clear()
        self._know(found)

    def fall(self, reason: str) -> None:
        """The process behind the door is gone."""
        totals = self.totals
        self._before = Totals(frames=totals.frames, errors=totals.errors, energy_wh=totals.energy_wh)
        self._trips_before = replace(self.round_trips, minute=())
        self._door = self._fallen(reason)
        self._stopped.set()

    @property
    def size(self) -> int:
        """How many stations it has, as far as is known."""
        return self.totals.stations

    # -- what its door is asked -------------------------------------------------------------------

    async def fleet(self, view: View) -> FleetView:
        """See Door; that it is gone is for who follows it."""
        found = await self._asked(lambda door: door.fleet(view))
        if found.round_trips is not None or isinstance(self._door, FallenDoor):
            self._know(found)
        elif view.addable:  # it is silent
            totals = self.totals
            still = Totals(totals.stations, energy_wh=totals.energy_wh, frames=totals.frames, errors=totals.errors)
            self.totals = still
        return found

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        """See Door."""
        return await self._asked(lambda door: door.station(station_id, whole=whole))

    async def frames(self) -> tuple[SpoolInfo, ...]:
        """See Door."""
        return self._spools

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        """See Door. DoorClosedError: it is gone."""
        return await self._door.events(after)

    async def submit(self, command: Command) -> Outcome:
        """See Door."""
        try:
            return await self._door.submit(command)
        except DoorClosedError:
            self.fall(f"{self.name} is gone")
            return await self._door.submit(command)

    async def add(self, command: Command) -> Outcome:
        """Lets it add stations, which are known from then on."""
        outcome = await self.submit(command)
        if outcome.done:
            await self._look()
        return outcome

    async def stop(self, reason: str) -> None:
        """See Door."""
        await self._door.stop(reason)

    async def _asked(self, ask: Callable[[Door], Awaitable[T]]) -> T:
        """What its door says, or what can be said without it."""
        try:
            async with asyncio.timeout(SILENT_S):
                return await ask(self._door)
        except DoorClosedError:
            self.fall(f"{self.name} is gone")
            return await ask(self._door)
        except TimeoutError:
            return await ask(self._fallen(f"{self.name} has not answered for {SILENT_S:g} s"))

    def _fallen(self, reason: str) -> FallenDoor:
        return FallenDoor(tuple(self.rows.values()), reason, self._last, self._spools)

    # -- events -----------------------------------------------------------------------------------

    async def heard(self, event: FleetEvent) -> None:
        """It has told that."""
        match event.kind:
            case "station-added" if event.station_id not in self.rows:
                await self._look()
            case "station-removed":
                self.rows.pop(event.station_id, None)
            case "stopped":
                self._stopped.set()

    async def told_all(self) -> None:
        """Waits until it has told that it stopped, which is its last event, or is gone."""
        await self._stopped.wait()

    async def _look(self) -> None:
        """Looks for stations that are new."""
        order = (await self.fleet(View(count=0, order=True))).order
        new = tuple([place.id for place in order if place.id not in self.rows])
        rows = (await self.fleet(View(count=0, ids=new, addable=True))).rows
        self.rows |= {row.id: row for row in rows}

    def _know(self, found: FleetView) -> None:
        """Takes the figures, which go on from those before a fall."""
        self._last, before, totals = found, self._before, found.totals
        if not isinstance(self._door, FallenDoor):
            self.owed = totals.queued
        self.totals = replace(
            totals,
            frames=totals.frames + before.frames,
            errors=totals.errors + before.errors,
            energy_wh=totals.energy_wh + before.energy_wh,
        )
        self.round_trips = sum_of_counts((self._trips_before, found.round_trips or RoundTripCounts()))
