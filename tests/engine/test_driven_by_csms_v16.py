"""The embedded CSMS and a station of evtui, in OCPP 1.6 over a real socket: all nine requests, and a whole session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from evtui.config import CsmsConfig
from evtui.csms.server import Csms
from evtui.engine.door import Command, LinkState, Target, View
from evtui.errors import CallRefusedError
from tests.engine.test_driven_by_csms import Driven
from tests.engine.test_real_sockets import all_are, running, until
from tests.proof import proves


@asynccontextmanager
async def driven(directory: Path) -> AsyncIterator[Driven]:
    async with Csms("127.0.0.1", 0, None) as csms, running(directory, csms.url, csms=CsmsConfig(ocpp="1.6")) as it:
        fleet, door = it
        driven = Driven(csms, fleet, door, directory)
        await until(door, all_are(LinkState.ONLINE))
        yield driven
        assert [frame.text for frame in driven.frames() if frame.fault] == [], "every frame fits its schema"


@proves("StartTransaction", "MeterValues", "StopTransaction", "StatusNotification", version="1.6")
@proves("RemoteStartTransaction", "RemoteStopTransaction", version="1.6")
async def test_a_session_is_started_and_stopped_from_afar_and_stands_in_the_books(tmp_path: Path) -> None:
    async with driven(tmp_path) as it:
        assert (await it.door.submit(Command("plug-in", (Target("CP001", 1),)))).done
        assert await it.ask("RemoteStartTransaction", idTag="REMOTE", connectorId=1) == {"status": "Accepted"}
        await it.happened("session-started")
        while not it.csms.books.transactions.of("CP001"):
            await it.ask("GetConfiguration", key=["HeartbeatInterval"])
        (transaction,) = it.csms.books.transactions.of("CP001")
        number = int(transaction.transaction_id)
        assert await it.ask("RemoteStopTransaction", transactionId=number + 1) == {"status": "Rejected"}
        assert await it.ask("RemoteStopTransaction", transactionId=number) == {"status": "Accepted"}
        await it.happened("session-ended")
        while not transaction.ended:
            await it.ask("GetConfiguration", key=["HeartbeatInterval"])
        record = transaction.record()
        assert (record.evse_id, record.stopped_reason, record.gaps) == (1, "Remote", ())
        assert record.id_token is not None
        assert record.id_token.value == "REMOTE"
        detail = await it.door.station("CP001")
        assert detail is not None
        taken_wh = detail.transactions[0].energy_wh
        assert record.energy_wh == pytest.approx(taken_wh, abs=1.0), "what the CSMS knows is what the meter counted"
        assert (await it.door.fleet(View())).totals.queued == 0


@proves("ChangeAvailability", "ChangeConfiguration", "ClearCache", "DataTransfer", version="1.6")
@proves("GetConfiguration", "Reset", "UnlockConnector", version="1.6")
async def test_the_other_requests(tmp_path: Path) -> None:
    async with driven(tmp_path) as it:

        async def status(action: str, **payload: Any) -> str:
            answer: str = (await it.ask(action, **payload))["status"]
            return answer

        assert await status("ChangeConfiguration", key="ConnectionTimeOut", value="77") == "Accepted"
        (row,) = (await it.ask("GetConfiguration", key=["ConnectionTimeOut"]))["configurationKey"]
        assert row["value"] == "77"
        assert await status("ClearCache") == "Accepted"
        assert await status("DataTransfer", vendorId="com.example") == "UnknownVendorId"
        assert await status("UnlockConnector", connectorId=1) == "Unlocked"
        assert await status("ChangeAvailability", connectorId=0, type="Inoperative") == "Accepted"
        station = it.csms.books.registry.station("CP001")
        while station.connectors[0, 0].status != "Unavailable":
            await it.ask("GetConfiguration", key=["HeartbeatInterval"])
        with pytest.raises(CallRefusedError) as refused:
            await it.ask("TriggerMessage", requestedMessage="Heartbeat")
        assert refused.value.code == "NotSupported"
        assert await status("Reset", type="Hard") == "Accepted"
        await it.happened("reset")
        await it.online()
        assert len(it.sent("BootNotification")) == 2
