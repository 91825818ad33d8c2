"""The door of a fleet in the same process."""

from evtui.engine.door import Command, FleetEvent, FleetView, Outcome, SpoolInfo, StationDetail, View
from evtui.engine.fleet import Fleet


class LocalDoor:
    """The six names, answered by the fleet itself. `stop` drains for `drain_s` at most; with the reason "detach" it
    does nothing, as there is nobody to go."""

    def __init__(self, fleet: Fleet, drain_s: float = 2.0) -> None:
        self._fleet = fleet
        self._drain_s = drain_s

    async def fleet(self, view: View) -> FleetView:
        raise NotImplementedError

    async def station(self, station_id: str) -> StationDetail | None:
        raise NotImplementedError

    async def frames(self) -> tuple[SpoolInfo, ...]:
        raise NotImplementedError

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        return await self._fleet.feed.after(after)

    async def submit(self, command: Command) -> Outcome:
        raise NotImplementedError

    async def stop(self, reason: str) -> None:
        raise NotImplementedError
