"""What wakes a session: a time, a ring; and none is missed."""

import asyncio
from collections.abc import Callable

import pytest

from evtui.engine.alarm import Alarm
from evtui.engine.clock import ManualClock


async def test_it_wakes_when_the_time_has_come() -> None:
    clock = ManualClock()
    waiting = asyncio.ensure_future(Alarm(clock).wait(5.0))
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(0.2)
    assert waiting.done()


async def test_it_wakes_when_it_is_rung() -> None:
    alarm = Alarm(ManualClock())
    waiting = asyncio.ensure_future(alarm.wait(None))
    await asyncio.sleep(0)
    alarm.ring()
    await waiting


async def test_a_ring_before_the_wait_is_not_missed() -> None:
    alarm = Alarm(ManualClock())
    alarm.ring()
    await alarm.wait(None)


async def test_an_earlier_deadline_replaces_a_later_one() -> None:
    clock = ManualClock()
    alarm = Alarm(clock)
    alarm.ring()
    await alarm.wait(100.0)
    waiting = asyncio.ensure_future(alarm.wait(1.0))
    await clock.advance(1.0)
    assert waiting.done()


async def test_cancellation_is_not_swallowed() -> None:
    alarm = Alarm(ManualClock())
    waiting = asyncio.ensure_future(alarm.wait(None))
    await asyncio.sleep(0)
    alarm.ring()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def answered(alarm: Alarm, work: Callable[[], bool]) -> None:
    """A task that `work` answers in place of."""
    try:
        await alarm.answer(work)
    finally:
        alarm.rest()


async def test_work_answers_each_ring_in_place_of_the_task_until_it_says_no() -> None:
    clock = ManualClock()
    alarm = Alarm(clock)
    worked: list[float] = []

    def work() -> bool:
        worked.append(clock.now().elapsed_s)
        alarm.set(clock.now().elapsed_s + 2.0)
        return len(worked) < 4

    answering = asyncio.ensure_future(answered(alarm, work))
    await clock.advance(1.0)
    assert worked == [0.0]
    alarm.ring()
    alarm.ring()
    assert worked == [0.0]
    await clock.settle()
    assert worked == [0.0, 1.0]
    alarm.strike()
    assert worked == [0.0, 1.0, 1.0]
    await clock.advance(1.0)
    assert worked == [0.0, 1.0, 1.0, 2.0]
    await answering


async def test_what_rings_while_work_answers_makes_it_answer_again() -> None:
    clock = ManualClock()
    alarm = Alarm(clock)
    worked: list[int] = []

    def work() -> bool:
        worked.append(len(worked))
        if len(worked) == 1:
            alarm.strike()
            assert len(worked) == 1
        return len(worked) < 2

    await asyncio.wait_for(answered(alarm, work), 10)
    assert len(worked) == 2


async def test_what_work_raises_is_the_task_s() -> None:
    alarm = Alarm(ManualClock())

    def work() -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await answered(alarm, work)


async def test_a_ring_after_the_last_answer_is_not_missed() -> None:
    alarm = Alarm(ManualClock())
    answering = asyncio.ensure_future(answered(alarm, lambda: False))
    await asyncio.sleep(0)
    alarm.strike()
    await answering
    await alarm.wait(None)


async def test_a_part_of_the_work_is_done_alone_and_who_has_rung_is_answered_all_the_same() -> None:
    alarm = Alarm(ManualClock())
    worked: list[str] = []

    def work() -> bool:
        worked.append("all")
        return len(worked) < 3

    def part() -> bool:
        worked.append("part")
        return True

    answering = asyncio.ensure_future(answered(alarm, work))
    await asyncio.sleep(0)
    alarm.ring()
    alarm.strike(part)
    assert worked == ["all", "part"]
    await answering
    assert worked == ["all", "part", "all"]


async def test_a_part_of_the_work_may_say_no_too() -> None:
    alarm = Alarm(ManualClock())
    answering = asyncio.ensure_future(answered(alarm, lambda: True))
    await asyncio.sleep(0)
    alarm.strike(lambda: False)
    await answering


async def test_a_part_of_the_work_is_left_to_the_task_when_nothing_answers_in_its_place() -> None:
    alarm = Alarm(ManualClock())
    alarm.strike(lambda: False)
    await alarm.wait(None)


async def test_nothing_answers_any_more_in_place_of_a_task_that_is_cancelled() -> None:
    alarm = Alarm(ManualClock())
    worked: list[int] = []

    def work() -> bool:
        worked.append(len(worked))
        return len(worked) < 2

    answering = asyncio.ensure_future(answered(alarm, work))
    await asyncio.sleep(0)
    answering.cancel()
    alarm.strike()
    assert len(worked) == 1
    with pytest.raises(asyncio.CancelledError):
        await answering
