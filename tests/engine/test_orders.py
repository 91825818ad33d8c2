"""Commands: each tells its visible effect, or the reason why there is none."""

import re
from pathlib import Path
from typing import Any

import pytest

from evtui.engine.commands import COMMANDS, Scope
from evtui.engine.door import Command, Target, View
from evtui.engine.effects.table import ACTS
from evtui.engine.orders import REMOVE
from evtui.sim.spec import EvseSpec
from tests.engine.scripted import REFUSED, ScriptedCsms, bench


def rejecting(status: str) -> Any:
    return lambda payload: {"idTokenInfo": {"status": status}}


def test_every_command_of_the_registry_can_be_carried_out() -> None:
    of_a_station = {name for name, spec in COMMANDS.items() if spec.scope is not Scope.FLEET}
    assert {*ACTS, REMOVE} == of_a_station


# -- start ----------------------------------------------------------------------------------------


async def test_start_plugs_in_and_tells_the_transaction(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("start", "CP001")
        evse = await it.evse()
        assert outcome.done
        assert outcome.text == f"CP001: transaction {evse.transaction_id} started"
        assert evse.plugged


async def test_start_uses_the_cable_that_is_in_already(tmp_path: Path) -> None:
    async with bench(tmp_path, flow="classic") as it:
        assert (await it.order("start", "CP001", within_s=3)).done
        assert not await it.events("plugged-in")


async def test_start_tells_that_the_csms_refuses_the_identifier(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = rejecting("Invalid")
        outcome = await it.order("start", "CP001")
        assert not outcome.done
        assert outcome.text == 'CP001: "DEADBEEF": the CSMS says Invalid'
        assert (await it.evse()).plugged


async def test_start_presents_another_identifier_when_told_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001", id_token="0000", id_token_type="Central")
        authorize = next(payload for _, action, payload in it.csms.calls if action == "Authorize")
        assert authorize == {"idToken": {"idToken": "0000", "type": "Central"}}


async def test_start_with_a_type_that_ocpp_does_not_have_names_those_it_has(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("start", "CP001", id_token_type="RFID")
        assert not outcome.done
        assert "RFID is no type of identifier" in outcome.text
        assert "ISO14443" in outcome.text


async def test_start_waits_for_a_station_that_is_about_to_be_accepted(tmp_path: Path) -> None:
    """`s` right after the program came up works."""
    async with bench(tmp_path, boot=False) as it:
        assert (await it.order("start", "CP001", within_s=0)).done


async def test_start_of_a_station_that_the_csms_holds_off_says_so(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        now = csms.clock.now().utc.isoformat()
        csms.answers["BootNotification"] = lambda payload: {"currentTime": now, "interval": 60, "status": "Pending"}

    async with bench(tmp_path, before=prepare) as it:
        outcome = await it.order("start", "CP001")
        assert not outcome.done
        assert "the CSMS has not accepted this station yet" in outcome.text


async def test_start_without_a_csms_tells_the_trouble_with_the_link(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    async with bench(tmp_path, before=prepare) as it:
        outcome = await it.order("start", "CP001")
        assert not outcome.done
        assert outcome.text.endswith("(connection refused (tcp): start the CSMS)")


async def test_start_gives_up_waiting_for_a_csms_that_keeps_silent(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        outcome = await it.order("start", "CP001", within_s=10)
        assert outcome.text == "CP001: presented; the CSMS has not answered within 10 s"


async def test_start_tells_when_a_transaction_needs_more_than_an_identifier(tmp_path: Path) -> None:
    async with bench(tmp_path, variables={"TxCtrlr.TxStartPoint": "DataSigned"}) as it:
        outcome = await it.order("start", "CP001", within_s=10)
        assert outcome.text == "CP001: authorized; the transaction waits for its TxStartPoint"


async def test_start_of_what_runs_already_says_which_key_stops_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        outcome = await it.order("start", "CP001")
        assert outcome.text == "CP001 EVSE 1 is authorized already: `stop` stops it"


async def test_a_link_that_breaks_while_the_csms_is_asked_ends_the_wait(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: it.csms.links["CP001"].cut()
        outcome = await it.order("start", "CP001")
        assert not outcome.done
        assert "the connection broke off" in outcome.text


# -- stop, plug, authorize ------------------------------------------------------------------------


async def test_stop_tells_the_energy(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(10)
        outcome = await it.order("stop", "CP001")
        energy_wh = (await it.evse()).energy_wh
        assert outcome.text == f"CP001: transaction ended, {energy_wh / 1000:.3f} kWh"


async def test_stop_works_without_a_link(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        it.csms.refusal = REFUSED
        it.csms.links["CP001"].cut()
        await it.advance(1)
        assert (await it.order("stop", "CP001")).done
        assert (await it.row()).queued > 0


async def test_stop_takes_an_authorization_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert (await it.order("authorize", "CP001")).text == 'CP001: authorized "DEADBEEF"'
        outcome = await it.order("stop", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: no longer authorized")


async def test_stop_tells_that_the_transaction_runs_on_if_its_stop_points_say_so(tmp_path: Path) -> None:
    async with bench(tmp_path, variables={"TxCtrlr.TxStopPoint": "EVConnected"}) as it:
        await it.order("start", "CP001")
        outcome = await it.order("stop", "CP001")
        assert outcome.done
        assert "until the cable is out" in outcome.text
        assert (await it.evse()).transaction_id is not None


async def test_stop_without_a_transaction_says_which_key_starts_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("stop", "CP001")
        assert outcome.text == "CP001 EVSE 1 has no transaction to stop: `start` starts one"


async def test_plug_in_tells_the_car(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("plug-in", "CP001")
        assert outcome.done
        assert outcome.text.startswith("CP001: plugged in: ")
        assert not (await it.order("plug-in", "CP001")).done


async def test_plug_in_of_a_car_that_is_in_no_catalogue_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("plug-in", "CP001", ev="Trabant")
        assert not outcome.done
        assert "Trabant" in outcome.text


async def test_toggle_plug_does_whichever_is_possible(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert "plugged in" in (await it.order("toggle-plug", "CP001")).text
        assert (await it.order("toggle-plug", "CP001")).text == "CP001: unplugged at the EV"


async def test_unplugging_during_a_session_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        assert (await it.order("unplug", "CP001")).done
        assert it.csms.events()[-1]["triggerReason"] == "EVCommunicationLost"


async def test_presenting_the_identifier_again_ends_the_session(tmp_path: Path) -> None:
    """E07."""
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        outcome = await it.order("authorize", "CP001")
        assert outcome.done
        assert "transaction ended" in outcome.text


# -- several at once ------------------------------------------------------------------------------


async def test_a_command_acts_on_all_targets_and_sums_up(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=4) as it:
        await it.order("start", "CP004")
        outcome = await it.order("start", "CP001", "CP002", "CP003", "CP004")
        assert not outcome.done
        assert outcome.text == "3 started; CP004 EVSE 1 is authorized already: `stop` stops it"
        assert [result.done for result in outcome.results] == [True, True, True, False]


async def test_many_reasons_are_cut_short(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=6) as it:
        outcome = await it.order("unplug", *(f"CP00{n}" for n in range(1, 7)))
        assert outcome.text == "6 not: has no cable in (6)"
        assert len(outcome.results) == 6


async def test_targets_are_acted_on_at_the_same_time(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        outcome = await it.order("start", "CP001", "CP002", "CP003", within_s=10)
        assert len(outcome.results) == 3


async def test_a_station_as_a_whole_means_each_of_its_evses_once(tmp_path: Path) -> None:
    async with bench(tmp_path, evses=(EvseSpec(), EvseSpec())) as it:
        outcome = await it.order("plug-in", "CP001/0", "CP001/2")
        assert [result.target for result in outcome.results] == [Target("CP001", 1), Target("CP001", 2)]
        assert outcome.text == "2 plugged in"


# -- what was asked wrongly -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Command("strat", (Target("CP001", 1),)), "there is no command strat; did you mean start?"),
        (Command("\x1b[2J"), r"there is no command \\x1b.2J; there are start, stop"),
        (Command("start"), "start needs a station to act on"),
        (Command("start", (Target("CP001", 1),), {"token": "X"}), "start has no argument token: it takes id-token"),
        (Command("stop", (Target("CP001", 1),), {"token": "X"}), "stop has no argument token: it takes none"),
        (Command("fault", (Target("CP001", 1),)), "fault needs kind: ground-fault, overcurrent, "),
        (
            Command("fault", (Target("CP001", 1),), {"kind": "ground"}),
            "kind: ground is no choice; did you mean ground-f",
        ),
        (Command("fault", (Target("CP001", 1),), {"kind": "\x1b"}), "kind: .* is no choice; there are ground-fault, "),
        (Command("start", (Target("CP009", 1),)), "CP009: there is no such station"),
        (Command("start", (Target("CP001", 7),)), "CP001: there is no EVSE 7"),
        (Command("start", (Target("CP001", -1),)), "CP001: there is no EVSE -1"),
        (Command("remove-station", (Target("CP009"),)), "CP009: there is no station CP009"),
        (Command("add-stations", (), {"count": "many"}), "count: many is no number from 1 to 10000"),
        (Command("add-stations", (), {"count": "0"}), "count: 0 is no number from 1 to 10000"),
        (Command("add-stations", (), {"count": "²"}), "count: ² is no number from 1 to 10000"),
    ],
)
async def test_what_was_asked_wrongly_is_an_outcome_that_says_how(tmp_path: Path, command: Command, text: str) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.door.submit(command)
        assert not outcome.done
        assert re.match(text, outcome.text), outcome.text


async def test_stations_are_added_by_command(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert (await it.order("add-stations")).text == "added CP002"
        assert (await it.order("add-stations", count="3")).text == "added CP003 to CP005"
        assert len((await it.door.fleet(View())).rows) == 5


async def test_a_master_pass_that_is_presented_is_told_as_one(tmp_path: Path) -> None:
    """C16: it begins nothing, and its effect shows at once."""
    async with bench(tmp_path, variables={"AuthCtrlr.MasterPassGroupId": "masters"}) as it:
        group = {"idToken": "masters", "type": "Central"}
        it.csms.answers["Authorize"] = lambda payload: {"idTokenInfo": {"status": "Accepted", "groupIdToken": group}}
        outcome = await it.order("authorize", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: a master pass: everything ends")
        assert not (await it.order("start", "CP001")).done
