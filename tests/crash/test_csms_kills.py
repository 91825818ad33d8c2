"""The CSMS is killed again and again under load, and keeps whatever it has acknowledged.

EVTUI_KILLS is how often (10), EVTUI_SEED what chance begins with (1).
"""

import asyncio
import itertools
import json
import os
import random
import signal
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from tests.program import EVTUI, Household, household

KILLS, SEED = int(os.environ.get("EVTUI_KILLS", "10")), int(os.environ.get("EVTUI_SEED", "1"))
STATIONS = 8
EVENTS = 15  # of a transaction
BEGIN = datetime(2026, 1, 2, tzinfo=UTC)

pytestmark = pytest.mark.timeout(60 + 20 * KILLS)


class Pusher:
    """Sends one message after the other, each until it is answered, and notes what was."""

    def __init__(self, url: str, station_id: str, subprotocol: str) -> None:
        self.answered: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = []
        """Message id, action, payload and answer."""
        self._url = f"{url}/{station_id}"
        self._subprotocol = subprotocol
        self._name = station_id
        self._messages = self._events() if subprotocol == "ocpp2.0.1" else self._starts()
        self._ids = itertools.count()

    async def run(self) -> None:
        """Until it is cancelled; with the CSMS gone it dials again and again."""
        first = next(self._messages)
        while True:
            try:
                async with connect(
                    self._url,
                    subprotocols=[Subprotocol(self._subprotocol)],
                    compression=None,
                    proxy=None,
                    open_timeout=2,
                    close_timeout=0.1,
                ) as link:
                    while True:
                        await self._send(link, *first)
                        first = next(self._messages)
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
                await asyncio.sleep(0.02)

    async def _send(self, link: ClientConnection, action: str, payload: dict[str, Any]) -> None:
        message_id = f"{self._name}-{next(self._ids)}"
        await link.send(json.dumps([2, message_id, action, payload]))
        kind, answered, *rest = json.loads(await link.recv())
        assert (kind, answered) == (3, message_id), rest  # a SecurityError would say that a boot is due
        self.answered.append((message_id, action, payload, rest[0]))

    def _events(self) -> Any:
        yield "BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
        for number in itertools.count():
            for seq in range(EVENTS):
                at = (BEGIN + timedelta(seconds=seq)).isoformat()
                kind = "Started" if seq == 0 else "Ended" if seq == EVENTS - 1 else "Updated"
                yield (
                    "TransactionEvent",
                    {
                        "eventType": kind,
                        "timestamp": at,
                        "triggerReason": "MeterValuePeriodic",
                        "seqNo": seq,
                        "transactionInfo": {"transactionId": f"{self._name}-{number}", "remoteStartId": number},
                        "evse": {"id": 1},
                        "meterValue": [{"timestamp": at, "sampledValue": [{"value": 1000.0 * number + seq}]}],
                    },
                )

    def _starts(self) -> Any:
        yield "BootNotification", {"chargePointModel": "M", "chargePointVendor": "V"}
        for number in itertools.count():
            start = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": number, "timestamp": BEGIN.isoformat()}
            yield "StartTransaction", start


class Killed:
    """A CSMS that is started anew each time."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self.file = house.home / "csms.db"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(*EVTUI, "csms", "--port", str(self.port), "--web-port", "0", "--db", str(self.file)),
            env=self.house.environment(),
            cwd=self.house.home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
        )

    async def end(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        await self._process.wait()


async def test_what_was_acknowledged_is_kept_whenever_the_csms_is_killed() -> None:
    with household() as house:
        csms, chance = Killed(house), random.Random(SEED)
        pushers = [Pusher(csms.url, f"CP{number:03d}", "ocpp2.0.1") for number in range(STATIONS)]
        pushers += [Pusher(csms.url, f"OLD{number:03d}", "ocpp1.6") for number in range(2)]
        await csms.start()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(pusher.run()) for pusher in pushers]
            for _ in range(KILLS):
                before = sum(len(pusher.answered) for pusher in pushers)
                async with asyncio.timeout(20):
                    while sum(len(pusher.answered) for pusher in pushers) < before + 50:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                await csms.end(signal.SIGKILL)
                await csms.start()
            # Until it is up, and has taken over what the one before has left, whose last answers may still come.
            enough = [len(pusher.answered) + 2 for pusher in pushers]
            async with asyncio.timeout(20):
                while any(len(pusher.answered) < n for pusher, n in zip(pushers, enough, strict=True)):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
        await csms.end(signal.SIGTERM)
        assert all(len(pusher.answered) > EVENTS for pusher in pushers)
        with closing(sqlite3.connect(csms.file)) as database:
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)
            _compare(database, pushers)


def _compare(database: sqlite3.Connection, pushers: list[Pusher]) -> None:
    frames = {
        (message_id, type): json.loads(text)
        for message_id, type, text in database.execute("select message_id, type, text from frames")
    }
    rows = database.execute("select number, id, facts, remote_start_id, ended_at from transactions")
    transactions = {name: (number, json.loads(facts), remote, ended) for number, name, facts, remote, ended in rows}
    samples = set(database.execute("select tx, at, energy_wh from samples"))
    numbers: dict[int, str] = {}
    for pusher in pushers:
        for message_id, action, payload, answer in pusher.answered:
            assert frames[message_id, 2][3] == payload
            assert frames[message_id, 3][2] == answer
            if action == "TransactionEvent":
                info = payload["transactionInfo"]
                number, facts, remote, ended = transactions[info["transactionId"]]
                assert any(first <= payload["seqNo"] <= last for first, last in facts[0])
                assert remote == info["remoteStartId"]
                at = datetime.fromisoformat(payload["timestamp"]).timestamp()
                assert (number, at, payload["meterValue"][0]["sampledValue"][0]["value"]) in samples
                assert payload["eventType"] != "Ended" or ended == at
            elif action == "StartTransaction":
                start = f"{pusher._name} {payload['meterStart']}"
                assert numbers.setdefault(answer["transactionId"], start) == start
                assert str(answer["transactionId"]) in transactions
