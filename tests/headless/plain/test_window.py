"""The plain window on a fleet that never was: what is typed, what is told, how it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from evtui.engine.door import Command, FleetView, Outcome, Target, TargetOutcome, View
from evtui.engine.station_filter import parse
from evtui.headless.plain.window import PlainResult, PlainWindow
from tests.tui.fake_door import FakeDoor


class FilteredDoor(FakeDoor):
    """Knows filters, as the real one does."""

    async def fleet(self, view: View) -> FleetView:
        whole = await super().fleet(View(0, 10_000))
        filter = parse(view.filter)
        rows = tuple(row for row in whole.rows if filter.lets(row))
        return msgspec.structs.replace(
            whole, first=view.first, rows=rows[view.first : view.first + view.count], shown=len(rows)
        )


class Talk:
    """A window and what it has said."""

    def __init__(self, door: FakeDoor, read_only: bool = False, patient: bool = False) -> None:
        self.door = door
        self.said: list[str] = []
        self.window = PlainWindow(door, lambda *lines: self.said.extend(lines), read_only=read_only, patient=patient)

    async def typed(self, line: str) -> list[str]:
        """What is said after a line was typed."""
        self.said.clear()
        self.window.hear(line)
        await settled()
        return list(self.said)


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


@asynccontextmanager
async def talk(door: FakeDoor, read_only: bool = False, patient: bool = False) -> AsyncIterator[Talk]:
    """A window that runs; what has not ended by itself is ended."""
    made = Talk(door, read_only, patient)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(made.window.run())
        await settled()
        yield made
        made.window.lost()
        await running


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("s CP002", Command("start", (Target("CP002", 0),))),
        ("s cp002 1", Command("start", (Target("CP002", 1),))),
        ("p CP003", Command("toggle-plug", (Target("CP003", 0),))),
        ("authorize CP001 1 ABC", Command("authorize", (Target("CP001", 1),), {"id-token": "ABC"})),
        ("add-stations", Command("add-stations", ())),
    ],
)
async def test_commands_reach_the_fleet(line: str, command: Command) -> None:
    async with talk(FilteredDoor()) as window:
        assert await window.typed(line)
        assert window.door.submitted == [command]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("s CP9", "there is no station 'CP9'; did you mean CP00"),
        ("s", "start: which station? Write start CP001, or start all"),
        ("strat CP001", "did you mean start?"),
        ("s CP001 7", "CP001 has no EVSE 7, it has EVSE 1"),
        ("limit CP001 500", "limit CP001 power-w=500"),
        ("s X*", "there is no station that 'X*' stands for"),
        ("s all 1", "name one station with its EVSE"),
        ("list x", "list: 'x' is no number of a station"),
        ("show", "which station?"),
        ("show CP9", "there is no station 'CP9'"),
        ("filter ~nonsense 1", "filter: "),
        ("help strat", "did you mean start?"),
        ("lits", "did you mean list?"),
    ],
)
async def test_errors_say_what_would_be_right(line: str, said: str) -> None:
    async with talk(FilteredDoor()) as window:
        assert said in " ".join(await window.typed(line))
        assert not window.door.submitted


async def test_a_refused_command_is_told() -> None:
    door = FilteredDoor()
    door.stations[0].id = "CP666"
    async with talk(door) as window:
        assert await window.typed("s CP666") == ["Not done: CP666: the CSMS says Blocked for DEADBEEF"]


async def test_what_only_some_stations_did_is_told_as_such() -> None:
    door = FilteredDoor()
    target = Target("CP001")
    results = (TargetOutcome(target, True, "started"), TargetOutcome(target, False, "CP002 has no power"))
    door.refusal = Outcome(False, "1 started; CP002 has no power", results)
    async with talk(door) as window:
        assert await window.typed("clear-rules CP001") == ["In part: 1 started; CP002 has no power"]


async def test_many_stations_are_acted_on_after_a_yes() -> None:
    async with talk(FilteredDoor()) as window:
        assert await window.typed("p all") == ["toggle-plug acts on 4 stations. Do it? Type yes or no."]
        assert await window.typed("perhaps") == ["Answer with yes or no."]
        assert await window.typed("no") == ["Nothing is done."]
        await window.typed("p CP00*")
        assert not window.door.submitted
        await window.typed("yes")
        assert window.door.submitted == [Command("toggle-plug", (), {}, "~s CP00*")]


async def test_a_filter_is_what_is_listed_told_and_acted_on() -> None:
    door = FilteredDoor()
    async with talk(door) as window:
        assert await window.typed("filter ~s CP002 | ~s CP003") == ["filter ~s CP002 | ~s CP003: 2 stations now"]
        listed = await window.typed("list")
        assert [line.split(":")[0] for line in listed] == [
            "CP002", "CP003", "filter ~s CP002 | ~s CP003", "In all",
        ]  # fmt: skip
        window.said.clear()
        door.shout("fault", "CP001", "Ground fault")
        door.shout("fault", "CP002", "Ground fault")
        await settled()
        assert window.said == ["CP002: Fault: Ground fault"]
        assert "acts on 2 stations" in (await window.typed("s all"))[0]
        await window.typed("no")
        assert await window.typed("filter") == ["no filter: all stations are told of"]


async def test_quiet_leaves_faults_and_answers() -> None:
    door = FilteredDoor()
    async with talk(door) as window:
        await window.typed("quiet")
        window.said.clear()
        door.shout("bay", "CP001", "occupied")
        door.shout("fault", "CP001", "Ground fault")
        await settled()
        assert window.said == ["CP001: Fault: Ground fault"]


async def test_a_station_is_shown() -> None:
    async with talk(FilteredDoor()) as window:
        page = await window.typed("show CP001")
        assert page[0].startswith("CP001: online, OCPP 2.0.1")
        assert any("car: none" in line for line in page)


async def test_a_reader_changes_nothing() -> None:
    door = FilteredDoor()
    async with talk(door, read_only=True) as window:
        assert await window.typed("s CP001") == ["this window is read-only"]
        assert (await window.typed("list"))[0].startswith("CP001")
        assert not door.submitted


# -- leaving --------------------------------------------------------------------------------------


async def leaves(door: FakeDoor, *lines: str | None, read_only: bool = False, patient: bool = True) -> PlainResult:
    """How a window ends after these lines."""
    window = PlainWindow(door, lambda *said: None, read_only=read_only, patient=patient)
    for line in lines:
        window.hear(line)
    return await asyncio.wait_for(window.run(), 10)


@pytest.mark.parametrize(
    ("charging", "lines", "stops", "detached"),
    [
        (False, ("quit",), ["quit"], False),
        (True, ("quit", "stop"), ["quit"], False),
        (True, ("quit", "what?", "stop"), ["quit"], False),
        (True, ("quit", "leave"), ["detach"], True),
        (True, ("quit", "back", "detach"), ["detach"], True),
        (True, (None, None), ["quit"], False),
        (False, (None,), ["quit"], False),
    ],
)
async def test_quitting_asks_while_transactions_run(
    charging: bool, lines: tuple[str | None, ...], stops: list[str], detached: bool
) -> None:
    door = FilteredDoor()
    if charging:
        door.start(0)
    assert await leaves(door, *lines) == PlainResult(0, detached)
    assert door.stopped == stops


async def test_the_end_of_a_pipe_stops_without_asking() -> None:
    door = FilteredDoor()
    door.start(0)
    assert await leaves(door, None, patient=False) == PlainResult(0)
    assert door.stopped == ["quit"]


async def test_a_reader_leaves_the_fleet_alone() -> None:
    door = FilteredDoor()
    assert await leaves(door, "quit", read_only=True) == PlainResult(0, detached=True)
    assert door.stopped == []


async def test_ctrl_c_asks_and_again_stops() -> None:
    door = FilteredDoor()
    door.start(0)
    async with talk(door, patient=True) as window:
        window.window.interrupt()
        await settled()
        assert "1 transaction is running" in window.said[-1]
        assert not door.stopped
        window.window.interrupt()
        await settled()
        assert door.stopped == ["quit"]


async def test_a_host_that_is_gone_ends_the_window() -> None:
    door = FilteredDoor()
    async with talk(door) as window:
        door.lose()
        await settled()
        assert window.said[-1] == "the host is gone: connection reset by the test"
