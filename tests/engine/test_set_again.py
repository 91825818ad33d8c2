"""What people have set on stations is in force on those that take their place, from their first frame on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from evtui.config import FleetConfig, GroupConfig
from evtui.engine.clock import ManualClock
from evtui.engine.door import Command, Target
from evtui.engine.effects.again import set_again
from evtui.engine.fleet import Fleet
from evtui.ocppj.spool import SpoolWriter
from tests.engine.scripted import URL, Bench, ScriptedCsms

ONE, TWO = Target("CP001"), Target("CP002")
FIRST = Target("CP001", 1)
TIMEOUT = {"variable": "TxCtrlr.EVConnectionTimeOut", "value": "77"}


@asynccontextmanager
async def successor(directory: Path, *commands: Command) -> AsyncIterator[Bench]:
    """Two stations on which that was set before they began."""
    clock = ManualClock()
    csms = ScriptedCsms(clock)
    with SpoolWriter(directory) as spool:
        config = FleetConfig(groups=(GroupConfig(count=2),))
        fleet = Fleet(config, clock=clock, frames=spool, csms_url=URL, connect=csms.connect)
        set_again(fleet, commands)
        async with fleet:
            await clock.advance(0.0)
            yield Bench(fleet, csms, clock, directory)


async def test_rules_meet_the_first_frame(tmp_path: Path) -> None:
    rule = Command("add-rule", (ONE,), {"action": "drop", "filter": "~a BootNotification", "times": "1"})
    async with successor(tmp_path, rule) as it:
        dropped = [frame.station for frame in it.frames() if frame.note]
        assert dropped == ["CP001"]


async def test_a_network_that_was_cut_lets_nothing_through(tmp_path: Path) -> None:
    async with successor(tmp_path, Command("cut-network", (TWO,))) as it:
        assert {frame.station for frame in it.frames()} == {"CP001"}
        await it.order("restore-network", "CP002")
        await it.advance(120.0)
        assert {frame.station for frame in it.frames()} == {"CP001", "CP002"}


async def test_variables_and_limits_have_their_values(tmp_path: Path) -> None:
    limit = Command("limit", (FIRST,), {"current-a": "6"})
    async with successor(tmp_path, Command("set-variable", (ONE,), TIMEOUT), limit) as it:
        one, two = [await it.door.station(each) for each in ("CP001", "CP002")]
        assert one is not None
        assert two is not None
        assert one.variables["TxCtrlr.EVConnectionTimeOut"] == "77" != two.variables["TxCtrlr.EVConnectionTimeOut"]
        assert [(each.name, each.current_a) for each in one.evses[0].settings] == [("Operator (current)", 6.0)]


async def test_what_cannot_be_set_again_is_told_and_keeps_nothing_else_back(tmp_path: Path) -> None:
    rule = Command("add-rule", (ONE, Target("nobody")), {"action": "drop", "name": "mine"})
    start = Command("start", (FIRST,))
    async with successor(tmp_path, rule, rule, start, Command("set-variable", (ONE,), TIMEOUT)) as it:
        told = [event.text for event in await it.door.events(0) if event.kind == "warning" and not event.station_id]
        assert told == [
            "CP001: add-rule could not be done again: there is a rule mine already",
            "CP001: start could not be done again: nothing is known of that",
        ]
        one = await it.door.station("CP001")
        assert one is not None
        assert [rule.name for rule in one.rules] == ["mine"]
        assert one.variables["TxCtrlr.EVConnectionTimeOut"] == "77"
