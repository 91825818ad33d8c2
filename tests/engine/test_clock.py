"""Clocks: three times of one moment, and timers that fire in order."""

import asyncio
from datetime import UTC, datetime, timedelta

from evtui.engine.clock import ManualClock, SystemClock, sleep_until


def test_physics_runs_as_much_faster_as_the_speed_says() -> None:
    clock = SystemClock(speed=60.0)
    one, other = clock.now(), clock.now()
    assert one.physics_s == one.elapsed_s * 60.0
    assert other.elapsed_s >= one.elapsed_s
    assert one.utc.tzinfo is UTC


async def test_the_system_clock_calls_back_when_the_time_has_come() -> None:
    clock = SystemClock()
    come: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    due_s = clock.now().elapsed_s + 0.02
    clock.call_at(due_s, lambda: come.set_result(clock.now().elapsed_s))
    assert await come >= due_s - 0.005


async def test_a_time_that_is_over_has_come() -> None:
    await sleep_until(SystemClock(), -1.0)


def test_a_manual_clock_stands_still() -> None:
    clock = ManualClock(speed=10.0)
    assert clock.now() == clock.now()
    clock.jump(5.0)
    now = clock.now()
    assert (now.elapsed_s, now.physics_s) == (5.0, 50.0)
    assert now.utc == datetime(2025, 6, 2, 8, 0, tzinfo=UTC) + timedelta(seconds=5)


async def test_a_manual_clock_fires_timers_in_order_each_at_its_own_time() -> None:
    clock = ManualClock()
    fired: list[tuple[str, float]] = []
    for name, due_s in (("late", 2.0), ("early", 0.5), ("same", 2.0), ("never", 9.0)):
        clock.call_at(due_s, lambda name=name: fired.append((name, clock.now().elapsed_s)))  # type: ignore[misc]
    await clock.advance(3.0)
    assert fired == [("early", 0.5), ("late", 2.0), ("same", 2.0)]
    assert clock.now().elapsed_s == 3.0


async def test_a_cancelled_timer_does_not_fire() -> None:
    clock = ManualClock()
    fired: list[int] = []
    clock.call_at(1.0, lambda: fired.append(1)).cancel()
    await clock.advance(2.0)
    assert not fired


async def test_everybody_may_react_before_time_goes_on() -> None:
    clock = ManualClock()
    seen: list[float] = []

    async def count() -> None:
        for second in range(1, 4):
            await sleep_until(clock, float(second))
            seen.append(clock.now().elapsed_s)

    async with asyncio.TaskGroup() as group:
        group.create_task(count())
        await clock.advance(10.0)
    assert seen == [1.0, 2.0, 3.0]
