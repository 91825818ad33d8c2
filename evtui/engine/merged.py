"""One door for several fleets, such as the workers of a machine: whoever looks through it sees one."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from heapq import merge
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from evtui.engine.clock import Clock
from evtui.engine.commands import Scope
from evtui.engine.door import (
    Command,
    FleetEvent,
    FleetView,
    Outcome,
    Place,
    Sort,
    SpoolInfo,
    StationDetail,
    Target,
    TargetOutcome,
    View,
)
from evtui.engine.feed import Feed
from evtui.engine.history import FleetHistory
from evtui.engine.orders import arguments_of, spec_of, summary_of
from evtui.engine.part import Part
from evtui.engine.selection import MOST, rest_s
from evtui.engine.sorting import key_of
from evtui.engine.station_filter import parse
from evtui.engine.summary import add_up
from evtui.engine.sums import sum_of_counts, sum_of_totals
from evtui.errors import EvtuiError, LocalError

_TRIES = 3  # stations may come and go while the parts are asked
_COME_AND_GO = frozenset({"station-added", "station-removed"})
_ONE_STALL_S = 3.0
_BATCH = 5_000
"""Targets of a command that go to a part at once: what is asked of a door is bounded."""


class _Kept(NamedTuple):
    version: tuple[int, ...]
    at_s: float
    places: list[tuple[int, Place]]


class MergedDoor:
    """A Door over `parts`, whose stations follow each other in their order; stations that are added go to the last.
    `feed` has the events of all, numbered anew, and what is published there; `web_url` is where the embedded CSMS shows
    itself; `own_spools` are those of others than the parts, with `own_frames` in them. `follow` is what reads the
    events of a part, `beat` is due once a second."""

    def __init__(self, parts: Sequence[Part], clock: Clock) -> None:
        self.parts = tuple(parts)
        self.feed = Feed()
        self.web_url = ""
        self.own_spools: tuple[SpoolInfo, ...] = ()
        self.own_frames: Callable[[], int] = lambda: 0
        self.history = FleetHistory(clock.now().elapsed_s)
        self._clock = clock
        self._version = 0
        self._stalled_at = 0.0
        self._versions: tuple[int, ...] = ()
        self._kept: OrderedDict[tuple[str, Sort | None, bool], _Kept] = OrderedDict()

    # -- the six names ----------------------------------------------------------------------------

    async def fleet(self, view: View) -> FleetView:
        """See Door. FilterError: the filter is none."""
        parse(view.filter.strip())
        if view.ids is not None:
            return await self._of_ids(view, view.ids)
        if view.filter.strip() or view.sort is not None or view.order:
            places = await self._places(view)
            first = min(max(view.first, 0), len(places))
            ids = tuple([place.id for _, place in places[first : first + max(view.count, 0)]])
            order = tuple([place for _, place in places]) if view.order else ()
            return replace(await self._of_ids(view, ids), first=first, shown=len(places), order=order)
        for _ in range(_TRIES):
            sizes = [part.size for part in self.parts]
            views = await self._ask(
                [replace(self._bare(view), first=first, count=count) for first, count in _spans(view, sizes)]
            )
            if sizes == [part.size for part in self.parts]:
                break
        shown = sum(each.totals.stations for each in views)
        rows = tuple(chain.from_iterable(each.rows for each in views))
        return replace(self._sum(views, view), first=min(max(view.first, 0), shown), rows=rows, shown=shown)

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        """See Door."""
        return await self._part_of(station_id).station(station_id, whole=whole)

    async def frames(self) -> tuple[SpoolInfo, ...]:
        """See Door: a spool for each part, and those of others."""
        spools = await asyncio.gather(*[part.frames() for part in self.parts])
        return (*chain.from_iterable(spools), *self.own_spools)

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        """See Door."""
        return await self.feed.after(after)

    async def submit(self, command: Command) -> Outcome:
        """See Door: each part carries out what is about its stations, and one line tells of all."""
        try:
            spec = spec_of(command.name)
            arguments_of(spec, command.arguments)
            if spec.scope is Scope.FLEET:
                outcome = await self.parts[-1].add(command)
                self.changed()
                return outcome
            if command.targets:
                outcomes = await self._split(command)
            elif command.filter is not None:
                parse(command.filter.strip())
                outcomes = list(await asyncio.gather(*[part.submit(command) for part in self.parts]))
            else:
                raise LocalError(f"{spec.name} needs a station to act on")
        except EvtuiError as error:
            return Outcome(False, str(error))
        results = list(chain.from_iterable(each.results for each in outcomes))
        return summary_of(spec, _as_asked(results, command.targets)) if results else outcomes[0]

    async def stop(self, reason: str) -> None:
        """See Door."""
        if reason != "detach":
            await asyncio.gather(*[part.stop(reason) for part in self.parts])

    # -- events -----------------------------------------------------------------------------------

    async def follow(self, part: Part) -> None:
        """Takes the events of a part among those of all, until it is gone: DoorClosedError."""
        last = 0
        while True:
            for event in await part.events(last):
                last = event.number
                await part.heard(event)
                if self._is_news(event):
                    self.feed.take(event)
                if event.kind in _COME_AND_GO:
                    self.changed()

    def _is_news(self, event: FleetEvent) -> bool:
        """A machine that stood still is told of once, and that a part has stopped is not that the fleet has."""
        if event.kind == "stalled":
            told, self._stalled_at = event.at - self._stalled_at < _ONE_STALL_S, event.at
            return not told
        return event.kind != "stopped"

    async def beat(self) -> None:
        """Takes the point of this second, and looks at every part, so that what it has counted outlives it."""
        now_s = self._clock.now().elapsed_s
        totals = (await self.fleet(View(count=0))).totals
        await asyncio.gather(*[part.beat() for part in self.parts])
        self.history.record(now_s, totals.power_w, totals.offered_w, totals.energy_wh, totals.transactions)

    def changed(self) -> None:
        """Stations have come or gone."""
        self._version += 1
        self._kept.clear()

    # -- asking -----------------------------------------------------------------------------------

    async def _ask(self, views: Sequence[View]) -> list[FleetView]:
        return list(await asyncio.gather(*[part.fleet(view) for part, view in zip(self.parts, views, strict=True)]))

    def _bare(self, view: View) -> View:
        """What is asked of every part besides its rows: the filter is about the summary alone."""
        filter = view.filter if view.summary else ""
        return View(trace=view.trace, count=0, filter=filter, summary=view.summary, ruled=view.ruled, addable=True)

    async def _of_ids(self, view: View, ids: Sequence[str]) -> FleetView:
        wanted: dict[Part, list[str]] = {part: [] for part in self.parts}
        for each in ids:
            wanted[self._part_of(each)].append(each)
        views = await self._ask([replace(self._bare(view), ids=tuple(each)) for each in wanted.values()])
        rows = {row.id: row for each in views for row in each.rows}
        shown = sum(each.shown for each in views)
        return replace(self._sum(views, view), rows=tuple([rows[each] for each in ids if each in rows]), shown=shown)

    async def _places(self, view: View) -> list[tuple[int, Place]]:
        """All stations that are shown, in order, each with the number of its part: found anew now and then, as every
        station is looked at for it."""
        key = (view.filter.strip(), view.sort, view.descending)
        now_s, versions = self._clock.now().elapsed_s, self._versions
        kept = self._kept.get(key)
        if kept is None or (kept.version != versions and now_s >= kept.at_s + rest_s(len(kept.places))):
            asked = View(count=0, filter=view.filter, sort=view.sort, descending=view.descending, order=True)
            views = await self._ask([asked] * len(self.parts))
            rows = [[(number, place) for place in each.order] for number, each in enumerate(views)]
            kept = self._kept[key] = _Kept(versions, now_s, _in_order(rows, view))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept.places

    def _part_of(self, station_id: str) -> Part:
        """The part that has a station; the last one for what nobody has, as it says so in the usual words."""
        return next((part for part in self.parts if station_id in part.rows), self.parts[-1])

    async def _split(self, command: Command) -> list[Outcome]:
        wanted: dict[Part, list[Target]] = {}
        for target in command.targets:
            wanted.setdefault(self._part_of(target.station_id), []).append(target)
        return list(
            await asyncio.gather(
                *[
                    part.submit(replace(command, targets=tuple(targets[at : at + _BATCH])))
                    for part, targets in wanted.items()
                    for at in range(0, len(targets), _BATCH)
                ]
            )
        )

    def _sum(self, views: Sequence[FleetView], view: View) -> FleetView:
        """All but rows and range."""
        versions = tuple([each.version for each in views])
        if versions != self._versions:
            self._versions = versions
            self._version += 1
        trips = sum_of_counts(part.round_trips for part in self.parts)
        totals = sum_of_totals([each.totals for each in views], trips)  # parts may have come back since
        first = views[0]
        return FleetView(
            self._version,
            max(each.at for each in views),
            first.speed,
            first.csms_url,
            next((each.banner for each in views if each.banner), ""),
            0,
            (),
            replace(totals, frames=totals.frames + self.own_frames()),
            summary=add_up(chain.from_iterable(each.summary for each in views)) if view.summary else (),
            ruled=tuple(chain.from_iterable(each.ruled for each in views)),
            series=self.history.series() if view.series else None,
            web_url=self.web_url,
            round_trips=trips if view.addable else None,
        )


def _spans(view: View, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """What of a range falls to each part: its first row there, and how many."""
    spans, start = [], min(max(view.first, 0), sum(sizes))
    end, begin = start + max(view.count, 0), 0
    for size in sizes:
        low, high = max(start, begin), min(end, begin + size)
        spans.append((low - begin, high - low) if low < high else (0, 0))
        begin += size
    return spans


def _in_order(rows: Sequence[list[tuple[int, Place]]], view: View) -> list[tuple[int, Place]]:
    if (sort := view.sort) is None:
        return list(chain.from_iterable(rows))
    return list(merge(*rows, key=lambda each: key_of(sort, each[1].value), reverse=view.descending))


def _as_asked(results: list[TargetOutcome], targets: Sequence[Target]) -> list[TargetOutcome]:
    """In the order of the targets, where there are any."""
    if not targets:
        return results
    places: dict[Target, int] = {}
    stations: dict[str, int] = {}
    for number, target in enumerate(targets):
        places.setdefault(target, number)
        stations.setdefault(target.station_id, number)

    def place(result: TargetOutcome) -> int:
        """Of a station as a whole, where it was named first; of an EVSE, where it was, or its station as a whole."""
        target = result.target
        if target.evse_id == 0:
            return stations[target.station_id]
        return min(places.get(each, len(targets)) for each in (target, Target(target.station_id)))

    return sorted(results, key=place)
