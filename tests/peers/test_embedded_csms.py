"""The embedded CSMS as stations that are not ours meet it: one of npm's ocpp-rpc, one of Python's ocpp."""

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ocpp.v201 import ChargePoint, call
from ocpp.v201.datatypes import ChargingStationType, IdTokenType
from ocpp.v201.enums import ConnectorStatusEnumType, RegistrationStatusEnumType
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.need import npm_package, program
from tests.program import EVTUI, Household, until

SCRIPT = Path(__file__).with_name("ocpp_rpc_client.js")


@pytest.fixture
def url(house: Household) -> Iterator[str]:
    """The address of an `evtui csms` of this test's own."""
    log = house.home / "told"
    with (
        log.open("w") as told,
        subprocess.Popen(
            [*EVTUI, "csms", "--port", "0", "--web-port", "0"],
            env=house.environment(),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        until(lambda: re.search(r"ws://127\.0\.0\.1:\d+", log.read_text()))
        found = re.search(r"ws://127\.0\.0\.1:\d+", log.read_text())
        assert found is not None
        yield found[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143, log.read_text()
        assert "Traceback" not in log.read_text()


def test_a_strict_station_of_npm_finds_nothing_wrong(url: str) -> None:
    done = subprocess.run(
        [
            *(program("node"), str(SCRIPT), "--modules", str(npm_package("ocpp-rpc"))),
            *("--endpoint", url, "--station", "NODE001"),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    reports: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report for report in reports if report["event"] == "violation"] == [], done.stderr
    assert reports[0] == {"event": "opened", "protocol": "ocpp2.0.1", "status": 101}
    assert reports[-1] == {"event": "done"}
    answers = {report["method"]: report["result"] for report in reports if report["event"] == "answer"}
    assert answers["BootNotification"]["status"] == "Accepted"
    assert answers["Authorize"]["idTokenInfo"]["status"] == "Accepted"
    refusals = [(report["type"], report["code"]) for report in reports if report["event"] == "refusal"]
    assert refusals[0] == (4, "NotImplemented")
    assert refusals[1][1] in ("TypeConstraintViolation", "OccurrenceConstraintViolation", "FormatViolation")


async def test_a_station_of_pythons_ocpp_is_served(url: str) -> None:
    async with (
        connect(f"{url}/PY001", subprotocols=[Subprotocol("ocpp2.0.1")], proxy=None) as link,
        asyncio.TaskGroup() as tasks,
    ):
        station = ChargePoint("PY001", link)
        reading = tasks.create_task(station.start())
        boot = await station.call(call.BootNotification(ChargingStationType("Model", "Vendor"), "PowerUp"))
        assert boot.status == RegistrationStatusEnumType.accepted
        assert abs((datetime.fromisoformat(boot.current_time) - datetime.now(UTC)).total_seconds()) < 5
        now = datetime.now(UTC).isoformat()
        await station.call(call.StatusNotification(now, ConnectorStatusEnumType.available, 1, 1))
        authorized = await station.call(call.Authorize(IdTokenType("DEADBEEF", "ISO14443")))
        assert authorized.id_token_info["status"] == "Accepted"
        reading.cancel()
