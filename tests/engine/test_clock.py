"""Clocks: three times of one moment, and timers that fire in order."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import pytest

from evtui.engine.clock import MUCH, SLOT_S, SOON_S, TOGETHER_S, ManualClock, SystemClock, sleep_until

T = TypeVar("T")


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


class _Heard:
    """A system clock whose time stands at `at_s`, and what was heard: its name, when it came, when it was heard."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self.heard: list[tuple[str, float, float]] = []
        self.flushes: list[tuple[float, Callable[[], None]]] = []
        self.clock = self._with_time(SystemClock)

    def _with_time(self, do: Callable[[], T]) -> T:
        with patch("evtui.engine.clock.time") as time, patch("asyncio.get_running_loop") as loop:
            time.monotonic.side_effect = lambda: self.at_s
            loop.return_value.call_later.side_effect = lambda delay_s, call, *given: self.flushes.append(
                (self.at_s + delay_s, lambda: call(*given))
            )
            loop.return_value.call_exception_handler.side_effect = lambda context: self.heard.append(
                (type(context["exception"]).__name__, self.at_s, self.at_s)
            )
            return do()

    def come(self, name: str, at_s: float, fail: bool = False) -> None:
        """Something comes at this moment; what was to be heard by then is heard first."""
        self.wait(at_s)

        def heard(came_s: float) -> None:
            if fail:
                raise ArithmeticError
            self.heard.append((name, came_s, self.at_s))

        self._with_time(lambda: self.clock.hear(heard))

    def wait(self, until_s: float) -> None:
        while self.flushes and self.flushes[0][0] <= until_s:
            self.at_s, flush = self.flushes.pop(0)
            self._with_time(flush)
        self.at_s = until_s


def test_little_that_comes_is_heard_at_once() -> None:
    it = _Heard()
    for n in range(200):
        it.come(str(n), n * TOGETHER_S / (MUCH / 2))
    assert [heard_s - came_s for _, came_s, heard_s in it.heard] == [0.0] * 200
    assert not it.flushes


def test_much_is_heard_in_one_go_and_soon_and_all_of_it() -> None:
    it = _Heard()
    step_s = TOGETHER_S / (MUCH * 4)
    for n in range(1000):
        it.come(str(n), n * step_s)
    it.wait(2000 * step_s)
    assert [name for name, _, _ in it.heard] == [str(n) for n in range(1000)]
    assert [came_s for _, came_s, _ in it.heard] == pytest.approx([n * step_s for n in range(1000)])
    late_s = [heard_s - came_s for _, came_s, heard_s in it.heard]
    assert max(late_s) <= TOGETHER_S * 1.001
    assert len({heard_s for _, came_s, heard_s in it.heard if came_s > 2 * TOGETHER_S}) <= 10
    it.come("when it is calm again", 3000 * step_s)
    name, came_s, heard_s = it.heard[-1]
    assert (name, heard_s) == ("when it is calm again", came_s)


def test_what_cannot_be_heard_is_told_and_the_others_are_heard() -> None:
    it = _Heard()
    step_s = TOGETHER_S / (MUCH * 4)
    for n in range(1, 200):
        it.come(str(n), n * step_s, fail=n == 150)
    it.wait(400 * step_s)
    assert [name for name, _, _ in it.heard] == [str(n) if n != 150 else "ArithmeticError" for n in range(1, 200)]


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
