"""Clocks: three times of one moment, and timers that fire in order."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from evtui.engine.clock import SLOT_S, SOON_S, ManualClock, SystemClock, sleep_until


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


async def test_what_is_due_at_nearly_the_same_time_wakes_the_loop_once_and_never_too_early() -> None:
    clock, loop = SystemClock(), asyncio.get_running_loop()
    begin_s = (int(clock.now().elapsed_s / SLOT_S) + 4) * SLOT_S + SLOT_S / 100
    dues_s = [begin_s + n * SLOT_S / 40 for n in range(30)]
    over: asyncio.Future[None] = loop.create_future()
    late_s: list[float] = []

    def come(due_s: float) -> None:
        late_s.append(clock.now().elapsed_s - due_s)
        if len(late_s) == len(dues_s):
            over.set_result(None)

    with patch.object(loop, "call_later", wraps=loop.call_later) as waits:
        for due_s in dues_s:
            clock.call_at(due_s, lambda due_s=due_s: come(due_s))  # type: ignore[misc]
        await over
    assert waits.call_count == 1
    assert min(late_s) > -SLOT_S / 2, "as early as the loop's own timers may be"


async def test_a_call_that_is_cancelled_or_fails_keeps_none_of_those_beside_it_from_coming() -> None:
    clock, loop = SystemClock(), asyncio.get_running_loop()
    told: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda loop, context: told.append(context))
    over: asyncio.Future[None] = loop.create_future()
    fired: list[int] = []
    due_s = clock.now().elapsed_s + SLOT_S
    clock.call_at(due_s, lambda: fired.append(1)).cancel()
    clock.call_at(due_s, lambda: fired.append(1 // len(told)))  # a bug
    clock.call_at(due_s, lambda: over.set_result(None))
    await over
    assert not fired
    assert [type(each["exception"]) for each in told] == [ZeroDivisionError]


async def test_a_timer_for_much_later_leaves_nothing_behind_when_it_is_cancelled() -> None:
    clock = SystemClock()
    with patch.object(asyncio.get_running_loop(), "call_later") as waits:
        timer = clock.call_at(clock.now().elapsed_s + SOON_S + 60.0, lambda: None)
        timer.cancel()
    waits.return_value.cancel.assert_called_once()


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
