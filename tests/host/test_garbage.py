"""The garbage collector rests while a fleet comes up, and works when it is up."""

import asyncio
import gc
from collections.abc import Callable, Iterator

import pytest

from evtui.host import garbage
from evtui.host.garbage import coming_up


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """What a test freezes is no matter of the next one."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
    gc.enable()


class Timers:
    """The loop's: what was set, and not yet taken back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set: list[tuple[float, Callable[[], None], asyncio.TimerHandle]] = []
        loop = asyncio.get_running_loop()
        call_later = loop.call_later

        def noted(delay_s: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
            timer = call_later(3600.0, callback)
            self.set.append((delay_s, callback, timer))
            return timer

        monkeypatch.setattr(loop, "call_later", noted)


async def test_it_rests_until_the_fleet_is_up_and_then_looks_at_what_is_new_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timers = Timers(monkeypatch)
    with coming_up(1000):
        assert not gc.isenabled()
        ((delay_s, due, _),) = timers.set
        assert delay_s == garbage.UP_AFTER_S + 1000 * garbage.UP_EACH_S
        due()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0


async def test_what_all_stations_have_under_way_at_once_is_no_reason_to_look() -> None:
    garbage.look_seldom()
    usual, *older = gc.get_threshold()
    with coming_up(4_000):
        assert gc.get_threshold() == (usual + 4_000 * garbage.UNDER_WAY, *older)


async def test_a_fleet_that_ends_before_it_is_up_leaves_it_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    timers = Timers(monkeypatch)
    with pytest.raises(ValueError, match="no port"), coming_up(4):
        raise ValueError("no port")
    assert gc.isenabled()
    assert all(timer.cancelled() for *_, timer in timers.set)
