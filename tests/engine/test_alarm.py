"""What wakes a session: a time, a ring; and none is missed."""

import asyncio

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
