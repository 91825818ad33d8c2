"""The door of a fleet in the same process."""

from evtui.engine.door import Command, FleetEvent, FleetView, Outcome, SpoolInfo, StationDetail, View
from evtui.engine.fleet import Fleet
from evtui.engine.orders import Orders
from evtui.engine.views import station_detail


class LocalDoor:
    """The six names, answered by the fleet itself. `stop` waits `drain_s` at most for what is owed; with the reason
    "detach" it does nothing, as there is nobody to go. `name` is that of the frames."""

    def __init__(self, fleet: Fleet, drain_s: float = 2.0, name: str = "fleet") -> None:
        self._name = name
        self._fleet = fleet
        self._orders = Orders(fleet, fleet.board.clock)
        self._drain_s = drain_s

    async def fleet(self, view: View) -> FleetView:
        return self._fleet.view(view)

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        session = self._fleet.session(station_id)
        return None if session is None else station_detail(session, self._fleet.board, whole=whole)

    async def frames(self) -> tuple[SpoolInfo, ...]:
        return (SpoolInfo(self._name, str(self._fleet.frames.directory)),)

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        return await self._fleet.feed.after(after)

    async def submit(self, command: Command) -> Outcome:
        return await self._orders.carry_out(command)

    async def stop(self, reason: str) -> None:
        if reason != "detach":
            await self._fleet.shutdown(self._drain_s)
            await self._fleet.close()
