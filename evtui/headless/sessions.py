"""The sessions of a run: one after the other on each station, on its EVSEs in turn; all stations at the same time."""

import asyncio
from collections.abc import Callable

from evtui.engine.door import Command, Door, FleetEvent, Target
from evtui.headless.story import Plan

BEGIN_TIMEOUT_S = 60.0
"""How long a session may take to begin once the station was told to start it: an answer from the CSMS and, at worst,
the message timeout before it."""

END_TIMEOUT_S = 60.0
"""The same for its end."""

Note = Callable[[str, str], None]
"""Takes a station's id and a sentence about it into the story."""


class Sessions:
    """Drives the stations of a plan through a door. `done` and `failed` count sessions, `energy_wh` is that of the
    done ones; `no_csms` says why no station at all was accepted in time."""

    def __init__(self, door: Door, plan: Plan, connect_timeout_s: float, note: Note) -> None:
        self._door = door
        self._plan = plan
        self._connect_timeout_s = connect_timeout_s
        self._note = note
        self._inboxes = {station: _Inbox() for station in plan.stations}
        self.done = 0
        self.failed = 0
        self.energy_wh = 0.0
        self.no_csms: str | None = None

    async def run(self) -> None:
        """Waits until the stations are accepted, then runs all sessions of those that are."""
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._read())
            await self._accepted()
            if self.no_csms is None:
                async with asyncio.TaskGroup() as stations:
                    for station in self._plan.stations:
                        stations.create_task(self._station(station), name=station)
            reading.cancel()

    async def _read(self) -> None:
        last = 0
        while True:
            for event in await self._door.events(last):
                last = event.number
                if event.station_id in self._inboxes:
                    self._inboxes[event.station_id].put(event)

    async def _accepted(self) -> None:
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await asyncio.gather(*(inbox.online.wait() for inbox in self._inboxes.values()))
        except TimeoutError:
            if self._inboxes and not any(inbox.online.is_set() for inbox in self._inboxes.values()):
                self.no_csms = await self._why_not()

    async def _why_not(self) -> str:
        """What the first station says of its link: the dialled URL and the trouble."""
        first = self._plan.stations[0]
        detail = await self._door.station(first)
        if detail is None:
            return f"{first} is gone"
        trouble = detail.row.trouble or f"it is still {detail.row.link.value}"
        return f"{first} was not accepted on {detail.url} within {self._connect_timeout_s:g} s: {trouble}"

    async def _station(self, station: str) -> None:
        inbox = self._inboxes[station]
        if not inbox.online.is_set():
            self._fail(station, f"not accepted within {self._connect_timeout_s:g} s", self._plan.sessions)
            return
        detail = await self._door.station(station)
        evses = [each.row.evse_id for each in detail.evses] if detail is not None else [1]
        for number in range(self._plan.sessions):
            if not await self._session(Target(station, evses[number % len(evses)]), inbox):
                # What kept this one from beginning keeps the others too.
                self._fail(station, "", self._plan.sessions - number - 1)
                return

    async def _session(self, evse: Target, inbox: "_Inbox") -> bool:
        station = evse.station_id
        inbox.clear()
        if not await self._order("start", evse):
            return False
        if await inbox.find("session-started", evse, BEGIN_TIMEOUT_S) is None:
            self._fail(station, f"no transaction began within {BEGIN_TIMEOUT_S:g} s")
            return False
        ended = await inbox.find("session-ended", evse, self._plan.duration_s)
        if ended is None:
            if not await self._order("stop", evse):
                return False
            ended = await inbox.find("session-ended", evse, END_TIMEOUT_S)
        if ended is None:
            self._fail(station, f"the transaction did not end within {END_TIMEOUT_S:g} s")
            return False
        self.done += 1
        self.energy_wh += ended.energy_wh or 0.0
        detail = await self._door.station(station)
        if detail is not None and any(each.row.plugged for each in detail.evses if each.row.evse_id == evse.evse_id):
            await self._door.submit(Command("unplug", (evse,)))
        return True

    async def _order(self, name: str, evse: Target) -> bool:
        outcome = await self._door.submit(Command(name, (evse,)))
        if not outcome.done:
            self._fail(evse.station_id, outcome.text)
        return outcome.done

    def _fail(self, station: str, why: str, sessions: int = 1) -> None:
        self.failed += sessions
        if why:
            self._note(station, f"session failed: {why}")


class _Inbox:
    """The events of one station that its sessions wait for."""

    def __init__(self) -> None:
        self.online = asyncio.Event()
        self._events: asyncio.Queue[FleetEvent] = asyncio.Queue()

    def put(self, event: FleetEvent) -> None:
        if event.kind == "online":
            self.online.set()
        elif event.kind in ("session-started", "session-ended"):
            self._events.put_nowait(event)

    def clear(self) -> None:
        while not self._events.empty():
            self._events.get_nowait()

    async def find(self, kind: str, evse: Target, timeout_s: float) -> FleetEvent | None:
        """The next event of a kind on an EVSE, None if it does not come in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while (event := await self._events.get()).kind != kind or event.evse_id != evse.evse_id:
                    pass
                return event
        except TimeoutError:
            return None
