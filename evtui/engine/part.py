"""A part of a fleet behind a merged door: a door that may go and come back, and what outlives it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from msgspec.structs import replace

from evtui.engine.door import (
    Command,
    Door,
    FleetEvent,
    FleetView,
    Outcome,
    RoundTripCounts,
    RuleRow,
    SpoolInfo,
    StationDetail,
    StationRow,
    Target,
    Totals,
    View,
)
from evtui.engine.fallen import FallenDoor
from evtui.engine.standing import Setting, Standing, commands_of
from evtui.engine.sums import sum_of_counts
from evtui.errors import DoorClosedError

SILENT_S = 5.0
"""How long a look at a part may take: a process that hangs does not hang the others."""

_AGAIN_S = 0.5
"""How long one that was silent may take to show that it is back, once a second."""

_EVERYTHING = 1 << 30
_OF_RULES = frozenset({"add-rule", "remove-rule", "clear-rules"})
T = TypeVar("T")


class Part:
    """Opened by `rise`, it answers like its door; from `fall` on, and while it does not answer, its stations are shown
    as crashed. `rows` are its stations as they were found, by id. Frames, errors, energy and round trips that were
    counted before a fall stay counted, as far as they were looked at. `owed` are the messages that it had not delivered
    when it was last looked at, which was at `seen` (Unix time). `rules` are those on the wire, by station; `charging`
    are the EVSEs on which a transaction runs, or ran when it fell. What takes longer than `silent_s` is silence."""

    def __init__(self, name: str = "part") -> None:
        self.name = name
        self.silent_s = SILENT_S
        self.owed = 0
        self.charging: set[tuple[str, int]] = set()
        self.seen = time.time()
        self.rules: dict[str, tuple[RuleRow, ...]] = {}
        self.rows: dict[str, StationRow] = {}
        self.round_trips = RoundTripCounts()
        self.totals = Totals()
        self._door: Door = FallenDoor((), "it has not started yet")
        self._last: FleetView | None = None
        self._before = Totals()
        self._trips_before = RoundTripCounts()
        self._spools: tuple[SpoolInfo, ...] = ()
        self._stopped = asyncio.Event()
        self._silence = asyncio.Event()
        self._standing = Standing()
        self._cut: dict[str, None] = {}  # stations whose network is cut

    async def rise(self, door: Door) -> None:
        """Its stations are behind this door from now on."""
        found = await door.fleet(View(count=_EVERYTHING, addable=True, ruled=True))
        self._spools = await door.frames()
        self.rows = {row.id: row for row in found.rows}
        self._door = door
        self._stopped.clear()
        self._silence.clear()
        self.charging = {(row.id, each.evse_id) for row in found.rows for each in row.evses if each.transaction_id}
        self._know(found)
        self._know_rules(found)

    def fall(self, reason: str) -> None:
        """The process behind the door is gone."""
        totals = self.totals
        self._before = Totals(frames=totals.frames, errors=totals.errors, energy_wh=totals.energy_wh)
        self._trips_before = replace(self.round_trips, minute=())
        self._door = self._fallen(reason)
        self._silence.clear()
        self._stopped.set()

    def settings(self, *, kept: bool) -> tuple[Command, ...]:
        """What sets on its successor what people have set on its stations: rules on the wire and cut networks, and,
        unless the stations' state is `kept` and has them, variables and limits."""
        rules = {
            Target(station_id): [Setting("add-rule", tuple(_rest_of(rule).items())) for rule in rules]
            for station_id, rules in self.rules.items()
            if station_id in self.rows
        }
        cut = {Target(station_id): [Setting("cut-network", ())] for station_id in self._cut}
        return (*commands_of(rules), *commands_of(cut), *(() if kept else self._standing.commands()))

    @property
    def size(self) -> int:
        """How many stations it has, as far as is known."""
        return self.totals.stations

    # -- what its door is asked -------------------------------------------------------------------

    async def fleet(self, view: View) -> FleetView:
        """See Door; that it is gone is for who follows it. The totals are those of these rows, and, if `addable`, go on
        from those before a fall."""
        found = await self._asked(lambda door: door.fleet(view))
        if found.round_trips is not None or isinstance(self._door, FallenDoor):
            self._know(found)
        elif view.addable:  # it is silent
            totals = self.totals
            still = Totals(totals.stations, energy_wh=totals.energy_wh, frames=totals.frames, errors=totals.errors)
            self.totals = still
        else:
            return found
        return replace(found, totals=self.totals)

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
        outcome = None
        try:
            if not self.silent:
                outcome = await self._unless_silent(self._door.submit(command))
        except DoorClosedError:
            self.fall(f"{self.name} is gone")
            return await self._door.submit(command)
        if outcome is None:
            return await self._fallen(self._reason).submit(command)
        self._standing.took(command, outcome)
        if command.name in _OF_RULES:
            await self._look_at_rules()
        return outcome

    async def add(self, command: Command) -> Outcome:
        """Lets it add stations, which are known from then on."""
        outcome = await self.submit(command)
        if outcome.done:
            await self._look()
        return outcome

    async def stop(self, reason: str) -> None:
        """See Door."""
        await self._door.stop(reason)

    @property
    def fallen(self) -> bool:
        """Its process is gone, or has not started yet."""
        return isinstance(self._door, FallenDoor)

    @property
    def silent(self) -> bool:
        """It did not answer when it was last looked at."""
        return self._silence.is_set()

    def hangs(self) -> None:
        """It did not answer somebody: nobody waits for it until it does."""
        self._silence.set()

    @property
    def _reason(self) -> str:
        return f"{self.name} has not answered for {self.silent_s:g} s"

    async def _unless_silent(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work gives; None when nothing answers. What was asked for is then done late, or not at all."""
        working, waiting = asyncio.ensure_future(work), asyncio.ensure_future(self._silence.wait())
        try:
            await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            waiting.cancel()

    async def _asked(self, ask: Callable[[Door], Awaitable[T]]) -> T:
        """What its door says, or what can be said without it."""
        if self.silent:
            return await ask(self._fallen(self._reason))
        try:
            async with asyncio.timeout(self.silent_s):
                return await ask(self._door)
        except DoorClosedError:
            self.fall(f"{self.name} is gone")
            return await ask(self._door)
        except TimeoutError:
            self.hangs()
            return await ask(self._fallen(self._reason))

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
                self._cut.pop(event.station_id, None)
                self._standing.forget(event.station_id)
            case "session-started":
                self.charging.add((event.station_id, event.evse_id))
            case "session-ended":
                self.charging.discard((event.station_id, event.evse_id))
            case "network-cut":
                self._cut[event.station_id] = None
            case "network-restored":
                self._cut.pop(event.station_id, None)
            case "stopped":
                self._stopped.set()

    async def told_all(self) -> None:
        """Waits until it has told that it stopped, which is its last event, or is gone."""
        await self._stopped.wait()

    async def beat(self) -> None:
        """Looks at what nobody is told of: whether it answers again, rules that are over after so many frames."""
        if self.silent:
            with suppress(TimeoutError, DoorClosedError):
                async with asyncio.timeout(_AGAIN_S):
                    await self._door.fleet(View(count=0))
                    self._silence.clear()
        elif any(rule.left for rules in self.rules.values() for rule in rules):
            await self._look_at_rules()

    async def _look_at_rules(self) -> None:
        found = await self.fleet(View(count=0, ruled=True, addable=True))
        if found.round_trips is not None:  # it was there to say so
            self._know_rules(found)

    def _know_rules(self, found: FleetView) -> None:
        self.rules = {row.station_id: row.rules for row in found.ruled if row.rules}

    async def _look(self) -> None:
        """Looks for stations that are new."""
        order = (await self.fleet(View(count=0, order=True))).order
        new = tuple([place.id for place in order if place.id not in self.rows])
        rows = (await self.fleet(View(count=0, ids=new, addable=True))).rows
        self.rows |= {row.id: row for row in rows}
        await self._look_at_rules()

    def _know(self, found: FleetView) -> None:
        """Takes the figures, which go on from those before a fall."""
        self._last, before, totals = found, self._before, found.totals
        if not isinstance(self._door, FallenDoor):
            self.owed, self.seen = totals.queued, found.at
        self.totals = replace(
            totals,
            frames=totals.frames + before.frames,
            errors=totals.errors + before.errors,
            energy_wh=totals.energy_wh + before.energy_wh,
        )
        self.round_trips = sum_of_counts((self._trips_before, found.round_trips or RoundTripCounts()))


def _rest_of(rule: RuleRow) -> dict[str, str]:
    """The arguments of a rule for the frames that it still may meet."""
    return {**rule.given, "times": str(rule.left)}
