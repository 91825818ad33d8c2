"""A bug of one station marks that station, and never touches another."""

import logging
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from evtui.engine.door import LinkState, View
from evtui.sim.events import Event, PlugIn
from evtui.sim.instant import Instant
from evtui.sim.station import Station
from tests.engine.scripted import bench


class Bug(Exception):  # noqa: N818
    """What should never be raised."""


def cursed(station_id: str, kind: type[Event] = PlugIn) -> Any:
    """Makes one station raise on one kind of event."""
    handle = Station.handle

    def handle_or_crash(self: Station, event: Event, now: Instant) -> Any:
        if self.spec.id == station_id and isinstance(event, kind):
            raise Bug("a cable too many")
        return handle(self, event, now)

    return patch.object(Station, "handle", handle_or_crash)


async def test_a_crash_marks_its_station_and_leaves_the_others_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        with cursed("CP002"):
            outcome = await it.order("start", "CP001", "CP002", "CP003")
            await it.advance(0.5)
            assert (await it.row("CP002")).link is LinkState.CRASHED
        assert [result.done for result in outcome.results] == [True, False, True]
        assert outcome.text == ("2 started; CP002: crashed: Bug: a cable too many (--log FILE keeps the traceback)")
        (event,) = await it.events("crashed")
        assert (event.station_id, f"crashed: {event.text}") == ("CP002", outcome.results[1].text)
        for station_id in ("CP001", "CP003"):
            row = await it.row(station_id)
            assert (row.link, row.evses[0].charging_state is not None) == (LinkState.ONLINE, True)


async def test_the_traceback_goes_to_the_diagnostics_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path) as it:
        with cursed("CP001"), caplog.at_level(logging.ERROR, "evtui"):
            await it.order("plug-in", "CP001")
        (record,) = caplog.records
        assert record.getMessage() == "CP001 crashed"
        assert record.exc_info is not None
        assert record.exc_info[0] is Bug


async def test_a_crashed_station_comes_back_and_its_transaction_has_ended(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(3)
        before = await it.door.fleet(View())
        with cursed("CP001"):
            await it.door.fleet(View())
            it.fleet.session("CP001").post(PlugIn(1))  # type: ignore[union-attr]
            await it.advance(0.5)
            assert it.csms.links["CP001"].closed
        await it.advance(1)
        row = await it.row()
        assert row.link is LinkState.ONLINE
        assert it.csms.actions().count("BootNotification") == 2
        detail = await it.door.station("CP001")
        assert detail is not None
        (lost,) = detail.transactions
        assert lost.ended_at is not None
        after = await it.door.fleet(View())
        assert (after.totals.transactions, after.totals.queued, after.totals.online) == (0, 0, 1)
        assert after.totals.energy_wh == pytest.approx(before.totals.energy_wh, rel=0.5)
        assert (await it.order("start", "CP001")).done


async def test_crashes_that_follow_each_other_are_further_and_further_apart(tmp_path: Path) -> None:
    with patch.object(Station, "handle", _broken):
        async with bench(tmp_path) as it:
            await it.advance(130)
            crashes = await it.events("crashed")
            at = [round(event.at - crashes[0].at) for event in crashes]
            assert at == [0, 1, 3, 7, 15, 31, 63, 123]


async def test_a_crashed_station_takes_no_commands_until_it_is_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        with cursed("CP001"):
            await it.order("plug-in", "CP001")
            outcome = await it.order("plug-in", "CP001")
        assert outcome.text == "CP001 has crashed and is being restarted"


async def test_a_crash_while_connecting_is_one_too(tmp_path: Path) -> None:
    def prepare(csms: Any) -> None:
        csms.refusal = Bug("in the connection")

    async with bench(tmp_path, stations=2, before=prepare) as it:
        assert (await it.row()).trouble.startswith("Bug: in the connection")
        it.csms.refusal = None
        await it.advance(1)
        assert (await it.row()).link is LinkState.ONLINE


def _broken(self: Station) -> None:
    raise Bug("always")
