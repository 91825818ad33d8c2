"""When a window looks at the fleet."""

import asyncio

import pytest

from evtui.engine.beside import HostDoor
from evtui.engine.door import FleetEvent
from evtui.tui.app import EvtuiApp
from evtui.tui.pace import Pace
from tests.tui.fake_door import FakeDoor


@pytest.mark.parametrize(
    ("hz", "news", "looks"),
    [
        (2.0, [0.0], [0]),
        (2.0, [0.0, 0.01, 0.02, 0.03], [0, 1, 2, 3]),  # the steps of one session
        (2.0, [number / 16 for number in range(12)], list(range(8))),  # a busy fleet: the ticks show it
        (2.0, [*(number / 16 for number in range(12)), 9.0], [*range(8), 12]),
        (0.0, [number / 16 for number in range(12)], list(range(12))),  # without ticks nothing else would show it
    ],
)
async def test_news_are_looked_at_at_once_until_there_are_too_many(
    hz: float, news: list[float], looks: list[int]
) -> None:
    times = iter([0.0, *news])
    pace = Pace(hz, lambda: next(times))
    looked = []
    for number in range(len(news)):
        pace.news()
        if pace.due:
            looked.append(number)
            await pace.turn()
    assert looked == looks


async def test_a_key_is_never_made_to_wait_for_a_tick() -> None:
    pace = Pace(1 / 3600)
    await_tick = asyncio.ensure_future(pace.turn())
    pace.soon()
    await await_tick
    assert not pace.due


async def test_a_tick_comes_without_any_key() -> None:
    await Pace(1_000_000).turn()


class BusyDoor(FakeDoor):
    """Something happens whenever one asks; until the hundredth time it was asked."""

    polls = 0

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        self.polls += 1
        if self.polls >= 100:
            await asyncio.Event().wait()
        return (FleetEvent(after + 1, self.at, "status", "CP001", 1, ""),)


@pytest.mark.parametrize(("hz", "polls", "most"), [(0.001, 8, 11), (0, 100, 103)])
async def test_a_fleet_in_which_much_happens_does_not_hurry_the_window(hz: float, polls: int, most: int) -> None:
    door = BusyDoor()

    async def connect() -> HostDoor:
        return door

    app = EvtuiApp(connect, open_reader=lambda directory: door.reader, refresh_hz=hz)
    async with app.run_test() as pilot:
        for _ in range(200):
            await asyncio.sleep(0)
        await pilot.pause()
        assert door.polls == polls
        assert len(door.views) <= most
