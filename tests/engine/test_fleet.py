"""The fleet as a whole: its views and figures, stations that come and go, and an orderly end."""

import asyncio
import json
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from msgspec.structs import replace

from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.clock import ManualClock
from evtui.engine.door import LinkState, View
from evtui.engine.fleet import Fleet
from evtui.engine.views import station_row
from evtui.errors import ConfigError, LocalError
from evtui.ocppj.spool import SpoolReader, SpoolWriter
from evtui.sim.events import PresentToken
from evtui.sim.messages import IdToken
from tests.engine.scripted import REFUSED, URL, ScriptedCsms, bench

# -- views ----------------------------------------------------------------------------------------


async def test_a_view_gives_the_rows_it_asks_for(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=5) as it:
        view = await it.door.fleet(View(first=1, count=2))
        assert [row.id for row in view.rows] == ["CP002", "CP003"]
        assert (view.first, view.speed, view.csms_url) == (1, 60.0, URL)
        assert (view.totals.stations, view.totals.online) == (5, 5)


@pytest.mark.parametrize(("first", "count", "rows"), [(-3, 2, 2), (9, 2, 0), (0, -1, 0), (1, 99, 2)])
async def test_a_view_beyond_the_fleet_gives_what_there_is(tmp_path: Path, first: int, count: int, rows: int) -> None:
    async with bench(tmp_path, stations=3) as it:
        assert len((await it.door.fleet(View(first=first, count=count))).rows) == rows


async def test_a_view_looks_at_no_more_stations_than_it_shows(tmp_path: Path) -> None:
    """Its cost does not grow with the fleet."""
    async with bench(tmp_path, stations=30) as it:
        with patch("evtui.engine.selection.station_row", wraps=station_row) as looked:
            await it.door.fleet(View(first=10, count=5, trace=60))
        assert looked.call_count == 5


async def test_a_banner_is_on_every_view(tmp_path: Path) -> None:
    clock = ManualClock()
    with SpoolWriter(tmp_path) as spool:
        fleet = Fleet(FleetConfig(), clock=clock, frames=spool, csms_url=URL, banner="INSECURE")
        assert fleet.view(View()).banner == "INSECURE"


