"""The turnstile: when thousands of stations dial at once, none of them runs out of time in the crowd."""

import asyncio
from pathlib import Path

import pytest

from evtui.engine.clock import ManualClock
from evtui.engine.turnstile import AT_ONCE, LATE_S, PASSED_S, Turnstile
from evtui.errors import ConnectError
from evtui.ocppj.endpoint import Endpoint
from tests.engine.scripted import REFUSED, Link, ScriptedCsms, bench

_ENDPOINT = Endpoint("ws://csms/A")


class SlowCsms:
    """Lets everybody wait until it is told otherwise."""

    def __init__(self, clock: ManualClock) -> None:
        self.link = Link(ScriptedCsms(clock), _ENDPOINT)
        self.waiting: list[asyncio.Future[None]] = []
        self.timeouts_s: list[float] = []

    async def connect(
        self, endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> Link:
        self.timeouts_s.append(open_timeout_s)
        self.waiting.append(asyncio.get_running_loop().create_future())
        await self.waiting[-1]
        return self.link


class Crowd:
    """Stations that dial in the same moment."""

    def __init__(self, stations: int) -> None:
        self.clock = ManualClock()
        self.csms = SlowCsms(self.clock)
        turnstile = Turnstile(self.csms.connect, self.clock)
        self.dials = [
            asyncio.ensure_future(turnstile.connect(_ENDPOINT, open_timeout_s=10.0, ping_interval_s=0, max_size=1))
            for _ in range(stations)
        ]

    async def close(self) -> None:
        for dial in self.dials:
            dial.cancel()
        await asyncio.gather(*self.dials, return_exceptions=True)


async def test_some_dial_at_once_and_whoever_is_through_lets_the_next_one_pass() -> None:
    crowd = Crowd(AT_ONCE + 5)
    await crowd.clock.settle()
    assert len(crowd.csms.waiting) == AT_ONCE
    crowd.csms.waiting[0].set_result(None)
    crowd.csms.waiting[1].set_exception(REFUSED)
    await crowd.clock.settle()
    assert len(crowd.csms.waiting) == AT_ONCE + 2
    assert crowd.dials[0].result() is crowd.csms.link
    with pytest.raises(ConnectError):
        crowd.dials[1].result()
    await crowd.close()


async def test_a_slow_csms_holds_nobody_up_and_the_wait_outside_is_no_part_of_dialling() -> None:
    crowd = Crowd(AT_ONCE + 5)
    await crowd.clock.advance(PASSED_S)
    assert crowd.csms.timeouts_s == [10.0] * (AT_ONCE + 5)
    await crowd.close()


async def test_a_process_that_is_behind_lets_nobody_pass_before_others_are_through() -> None:
    crowd = Crowd(AT_ONCE + 5)
    await crowd.clock.settle()
    crowd.clock.jump(PASSED_S + LATE_S)
    await crowd.clock.settle()
    assert len(crowd.csms.waiting) == AT_ONCE
    await crowd.clock.advance(PASSED_S)
    assert len(crowd.csms.waiting) == AT_ONCE + 5, "it has caught up: the CSMS is slow"
    await crowd.close()


async def test_a_place_is_free_again_once_also_when_its_time_was_over_before() -> None:
    crowd = Crowd(2 * AT_ONCE + 5)
    await crowd.clock.advance(PASSED_S)
    for each in crowd.csms.waiting[:AT_ONCE]:
        each.set_result(None)
    await crowd.clock.settle()
    assert len(crowd.csms.waiting) == 2 * AT_ONCE
    await crowd.close()


async def test_who_stops_dialling_leaves_the_place_to_others() -> None:
    crowd = Crowd(AT_ONCE + 5)
    await crowd.clock.settle()
    for dial in [*crowd.dials[:3], crowd.dials[-1]]:
        dial.cancel()
    await crowd.clock.settle()
    assert len(crowd.csms.waiting) == AT_ONCE + 3
    await crowd.close()


async def test_a_fleet_dials_through_it(tmp_path: Path) -> None:
    def hang(csms: ScriptedCsms) -> None:
        csms.hangs = True

    async with bench(tmp_path, AT_ONCE + 5, before=hang) as it:
        assert len(it.csms.dials) == AT_ONCE
        await it.advance(PASSED_S)
        assert len(it.csms.dials) == AT_ONCE + 5
