"""Several fleets behind one door: it shows, tells and does what one fleet of the same stations would."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from evtui.config import FleetConfig, GroupConfig
from evtui.engine.clock import ManualClock
from evtui.engine.door import (
    Command,
    Door,
    FleetView,
    LinkState,
    Outcome,
    Sort,
    SpoolInfo,
    StationDetail,
    Target,
    View,
)
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.engine.merged import MergedDoor
from evtui.engine.part import Part
from evtui.engine.station_filter import FilterError
from evtui.errors import DoorClosedError
from evtui.ocppj.spool import SpoolWriter
from evtui.shards import shards
from tests.engine.scripted import URL, ScriptedCsms

FLEET = FleetConfig(
    groups=(
        GroupConfig(name="depot", id="D{n}", count=5),
        GroupConfig(name="street", id="CP{n}", first=8, count=6),
    ),
    seed=3,
)
IDS = tuple(f"D{n}" for n in range(1, 6)) + tuple(f"CP{n}" for n in range(8, 14))


class Gone:
    """A door whose process may go."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.closed = False
        self.slow: asyncio.Future[None] | None = None
        self._bell = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        self.closed = True
        self._bell.set_result(None)

    def _look(self) -> None:
        if self.closed:
            raise DoorClosedError("the fleet's process is gone")

    async def fleet(self, view: View) -> FleetView:
        if self.slow is not None:
            await self.slow
        self._look()
        return await self._door.fleet(view)

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        self._look()
        return await self._door.station(station_id, whole=whole)

    async def frames(self) -> tuple[SpoolInfo, ...]:
        self._look()
        return await self._door.frames()

    async def events(self, after: int) -> Any:
        waiting = asyncio.ensure_future(self._door.events(after))
        await asyncio.wait((waiting, self._bell), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self._look()
        return await waiting

    async def submit(self, command: Command) -> Outcome:
        self._look()
        return await self._door.submit(command)

    async def stop(self, reason: str) -> None:
        self._look()
        await self._door.stop(reason)


class World:
    """A door, and the time of what is behind it."""

    def __init__(self, door: Door, clock: ManualClock, doors: list[Gone]) -> None:
        self.door = door
        self.clock = clock
        self.doors = doors

    async def submit(self, command: Command, within_s: float = 2.0) -> Outcome:
        task = asyncio.ensure_future(self.door.submit(command))
        await self.clock.advance(within_s)
        return await asyncio.wait_for(task, 5.0)

    @property
    def merged(self) -> MergedDoor:
        assert isinstance(self.door, MergedDoor)
        return self.door


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="evtui-") as directory:
        yield Path(directory)


@asynccontextmanager
async def world(parts: int, config: FleetConfig = FLEET) -> AsyncIterator[World]:
    """The stations as one fleet (0 parts), or as so many behind a merged door."""
    clock = ManualClock()
    csms = ScriptedCsms(clock)
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(_directory())
        doors: list[LocalDoor] = []
        for number, each in enumerate(shards(config, parts) if parts else (config,)):
            spool = stack.enter_context(SpoolWriter(directory / str(number)))
            fleet = Fleet(each, clock=clock, frames=spool, csms_url=URL, connect=csms.connect, steady_ids=True)
            doors.append(LocalDoor(await stack.enter_async_context(fleet)))
        await clock.advance(0.0)
        if not parts:
            yield World(doors[0], clock, [])
            return
        gone = [Gone(door) for door in doors]
        merged = MergedDoor([Part(f"part {number}") for number in range(parts)], clock)
        following = []
        for part, door in zip(merged.parts, gone, strict=True):
            await part.rise(door)
            following.append(asyncio.ensure_future(merged.follow(part)))
        yield World(merged, clock, gone)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)


orders = st.tuples(
    st.sampled_from(["start", "stop", "plug-in", "unplug", "close-connection", "cut-power"]),
    st.lists(st.sampled_from([*IDS, "nobody"]), min_size=1, max_size=4),
)
views = st.builds(
    View,
    first=st.integers(-1, 13),
    count=st.integers(-1, 13),
    trace=st.sampled_from([0, 4]),
    filter=st.sampled_from(["", "~tx", "~state charging", "~group depot | ~s CP1*", "~kw >1", "nothing like it"]),
    sort=st.sampled_from([None, *Sort]),
    descending=st.booleans(),
    summary=st.booleans(),
    ruled=st.booleans(),
)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.lists(orders, max_size=4), st.lists(views, min_size=1, max_size=8))
def test_a_merged_door_shows_and_does_what_one_fleet_does(
    parts: int, given_orders: list[tuple[str, list[str]]], looks: list[View]
) -> None:
    async def of(number: int) -> tuple[list[Outcome], list[FleetView]]:
        async with world(number) as it:
            outcomes = []
            for name, ids in given_orders:
                outcomes.append(await it.submit(Command(name, tuple(Target(each, 1) for each in ids)), 20.0))
                await it.clock.advance(7.0)
            seen = []
            for view in looks:
                await it.clock.advance(3.0)
                await it.door.fleet(View(count=0))
                seen.append(await it.door.fleet(view))
            return outcomes, seen

    async def both() -> None:
        (one_did, one), (all_did, all_of_them) = await of(0), await of(parts)
        assert all_did == one_did
        for expected, found in zip(one, all_of_them, strict=True):
            _same(found, expected)

    asyncio.run(both())


