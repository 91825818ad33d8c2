"""A door behind which stations do as a test says, at once and without a clock."""

import asyncio
from collections.abc import Mapping

import msgspec

from evtui.engine.door import Command, EvseDetail, FleetEvent, FleetView, Outcome, SpoolInfo, StationDetail, View
from evtui.engine.feed import Feed
from tests.host.fake_door import station

Acts = Mapping[str, tuple[str, ...]]
"""A command's name, and the kinds of events that follow it; one that is not there is refused."""

CHARGES: Acts = {"start": ("session-started",), "stop": ("session-ended",), "unplug": ("unplugged",)}


class ScriptedDoor:
    """Implements Door. Each station comes online if it is among `online`; then commands act as `acts` has it."""

    def __init__(
        self,
        stations: tuple[str, ...],
        acts: Acts = CHARGES,
        online: tuple[str, ...] | None = None,
        evses: int = 1,
    ) -> None:
        self.feed = Feed()
        self.commands: list[str] = []
        self._acts = acts
        self._stations = stations
        self._evses = evses
        for each in stations if online is None else online:
            self.feed.publish(0.0, "online", each)

    async def fleet(self, view: View) -> FleetView:
        raise NotImplementedError

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        if station_id not in self._stations:
            return None
        row = msgspec.structs.replace(station(station_id), trouble="connection refused (tcp)")
        evse = EvseDetail(
            row.evses[0], "sType2", 3, None, 0, 0, (), (), 50, (), (), None, False, (), (), (), (), (), (), (), ()
        )
        plugged = tuple(
            msgspec.structs.replace(evse, row=msgspec.structs.replace(evse.row, evse_id=number + 1, plugged=True))
            for number in range(self._evses)
        )
        url = f"ws://127.0.0.1:9/{station_id}"
        return StationDetail(1, 1.0, row, url, "evtui", "AC22", None, None, plugged, (), {})

    async def frames(self) -> tuple[SpoolInfo, ...]:
        return ()

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        return await self.feed.after(after)

    async def submit(self, command: Command) -> Outcome:
        [target] = command.targets
        self.commands.append(f"{target.station_id} {command.name}{f' {target.evse_id}' if self._evses > 1 else ''}")
        if command.name not in self._acts:
            return Outcome(False, f"{target.station_id}: {command.name} is not possible")
        for kind in self._acts[command.name]:
            self.feed.publish(1.0, kind, target.station_id, target.evse_id, energy_wh=1000.0)
        await asyncio.sleep(0)
        return Outcome(True, "done")

    async def stop(self, reason: str) -> None:
        raise NotImplementedError
