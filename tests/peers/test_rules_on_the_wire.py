"""Rules on the wire over real sockets, before a strict CSMS that is not ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from evtui.config import FleetConfig, GroupConfig
from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, LinkState, Outcome, StationRow, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.ocppj.frame import Direction, Frame
from evtui.ocppj.spool import SpoolReader, SpoolWriter
from tests.peers.ocpp_rpc import StrictCsms, strict_csms
from tests.program import until

pytestmark = pytest.mark.timeout(60)

VARIABLES = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.MessageTimeout[Default]": "2",
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "0",
}
CP001 = (Target("CP001"),)


class Play:
    """A station before the CSMS."""

    def __init__(self, csms: StrictCsms, fleet: Fleet, directory: Path) -> None:
        self.csms = csms
        self.door = LocalDoor(fleet)
        self._fleet = fleet
        self._directory = directory

    async def do(self, name: str, **arguments: str) -> Outcome:
        given = {key.replace("_", "-"): value for key, value in arguments.items()}
        target = CP001 if name != "start" else (Target("CP001", 1),)
        return await self.door.submit(Command(name, target, given))

    async def rule(self, action: str, **arguments: str) -> None:
        outcome = await self.do("add-rule", action=action, **arguments)
        assert outcome.done, outcome.text

    async def until(self, what: Callable[[StationRow], bool]) -> None:
        number = 0
        while not what((await self.door.fleet(View())).rows[0]):
            number = (await self.door.events(number))[-1].number

    async def asked(self, method: str, **params: Any) -> dict[str, Any]:
        return await asyncio.to_thread(lambda: self.csms.ask("CP001", method, **params))

    async def told(self, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return await asyncio.to_thread(self.csms.wait_for, matches)

    def ids(self, method: str) -> list[str]:
        return [call.id for call in self.csms.calls("CP001") if call.method == method]

    def frames(self, action: str) -> list[Frame]:
        self._fleet.frames.flush()
        with SpoolReader(self._directory) as reader:
            frames = [reader.frame(number) for number in range(reader.refresh())]
        return [frame for frame in frames if frame.note and frame.action == action]


@asynccontextmanager
async def play(directory: Path) -> AsyncIterator[Play]:
    config = FleetConfig(groups=(GroupConfig(count=1, variables=VARIABLES),))
    with strict_csms() as csms, SpoolWriter(directory) as spool:
        async with Fleet(config, clock=SystemClock(config.speed), frames=spool, csms_url=csms.url) as fleet:
            made = Play(csms, fleet, directory)
            await made.until(lambda row: row.link is LinkState.ONLINE)
            yield made


async def test_a_dropped_call_times_out_and_arrives_at_the_next_attempt(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("drop", filter="~out & ~a TransactionEvent & ~t call", times="1")
        await it.do("start")
        await it.told(lambda report: report["event"] == "call" and report["method"] == "TransactionEvent")
        first = next(call for call in it.csms.calls("CP001") if call.method == "TransactionEvent")
        (dropped,) = it.frames("TransactionEvent")
        assert (first.params["eventType"], first.params["seqNo"]) == ("Started", 0)
        assert json.loads(dropped.text)[3]["seqNo"] == 0
        assert first.at - dropped.at >= 1.99  # the CSMS tells milliseconds
        assert it.csms.violations() == []


async def test_a_delayed_call_arrives_late_and_unharmed(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("delay", filter="~out & ~a DataTransfer", delay_ms="300+-50")
        begun = asyncio.get_running_loop().time()
        assert (await it.do("data-transfer", vendor_id="com.example")).results
        assert asyncio.get_running_loop().time() - begun >= 0.25
        assert it.frames("DataTransfer")[0].note.startswith("delayed ")
        assert it.csms.violations() == []


async def test_a_doubled_call_arrives_twice_under_one_id(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("duplicate", filter="~out & ~a DataTransfer")
        await it.do("data-transfer", vendor_id="com.example")
        await asyncio.to_thread(until, lambda: len(it.csms.violations()) >= 2)
        texts = [frame.text for frame in it.frames("DataTransfer") if frame.direction is Direction.SENT]
        assert len(texts) == 2
        assert texts[0] == texts[1]
        first, second = it.ids("DataTransfer")
        assert first == second
        assert [violation.partition(": ")[2].partition(":")[0] for violation in it.csms.violations()] == [
            "second-call",
            "message-id",
        ]


async def test_a_corrupt_call_is_no_message_to_the_csms_and_the_station_goes_on(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("corrupt", filter="~out & ~a DataTransfer", times="1")
        await it.do("data-transfer", vendor_id="com.example")
        assert it.ids("DataTransfer") == []
        (frame,) = it.frames("")
        assert frame.note.startswith("cut short after")
        assert "DataTransfer" in frame.original
        await it.until(lambda row: row.link is LinkState.ONLINE)
        await it.do("data-transfer", vendor_id="com.example")
        assert len(it.ids("DataTransfer")) == 1


async def test_an_answered_call_fails_here_and_never_arrives(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("answer", filter="~out & ~a DataTransfer", code="InternalError")
        outcome = await it.do("data-transfer", vendor_id="com.example")
        assert not outcome.done
        assert "InternalError" in outcome.text
        assert it.ids("DataTransfer") == []


async def test_a_call_of_the_csms_is_answered_in_the_stations_place(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("answer", filter="~in & ~a Reset", code="SecurityError")
        assert await it.asked("Reset", type="Immediate") == {"error": "SecurityError"}
        assert it.csms.violations() == []


async def test_a_held_call_of_the_csms_is_edited_and_answered_as_edited(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("hold", filter="~in & ~a TriggerMessage")
        asking = asyncio.ensure_future(it.asked("TriggerMessage", requestedMessage="Heartbeat"))
        await it.until(lambda row: row.held == 1)
        detail = await it.door.station("CP001")
        assert detail is not None
        text = detail.held[0].text.replace("Heartbeat", "SignV2GCertificate")
        assert (await it.do("release", do="edit", text=text)).done
        assert (await asking)["status"] == "NotImplemented"
        (frame,) = [each for each in it.frames("TriggerMessage") if each.direction is Direction.RECEIVED]
        assert '"Heartbeat"' in frame.original
        assert frame.note.endswith("then edited")


async def test_the_connection_is_cut_again_and_again_and_the_station_comes_back(tmp_path: Path) -> None:
    async with play(tmp_path) as it:
        await it.rule("cut", every_s="1")
        await it.told(lambda report: len(it.csms.told("connected")) >= 3)
        await it.do("clear-rules")
        await it.until(lambda row: row.link is LinkState.ONLINE)
        assert it.csms.violations() == []
