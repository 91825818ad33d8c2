"""Commands of what happens to a station: each tells its effect, or why there is none, and the CSMS hears of it."""

from pathlib import Path

import pytest

from evtui.engine.commands import COMMANDS, Scope
from evtui.engine.commands.faults import KINDS, LEVELS
from evtui.engine.door import Target
from evtui.sim.fault_kinds import FaultKind, Level
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from tests.engine.scripted import Bench, bench

TETHERED = (EvseSpec(connectors=(ConnectorSpec(ConnectorType.CTYPE2),)),)
TWO = (EvseSpec(), EvseSpec())


async def told(it: Bench, name: str, **arguments: str) -> str:
    """The effect of a command that must have one."""
    outcome = await it.order(name, "CP001", within_s=0.0, **arguments)
    assert outcome.done, outcome.text
    return outcome.text.removeprefix("CP001: ")


async def refused(it: Bench, name: str, **arguments: str) -> str:
    """The reason why a command had no effect."""
    outcome = await it.order(name, "CP001", within_s=0.0, **arguments)
    assert not outcome.done
    return outcome.text.removeprefix("CP001: ")


def test_the_registry_knows_what_can_break() -> None:
    own = {FaultKind.EMERGENCY_STOP, FaultKind.LOCK_FAILURE}
    assert [kind for kind, _ in KINDS] == [kind for kind in FaultKind if kind not in own]
    assert {level for level, _ in LEVELS} == set(Level)
    assert {kind.value for kind in own} <= {name for name, spec in COMMANDS.items() if spec.scope is not Scope.FLEET}


# -- faults ---------------------------------------------------------------------------------------


