"""Commands of a controller outside: suspend, resume, limit."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.scripted import bench


async def test_suspending_takes_the_power_and_keeps_the_transaction(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        assert not (await it.order("resume", "CP001")).done
        outcome = await it.order("suspend", "CP001")
        evse = await it.evse()
        assert (outcome.done, outcome.text) == (True, "CP001: suspended")
        assert (evse.charging_state, evse.power_w) == ("SuspendedEVSE", 0.0)
        outcome = await it.order("resume", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: resumed")
        assert (await it.evse()).transaction_id == evse.transaction_id


async def test_there_is_nothing_to_suspend_without_a_transaction(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("suspend", "CP001")
        assert (outcome.done, outcome.text) == (
            False,
            "CP001 EVSE 1 has no transaction to suspend: `start` starts one",
        )


async def test_a_limit_stands_in_the_chain_under_the_name_of_its_source(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        outcome = await it.order("limit", "CP001", power_w="5000", current_a="10", source="echonet")
        assert (outcome.done, outcome.text) == (True, "CP001: limited to 5000 W and 10 A")
        detail = await it.door.station("CP001")
        assert detail is not None
        chain = {limit.name: (limit.power_w, limit.current_a) for limit in detail.evses[0].limits}
        assert chain["ECHONET controller"][0] == 5_000.0
        assert chain["ECHONET controller (current)"] == (6_900.0, 10.0)
        outcome = await it.order("limit", "CP001", source="echonet")
        assert outcome.text == "CP001: no longer limited"
        detail = await it.door.station("CP001")
        assert detail is not None
        assert not [limit for limit in detail.evses[0].limits if "ECHONET" in limit.name]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"power_w": "much"}, "power-w: 'much' is no figure from 0 on"),
        ({"current_a": "-1"}, "current-a: '-1' is no figure from 0 on"),
        ({"power_w": "nan"}, "power-w: 'nan' is no figure from 0 on"),
        ({"source": "csms"}, "source: 'csms' is not known: operator, echonet"),
    ],
)
async def test_what_is_no_limit_is_refused(tmp_path: Path, arguments: dict[str, Any], reason: str) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("limit", "CP001", **arguments)
        assert not outcome.done
        assert reason.replace("'", "") in outcome.text.replace("'", "").replace('"', "")


async def test_an_amount_of_energy_ends_the_transaction(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        outcome = await it.order("limit-energy", "CP001", energy_wh="500")
        assert outcome.text == "CP001: ends at 500 Wh"
        await it.clock.advance(10)
        evse = await it.evse()
        assert evse.transaction_id is None
        assert evse.energy_wh == pytest.approx(500.0, abs=10.0)
        assert [each.text for each in await it.events("session-ended")] == ["EnergyLimitReached"]


async def test_an_amount_of_energy_can_be_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("limit-energy", "CP001", energy_wh="500")
        assert (await it.order("limit-energy", "CP001")).text == "CP001: no longer limited"
        assert [each.text for each in await it.events("limit")] == ["to 500 Wh", "no target"]