async def test_frames_are_on_disk_soon_where_the_door_says(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.advance(0.1)
        (spool,) = await it.door.frames()
        reader = SpoolReader(Path(spool.directory))
        assert reader.refresh() == 2 * len(it.csms.calls)
        reader.close()


async def test_nothing_changes_while_nothing_happens(tmp_path: Path) -> None:
    """Equal versions mean nothing to repaint: an idle fleet costs no byte."""
    async with bench(tmp_path, stations=3) as it:
        await it.advance(70)  # the round-trip times of the boot are no longer those of the last minute
        before = await it.door.fleet(View(trace=60))
        await it.advance(200)
        after = await it.door.fleet(View(trace=60))
        assert after.version == before.version
        assert (after.rows, after.totals) == (before.rows, before.totals)


async def test_a_plugged_but_idle_station_changes_nothing_either(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("plug-in", "CP001")
        await it.advance(70)
        before = (await it.door.fleet(View())).version
        await it.advance(200)
        assert (await it.door.fleet(View())).version == before


async def test_a_session_changes_the_view_every_second(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("start", "CP002")
        versions = []
        for _ in range(5):
            await it.advance(1)
            versions.append((await it.door.fleet(View(count=0))).version)
        assert len(set(versions)) == 5


async def test_the_figures_of_the_fleet_are_those_of_its_rows(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=4) as it:
        await it.order("start", "CP001", "CP002", "CP004")
        await it.advance(10)
        await it.order("stop", "CP002")
        await it.advance(1)
        view = await it.door.fleet(View())
        evses = [row.evses[0] for row in view.rows]
        assert view.totals.power_w == pytest.approx(sum(evse.power_w for evse in evses), abs=0.01)
        assert view.totals.energy_wh == pytest.approx(sum(evse.energy_wh for evse in evses), abs=0.01)
        assert view.totals.transactions == 2
        assert [evse.transaction_id is not None for evse in evses] == [True, False, False, True]


async def test_traces_show_the_last_seconds_and_run_out_after_the_session(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(10)
        (row,) = (await it.door.fleet(View(trace=60))).rows
        power, energy = row.evses[0].power_trace, row.evses[0].energy_trace
        assert (len(power), len(energy)) == (60, 60)
        assert power[:49] == (0.0,) * 49
        assert power[-1] == pytest.approx(row.evses[0].power_w, rel=1e-6)
        assert list(energy) == sorted(energy)
        await it.order("stop", "CP001")
        await it.advance(150)
        (row,) = (await it.door.fleet(View(trace=60))).rows
        assert row.evses[0].power_trace == (0.0,) * 60
        assert row.evses[0].energy_trace == (row.evses[0].energy_wh,) * 60
        version = (await it.door.fleet(View())).version
        await it.advance(60)
        assert (await it.door.fleet(View())).version == version


async def test_a_detail_knows_the_chain_of_limits_the_series_and_the_variables(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(30)
        detail = await it.door.station("CP001")
        assert detail is not None
        (evse,) = detail.evses
        assert [limit.wins for limit in evse.limits].count(True) == 1
        assert min(limit.power_w for limit in evse.limits) == next(each.power_w for each in evse.limits if each.wins)
        assert len(evse.series_t) == pytest.approx(30, abs=1)
        columns = (
            evse.series_power_w,
            evse.series_limit_w,
            evse.series_energy_wh,
            evse.series_voltage_v,
            evse.series_current_a,
            evse.series_frequency_hz,
            evse.series_soc_percent,
        )
        assert {len(column) for column in columns} == {len(evse.series_t)}
        assert evse.series_energy_wh[-1] == pytest.approx(evse.row.energy_wh, rel=1e-6)
        assert detail.variables["TxCtrlr.TxStartPoint"] == "PowerPathClosed"
        assert detail.variables["OCPPCommCtrlr.MessageTimeout[Default]"] == "30"


async def test_a_detail_that_is_not_whole_lacks_what_is_long_and_nothing_else(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.order("add-rule", "CP001", action="drop", filter="~a Heartbeat")
        await it.advance(30)
        whole = await it.door.station("CP001")
        short = await it.door.station("CP001", whole=False)
        assert whole is not None
        assert whole.rules
        assert whole.evses[0].series_t
        (evse,) = whole.evses
        none = {name: () for name in msgspec.structs.asdict(evse) if name.startswith("series_")}
        assert short == replace(
            whole,
            at=short.at if short else 0.0,
            evses=(replace(evse, **none),),
            variables={},
            definitions=(),
            log=(),
            rules=(),
            held=(),
        )


async def test_a_detail_lists_running_transactions_first_and_ended_ones_newest_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        for _ in range(3):
            await it.order("start", "CP001")
            await it.advance(5)
            await it.order("stop", "CP001")
            await it.order("unplug", "CP001")
            await it.advance(1)
        await it.order("start", "CP001")
        await it.advance(5)
        detail = await it.door.station("CP001")
        assert detail is not None
        running, *ended = detail.transactions
        assert (running.ended_at, running.stopped_reason, running.id_token) == (None, None, "DEADBEEF")
        assert running.energy_wh == detail.evses[0].row.energy_wh
        assert [row.stopped_reason for row in ended] == ["Local"] * 3
        assert [row.started_at for row in ended] == sorted((row.started_at for row in ended), reverse=True)
        assert all(row.events == 8 and row.energy_wh > 1000 for row in ended)


async def test_there_is_no_detail_of_a_station_that_is_not_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert await it.door.station("CP999") is None


# -- stations come and go -------------------------------------------------------------------------


async def test_stations_are_added_while_the_fleet_runs_and_numbered_on(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        assert it.fleet.add(2) == ("CP003", "CP004")
        await it.advance(0)
        assert (await it.row("CP004")).link is LinkState.ONLINE
        assert [event.station_id for event in await it.events("station-added")] == ["CP003", "CP004"]


async def test_numbers_of_removed_stations_are_not_used_again(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("remove-station", "CP002", within_s=1)
        assert it.fleet.add() == ("CP003",)


async def test_a_station_is_removed_after_its_transaction_was_ended_and_delivered(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("start", "CP001")
        await it.advance(3)
        outcome = await it.order("remove-station", "CP001", within_s=1)
        assert (outcome.done, outcome.text) == (True, "CP001: removed")
        assert it.csms.events("CP001")[-1]["eventType"] == "Ended"
        assert it.csms.links["CP001"].closed
        view = await it.door.fleet(View())
        assert [row.id for row in view.rows] == ["CP002"]
        assert (view.totals.stations, view.totals.online, view.totals.transactions) == (1, 1, 0)
        assert view.totals.power_w == 0.0
        assert await it.door.station("CP001") is None
        (event,) = await it.events("station-removed")
        assert event.station_id == "CP001"


async def test_a_station_that_cannot_deliver_is_removed_all_the_same_and_says_what_is_lost(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        it.csms.refusal = REFUSED
        it.csms.links["CP001"].cut()
        outcome = await it.order("remove-station", "CP001", within_s=9)
        assert outcome.done
        assert "transaction messages were not delivered" in outcome.text
        assert (await it.door.fleet(View())).totals.queued == 0


async def test_stations_with_one_fixed_id_cannot_be_added(tmp_path: Path) -> None:
    async with bench(tmp_path, id="GARAGE") as it:
        with pytest.raises(LocalError, match="GARAGE is there already"):
            it.fleet.add()
        outcome = await it.order("add-stations")
        assert not outcome.done
        assert "GARAGE is there already" in outcome.text


# -- the end --------------------------------------------------------------------------------------


async def test_shutdown_ends_all_transactions_and_waits_until_all_is_delivered(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        await it.order("start", "CP001", "CP003")
        await it.advance(3)
        undelivered = await it.soon(it.fleet.shutdown(3.0), within_s=0.5)
        assert undelivered == {}
        for station_id in ("CP001", "CP003"):
            ended = it.csms.events(station_id)[-1]
            assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "Local")


async def test_shutdown_tells_what_could_not_be_delivered_in_time(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("start", "CP001", "CP002")
        it.csms.answers["TransactionEvent"] = lambda payload: None
        await it.advance(2)
        undelivered = await it.soon(it.fleet.shutdown(3.0), within_s=3.0)
        assert set(undelivered) == {"CP001", "CP002"}
        assert all(count >= 2 for count in undelivered.values())


async def test_shutdown_ends_a_transaction_that_begins_meanwhile(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("start", "CP002")
        it.csms.answers["TransactionEvent"] = lambda payload: None
        it.csms.answers["Authorize"] = lambda payload: None
        await it.order("plug-in", "CP001")
        session = it.fleet.session("CP001")
        assert session is not None
        session.post(PresentToken(1, IdToken("DEADBEEF")))
        await it.advance(0)
        authorize_id = it.csms.last_id
        ending = asyncio.get_running_loop().create_task(it.fleet.shutdown(3.0))
        await it.advance(1)
        it.csms.links["CP001"].push(f'[3,"{authorize_id}",{{"idTokenInfo":{{"status":"Accepted"}}}}]')
        await it.advance(2)
        assert (await ending).keys() == {"CP001", "CP002"}
        assert (await it.evse("CP001")).transaction_id is None
        assert [event.text for event in await it.events("session-ended", station_id="CP001")] == ["Local"]


async def test_the_door_stops_the_fleet(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("start", "CP001")
        await it.soon(it.door.stop("quit"), within_s=1)
        assert it.csms.events("CP001")[-1]["eventType"] == "Ended"
        assert all(link.closed for link in it.csms.links.values())
        assert [event.kind for event in await it.events("stopped")] == ["stopped"]


async def test_a_window_that_detaches_stops_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.door.stop("detach")
        await it.advance(2)
        assert (await it.evse()).charging_state == "Charging"


# -- what cannot be run ---------------------------------------------------------------------------


def fleet_of(tmp_path: Path, **group: object) -> Fleet:
    clock = ManualClock()
    config = FleetConfig(groups=(GroupConfig(**group),))  # type: ignore[arg-type]
    with SpoolWriter(tmp_path) as spool:
        return Fleet(config, clock=clock, frames=spool, csms_url=URL, connect=ScriptedCsms(clock).connect)


def test_a_variable_that_does_not_exist_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"CP001: .*TxCtrlr.TxStartPont"):
        fleet_of(tmp_path, variables={"TxCtrlr.TxStartPont": "Authorized"})


async def test_a_password_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="NO_SUCH_PASSWORD is not set"):
        async with bench(tmp_path, csms=CsmsConfig(password_env="NO_SUCH_PASSWORD")):
            pass


async def test_a_machine_that_stood_still_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(5)
        energy_wh = (await it.evse()).energy_wh
        it.clock.jump(3600)
        await it.advance(0)
        (event,) = await it.events("stalled")
        assert event.text.startswith("this machine stood still for 3600 s")
        assert (await it.evse()).energy_wh == pytest.approx(energy_wh, abs=400)


async def test_the_totals_and_the_rows_tell_of_the_same_moment(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        asked = [{"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}}]
        for number in range(40):
            await it.advance(0.15)
            it.csms.links["CP001"].push(json.dumps([2, str(number), "GetVariables", {"getVariableData": asked}]))
            await it.advance(0.0)
            view = await it.door.fleet(View())
            (evse,) = view.rows[0].evses
            assert (view.totals.power_w, view.totals.energy_wh) == (evse.power_w, evse.energy_wh)