def _same(found: FleetView, expected: FleetView) -> None:
    assert found.totals.power_w == pytest.approx(expected.totals.power_w, abs=0.01)
    assert found.totals.energy_wh == pytest.approx(expected.totals.energy_wh, abs=0.01)
    assert found.totals.offered_w == pytest.approx(expected.totals.offered_w, abs=0.01)
    assert found.totals.frames_per_s == pytest.approx(expected.totals.frames_per_s, abs=0.3)
    vague = dict.fromkeys(("power_w", "energy_wh", "frames_per_s", "offered_w"), 0.0)
    assert replace(found.totals, **vague) == replace(expected.totals, **vague)
    assert [(row.by, row.name, row.stations, row.evses, row.errors) for row in found.summary] == [
        (row.by, row.name, row.stations, row.evses, row.errors) for row in expected.summary
    ]
    for mine, theirs in zip(found.summary, expected.summary, strict=True):
        assert (mine.power_w, mine.energy_wh) == pytest.approx((theirs.power_w, theirs.energy_wh), abs=0.01)
    rest = {"version": 0, "totals": expected.totals, "summary": (), "series": None}
    assert replace(found, **rest) == replace(expected, **rest)


async def test_a_range_falls_where_one_part_ends_and_another_begins() -> None:
    async with world(3) as it:
        assert [part.size for part in it.merged.parts] == [3, 4, 4]
        for first in range(12):
            for count in range(12 - first):
                view = await it.door.fleet(View(first=first, count=count))
                assert tuple(row.id for row in view.rows) == IDS[first : first + count]
                assert (view.first, view.shown) == (first, 11)


async def test_what_is_no_filter_is_refused_with_its_place() -> None:
    async with world(2) as it:
        with pytest.raises(FilterError, match="did you mean ~state"):
            await it.door.fleet(View(filter="~stat x"))
        outcome = await it.submit(Command("start", filter="~stat x"))
        assert not outcome.done
        assert "did you mean ~state" in outcome.text


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Command("strat"), "did you mean start?"),
        (Command("start"), "start needs a station to act on"),
        (Command("start", (Target("D1"),), {"no": "1"}), "start has no argument no"),
        (Command("start", filter="~group nowhere"), "start: the filter lets no station through"),
        (Command("start", (Target("nobody", 1),)), "nobody: there is no such station"),
        (Command("start", filter="~group street"), "6 started"),
        (Command("start", (Target("D1", 1), Target("nobody", 1), Target("CP13", 1))), "2 started; nobody: there is no"),
    ],
)
async def test_a_command_is_answered_in_the_words_of_one_fleet(command: Command, text: str) -> None:
    async with world(3) as it:
        outcome = await it.submit(command)
        assert text in outcome.text
        assert outcome.done == text.endswith("started")
        asked = [target.station_id for target in command.targets]
        assert not asked or not outcome.results or [each.target.station_id for each in outcome.results] == asked


@pytest.mark.parametrize("name", ["start", "close-connection"])
@pytest.mark.parametrize("evse_id", [0, 1])
async def test_what_came_of_a_command_is_told_in_the_order_that_was_asked(name: str, evse_id: int) -> None:
    async with world(3) as it:
        asked = ("CP8", "D1", "nobody", "CP13", "D2", "D1")
        outcome = await it.submit(Command(name, tuple(Target(each, evse_id) for each in asked)))
        assert [each.target.station_id for each in outcome.results] == ["CP8", "D1", "nobody", "CP13", "D2"]


async def test_a_station_is_shown_as_whole_as_was_asked() -> None:
    async with world(2) as it:
        whole, short = await it.door.station("D5"), await it.door.station("D5", whole=False)
        assert whole is not None
        assert whole.variables
        assert short is not None
        assert not short.variables


async def test_events_of_all_parts_are_numbered_as_one() -> None:
    async with world(3) as it:
        await it.submit(Command("start", tuple(Target(each, 1) for each in IDS)))
        events = await it.door.events(0)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert {event.station_id for event in events if event.kind == "session-started"} == set(IDS)
        later = await it.door.events(events[4].number)
        assert later[0] == events[5]


