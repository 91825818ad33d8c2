"""Stations whose state is kept: nothing is told before it is written, and a fleet that was killed goes on."""

import asyncio
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from evtui.engine.door import Command, LinkState, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.state_file import StateFile
from evtui.errors import ConfigError
from evtui.sim.events import PlugIn
from evtui.sim.metering.reading import EvseReading
from tests.engine.manual_store import disk
from tests.engine.scripted import Bench, bench
from tests.engine.test_crash import cursed


def ask(it: Bench, action: str, **payload: Any) -> None:
    it.csms.links["CP001"].push(json.dumps([2, "ask", action, payload]))


def reading(it: Bench) -> EvseReading:
    session = it.fleet.session("CP001")
    assert session is not None
    return session.gauge.readings[0]


# -- what is told before it is written ------------------------------------------------------------


async def test_a_transaction_event_goes_out_when_it_is_on_the_disk(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            await it.order("plug-in", "CP001")
            store.at_once = False
            task = asyncio.get_running_loop().create_task(it.door.submit(Command("start", (Target("CP001"),))))
            await it.advance(0)
            assert it.csms.actions()[-1] == "Authorize"
            store.commit()
            await it.advance(0)
            assert [event["eventType"] for event in it.csms.events()] == ["Started"]
            store.at_once = True
            store.commit()
            await it.advance(1)
            assert task.done()


async def test_an_answer_goes_out_when_what_it_promises_is_on_the_disk(tmp_path: Path) -> None:
    """A station that answered Accepted has the variable, whatever happens to it then."""
    row = {"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut"}, "attributeValue": "7"}
    with disk(tmp_path, at_once=True) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            store.at_once = False
            ask(it, "SetVariables", setVariableData=[row])
            await it.advance(1)
            assert it.csms.replies == []
            store.commit()
            await it.advance(0)
            assert it.csms.replies[0][2]["setVariableResult"][0]["attributeStatus"] == "Accepted"


