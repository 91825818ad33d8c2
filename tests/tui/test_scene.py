"""The cursor and the marks."""

import pytest

from evtui.engine.door import Target, View
from evtui.tui.scene import Scene
from tests.tui.fake_door import FakeDoor


async def scene_of(door: FakeDoor, first: int = 0, count: int = 50) -> Scene:
    scene = Scene()
    scene.absorb(await door.fleet(View(first, count, 0)))
    return scene


async def test_the_cursor_stays_on_its_station_when_one_before_it_goes() -> None:
    door = FakeDoor(4)
    scene = await scene_of(door)
    scene.go(2)
    del door.stations[0]
    scene.absorb(await door.fleet(View()))
    assert scene.target() == Target("CP003", 1)


async def test_when_the_last_station_goes_the_cursor_moves_to_the_one_before() -> None:
    door = FakeDoor(4)
    scene = await scene_of(door)
    scene.go(3)
    del door.stations[3]
    scene.absorb(await door.fleet(View()))
    assert scene.target() == Target("CP003", 1)


async def test_commands_act_on_the_marked_evses_or_on_the_one_under_the_cursor() -> None:
    scene = await scene_of(FakeDoor(3))
    assert scene.targets() == (Target("CP001", 1),)
    scene.go(2)
    scene.toggle_mark()
    scene.go(1)
    scene.toggle_mark()
    scene.go(0)
    assert scene.targets() == (Target("CP002", 1), Target("CP003", 1))
    scene.go(1)
    scene.toggle_mark()
    assert scene.targets() == (Target("CP003", 1),)


async def test_marks_of_stations_that_are_gone_are_gone_with_them() -> None:
    door = FakeDoor(3)
    scene = await scene_of(door)
    scene.go(2)
    scene.toggle_mark()
    del door.stations[2]
    scene.absorb(await door.fleet(View()))
    assert not scene.marks


@pytest.mark.parametrize("stations", [0, 1])
async def test_an_empty_fleet_has_nothing_under_the_cursor(stations: int) -> None:
    scene = await scene_of(FakeDoor(stations))
    assert (scene.target() is None) == (stations == 0)
