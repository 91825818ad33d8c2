"""Load: cars that come at random, stations that come one by one, connections that all break at once."""

import asyncio
import math
from contextlib import suppress
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.config import FleetConfig, GroupConfig
from evtui.engine.clock import ManualClock
from evtui.engine.door import Target
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.errors import ConfigError
from evtui.headless.load import Arrivals, Load, load_of, tell_progress
from evtui.headless.sessions import Sessions
from evtui.headless.story import Course, Plan
from evtui.headless.words import Line
from evtui.ocppj.spool import SpoolWriter
from evtui.options import Options
from tests.engine.scripted import URL, Bench, Payload, ScriptedCsms, bench
from tests.headless.events import event

EVSE = Target("CP001", 1)


@pytest.mark.parametrize(
    ("options", "load"),
    [
        (Options(), None),
        (Options(ramp=5.0), None),
        (Options(for_s=60.0), Load(60.0, seed=7)),
        (Options(for_s=60.0, ramp=5.0, arrivals=6.0, storm=20.0), Load(60.0, 5.0, 6.0, 20.0, 7)),
    ],
)
def test_the_options_say_what_load(options: Options, load: Load | None) -> None:
    assert load_of(options, 7) == load


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(arrivals=6.0), "--arrivals: for how long?"),
        (Options(storm=6.0), "--storm: for how long?"),
        (Options(for_s=6.0, hold=True), "--for: --hold starts no sessions"),
    ],
)
def test_what_means_nothing_is_refused(options: Options, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_of(options, 0)
    assert str(refused.value).startswith(said)


def waits(per_h: float | None, evse: Target = EVSE, seed: int = 0, count: int = 2000) -> list[float]:
    arrivals = Arrivals(Load(60.0, arrivals_per_h=per_h, seed=seed), evse)
    return [arrivals.wait_s() for _ in range(count)]


def test_cars_come_as_a_poisson_process() -> None:
    found = waits(60.0)
    assert fmean(found) == pytest.approx(60.0, rel=0.1)
    assert sum(each > 60.0 for each in found) / len(found) == pytest.approx(math.exp(-1.0), abs=0.05)


@given(st.integers(0, 2**32), st.floats(0.01, 1e5))
def test_the_same_seed_brings_the_same_cars_and_no_wait_is_endless(seed: int, per_h: float) -> None:
    found = waits(per_h, seed=seed, count=20)
    assert found == waits(per_h, seed=seed, count=20)
    assert found != waits(per_h, Target("CP001", 2), seed, 20)
    assert all(0.0 <= each < math.inf for each in found)


def test_without_a_rate_the_next_car_comes_at_once() -> None:
    assert set(waits(None)) == {0.0}


# -- with stations --------------------------------------------------------------------------------


async def under(it: Bench, load: Load, stations: int, duration_s: float = 10.0) -> tuple[Sessions, list[str]]:
    ids = tuple(f"CP{number:03d}" for number in range(1, stations + 1))
    notes: list[str] = []
    plan = Plan(ids, 1, duration_s, load=load)
    sessions = Sessions(it.door, plan, 10.0, lambda station, text: notes.append(f"{station}: {text}"), it.clock)
    running = asyncio.ensure_future(sessions.run())
    await it.advance(load.for_s + 70.0)
    assert running.done()
    await running
    return sessions, notes


async def test_one_car_follows_the_other_until_the_time_is_over(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        sessions, notes = await under(it, Load(35.0), 3)
        assert notes == []
        assert (sessions.done, sessions.failed) == (12, 0)  # of 10, 10, 10 and 5 s on each
        assert it.fleet.board.transactions == 0


async def test_cars_come_at_the_rate_that_was_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=4) as it:
        sessions, _ = await under(it, Load(1800.0, arrivals_per_h=60.0), 4, 5.0)
        assert sessions.done == pytest.approx(4 * 1800 / 65, rel=0.25)


async def test_a_storm_breaks_every_connection_and_tells_when_all_are_back(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        sessions, notes = await under(it, Load(100.0, storm_s=60.0), 3, 5.0)
        assert [note.split(" in ")[0] for note in notes] == [": storm 1: all 3 stations were back"]
        assert len(await it.events("waiting")) == 3
        assert sessions.failed == 0


@pytest.mark.parametrize("accepted", [0, 1])
async def test_stations_that_are_never_accepted_are_told_and_keep_nobody_waiting(tmp_path: Path, accepted: int) -> None:
    boots: list[Payload] = []

    def boot(payload: Payload) -> Payload:
        boots.append(payload)
        status = "Accepted" if len(boots) <= accepted else "Rejected"
        return {"currentTime": "2025-06-02T08:00:00Z", "interval": 300, "status": status}

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers["BootNotification"] = boot

    async with bench(tmp_path, stations=2, before=prepare) as it:
        sessions, notes = await under(it, Load(20.0), 2)
        absent = ["CP001", "CP002"][accepted:]
        assert notes == [f"{station}: session failed: it was never accepted" for station in absent]
        assert sessions.done == 2 * accepted
        assert (sessions.no_csms is None) == bool(accepted)


async def test_stations_come_over_the_ramp(tmp_path: Path) -> None:
    clock = ManualClock()
    csms = ScriptedCsms(clock)
    config = FleetConfig(groups=(GroupConfig(count=10),))
    with SpoolWriter(tmp_path) as spool:
        fleet = Fleet(config, clock=clock, frames=spool, csms_url=URL, connect=csms.connect, ramp_s=20.0)
        async with fleet:
            await clock.advance(0.5)
            online = [fleet.board.online]
            for _ in range(4):
                await clock.advance(5.0)
                online.append(fleet.board.online)
            assert online == [1, 3, 6, 8, 10]


async def test_a_station_that_is_taken_away_before_its_turn_does_not_come(tmp_path: Path) -> None:
    clock = ManualClock()
    csms = ScriptedCsms(clock)
    config = FleetConfig(groups=(GroupConfig(count=4),))
    with SpoolWriter(tmp_path) as spool:
        fleet = Fleet(config, clock=clock, frames=spool, csms_url=URL, connect=csms.connect, ramp_s=20.0)
        async with fleet:
            await clock.advance(1.0)
            await fleet.remove("CP003")
            await clock.advance(30.0)
            assert fleet.board.online == 3
            assert set(csms.links) == {"CP001", "CP002", "CP004"}


async def test_progress_is_told_with_what_is_left(tmp_path: Path) -> None:
    said: list[str] = []

    async def say(line: Line) -> None:
        said.append(line.text)

    async with bench(tmp_path, stations=3) as it:
        telling = asyncio.ensure_future(tell_progress(LocalDoor(it.fleet), Load(4000.0), it.clock, say))
        await it.advance(11.0)
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
    assert len(said) == 2
    assert said[0].startswith("3 of 3 stations online, 0 charging, ")
    assert said[0].endswith("0 errors; 1:06:35 left")


def test_under_load_only_what_went_wrong_is_told() -> None:
    plan = Plan(("CP001",), 1, 30.0, load=Load(60.0))
    course = Course()
    told = [course.lines(event(kind, text="x"), plan) for kind in ("online", "session-started", "sample")]
    assert told == [[], [], []]
    assert [line.text for line in course.lines(event("warning", text="x"), plan)] == ["Warning: x"]
