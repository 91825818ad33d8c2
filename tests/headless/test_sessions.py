"""The sessions of a run: one after the other on each station, and what becomes of those that fail."""

import pytest

from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, Outcome
from evtui.headless import sessions as module
from evtui.headless.sessions import Sessions
from evtui.headless.story import Plan
from tests.headless.scripted_door import CHARGES, Acts, ScriptedDoor


async def ran(
    sessions: int = 1,
    stations: tuple[str, ...] = ("CP001",),
    acts: Acts = CHARGES,
    online: tuple[str, ...] | None = None,
    duration_s: float = 0.0,
    evses: int = 1,
    finished: tuple[int, ...] = (),
) -> tuple[Sessions, ScriptedDoor, list[str]]:
    door = ScriptedDoor(stations, acts, online, evses)
    notes: list[str] = []
    plan = Plan(stations, sessions, duration_s)

    def note(station: str, text: str) -> None:
        notes.append(f"{station}: {text}")

    run = Sessions(door, plan, connect_timeout_s=0.05, note=note, clock=SystemClock(), finished=finished)
    await run.run()
    return run, door, notes


async def test_sessions_of_a_station_follow_each_other() -> None:
    run, door, notes = await ran(sessions=2)
    assert door.commands == ["CP001 start", "CP001 stop", "CP001 unplug"] * 2
    assert (run.done, run.failed, run.energy_wh, notes) == (2, 0, 2000.0, [])


async def test_sessions_take_the_evses_of_a_station_in_turn() -> None:
    run, door, _ = await ran(sessions=3, evses=2)
    assert door.commands == [f"CP001 {what} {evse}" for evse in (1, 2, 1) for what in ("start", "stop", "unplug")]
    assert run.done == 3


async def test_stations_go_on_with_the_sessions_that_another_run_has_left_them() -> None:
    run, door, _ = await ran(sessions=3, stations=("CP001", "CP002"), finished=(2, 3), evses=2)
    assert door.commands == ["CP001 start 1", "CP001 stop 1", "CP001 unplug 1"]
    assert (run.done, run.failed, run.finished) == (1, 0, (3, 3))


async def test_sessions_that_failed_are_behind_a_station_too() -> None:
    run, _, _ = await ran(sessions=3, acts={}, finished=(1,))
    assert (run.done, run.failed, run.finished) == (0, 2, (3,))


async def test_what_ends_on_another_evse_does_not_end_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(ScriptedDoor):
        """A door whose second EVSE ends a session of its own whenever a command is given."""

        async def submit(self, command: Command) -> Outcome:
            outcome = await super().submit(command)
            self.feed.publish(1.0, "session-ended", "CP001", 2, energy_wh=5.0)
            return outcome

    monkeypatch.setattr(module, "END_TIMEOUT_S", 0.01)
    door = Busy(("CP001",), {**CHARGES, "stop": ()}, evses=2)
    run = Sessions(
        door, Plan(("CP001",), 1, 0.0), connect_timeout_s=0.05, note=lambda station, text: None, clock=SystemClock()
    )
    await run.run()
    assert (run.done, run.failed, run.energy_wh) == (0, 1, 0.0)


async def test_all_stations_charge_at_the_same_time() -> None:
    run, door, _ = await ran(stations=("CP001", "CP002", "CP003"))
    assert door.commands[:3] == ["CP001 start", "CP002 start", "CP003 start"]
    assert run.done == 3


async def test_no_sessions_means_boot_and_go() -> None:
    run, door, _ = await ran(sessions=0)
    assert (run.done, run.failed, door.commands) == (0, 0, [])


async def test_no_stations_means_nothing() -> None:
    run, _, _ = await ran(stations=())
    assert (run.done, run.failed, run.no_csms) == (0, 0, None)


async def test_a_session_that_ends_by_itself_is_not_stopped_again() -> None:
    acts = {**CHARGES, "start": ("session-started", "session-ended")}
    run, door, _ = await ran(acts=acts, duration_s=5.0)
    assert door.commands == ["CP001 start", "CP001 unplug"]
    assert run.done == 1


async def test_a_refused_start_fails_the_sessions_of_that_station_with_the_reason() -> None:
    run, door, notes = await ran(sessions=3, acts={})
    assert door.commands == ["CP001 start"]
    assert (run.done, run.failed) == (0, 3)
    assert notes == ["CP001: session failed: start is not possible"]


async def test_a_refused_stop_fails_too() -> None:
    run, _, notes = await ran(acts={"start": ("session-started",)})
    assert (run.done, run.failed) == (0, 1)
    assert notes == ["CP001: session failed: stop is not possible"]


async def test_a_transaction_that_never_begins_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEGIN_TIMEOUT_S", 0.01)
    run, _, notes = await ran(acts={**CHARGES, "start": ("authorized",)})
    assert run.failed == 1
    assert notes == ["CP001: session failed: no transaction began within 0.01 s"]


async def test_a_transaction_that_never_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "END_TIMEOUT_S", 0.01)
    run, _, notes = await ran(acts={**CHARGES, "stop": ()})
    assert run.failed == 1
    assert notes == ["CP001: session failed: the transaction did not end within 0.01 s"]


async def test_stations_that_were_accepted_charge_though_others_were_not() -> None:
    run, door, notes = await ran(sessions=2, stations=("CP001", "CP002"), online=("CP002",))
    assert {each.split()[0] for each in door.commands} == {"CP002"}
    assert (run.done, run.failed, run.no_csms) == (2, 2, None)
    assert notes == ["CP001: session failed: not accepted within 0.05 s"]


async def test_when_no_station_is_accepted_the_first_one_says_why() -> None:
    run, door, _ = await ran(stations=("CP001", "CP002"), online=())
    assert run.no_csms == ("CP001 was not accepted on ws://127.0.0.1:9/CP001 within 0.05 s: connection refused (tcp)")
    assert door.commands == []