async def test_a_fault_ends_what_runs_and_shows_on_the_row_until_it_is_cleared(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        assert await told(it, "fault", kind="ground-fault") == "ground fault: residual current above 30 mA"
        evse = await it.evse()
        assert (evse.status, evse.faults, evse.transaction_id, evse.power_w) == (
            "Faulted",
            ("ground-fault",),
            None,
            0.0,
        )
        assert it.csms.events()[-1]["transactionInfo"]["stoppedReason"] == "GroundFault"
        assert await refused(it, "start") == "CP001 EVSE 1 is Faulted: ground fault"
        assert await refused(it, "fault", kind="ground-fault") == "it is there already: ground fault"
        assert await told(it, "clear-fault") == "no fault any more"
        assert (await it.evse()).faults == ()
        assert await refused(it, "clear-fault") == "CP001 EVSE 1 has no fault"
        notices = [payload for _, action, payload in it.csms.calls if action == "NotifyEvent"]
        assert [notice["eventData"][0]["actualValue"] for notice in notices] == ["true", "false"]


async def test_level_code_and_text_can_be_chosen(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await told(it, "fault", kind="over-temperature", level="connector", tech_code="E7", tech_info="95 C")
        (event, _) = next(payload for _, action, payload in it.csms.calls if action == "NotifyEvent")["eventData"]
        assert event["component"] == {"name": "TemperatureSensor", "evse": {"id": 1, "connectorId": 1}}
        assert (event["techCode"], event["techInfo"]) == ("E7", "95 C")
        why = await refused(it, "fault", kind="ground-fault", level="station")
        assert why == "ground fault is a fault of evse, not of station"


async def test_what_breaks_the_station_breaks_all_its_evses_whichever_was_meant(tmp_path: Path) -> None:
    async with bench(tmp_path, evses=TWO) as it:
        outcome = await it.order("fault", "CP001/0", kind="power-quality")
        assert (outcome.done, outcome.text) == (True, "2 broken")
        assert [evse.status for evse in (await it.row()).evses] == ["Faulted", "Faulted"]
        outcome = await it.order("clear-fault", "CP001/0")
        assert (outcome.done, outcome.text) == (True, "2 cleared")


async def test_one_kind_is_cleared_and_the_others_stay(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await told(it, "fault", kind="ground-fault")
        await told(it, "fault", kind="overcurrent")
        assert await told(it, "clear-fault", kind="ground-fault") == "no longer: ground fault"
        assert (await it.evse()).faults == ("overcurrent",)


async def test_the_emergency_stop_holds_until_it_is_released(tmp_path: Path) -> None:
    async with bench(tmp_path, evses=TWO) as it:
        await it.order("start", "CP001/1")
        await it.order("start", "CP001/2")
        assert (await told(it, "emergency-stop")).startswith("emergency stop")
        assert [event["transactionInfo"]["stoppedReason"] for event in it.csms.events()[-2:]] == ["EmergencyStop"] * 2
        assert await refused(it, "emergency-stop") == "the emergency stop is pressed already"
        assert await refused(it, "clear-fault") == "the emergency stop must be released"
        assert (await told(it, "toggle-emergency-stop")).startswith("no longer: emergency stop")
        assert await refused(it, "release-emergency-stop") == "the emergency stop is not pressed"
        assert (await told(it, "toggle-emergency-stop")).startswith("emergency stop")
        assert await told(it, "release-emergency-stop")


async def test_an_emergency_stop_is_one_of_the_station_however_many_evses_are_meant(tmp_path: Path) -> None:
    async with bench(tmp_path, evses=TWO) as it:
        outcome = await it.order("emergency-stop", "CP001/1", "CP001/2")
        assert [result.target for result in outcome.results] == [Target("CP001")]


async def test_a_lock_that_fails_keeps_drivers_from_charging(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert await told(it, "lock-failure") == "the lock of connector 1 holds no plug any more"
        assert (await it.evse()).lock == "jammed"
        assert await refused(it, "start") == "the plug cannot be locked"
        assert await refused(it, "lock-failure") == "CP001 EVSE 1: the lock fails already"
        assert await told(it, "toggle-lock") == "no longer: lock failure"
        assert (await it.order("start", "CP001")).done
        assert (await it.evse()).lock == "locked"


async def test_a_fixed_cable_has_no_lock_and_comes_off_at_the_ev_only(tmp_path: Path) -> None:
    async with bench(tmp_path, evses=TETHERED) as it:
        await it.order("plug-in", "CP001")
        assert await refused(it, "toggle-lock") == "CP001 EVSE 1 has a fixed cable, and no lock"
        assert await refused(it, "unplug-at-station") == "CP001 EVSE 1 has a fixed cable: it comes off at the EV only"


# -- cars -----------------------------------------------------------------------------------------


async def test_the_plug_comes_out_of_the_socket_when_the_session_is_over(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        assert await refused(it, "unplug-at-station") == "CP001 EVSE 1 holds the plug until the session ends"
        await it.order("stop", "CP001")
        assert await told(it, "unplug-at-station") == "unplugged at the station"
        assert await refused(it, "unplug-at-station") == "CP001 EVSE 1 has no cable in"


async def test_a_car_suspends_resumes_and_is_full(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert await refused(it, "suspend-ev") == "CP001 EVSE 1 has no car connected"
        await it.order("start", "CP001", within_s=3)
        await it.advance(3)
        assert await refused(it, "resume-ev") == "CP001 EVSE 1: no car has suspended"
        assert await told(it, "suspend-ev") == "the car suspends"
        assert ((await it.evse()).charging_state, (await it.evse()).ev_paused) == ("SuspendedEV", True)
        assert await refused(it, "suspend-ev") == "CP001 EVSE 1: the car has suspended already"
        assert await told(it, "toggle-ev") == "the car resumes"
        await it.advance(3)
        assert (await it.evse()).charging_state == "Charging"
        assert await told(it, "ev-full") == "the car is full"
        assert ((await it.evse()).charging_state, (await it.evse()).soc_percent) == ("SuspendedEV", 100.0)
        assert await refused(it, "ev-full") == "CP001 EVSE 1: the battery is full already"


async def test_a_car_comes_into_the_bay_and_leaves(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert await refused(it, "bay-free") == "CP001 EVSE 1: the bay is free already"
        assert await told(it, "bay-occupied") == "the bay is occupied"
        assert await refused(it, "bay-occupied") == "CP001 EVSE 1: the bay is occupied already"
        await it.order("plug-in", "CP001")
        assert await refused(it, "toggle-bay") == "CP001 EVSE 1: the car is connected and cannot leave"
        await it.order("unplug", "CP001")
        assert await told(it, "toggle-bay") == "the bay is free"


@pytest.mark.parametrize("name", ["toggle-ev", "ev-full"])
async def test_without_a_car_nothing_happens(tmp_path: Path, name: str) -> None:
    async with bench(tmp_path) as it:
        assert await refused(it, name) == "CP001 EVSE 1 has no car connected"


async def test_resets_fail_as_often_as_one_wants(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("fail-resets", "CP001", count="2")
        assert (outcome.done, outcome.text) == (True, "CP001: the next 2 resets fail")
        assert (await it.order("fail-resets", "CP001", count="0")).text == "CP001: resets work again"
        for count in ("1.5", "1001"):
            assert (await it.order("fail-resets", "CP001", count=count)).text == (
                f"CP001: count: {count} is no number from 0 to 1000"
            )
