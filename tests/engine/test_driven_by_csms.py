"""The embedded CSMS drives a real station over a real socket: what it asks for happens."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from evtui.csms.server import Csms
from evtui.engine.door import Command, LinkState, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool import SpoolReader
from tests.engine.test_real_sockets import all_are, running, until


class Driven:
    """One station, CP001, and the CSMS that drives it."""

    def __init__(self, csms: Csms, fleet: Fleet, door: LocalDoor, directory: Path) -> None:
        self.csms = csms
        self.fleet = fleet
        self.door = door
        self._directory = directory

    async def ask(self, action: str, **payload: Any) -> dict[str, Any]:
        return await self.csms.call("CP001", action, payload)

    async def online(self) -> None:
        await until(self.door, all_are(LinkState.ONLINE))

    async def happened(self, kind: str) -> None:
        """Waits for an event of that kind."""
        number = 0
        while True:
            events = await self.door.events(number)
            if any(event.kind == kind for event in events):
                return
            number = events[-1].number

    async def delivered(self) -> None:
        """Waits until the CSMS has taken all."""
        while (await self.door.fleet(View())).totals.queued:
            await self.ask("GetTransactionStatus")

    def frames(self) -> list[Frame]:
        """All that went over the wire, seen from the station."""
        self.fleet.frames.flush()
        reader = SpoolReader(self._directory)
        try:
            return [reader.frame(number) for number in range(reader.refresh())]
        finally:
            reader.close()

    def sent(self, action: str) -> list[Frame]:
        """What the station said of its own."""
        return [
            frame
            for frame in self.frames()
            if (frame.direction, frame.type, frame.action) == (Direction.SENT, FrameType.CALL, action)
        ]


@asynccontextmanager
async def driven(directory: Path) -> AsyncIterator[Driven]:
    csms = Csms("127.0.0.1", 0, 0, uploads=directory.with_name("uploads"))
    await csms.start()
    try:
        async with running(directory, f"ws://127.0.0.1:{csms.port}") as (fleet, door):
            it = Driven(csms, fleet, door, directory)
            await it.online()
            yield it
            assert [frame for frame in it.frames() if frame.fault] == [], "every frame fits its schema"
    finally:
        await csms.close()


def variable(component: str, name: str, **more: Any) -> dict[str, Any]:
    return {"component": {"name": component}, "variable": {"name": name}, **more}


async def test_what_is_set_is_read_back_and_holds(tmp_path: Path) -> None:
    """B05, B06."""
    async with driven(tmp_path) as it:
        timeout = variable("TxCtrlr", "EVConnectionTimeOut", attributeValue="77")
        answer = await it.ask("SetVariables", setVariableData=[timeout, variable("No", "Such", attributeValue="1")])
        assert [row["attributeStatus"] for row in answer["setVariableResult"]] == ["Accepted", "UnknownComponent"]
        answer = await it.ask("GetVariables", getVariableData=[variable("TxCtrlr", "EVConnectionTimeOut")])
        assert answer["getVariableResult"][0]["attributeValue"] == "77"
        detail = await it.door.station("CP001")
        assert detail is not None
        assert detail.variables["TxCtrlr.EVConnectionTimeOut"] == "77"


async def test_a_base_report_comes_whole_after_its_answer(tmp_path: Path) -> None:
    """B07."""
    async with driven(tmp_path) as it:
        answer = await it.ask("GetBaseReport", requestId=5, reportBase="FullInventory")
        assert answer == {"status": "Accepted"}
        await it.csms.call("CP001", "GetBaseReport", {"requestId": 6, "reportBase": "SummaryInventory"})
        while not (pages := it.sent("NotifyReport")) or '"requestId":6' not in pages[-1].text:
            await it.ask("GetVariables", getVariableData=[variable("TxCtrlr", "EVConnectionTimeOut")])
        texts = [page.text for page in pages if '"requestId":5' in page.text]
        assert ['"tbc":true' in text for text in texts] == [True] * (len(texts) - 1) + [False]
        assert [f'"seqNo":{number}' in text for number, text in enumerate(texts)] == [True] * len(texts)


async def test_a_session_is_started_and_stopped_from_afar(tmp_path: Path) -> None:
    """F01 to F03, E14."""
    async with driven(tmp_path) as it:
        token = {"idToken": "REMOTE", "type": "Central"}
        answer = await it.ask("RequestStartTransaction", remoteStartId=9, idToken=token, evseId=1)
        assert answer == {"status": "Accepted"}
        assert (await it.door.submit(Command("plug-in", (Target("CP001", 1),)))).done
        await it.happened("session-started")
        detail = await it.door.station("CP001")
        assert detail is not None
        running = detail.row.evses[0].transaction_id
        assert (await it.ask("GetTransactionStatus", transactionId=running))["ongoingIndicator"] is True
        assert await it.ask("RequestStopTransaction", transactionId=running) == {"status": "Accepted"}
        await it.happened("session-ended")
        assert (await it.ask("RequestStopTransaction", transactionId=running))["status"] == "Rejected"
        await it.delivered()
        events = [json.loads(frame.text)[3] for frame in it.sent("TransactionEvent")]
        assert (events[0]["triggerReason"], events[0]["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 9)
        assert (events[-1]["triggerReason"], events[-1]["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")


async def test_a_reset_ends_what_runs_and_the_station_is_back_at_once(tmp_path: Path) -> None:
    """B12: the answer first, then Ended, then the boot, without back-off before the first attempt."""
    async with driven(tmp_path) as it:
        assert (await it.door.submit(Command("start", (Target("CP001", 1),)))).done
        assert await it.ask("Reset", type="Immediate") == {"status": "Accepted"}
        await it.happened("reset")
        await it.online()
        assert await it.ask("Reset", type="Immediate", evseId=9) == {
            "status": "Rejected",
            "statusInfo": {"reasonCode": "UnknownEvse"},
        }
        first, second = it.sent("BootNotification")
        ended = it.sent("TransactionEvent")[-1]
        assert '"reason":"PowerUp"' in first.text
        assert '"reason":"RemoteReset"' in second.text
        assert '"stoppedReason":"ImmediateReset"' in ended.text
        assert ended.at <= second.at < ended.at + 5
        answer = next(frame for frame in it.frames() if (frame.type, frame.action) == (FrameType.CALLRESULT, "Reset"))
        assert answer.number < ended.number
        assert not [event for event in await it.door.events(0) if event.kind == "waiting"], "no back-off"


async def test_out_of_service_is_seen_on_screen(tmp_path: Path) -> None:
    """G03."""
    async with driven(tmp_path) as it:
        evse = {"id": 1}
        assert await it.ask("ChangeAvailability", operationalStatus="Inoperative", evse=evse) == {"status": "Accepted"}
        await until(it.door, lambda rows: rows[0].evses[0].status == "Unavailable")
        outcome = await it.door.submit(Command("start", (Target("CP001", 1),)))
        assert not outcome.done
        assert "Unavailable" in outcome.text
        assert await it.ask("ChangeAvailability", operationalStatus="Operative", evse=evse) == {"status": "Accepted"}
        await until(it.door, lambda rows: rows[0].evses[0].status == "Available")


async def test_a_log_is_uploaded_to_where_the_csms_wants_it(tmp_path: Path) -> None:
    """N01, over two real sockets."""
    async with driven(tmp_path / "frames") as it:
        log = {"remoteLocation": f"{it.csms.web_url}/uploads/CP001/"}
        for number, kind in enumerate(("DiagnosticsLog", "SecurityLog")):
            answer = await it.ask("GetLog", logType=kind, requestId=number, log=log)
            assert answer["status"] == "Accepted"
            while len(it.sent("LogStatusNotification")) < 2 * number + 2:
                await it.happened("log")
                await it.ask("GetTransactionStatus")
            path = it.csms.uploads.path("CP001", answer["filename"])
            assert path is not None
            first = path.read_text().splitlines()[0]
            assert first.endswith(("INFO started: PowerUp", "StartupOfTheDevice")[number])
        told = [json.loads(frame.text)[3] for frame in it.sent("LogStatusNotification")]
        assert [(each["status"], each["requestId"]) for each in told] == [
            ("Uploading", 0),
            ("Uploaded", 0),
            ("Uploading", 1),
            ("Uploaded", 1),
        ]


async def test_who_is_on_the_local_list_starts_unasked_and_who_is_in_the_cache_until_it_is_cleared(
    tmp_path: Path,
) -> None:
    """C11, C12, C14, D01, D02."""
    async with driven(tmp_path) as it:
        row = {"idToken": {"idToken": "LISTED", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
        assert await it.ask("GetLocalListVersion") == {"versionNumber": 0}
        answer = await it.ask("SendLocalList", versionNumber=3, updateType="Full", localAuthorizationList=[row])
        assert answer == {"status": "Accepted"}
        assert await it.ask("GetLocalListVersion") == {"versionNumber": 3}
        answer = await it.ask("SendLocalList", versionNumber=3, updateType="Differential")
        assert answer["status"] == "VersionMismatch"

        async def sessions(id_token: str, count: int) -> None:
            for name in ("start", "stop") * count:
                arguments = {"id-token": id_token} if name == "start" else {}
                outcome = await it.door.submit(Command(name, (Target("CP001", 1),), arguments))
                assert outcome.done, outcome.text
            await it.delivered()

        await sessions("LISTED", 1)
        assert not it.sent("Authorize")
        await sessions("CARD", 2)
        assert len(it.sent("Authorize")) == 1
        assert await it.ask("ClearCache") == {"status": "Accepted"}
        await sessions("CARD", 1)
        assert len(it.sent("Authorize")) == 2
