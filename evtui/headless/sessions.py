"""The sessions of a run: one after the other on each station, on its EVSEs in turn; all stations at the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from evtui.engine.clock import Clock, sleep_until
from evtui.engine.door import Command, Door, FleetEvent, Target
from evtui.headless.load import Arrivals, Load, Storms
from evtui.headless.story import Plan
from evtui.headless.verdict import Tally

BEGIN_TIMEOUT_S = 60.0
"""How long a session may take to begin once the station was told to start it: an answer from the CSMS and, at worst,
the message timeout before it."""

END_TIMEOUT_S = 60.0
"""The same for its end."""

AGAIN_S = 1.0
"""Under load, from a session that failed to the next car."""

_EARLY_S = 0.01  # timers may come a hair early

_AWAY = frozenset({"connecting", "waiting", "offline", "dark", "crashed"})

Note = Callable[[str, str], None]
"""Takes a station's id and a sentence about it into the story."""


class Sessions:
    """Drives the stations of a plan through a door. `done` and `failed` count sessions, `energy_wh` is that of the
    done ones; `no_csms` says why no station at all was accepted in time. `finished`: so many of its sessions each
    station has had already."""

    def __init__(
        self,
        door: Door,
        plan: Plan,
        connect_timeout_s: float,
        note: Note,
        clock: Clock,
        finished: Sequence[int] = (),
    ) -> None:
        self._door = door
        self._clock = clock
        self._plan = plan
        self._connect_timeout_s = connect_timeout_s
        self._note = note
        self._finished = dict(zip(plan.stations, finished or (0,) * len(plan.stations), strict=True))
        self._inboxes = {station: _Inbox(clock) for station in plan.stations}
        self.done = 0
        self.failed = 0
        self.energy_wh = 0.0
        self.no_csms: str | None = None
        self._storms: Storms | None = None

    @property
    def finished(self) -> tuple[int, ...]:
        """How many of its sessions each station has behind it, also those of a run that this one goes on with."""
        return tuple(self._finished.values())

    @property
    def tally(self) -> Tally:
        """What has come of it so far."""
        return Tally(self.done, self.failed, self.energy_wh)

    async def run(self) -> None:
        """Waits until the stations are accepted, then runs all sessions of those that are."""
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._read())
            if self._plan.load is not None:
                await self._under(self._plan.load)
            else:
                await self._accepted()
                if self.no_csms is None:
                    await self._each(self._station)
            reading.cancel()

    async def _each(self, work: Callable[[str], Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for station in self._plan.stations:
                group.create_task(work(station), name=station)

    async def _read(self) -> None:
        last = 0
        while True:
            for event in await self._door.events(last):
                last = event.number
                if self._storms is not None:
                    self._storms.follow(event)
                if event.station_id in self._inboxes:
                    self._inboxes[event.station_id].put(event)

    async def _accepted(self) -> None:
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await asyncio.gather(*(inbox.online.wait() for inbox in self._inboxes.values()))
        except TimeoutError:
            if self._inboxes and not any(inbox.online.is_set() for inbox in self._inboxes.values()):
                self.no_csms = await self._why_not(self._connect_timeout_s)

    async def _why_not(self, waited_s: float) -> str:
        """What the first station says of its link: the dialled URL and the trouble."""
        first = self._plan.stations[0]
        detail = await self._door.station(first, whole=False)
        if detail is None:
            return f"{first} is gone"
        trouble = detail.row.trouble or f"it is still {detail.row.link.value}"
        return f"{first} was not accepted on {detail.url} within {waited_s:g} s: {trouble}"

    async def _station(self, station: str) -> None:
        inbox = self._inboxes[station]
        if not inbox.online.is_set():
            left = self._plan.sessions - self._finished[station]
            self._fail(station, f"not accepted within {self._connect_timeout_s:g} s", left)
            return
        evses = await self._evses(station)
        for number in range(self._finished[station], self._plan.sessions):
            if not await self._session(Target(station, evses[number % len(evses)]), inbox, self._plan.duration_s):
                # What kept this one from beginning keeps the others too.
                self._fail(station, "", self._plan.sessions - number - 1)
                return

    # -- under load -------------------------------------------------------------------------------

    async def _under(self, load: Load) -> None:
        """Each EVSE has its own cars, from when its station is accepted until the time is over. One that comes while
        the station has no link waits for it."""
        end_s = self._clock.now().elapsed_s + load.for_s
        self._storms = Storms(self._door, self._plan.stations, self._clock, self._note)

        async def cars(station: str) -> None:
            await self._inboxes[station].online.wait()
            async with asyncio.TaskGroup() as group:
                for evse_id in await self._evses(station):
                    group.create_task(self._cars(Target(station, evse_id), load, end_s), name=f"{station} {evse_id}")

        async with asyncio.TaskGroup() as group:
            group.create_task(self._each(cars))
            storming = group.create_task(self._storms.run(load.storm_s)) if load.storm_s is not None else None
            await sleep_until(self._clock, end_s)
            if storming is not None:
                storming.cancel()
            absent = {station: inbox for station, inbox in self._inboxes.items() if not inbox.online.is_set()}
            if absent and len(absent) == len(self._inboxes):
                self.no_csms = await self._why_not(load.for_s)
            for station, inbox in absent.items():
                self._fail(station, "it was never accepted")
                inbox.online.set()
            for inbox in self._inboxes.values():
                inbox.linked.set()  # nobody waits any more

    async def _cars(self, evse: Target, load: Load, end_s: float) -> None:
        inbox = self._inboxes[evse.station_id]
        arrivals = Arrivals(load, evse)
        while True:
            comes_s = self._clock.now().elapsed_s + arrivals.wait_s()
            if comes_s >= end_s:
                return
            await sleep_until(self._clock, comes_s)
            await inbox.linked.wait()
            stays_s = min(self._plan.duration_s, end_s - self._clock.now().elapsed_s)
            if stays_s <= 0.0:
                return
            if not await self._session(evse, inbox, stays_s):
                await sleep_until(self._clock, self._clock.now().elapsed_s + AGAIN_S)

    async def _evses(self, station: str) -> list[int]:
        detail = await self._door.station(station, whole=False)
        return [each.row.evse_id for each in detail.evses] if detail is not None else [1]

    # -- one session ------------------------------------------------------------------------------

    async def _session(self, evse: Target, inbox: "_Inbox", duration_s: float) -> bool:
        station = evse.station_id
        inbox.clear(evse)
        if not await self._order("start", evse):
            return False
        if await inbox.find("session-started", evse, BEGIN_TIMEOUT_S) is None:
            self._fail(station, f"no transaction began within {BEGIN_TIMEOUT_S:g} s")
            return False
        ended = await inbox.find("session-ended", evse, duration_s)
        if ended is None:
            if not await self._order("stop", evse):
                return False
            ended = await inbox.find("session-ended", evse, END_TIMEOUT_S)
        if ended is None:
            self._fail(station, f"the transaction did not end within {END_TIMEOUT_S:g} s")
            return False
        self.done += 1
        self.energy_wh += ended.energy_wh or 0.0
        self._finished[station] += 1
        detail = await self._door.station(station, whole=False)
        if detail is not None and any(each.row.plugged for each in detail.evses if each.row.evse_id == evse.evse_id):
            await self._door.submit(Command("unplug", (evse,)))
        return True

    async def _order(self, name: str, evse: Target) -> bool:
        outcome = await self._door.submit(Command(name, (evse,)))
        if not outcome.done:
            self._fail(evse.station_id, outcome.text.removeprefix(f"{evse.station_id}: "))
        return outcome.done

    def _fail(self, station: str, why: str, sessions: int = 1) -> None:
        self.failed += sessions
        self._finished[station] += sessions
        if why:
            self._note(station, f"session failed: {why}")


class _Inbox:
    """The events of one station that its sessions wait for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.online = asyncio.Event()  # it was accepted once
        self.linked = asyncio.Event()  # it is now
        self._events: dict[int, asyncio.Queue[FleetEvent | None]] = {}

    def put(self, event: FleetEvent) -> None:
        if event.kind == "online":
            self.online.set()
            self.linked.set()
        elif event.kind in _AWAY:
            self.linked.clear()
        elif event.kind in ("session-started", "session-ended"):
            self._of(event.evse_id).put_nowait(event)

    def clear(self, evse: Target) -> None:
        self._events.pop(evse.evse_id, None)

    async def find(self, kind: str, evse: Target, timeout_s: float) -> FleetEvent | None:
        """The next event of a kind on an EVSE, None if it does not come in time."""
        events, until_s = self._of(evse.evse_id), self._clock.now().elapsed_s + timeout_s
        timer = self._clock.call_at(until_s, lambda: events.put_nowait(None))
        try:
            while True:
                event = await events.get()
                if event is None and self._clock.now().elapsed_s >= until_s - _EARLY_S:
                    return None
                if event is not None and event.kind == kind:
                    return event
        finally:
            timer.cancel()

    def _of(self, evse_id: int) -> "asyncio.Queue[FleetEvent | None]":
        return self._events.setdefault(evse_id, asyncio.Queue())