async def test_the_answer_to_a_reset_goes_out_before_the_link_is_closed(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            await it.order("start", "CP001")
            await it.advance(2)
            store.at_once = False
            ask(it, "Reset", type="Immediate")
            await it.advance(0.5)
            assert it.csms.replies == []
            assert not it.csms.links["CP001"].closed
            for _ in range(5):
                store.commit()
                await it.advance(0.1)
            assert it.csms.replies == [[3, "ask", {"status": "Accepted"}]]
            store.at_once = True
            store.commit()
            await it.advance(1)
            assert it.csms.actions().count("BootNotification") == 2


async def test_an_event_that_waited_for_the_disk_when_the_link_broke_goes_out_once(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            await it.order("start", "CP001")
            await it.advance(2)
            store.at_once = False
            await it.advance(1)
            it.csms.links["CP001"].cut()
            await it.advance(0)
            store.at_once = True
            store.commit()
            await it.advance(30)
            numbers = [event["seqNo"] for event in it.csms.events()]
            assert numbers == list(range(len(numbers)))


async def test_a_queue_drains_without_waiting_for_what_was_delivered_to_be_deleted(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            await it.order("start", "CP001")
            await it.advance(2)
            it.csms.answers["TransactionEvent"] = lambda payload: None
            await it.advance(8)
            it.csms.answers.clear()
            queued = (await it.row()).queued
            assert queued > 5
            await it.order("stop", "CP001")
            store.at_once = False
            it.csms.links["CP001"].push(json.dumps([3, it.csms.last_id, {}]))
            await it.advance(0)
            assert (await it.row()).queued == 0


# -- what is there again --------------------------------------------------------------------------


@pytest.mark.parametrize("resume_on_boot", [False, True])
async def test_a_fleet_that_was_killed_goes_on(tmp_path: Path, resume_on_boot: bool) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "one", 2, store=store, resume_on_boot=resume_on_boot) as it:
            await it.order("start", "CP001")
            await it.advance(5)
            it.csms.answers["TransactionEvent"] = lambda payload: None
            await it.advance(3)
            before, told = reading(it), it.csms.events()
            owed = (await it.row()).queued
            store.at_once = False  # the disk gets nothing of the orderly end
    with disk(tmp_path) as store:
        async with bench(tmp_path / "two", 2, store=store, boot=False, resume_on_boot=resume_on_boot) as it:
            after = reading(it)
            assert (after.register_wh, after.soc_percent, after.plugged) == (
                before.register_wh,
                before.soc_percent,
                True,
            )
            assert (await it.row()).queued == owed + 1, "and the end, or that no energy flows"
            await it.advance(3)
            again = it.csms.events()
            assert again[0] == {**told[-1], "offline": True}, "a repeat equals its first"
            numbers = [event["seqNo"] for event in (*told[:-1], *again)]
            assert numbers == list(range(len(numbers)))
            detail = await it.door.station("CP001")
            assert detail is not None
            if resume_on_boot:
                assert (await it.evse()).transaction_id == before.transaction_id
                assert [row.transaction_id for row in detail.transactions] == [before.transaction_id]
                assert {event["eventType"] for event in again} == {"Updated"}
            else:
                assert (await it.evse()).transaction_id is None
                (ended,) = await it.events("session-ended")
                assert (ended.text, ended.transaction_id) == ("PowerLoss", before.transaction_id)
                assert again[-1]["eventType"] == "Ended"
                assert again[-1]["transactionInfo"]["stoppedReason"] == "PowerLoss"
                assert again[-1]["offline"]
                assert it.csms.calls[0][2]["reason"] == "PowerUp"
            assert (await it.row("CP002")).evses[0].plugged is False


async def test_an_orderly_end_and_a_new_beginning(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "one", store=store) as it:
            await it.order("start", "CP001")
            await it.advance(3)
            await it.soon(it.fleet.shutdown(5.0), 6.0)
            before = reading(it)
    with disk(tmp_path) as store:
        async with bench(tmp_path / "two", store=store) as it:
            after = reading(it)
            assert (after.register_wh, after.plugged, after.status) == (before.register_wh, True, "Occupied")
            assert it.csms.events() == []
            assert await it.events("session-ended") == []


async def test_a_crashed_station_goes_on_from_its_own_state(tmp_path: Path) -> None:
    """Also without a store: what a station keeps outlasts its own bugs."""
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(3)
        before = reading(it)
        it.csms.answers["TransactionEvent"] = lambda payload: None
        await it.advance(2)
        with cursed("CP001"):
            it.fleet.session("CP001").post(PlugIn(1))  # type: ignore[union-attr]
            await it.advance(0)
            assert (await it.row()).link is LinkState.CRASHED
        it.csms.answers.clear()
        await it.advance(2)
        after = reading(it)
        assert after.register_wh >= before.register_wh
        assert (after.plugged, after.transaction_id) == (True, None)
        events = it.csms.events()
        assert list(dict.fromkeys(event["seqNo"] for event in events)) == list(range(events[-1]["seqNo"] + 1))
        assert events[-1]["transactionInfo"]["stoppedReason"] == "Reboot"
        boots = [payload["reason"] for _, action, payload in it.csms.calls if action == "BootNotification"]
        assert boots == ["PowerUp", "Watchdog"]
        assert (await it.door.fleet(View())).totals.queued == 0


# -- what can be wrong ----------------------------------------------------------------------------


async def test_a_station_whose_state_cannot_be_read_starts_like_new_and_the_others_go_on(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "one", 2, store=store) as it:
            for station_id in ("CP001", "CP002"):
                await it.order("plug-in", station_id)
    file = StateFile.open(tmp_path / "state", "ws://csms.test")
    (kept,) = file.claim(["CP001"])
    file.write({kept.ids["evse/1"]: ("evse/1", b"\xc1")})
    file.close()
    with disk(tmp_path) as store:
        async with bench(tmp_path / "two", 2, store=store) as it:
            assert [row.evses[0].plugged for row in (await it.door.fleet(View())).rows] == [False, True]
            (warning,) = await it.events("warning")
            assert warning.station_id == "CP001"
            assert "'evse/1' cannot be read" in warning.text
            assert f"{store.path} as 'CP001 (damaged " in warning.text
            assert (await it.row()).link is LinkState.ONLINE


async def test_a_damaged_file_is_named_and_the_stations_start_like_new(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "one", store=store):
            path = store.path
    path.write_bytes(b"junk" * 3_000)
    with disk(tmp_path) as store:
        async with bench(tmp_path / "two", store=store) as it:
            (warning,) = await it.events("warning")
            assert str(store.damaged) in warning.text
            assert (await it.row()).link is LinkState.ONLINE


async def test_a_full_disk_is_told_and_stations_go_on(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            store.tell("state.db: database or disk is full")
            (warning,) = await it.events("warning")
            assert (warning.text, warning.station_id) == ("state.db: database or disk is full", "")


async def test_a_station_that_somebody_else_runs_is_refused(tmp_path: Path) -> None:
    refusal = ConfigError("CP002: another evtui runs this station")
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", store=store) as it:
            with patch.object(store, "shelves", side_effect=refusal), pytest.raises(ConfigError, match="CP002"):
                it.fleet.add()
            assert (await it.door.fleet(View())).totals.stations == 1
            assert it.fleet.add() == ("CP002",)


async def test_what_cannot_start_lets_go_of_its_state(tmp_path: Path) -> None:
    released: list[int] = []
    with disk(tmp_path) as store, patch.object(StateFile, "release", lambda self, number: released.append(number)):
        async with bench(tmp_path / "frames", store=store) as it:
            with patch.object(Fleet, "_session", side_effect=ConfigError("no")), pytest.raises(ConfigError):
                it.fleet.add(2)
            assert len(released) == 2


async def test_a_station_that_is_taken_away_keeps_what_it_owes(tmp_path: Path) -> None:
    with disk(tmp_path) as store:
        async with bench(tmp_path / "frames", 2, store=store) as it:
            it.csms.answers["TransactionEvent"] = lambda payload: None
            await it.order("start", "CP002")
            lost = await it.soon(it.fleet.remove("CP002"), 10)
            assert lost == "2 transaction messages were not delivered: they are kept until it is back"
            it.csms.answers.clear()
            before = len(it.csms.events("CP002"))
            assert it.fleet.add() == ("CP003",)
            it.fleet._next_number = 2
            assert it.fleet.add() == ("CP002",)
            await it.advance(1)
            assert len(it.csms.events("CP002")) == before + 2
