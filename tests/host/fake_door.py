"""A fleet that is made up: a door whose answers tests choose, and which remembers what it was asked."""

import asyncio

from evtui.engine.door import (
    Command,
    EvseRow,
    FleetEvent,
    FleetView,
    LinkState,
    Outcome,
    SpoolInfo,
    StationDetail,
    StationRow,
    Totals,
    View,
)
from evtui.errors import LocalError


class FakeDoor:
    """Implements Door. `tell` publishes an event; a command named "impossible" is refused with LocalError."""

    def __init__(self, stations: int = 1) -> None:
        self.stations = [station(f"CP{n:03d}") for n in range(1, stations + 1)]
        self.commands: list[Command] = []
        self.stops: list[str] = []
        self.polls = 0
        self.asked: list[tuple[str, bool]] = []
        self._events: list[FleetEvent] = []
        self._news = asyncio.Condition()

    async def tell(self, kind: str, station_id: str = "CP001", text: str = "") -> None:
        async with self._news:
            self._events.append(FleetEvent(len(self._events) + 1, 1.0, kind, station_id, 1, text))
            self._news.notify_all()

    async def fleet(self, view: View) -> FleetView:
        rows = tuple(self.stations[view.first : view.first + view.count])
        totals = Totals(stations=len(self.stations))
        return FleetView(1, 1.0, 60.0, "ws://127.0.0.1:9000", "", view.first, rows, totals, len(self.stations))

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        self.asked.append((station_id, whole))
        row = next((row for row in self.stations if row.id == station_id), None)
        if row is None:
            return None
        return StationDetail(1, 1.0, row, "ws://x/CP001", "evtui", "AC22", None, None, (), (), {"A.B": "1"})

    async def frames(self) -> tuple[SpoolInfo, ...]:
        return (SpoolInfo("fleet", "/nowhere"),)

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        self.polls += 1
        try:
            async with self._news:
                await self._news.wait_for(lambda: len(self._events) > after)
                return tuple(self._events[after:])
        finally:
            self.polls -= 1

    async def submit(self, command: Command) -> Outcome:
        self.commands.append(command)
        if command.name == "impossible":
            raise LocalError("the moon is in the wrong house")
        return Outcome(True, f"{command.name}: done")

    async def stop(self, reason: str) -> None:
        self.stops.append(reason)


def station(station_id: str) -> StationRow:
    """A station that idles online."""
    evse = EvseRow(1, "Available", None, False, False, 0.0, 22_000.0, 0.0, None, None, None)
    return StationRow(station_id, "2.0.1", LinkState.ONLINE, None, "", 0, (evse,))
