"""A station that does what it is asked: it starts, meters, stops."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

from websockets.exceptions import ConnectionClosed

from evtui.csms.server import Csms
from tests.csms.http.charging import metered
from tests.csms.stations import RawStation, station

CONNECTOR = {"evseId": 1, "connectorId": 1, "connectorStatus": "Available", "timestamp": "2026-01-05T08:00:00Z"}


class Obedient:
    """The station; `asked` are the requests that it got."""

    def __init__(self, link: RawStation) -> None:
        self.link = link
        self.asked: list[str] = []
        self._seq_no = 0

    async def run(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                kind, message_id, *rest = await self._hear()
                if kind == 2:
                    self.asked.append(rest[0])
                    await self.link.say([3, message_id, {"status": "Accepted"}])
                    await self._do(*rest)

    async def tell(self, action: str, payload: dict[str, Any]) -> None:
        """Sends a CALL; nobody here waits for the answer."""
        self._seq_no += 1
        await self.link.say([2, f"mine-{action}-{self._seq_no}", action, payload])

    async def event(self, kind: str, state: str, power_w: float, **more: Any) -> None:
        seq_no = self._seq_no
        info = {"transactionId": "tx-1", "chargingState": state, **more}
        meter = metered(min(seq_no, 59), power_w, 1000 + 250 * seq_no)
        await self.tell(
            "TransactionEvent",
            {
                "eventType": kind,
                "timestamp": meter[0]["timestamp"],
                "triggerReason": "RemoteStart",
                "seqNo": seq_no,
                "transactionInfo": info,
                "evse": {"id": 1, "connectorId": 1},
                "meterValue": meter,
            },
        )

    async def _hear(self) -> Any:
        return json.loads(await self.link.link.recv())

    async def _do(self, action: str, payload: dict[str, Any]) -> None:
        match action:
            case "RequestStartTransaction":
                await self.event("Started", "Charging", 0, remoteStartId=payload["remoteStartId"])
                await self.event("Updated", "Charging", 11_000)
            case "RequestStopTransaction":
                await self.event("Ended", "Idle", 0, stoppedReason="Remote")


@asynccontextmanager
async def obedient(csms: Csms, station_id: str = "CP001") -> AsyncIterator[Obedient]:
    """Such a station, booted."""
    async with station(csms, quote(station_id, safe="")) as link, asyncio.TaskGroup() as group:
        await link.boot()
        it = Obedient(link)
        running = group.create_task(it.run())
        await it.tell("StatusNotification", CONNECTOR)
        yield it
        running.cancel()
