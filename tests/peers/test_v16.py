"""OCPP 1.6 over real sockets: the real program and a strict CSMS that is not ours, of npm's ocpp-rpc and of Python's
ocpp."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    AvailabilityType,
    ConfigurationStatus,
    RegistrationStatus,
    RemoteStartStopStatus,
    ResetType,
)
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.peers.driven import driven
from tests.peers.ocpp_rpc import Call, StrictCsms, strict_csms
from tests.peers.test_embedded_csms import url as embedded
from tests.program import EVTUI, Household
from tests.proof import proves

pytestmark = pytest.mark.timeout(120)
url = embedded  # the fixture: an `evtui csms` of the test's own

F = TypeVar("F", bound=Callable[..., Any])
SHORT = ("--duration", "3", "--speed", "600")
REGISTER = "Energy.Active.Import.Register"


def run(house: Household, csms: StrictCsms, *options: str) -> list[Call]:
    """Runs one station to its end, which must be a good one; what it sent."""
    done = house.run("run", "--csms-url", csms.url, "--stations", "1", *SHORT, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert csms.violations() == []
    return csms.calls("CP001")


def words(calls: list[Call]) -> list[str]:
    """The messages in words, samples that follow each other once."""
    told = [str(call) for call in calls]
    return [
        word for index, word in enumerate(told) if not (word == "MeterValues" and told[index - 1 : index] == [word])
    ]


def samples(call: Call) -> list[dict[str, Any]]:
    values = call.params.get("meterValue") or call.params["transactionData"]
    return [sample for value in values for sample in value["sampledValue"]]


def register_wh(call: Call, context: str) -> float:
    (value,) = [
        float(sample["value"])
        for sample in samples(call)
        if (sample["measurand"], sample["context"]) == (REGISTER, context)
    ]
    return value


START = ["BootNotification", "StatusNotification 0 Available", "StatusNotification 1 Available"]
SESSION = [
    "StatusNotification 1 Preparing",
    "Authorize",
    "StartTransaction DEADBEEF",
    "StatusNotification 1 Charging",
    "MeterValues",
    "StopTransaction Local",
    "StatusNotification 1 Finishing",
    "StatusNotification 1 Available",
]


@proves("BootNotification", "StatusNotification", "Authorize", "StartTransaction", version="1.6")
@proves("MeterValues", "StopTransaction", version="1.6")
def test_the_flow_of_16(house: Household) -> None:
    """The handshake decides: all versions were offered, and this CSMS speaks one."""
    with strict_csms(protocol="ocpp1.6") as csms:
        calls = run(house, csms, "--sessions", "2", "--set", "AuthCacheCtrlr.Enabled=false")
    (handshake,) = csms.told("connected")
    assert (handshake["offered"], handshake["protocol"]) == (["ocpp2.0.1", "ocpp1.6"], "ocpp1.6")
    assert words(calls) == START + SESSION * 2
    starts, stops = ([call for call in calls if call.method == f"{kind}Transaction"] for kind in ("Start", "Stop"))
    for number, (start, stop) in enumerate(zip(starts, stops, strict=True), 1):
        values = [call for call in calls if call.method == "MeterValues" and call.params["transactionId"] == number]
        assert stop.params["transactionId"] == number
        assert 2 <= len(values) <= 4
        assert {sample["context"] for call in values for sample in samples(call)} == {"Sample.Periodic"}
        assert 8_000 <= stop.params["meterStop"] - start.params["meterStart"] <= 9_000
        assert round(register_wh(stop, "Transaction.Begin")) == start.params["meterStart"]
        assert round(register_wh(stop, "Transaction.End")) == stop.params["meterStop"]
        registers = [register_wh(call, "Sample.Periodic") for call in values]
        assert registers == sorted(registers)
    for before, after in pairwise(zip(starts, stops, strict=True)):
        assert after[0].params["meterStart"] == before[1].params["meterStop"], "registers are never re-based"


@proves("MeterValues", version="1.6")
def test_the_classic_flow_of_16(house: Household) -> None:
    with strict_csms(protocol="ocpp1.6") as csms:
        calls = run(house, csms, "--ocpp", "1.6", "--flow", "classic")
    assert csms.told("connected")[0]["offered"] == ["ocpp1.6"]
    told = words(calls)
    assert [word for word in told if word != "MeterValues"] == [
        START[0],
        START[1],
        *[word for word in SESSION if word != "MeterValues"],
    ]
    # Values come with the seconds of the clock, and one of these may begin before the connector shows Charging.
    times = [number for number, word in enumerate(told) if word == "MeterValues"]
    assert told.index("StartTransaction DEADBEEF") < times[0]
    assert times[-1] < told.index("StopTransaction Local")
    for each in calls:
        if each.method == "MeterValues":
            assert each.params["transactionId"] == 1
            assert {sample["context"] for sample in samples(each)} == {"Sample.Clock"}


def test_a_csms_that_speaks_another_version_is_left_at_once(house: Household) -> None:
    with strict_csms() as csms:
        done = house.run("run", "--csms-url", csms.url, "--ocpp", "1.6", "--connect-timeout", "2", *SHORT)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "ocpp1.6" in done.stderr + done.stdout
    assert csms.calls("CP001") == []


@proves("ChangeAvailability", "ChangeConfiguration", "ClearCache", "DataTransfer", version="1.6")
@proves("GetConfiguration", "RemoteStartTransaction", "RemoteStopTransaction", "UnlockConnector", version="1.6")
@proves("Reset", version="1.6")
def test_all_that_a_central_system_of_16_can_ask_for(house: Household) -> None:
    """The strict CSMS checks every answer against its own schemas."""
    with driven(house, "ocpp1.6") as play:
        keys = play.ask("GetConfiguration")["configurationKey"]
        assert {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"} in keys
        assert play.ask("ChangeConfiguration", key="HeartbeatInterval", value="55") == {"status": "Accepted"}
        assert play.ask("GetConfiguration", key=["HeartbeatInterval", "Mood"]) == {
            "configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "55"}],
            "unknownKey": ["Mood"],
        }
        assert play.ask("ClearCache") == {"status": "Accepted"}
        assert play.ask("DataTransfer", vendorId="com.example") == {"status": "UnknownVendorId"}
        assert play.ask("TriggerMessage", requestedMessage="Heartbeat") == {"error": "NotSupported"}
        play.do("plug-in")
        play.script("StatusNotification 1 Preparing")
        assert play.ask("RemoteStartTransaction", idTag="REMOTE", connectorId=1) == {"status": "Accepted"}
        play.script("Authorize", "StartTransaction REMOTE", "StatusNotification 1 Charging")
        assert play.ask("ChangeAvailability", connectorId=1, type="Inoperative") == {"status": "Scheduled"}
        assert play.ask("RemoteStopTransaction", transactionId=1) == {"status": "Accepted"}
        play.script("StopTransaction Remote", "StatusNotification 1 Unavailable")
        assert play.ask("ChangeAvailability", connectorId=1, type="Operative") == {"status": "Accepted"}
        play.script("StatusNotification 1 Preparing")
        assert play.ask("RemoteStartTransaction", idTag="AGAIN") == {"status": "Accepted"}
        play.script("Authorize", "StartTransaction AGAIN", "StatusNotification 1 Charging")
        assert play.ask("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
        play.script("StopTransaction UnlockCommand", "StatusNotification 1 Finishing")
        assert play.ask("Reset", type="Soft") == {"status": "Accepted"}
        play.until(*("BootNotification", "StatusNotification 0 Available", "StatusNotification 1 Finishing"))


@proves("StartTransaction", "StopTransaction", version="1.6")
def test_a_transaction_without_a_link_is_delivered_when_the_csms_is_back(house: Household) -> None:
    """S16 3.7."""
    with driven(house, "ocpp1.6") as play:
        play.do("start")
        play.until("StartTransaction DEADBEEF", "StatusNotification 1 Charging")
        play.csms.leave()
        play.do("stop")
        stopped_at = datetime.now(UTC)
        play.csms.come_back()
        (stop,) = [call for call in play.until("StopTransaction Local") if call.method == "StopTransaction"]
        assert stop.params["transactionId"] == 1
        assert abs((datetime.fromisoformat(stop.params["timestamp"]) - stopped_at).total_seconds()) < 5


# -- Python's ocpp --------------------------------------------------------------------------------


handles: Callable[[Any], Callable[[F], F]] = on


class Central(ChargePoint):  # type: ignore[misc]
    """A central system as the mobilityhouse library has it."""

    def __init__(self, station_id: str, link: ServerConnection) -> None:
        super().__init__(station_id, link, response_timeout=10)
        self.said: list[str] = []
        self.news = asyncio.Event()

    async def listen(self) -> None:
        """Until the station hangs up, as it does to reset."""
        with suppress(ConnectionClosed):
            await self.start()

    def note(self, what: str) -> None:
        self.said.append(what)
        self.news.set()

    async def until(self, what: str) -> None:
        while what not in self.said:
            self.news.clear()
            await self.news.wait()

    @handles(Action.boot_notification)
    def booted(self, **facts: Any) -> Any:
        self.note(f"boot {facts['charge_point_vendor']}")
        return call_result.BootNotification(datetime.now(UTC).isoformat(), 300, RegistrationStatus.accepted)

    @handles(Action.status_notification)
    def status(self, connector_id: int, status: str, **facts: Any) -> Any:
        self.note(f"status {connector_id} {status}")
        return call_result.StatusNotification()

    @handles(Action.authorize)
    def authorized(self, id_tag: str) -> Any:
        self.note(f"authorize {id_tag}")
        return call_result.Authorize(IdTagInfo(AuthorizationStatus.accepted))

    @handles(Action.start_transaction)
    def started(self, connector_id: int, id_tag: str, **facts: Any) -> Any:
        self.note(f"start {connector_id} {id_tag}")
        return call_result.StartTransaction(77, IdTagInfo(AuthorizationStatus.accepted))

    @handles(Action.meter_values)
    def values(self, connector_id: int, transaction_id: int, **facts: Any) -> Any:
        self.note(f"values {connector_id} {transaction_id}")
        return call_result.MeterValues()

    @handles(Action.stop_transaction)
    def stopped(self, transaction_id: int, reason: str, **facts: Any) -> Any:
        self.note(f"stop {transaction_id} {reason}")
        return call_result.StopTransaction()

    @handles(Action.heartbeat)
    def beats(self) -> Any:
        return call_result.Heartbeat(datetime.now(UTC).isoformat())


async def test_a_central_system_of_pythons_ocpp_drives_a_station(house: Household) -> None:
    """It checks what it gets, and what it is answered, against the schemas too."""
    done: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
    met: list[Central] = []

    async def meet(link: ServerConnection) -> None:
        """The first connection is driven until the station hangs up; that of its next boot is left alone."""
        central = Central("CP001", link)
        met.append(central)
        if len(met) > 1:
            return
        async with asyncio.TaskGroup() as tasks:
            driving = tasks.create_task(drive(central))
            await central.listen()
            await asyncio.wait([driving], timeout=5)
            driving.cancel()
        done.set_result(central.said)

    async with serve(meet, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(*EVTUI, "run", "--hold", "--csms-url", f"ws://127.0.0.1:{port}", "--station-id", "CP001"),
            *("--flow", "classic"),  # its cable is in
            env=house.environment(),
            cwd=house.home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(60):
                said = await done
        finally:
            process.kill()
            await process.communicate()
    assert said[:3] == ["boot evtui", "status 0 Available", "status 1 Preparing"]
    assert {"authorize REMOTE", "start 1 REMOTE", "status 1 Charging", "values 1 77", "stop 77 Remote"} <= set(said)


async def drive(central: Central) -> None:
    """What the central system does with its station."""
    ask: Callable[[Any], Awaitable[Any]] = central.call
    await central.until("status 1 Preparing")
    answer = await ask(call.GetConfiguration(["NumberOfConnectors"]))
    assert answer.configuration_key == [{"key": "NumberOfConnectors", "readonly": True, "value": "1"}]
    answer = await ask(call.ChangeConfiguration("HeartbeatInterval", "60"))
    assert answer.status == ConfigurationStatus.accepted
    answer = await ask(call.RemoteStartTransaction("REMOTE", 1))
    assert answer.status == RemoteStartStopStatus.accepted
    await central.until("values 1 77")
    answer = await ask(call.ChangeAvailability(0, AvailabilityType.inoperative))
    assert answer.status == "Scheduled"
    answer = await ask(call.RemoteStopTransaction(77))
    assert answer.status == RemoteStartStopStatus.accepted
    await central.until("status 0 Unavailable")
    answer = await ask(call.Reset(ResetType.soft))
    assert answer.status == "Accepted"


async def test_a_station_of_pythons_ocpp_is_served_in_16(url: str) -> None:
    async with (
        connect(f"{url}/PY016", subprotocols=[Subprotocol("ocpp1.6")], proxy=None) as link,
        asyncio.TaskGroup() as tasks,
    ):
        station = ChargePoint("PY016", link)
        reading = tasks.create_task(station.start())
        boot = await station.call(call.BootNotification("Model", "Vendor"))
        assert boot.status == RegistrationStatus.accepted
        now = datetime.now(UTC).isoformat()
        await station.call(call.StatusNotification(1, "NoError", "Preparing", now))
        authorized = await station.call(call.Authorize("DEADBEEF"))
        assert authorized.id_tag_info["status"] == "Accepted"
        started = await station.call(call.StartTransaction(1, "DEADBEEF", 1000, now))
        assert re.fullmatch(r"[1-9]\d*", str(started.transaction_id))
        await station.call(call.StopTransaction(2000, now, started.transaction_id))
        reading.cancel()