async def test_a_machine_that_stood_still_is_told_of_once() -> None:
    async with world(3) as it:
        it.clock.jump(60.0)
        await it.clock.advance(2.0)
        stalled = [event for event in await it.door.events(0) if event.kind == "stalled"]
        assert len(stalled) == 1


async def test_stations_that_are_added_number_on_in_the_last_part_and_can_be_taken_away() -> None:
    async with world(3) as it:
        outcome = await it.submit(Command("add-stations", (), {"count": "2"}))
        assert outcome.text == "added CP14 to CP15"
        ids = [row.id for row in (await it.door.fleet(View(first=10, count=9))).rows]
        assert ids == ["CP13", "CP14", "CP15"]
        assert (await it.submit(Command("start", (Target("CP15", 1),)))).done
        assert (await it.submit(Command("remove-station", (Target("D1"), Target("CP14"))))).text == "2 removed"
        view = await it.door.fleet(View(count=20, sort=Sort.ID))
        assert [row.id for row in view.rows][-3:] == ["D3", "D4", "D5"]
        assert view.totals.stations == 11
        assert (await it.submit(Command("start", (Target("D1", 1),)))).text == "D1: there is no such station"


async def test_the_stations_of_a_part_that_is_gone_are_shown_as_crashed_and_the_others_go_on() -> None:
    async with world(3) as it:
        await it.submit(Command("start", tuple(Target(each, 1) for each in IDS)))
        await it.clock.advance(5.0)
        before = await it.door.fleet(View(count=20, addable=True))
        it.doors[1].close()
        view = await it.door.fleet(View(count=20, addable=True))
        crashed = [row.id for row in view.rows if row.link is LinkState.CRASHED]
        assert crashed == list(IDS[3:7])
        assert (view.totals.stations, view.totals.online, view.totals.transactions) == (11, 7, 7)
        assert view.totals.frames == before.totals.frames
        assert view.round_trips is not None
        assert before.round_trips is not None
        assert view.round_trips.counts == before.round_trips.counts
        filtered = await it.door.fleet(View(count=20, filter="~link crashed", sort=Sort.ID, summary=True))
        assert [row.id for row in filtered.rows] == ["CP8", "CP9", "D4", "D5"]
        outcome = await it.submit(Command("stop", (Target("D4", 1), Target("D1", 1))))
        assert outcome.text == "1 stopped; D4: part 1 is gone"
        detail = await it.door.station("D4")
        assert detail is not None
        assert detail.row.trouble == "part 1 is gone"
        assert len(await it.door.frames()) == 3


async def test_a_part_that_comes_back_goes_on_counting() -> None:
    async with world(2) as it:
        await it.clock.advance(5.0)
        frames = (await it.door.fleet(View())).totals.frames
        it.doors[0].close()
        await it.door.fleet(View())
        async with world(2) as other:
            await it.merged.parts[0].rise(other.doors[0])
            view = await it.door.fleet(View(count=20))
            assert all(row.link is LinkState.ONLINE for row in view.rows)
            assert view.totals.frames > frames


async def test_totals_are_those_of_the_rows_they_stand_above_also_when_a_part_comes_back_meanwhile() -> None:
    async with world(2) as it, world(2) as other:
        first, second = it.doors
        second.close()
        await it.door.fleet(View())
        first.slow = asyncio.get_running_loop().create_future()
        looking = asyncio.ensure_future(it.door.fleet(View(count=20)))
        for _ in range(9):  # turns: what is gone has been looked at, the other one takes its time
            await asyncio.sleep(0)
        await it.merged.parts[1].rise(other.doors[1])
        first.slow.set_result(None)
        view = await looking
        assert view.totals.online == sum(row.link is LinkState.ONLINE for row in view.rows)
        view = await it.door.fleet(View(count=20))
        assert view.totals.online == sum(row.link is LinkState.ONLINE for row in view.rows) == len(IDS)


async def test_the_figures_over_time_outlive_a_part() -> None:
    async with world(3) as it:
        await it.submit(Command("start", tuple(Target(each, 1) for each in IDS)))
        for _ in range(5):
            await it.clock.advance(1.0)
            await it.merged.beat()
        it.doors[1].close()
        await it.clock.advance(1.0)
        await it.merged.beat()
        series = (await it.door.fleet(View(series=True))).series
        assert series is not None
        assert len(series.t) == 6
        assert series.transactions[-2:] == (11.0, 7.0)
        assert series.power_w[-1] == pytest.approx(series.power_w[-2] * 7 / 11, rel=0.05)
        assert series.offered_w[-1] == pytest.approx(series.offered_w[-2] * 7 / 11, rel=0.05)
        assert list(series.energy_wh) == sorted(series.energy_wh)
