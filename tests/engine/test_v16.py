"""OCPP 1.6, core profile: each use case as a central system sees it, from connecting to the last frame."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count, groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from evtui.engine.door import LinkState
from evtui.ocppj.frame import Direction
from evtui.sim.events import ClearFaults, Event, Fault
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from tests.engine.scripted import REFUSED, Bench, CallError, Payload, ScriptedCsms, bench
from tests.proof import proves

pytestmark = pytest.mark.timeout(30)

PAIR = (EvseSpec(), EvseSpec((ConnectorSpec(ConnectorType.CTYPE2),)))
"""Connector 1 is a socket, connector 2 has a cable of its own."""


class Central:
    """A central system of 1.6 and the bench it stands on."""

    def __init__(self, it: Bench) -> None:
        self.bench = it
        self.csms = it.csms
        self._ids = count(1)

    async def ask(self, action: str, **payload: Any) -> Any:
        """The payload of the answer, or the code of the CALLERROR; None if there was no answer."""
        message_id = f"c-{next(self._ids)}"
        self.csms.links["CP001"].push(json.dumps([2, message_id, action, payload]))
        await self.bench.advance(0.0)
        return next((frame[2] for frame in self.csms.replies if frame[1] == message_id), None)

    async def status(self, action: str, **payload: Any) -> str:
        answer = await self.ask(action, **payload)
        status: str = answer["status"]
        return status

    async def happens(self, event: Event) -> None:
        """Something happens at the station that no command does."""
        session = self.bench.fleet.session("CP001")
        assert session is not None
        session.post(event)
        await self.bench.advance(0.0)

    def said(self, since: int = 0) -> list[str]:
        """What the station said, in words; what it repeats, once."""
        return [words for words, _ in groupby(line(action, payload) for _, action, payload in self.csms.calls[since:])]

    def payloads(self, action: str) -> list[Payload]:
        return [payload for _, each, payload in self.csms.calls if each == action]

    async def lose_link(self, seconds: float) -> None:
        """The link is gone for so long."""
        self.csms.refusal = REFUSED
        self.csms.links["CP001"].cut()
        await self.bench.advance(seconds)
        self.csms.refusal = None


def line(action: str, payload: Payload) -> str:
    match action:
        case "StatusNotification":
            return f"Status {payload['connectorId']} {payload['status']}"
        case "Authorize":
            return f"Authorize {payload['idTag']}"
        case "StartTransaction":
            return f"Start {payload['connectorId']} {payload['idTag']}"
        case "MeterValues":
            context = payload["meterValue"][0]["sampledValue"][0]["context"]
            return f"MeterValues {payload['connectorId']} {payload.get('transactionId', '-')} {context}"
        case "StopTransaction":
            return f"Stop {payload['transactionId']} {payload['reason']}"
    return action


@asynccontextmanager
async def central(
    directory: Path, prepare: Callable[[ScriptedCsms], None] = lambda csms: None, **options: Any
) -> AsyncIterator[Central]:
    """A station that has connected to a central system of 1.6."""

    def before(csms: ScriptedCsms) -> None:
        csms.subprotocol = "ocpp1.6"
        prepare(csms)

    async with bench(directory, before=before, **options) as it:
        yield Central(it)
        sent = [frame for frame in it.frames() if frame.direction is Direction.SENT]
        assert not [frame.text for frame in sent if frame.fault], "all that it says fits its schema"


BOOTED = ["BootNotification", "Status 0 Available", "Status 1 Available"]


# -- the whole of it ------------------------------------------------------------------------------


@proves("BootNotification", "StatusNotification", "Authorize", "StartTransaction", version="1.6")
@proves("MeterValues", "StopTransaction", version="1.6")
async def test_a_whole_session(tmp_path: Path) -> None:
    async with central(tmp_path) as it:
        assert (await it.bench.row()).version == "1.6"
        await it.bench.order("start", "CP001")
        await it.bench.advance(3.5)
        await it.bench.order("stop", "CP001")
        await it.bench.order("unplug", "CP001")
        assert it.said() == [
            *BOOTED,
            "Status 1 Preparing",
            "Authorize DEADBEEF",
            "Start 1 DEADBEEF",
            "Status 1 Charging",
            "MeterValues 1 1001 Sample.Periodic",
            "Stop 1001 Local",
            "Status 1 Finishing",
            "Status 1 Available",
        ]
        (start,), (stop,) = it.payloads("StartTransaction"), it.payloads("StopTransaction")
        assert len(it.payloads("MeterValues")) == 3, "one each second"
        assert stop["meterStop"] > start["meterStart"]
        first, last = stop["transactionData"][0], stop["transactionData"][-1]
        assert first["sampledValue"][0]["context"] == "Transaction.Begin"
        assert last["sampledValue"][0]["context"] == "Transaction.End"
        assert round(float(first["sampledValue"][0]["value"])) == start["meterStart"]
        assert round(float(last["sampledValue"][0]["value"])) == stop["meterStop"]


@proves("MeterValues", version="1.6")
async def test_the_classic_flow_sends_clock_aligned_values_of_the_transaction(tmp_path: Path) -> None:
    """S16 3.16.2."""
    async with central(tmp_path, flow="classic") as it:
        await it.bench.order("start", "CP001", within_s=1.0)
        await it.bench.advance(3.5)
        assert it.said()[2:] == [
            "Status 1 Preparing",
            "Authorize DEADBEEF",
            "Start 1 DEADBEEF",
            "Status 1 Charging",
            "MeterValues 1 1001 Sample.Clock",
        ]


@proves("MeterValues", version="1.6")
async def test_clock_aligned_values_come_from_each_connector_and_the_main_meter(tmp_path: Path) -> None:
    """S16 3.16.3."""
    async with central(tmp_path, evses=PAIR) as it:
        since = len(it.csms.calls)
        assert await it.status("ChangeConfiguration", key="ClockAlignedDataInterval", value="60") == "Accepted"
        await it.bench.advance(61.0)
        assert it.said(since) == [f"MeterValues {number} - Sample.Clock" for number in (0, 1, 2)]
        places = [each["meterValue"][0]["sampledValue"][0].get("location") for each in it.payloads("MeterValues")]
        assert places == ["Inlet", None, None]


# -- boot -----------------------------------------------------------------------------------------


@proves("BootNotification", version="1.6")
async def test_a_rejected_station_answers_nothing_and_boots_again_after_the_interval(tmp_path: Path) -> None:
    """S16 4.2."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers["BootNotification"] = lambda _: {
            "currentTime": csms.clock.now().utc.isoformat(),
            "interval": 60,
            "status": "Rejected",
        }

    async with central(tmp_path, prepare) as it:
        assert (await it.bench.row()).link is LinkState.REJECTED
        for action in ("GetConfiguration", "TriggerMessage", "MakeCoffee"):
            assert await it.ask(action) is None
        await it.bench.order("plug-in", "CP001")
        await it.bench.advance(59.0)
        assert it.said() == ["BootNotification"]
        del it.csms.answers["BootNotification"]
        await it.bench.advance(2.0)
        assert it.said() == ["BootNotification", "Status 0 Available", "Status 1 Preparing"]
        assert len(it.payloads("BootNotification")) == 2
        assert "configurationKey" in await it.ask("GetConfiguration", key=["HeartbeatInterval"])


@proves("BootNotification", "ChangeConfiguration", "RemoteStartTransaction", version="1.6")
async def test_a_pending_station_can_be_set_up_but_starts_nothing(tmp_path: Path) -> None:
    """S16 4.2."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers["BootNotification"] = lambda _: {
            "currentTime": csms.clock.now().utc.isoformat(),
            "interval": 60,
            "status": "Pending",
        }

    async with central(tmp_path, prepare) as it:
        assert await it.status("ChangeConfiguration", key="HeartbeatInterval", value="77") == "Accepted"
        assert await it.status("RemoteStartTransaction", idTag="A") == "Rejected"
        assert await it.status("RemoteStopTransaction", transactionId=1) == "Rejected"
        assert it.said() == ["BootNotification"]


@proves("Heartbeat", version="1.6")
async def test_a_heartbeat_is_due_when_nothing_else_was_said(tmp_path: Path) -> None:
    """S16 4.6."""
    async with central(tmp_path) as it:
        since = len(it.csms.calls)
        await it.bench.advance(301.0)
        assert it.said(since) == ["Heartbeat"]


# -- authorization --------------------------------------------------------------------------------


@proves("Authorize", version="1.6")
async def test_an_id_tag_that_is_not_accepted_starts_nothing(tmp_path: Path) -> None:
    """S16 4.1."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers["Authorize"] = lambda _: {"idTagInfo": {"status": "Blocked"}}

    async with central(tmp_path, prepare) as it:
        outcome = await it.bench.order("start", "CP001")
        assert not outcome.done
        assert "Blocked" in outcome.text
        assert it.said()[3:] == ["Status 1 Preparing", "Authorize DEADBEEF"]


@proves("Authorize", version="1.6")
async def test_an_identifier_of_more_than_20_characters_is_refused_at_the_reader(tmp_path: Path) -> None:
    async with central(tmp_path) as it:
        outcome = await it.bench.order("authorize", "CP001", id_token="A" * 21)
        assert not outcome.done
        assert it.said() == BOOTED


@proves("Authorize", "StatusNotification", version="1.6")
async def test_a_driver_who_presents_the_card_first_is_preparing(tmp_path: Path) -> None:
    """S16 4.9, A2 and B1 (ConnectionTimeOut)."""
    async with central(tmp_path) as it:
        await it.bench.order("authorize", "CP001")
        await it.bench.advance(121.0)
        assert it.said()[3:] == ["Authorize DEADBEEF", "Status 1 Preparing", "Status 1 Available"]


@proves("StartTransaction", "StopTransaction", version="1.6")
async def test_a_start_that_is_not_accepted_ends_the_transaction(tmp_path: Path) -> None:
    """ERR-16 3.17; StopTransactionOnInvalidId true."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers["StartTransaction"] = lambda _: {"idTagInfo": {"status": "Invalid"}, "transactionId": 5}

    async with central(tmp_path, prepare) as it:
        await it.bench.order("start", "CP001")
        await it.bench.advance(1.0)
        assert it.said()[5:] == ["Start 1 DEADBEEF", "Stop 5 DeAuthorized", "Status 1 Finishing"]


@proves("StartTransaction", "StatusNotification", version="1.6")
async def test_a_start_that_is_not_accepted_only_stops_the_energy(tmp_path: Path) -> None:
    """ERR-16 3.17; StopTransactionOnInvalidId false."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.answers["StartTransaction"] = lambda _: {"idTagInfo": {"status": "Invalid"}, "transactionId": 5}

    async with central(tmp_path, prepare) as it:
        assert await it.status("ChangeConfiguration", key="StopTransactionOnInvalidId", value="false") == "Accepted"
        await it.bench.order("start", "CP001")
        await it.bench.advance(1.5)
        assert it.said()[5:] == ["Start 1 DEADBEEF", "Status 1 SuspendedEVSE", "MeterValues 1 5 Sample.Periodic"]


# -- statuses -------------------------------------------------------------------------------------


@proves("StatusNotification", version="1.6")
async def test_a_suspension_by_the_evse_and_its_end_are_told(tmp_path: Path) -> None:
    async with central(tmp_path) as it:
        await it.bench.order("start", "CP001")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        await it.bench.order("suspend", "CP001")
        await it.bench.advance(0.2)
        await it.bench.order("resume", "CP001")
        await it.bench.advance(0.2)
        assert it.said(since) == ["Status 1 SuspendedEVSE", "Status 1 Charging"]


@proves("StatusNotification", "StopTransaction", version="1.6")
async def test_a_car_that_leaves_in_the_middle_ends_the_transaction(tmp_path: Path) -> None:
    """S16 4.9 and 4.10, StopTransactionOnEVSideDisconnect true."""
    async with central(tmp_path) as it:
        await it.bench.order("start", "CP001")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        await it.bench.order("unplug", "CP001")
        assert it.said(since) == ["Stop 1001 EVDisconnected", "Status 1 Finishing", "Status 1 Available"]
        assert it.payloads("StatusNotification")[-2]["info"] == "EV side disconnected"


@proves("StatusNotification", version="1.6")
async def test_a_car_that_leaves_in_the_middle_suspends_the_transaction(tmp_path: Path) -> None:
    """S16 4.9 and 4.10, StopTransactionOnEVSideDisconnect false."""
    async with central(tmp_path) as it:
        await it.status("ChangeConfiguration", key="StopTransactionOnEVSideDisconnect", value="false")
        await it.bench.order("start", "CP001")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        await it.bench.order("unplug", "CP001")
        assert it.said(since) == ["MeterValues 1 1001 Interruption.Begin", "Status 1 SuspendedEV"]
        assert it.payloads("StatusNotification")[-1]["info"] == "EV side disconnected"
        await it.bench.order("plug-in", "CP001")
        await it.bench.advance(0.3)
        assert it.said(since)[2] == "MeterValues 1 1001 Interruption.End"
        assert it.said(since)[-1] == "Status 1 Charging"


@proves("StatusNotification", "StopTransaction", version="1.6")
async def test_a_fault_is_told_with_its_code_and_its_end(tmp_path: Path) -> None:
    """S16 4.9: Faulted, and back to what it was."""
    async with central(tmp_path) as it:
        await it.bench.order("start", "CP001")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        await it.happens(Fault(FaultKind.GROUND_FAULT, 1))
        assert it.said(since) == ["Status 1 Faulted", "Stop 1001 Other"]
        status = it.payloads("StatusNotification")[-1]
        assert (status["errorCode"], status["vendorErrorCode"]) == ("GroundFailure", "CX002")
        await it.happens(ClearFaults(1))
        assert it.said(since)[2:] == ["Status 1 Finishing"]
        assert it.payloads("StatusNotification")[-1]["errorCode"] == "NoError"


# -- without a link -------------------------------------------------------------------------------


@proves("StartTransaction", "MeterValues", "StopTransaction", "StatusNotification", version="1.6")
async def test_what_happened_without_a_link_is_delivered_in_order_with_its_own_times(tmp_path: Path) -> None:
    """S16 3.7: transaction messages are queued; 4.9: of statuses, only the present one is told."""
    async with central(tmp_path) as it:
        await it.bench.order("start", "CP001")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        await it.lose_link(3.0)
        await it.bench.order("stop", "CP001")
        ended_at = it.bench.clock.now().utc
        await it.bench.advance(60.0)
        values = "MeterValues 1 1001 Sample.Periodic"
        assert it.said(since) == [values, "Status 1 Finishing", values, "Stop 1001 Local"]
        times = [payload["meterValue"][0]["timestamp"] for payload in it.payloads("MeterValues")]
        assert times == sorted(times)
        assert it.payloads("StopTransaction")[0]["timestamp"][:19] == ended_at.isoformat()[:19]


@proves("MeterValues", version="1.6")
async def test_clock_aligned_values_without_a_link_are_delivered_too(tmp_path: Path) -> None:
    """S16 3.7: they are transaction-related messages."""
    async with central(tmp_path) as it:
        assert await it.status("ChangeConfiguration", key="ClockAlignedDataInterval", value="10") == "Accepted"
        await it.lose_link(30.0)
        await it.bench.advance(60.0)
        times = [
            payload["meterValue"][0]["timestamp"]
            for payload in it.payloads("MeterValues")
            if payload["connectorId"] == 1
        ]
        assert (
            times
            == [f"2025-06-02T08:{second // 60:02}:{second % 60:02}Z" for second in range(10, 100, 10)][: len(times)]
        )
        assert len(times) >= 8, "none is missing"


@proves("MeterValues", version="1.6")
async def test_clock_aligned_values_tell_the_transaction_that_ran_when_they_were_taken(tmp_path: Path) -> None:
    """ERR-16 3.16: also when it is over before they are delivered."""
    async with central(tmp_path, flow="classic") as it:
        assert await it.status("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="true") == "Accepted"
        await it.bench.order("start", "CP001", within_s=1.0)
        await it.lose_link(3.0)
        await it.bench.order("stop", "CP001")
        await it.bench.order("start", "CP001", within_s=1.0)
        await it.bench.advance(60.0)
        numbers = [payload["transactionId"] for payload in it.payloads("MeterValues")]
        assert numbers == sorted(numbers)
        assert set(numbers) == {1001, 1002}
        stops = [words for words in it.said() if words.startswith(("Stop", "Start"))]
        assert stops == ["Start 1 DEADBEEF", "Stop 1001 Local", "Start 1 DEADBEEF"]
        assert numbers.count(1001) >= 3


@proves("StartTransaction", "MeterValues", "StopTransaction", version="1.6")
async def test_messages_wait_for_the_number_of_their_transaction(tmp_path: Path) -> None:
    """S16 3.7: in order, and none before StartTransaction was answered."""
    async with central(tmp_path) as it:
        it.csms.answers["StartTransaction"] = lambda _: None
        await it.bench.order("start", "CP001")
        await it.bench.advance(3.5)
        assert it.said()[5:] == ["Start 1 DEADBEEF"]
        it.csms.links["CP001"].push(
            json.dumps([3, it.csms.last_id, {"idTagInfo": {"status": "Accepted"}, "transactionId": 88}])
        )
        await it.bench.advance(0.2)
        values = "MeterValues 1 88 Sample.Periodic"
        assert it.said()[6:] == [values, "Status 1 Charging", values], "a status waits for one of them, not for all"
        assert len(it.payloads("MeterValues")) == 3


@proves("StartTransaction", "MeterValues", "StopTransaction", version="1.6")
async def test_a_start_that_fails_is_tried_again_and_then_its_transaction_is_minus_one(tmp_path: Path) -> None:
    """S16 3.7.1: waits of the interval times the transmissions; ERR-16 3.18."""

    def fail(payload: Payload) -> None:
        attempts.append(it.bench.clock.now().elapsed_s)
        raise CallError("InternalError")

    attempts: list[float] = []
    async with central(tmp_path) as it:
        for key, value in (("TransactionMessageAttempts", "3"), ("TransactionMessageRetryInterval", "10")):
            assert await it.status("ChangeConfiguration", key=key, value=value) == "Accepted"
        it.csms.answers["StartTransaction"] = fail
        await it.bench.order("start", "CP001")
        await it.bench.advance(35.0)
        await it.bench.order("stop", "CP001")
        await it.bench.advance(1.0)
        assert [round(after - before) for before, after in pairwise(attempts)] == [10, 20]
        assert it.said()[-3:] == ["MeterValues 1 -1 Sample.Periodic", "Stop -1 Local", "Status 1 Finishing"]
        starts = it.payloads("StartTransaction")
        assert len(starts) == 3
        assert starts[0] == starts[1] == starts[2], "the same each time"


@proves("StatusNotification", version="1.6")
async def test_after_a_short_loss_of_the_link_nothing_is_booted_or_told_again(tmp_path: Path) -> None:
    async with central(tmp_path) as it:
        since = len(it.csms.calls)
        await it.lose_link(1.0)
        await it.bench.advance(30.0)
        assert it.said(since) == []
        assert (await it.bench.row()).link is LinkState.ONLINE


# -- what a central system asks for ---------------------------------------------------------------


@proves("RemoteStartTransaction", "RemoteStopTransaction", version="1.6")
async def test_a_session_is_started_and_stopped_from_afar(tmp_path: Path) -> None:
    """S16 5.11, 5.12."""
    async with central(tmp_path) as it:
        await it.bench.order("plug-in", "CP001")
        since = len(it.csms.calls)
        assert await it.status("RemoteStartTransaction", idTag="REMOTE", connectorId=1) == "Accepted"
        await it.bench.advance(0.5)
        assert await it.status("RemoteStopTransaction", transactionId=4711) == "Rejected"
        assert await it.status("RemoteStopTransaction", transactionId=1001) == "Accepted"
        await it.bench.advance(0.5)
        assert it.said(since) == [
            "Authorize REMOTE",
            "Start 1 REMOTE",
            "Status 1 Charging",
            "Stop 1001 Remote",
            "Status 1 Finishing",
        ]
        assert await it.status("RemoteStopTransaction", transactionId=1001) == "Rejected"


@proves("RemoteStartTransaction", version="1.6")
async def test_a_remote_start_need_not_be_authorized(tmp_path: Path) -> None:
    """AuthorizeRemoteTxRequests false; the cable comes later; the driver may stop it here."""
    async with central(tmp_path) as it:
        await it.status("ChangeConfiguration", key="AuthorizeRemoteTxRequests", value="false")
        since = len(it.csms.calls)
        assert await it.status("RemoteStartTransaction", idTag="REMOTE") == "Accepted"
        await it.bench.order("plug-in", "CP001")
        await it.bench.advance(0.5)
        await it.bench.order("authorize", "CP001", id_token="REMOTE")
        await it.bench.advance(0.5)
        assert it.said(since) == [
            "Status 1 Preparing",
            "Start 1 REMOTE",
            "Status 1 Charging",
            "Stop 1001 Local",
            "Status 1 Finishing",
        ]


@proves("RemoteStartTransaction", version="1.6")
@pytest.mark.parametrize("connector", [0, 2, -1])
async def test_a_remote_start_at_a_connector_that_there_is_not_is_rejected(tmp_path: Path, connector: int) -> None:
    async with central(tmp_path) as it:
        assert await it.status("RemoteStartTransaction", idTag="A", connectorId=connector) == "Rejected"


@proves("ChangeAvailability", "StatusNotification", version="1.6")
async def test_a_connector_is_taken_out_of_operation_and_back(tmp_path: Path) -> None:
    """S16 5.2."""
    async with central(tmp_path, evses=PAIR) as it:
        since = len(it.csms.calls)
        assert await it.status("ChangeAvailability", connectorId=2, type="Inoperative") == "Accepted"
        assert await it.status("ChangeAvailability", connectorId=2, type="Inoperative") == "Accepted"
        assert await it.status("ChangeAvailability", connectorId=3, type="Inoperative") == "Rejected"
        assert await it.status("ChangeAvailability", connectorId=2, type="Operative") == "Accepted"
        assert it.said(since) == ["Status 2 Unavailable", "Status 2 Available"]


@proves("ChangeAvailability", "StatusNotification", version="1.6")
async def test_the_whole_charge_point_is_out_of_operation_when_the_last_transaction_is_over(tmp_path: Path) -> None:
    """S16 5.2: connector 0, Scheduled; it outlasts a reset."""
    async with central(tmp_path, evses=PAIR) as it:
        await it.bench.order("start", "CP001/2")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        assert await it.status("ChangeAvailability", connectorId=0, type="Inoperative") == "Scheduled"
        assert it.said(since) == ["Status 1 Unavailable"]
        await it.bench.order("stop", "CP001/2")
        assert it.said(since)[1:] == ["Stop 1001 Local", "Status 0 Unavailable", "Status 2 Unavailable"]
        await it.status("Reset", type="Hard")
        await it.bench.advance(5.0)
        assert it.said()[-4:] == ["BootNotification", *(f"Status {n} Unavailable" for n in (0, 1, 2))]


@proves("Reset", "StopTransaction", "BootNotification", version="1.6")
@pytest.mark.parametrize("kind", ["Soft", "Hard"])
async def test_a_reset_ends_what_runs_and_boots(tmp_path: Path, kind: str) -> None:
    """S16 5.14, ERR-16 3.36."""
    async with central(tmp_path) as it:
        await it.bench.order("start", "CP001")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        assert await it.status("Reset", type=kind) == "Accepted"
        await it.bench.advance(5.0)
        assert it.said(since) == [
            f"Stop 1001 {kind}Reset",
            "BootNotification",
            "Status 0 Available",
            "Status 1 Finishing",
        ]


@proves("UnlockConnector", "StopTransaction", version="1.6")
async def test_unlocking_ends_the_transaction_first(tmp_path: Path) -> None:
    """S16 5.18."""
    async with central(tmp_path, evses=PAIR) as it:
        await it.bench.order("start", "CP001/1")
        await it.bench.advance(0.5)
        since = len(it.csms.calls)
        assert await it.status("UnlockConnector", connectorId=1) == "Unlocked"
        await it.bench.advance(0.5)
        assert it.said(since) == ["Stop 1001 UnlockCommand", "Status 1 Finishing"]


@proves("UnlockConnector", version="1.6")
async def test_a_connector_without_a_lock_or_unknown_is_not_supported_and_nothing_ends(tmp_path: Path) -> None:
    """ERR-16 3.87."""
    async with central(tmp_path, evses=PAIR) as it:
        await it.bench.order("start", "CP001/2")
        await it.bench.advance(0.5)
        assert await it.status("UnlockConnector", connectorId=1) == "Unlocked"
        for connector in (2, 3, 0):
            assert await it.status("UnlockConnector", connectorId=connector) == "NotSupported"
        assert (await it.bench.row()).evses[1].transaction_id is not None


@proves("ClearCache", version="1.6")
async def test_the_cache_is_cleared_if_it_is_enabled(tmp_path: Path) -> None:
    """S16 5.4, ERR-16 3.23."""
    async with central(tmp_path) as it:
        await it.bench.order("start", "CP001")
        await it.bench.order("stop", "CP001")
        assert await it.status("ClearCache") == "Accepted"
        since = len(it.csms.calls)
        await it.bench.order("start", "CP001")
        assert it.said(since)[0] == "Authorize DEADBEEF"
        assert await it.status("ChangeConfiguration", key="AuthorizationCacheEnabled", value="false") == "Accepted"
        assert await it.status("ClearCache") == "Rejected"


@proves("DataTransfer", version="1.6")
async def test_vendors_extensions_are_unknown(tmp_path: Path) -> None:
    """S16 4.3."""
    async with central(tmp_path) as it:
        assert await it.status("DataTransfer", vendorId="com.example", data="text") == "UnknownVendorId"


@proves("GetConfiguration", "ChangeConfiguration", version="1.6")
async def test_a_key_that_is_set_holds_at_once(tmp_path: Path) -> None:
    """S16 5.3, 5.8."""
    async with central(tmp_path) as it:
        assert await it.status("ChangeConfiguration", key="MeterValueSampleInterval", value="2") == "Accepted"
        answer = await it.ask("GetConfiguration", key=["MeterValueSampleInterval", "Mood"])
        assert answer == {
            "configurationKey": [{"key": "MeterValueSampleInterval", "readonly": False, "value": "2"}],
            "unknownKey": ["Mood"],
        }
        await it.bench.order("start", "CP001")
        await it.bench.advance(4.5)
        await it.bench.order("stop", "CP001")
        await it.bench.advance(0.5)
        assert len(it.payloads("MeterValues")) == 2
        contexts = [
            value["sampledValue"][0]["context"] for value in it.payloads("StopTransaction")[0]["transactionData"]
        ]
        assert contexts == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]


@proves("ChangeConfiguration", version="1.6")
async def test_without_measurands_a_stop_has_no_transaction_data(tmp_path: Path) -> None:
    """S16 3.16.5."""
    async with central(tmp_path) as it:
        assert await it.status("ChangeConfiguration", key="StopTxnSampledData", value="") == "Accepted"
        await it.bench.order("start", "CP001")
        await it.bench.advance(1.5)
        await it.bench.order("stop", "CP001")
        assert "transactionData" not in it.payloads("StopTransaction")[0]


@proves("ChangeConfiguration", version="1.6")
async def test_a_new_authorization_key_counts_at_once_and_is_never_recorded(tmp_path: Path) -> None:
    """J16 6.2.2: hexadecimal, and any bytes."""
    key = bytes(range(0xF0, 0x100)) + b"word"
    async with central(tmp_path) as it:
        assert await it.status("ChangeConfiguration", key="AuthorizationKey", value=key.hex()) == "Accepted"
        await it.bench.advance(1.0)
        _, endpoint = it.csms.dials[-1]
        assert len(it.csms.dials) == 2
        assert endpoint.username == "CP001"
        assert endpoint.password is not None
        assert endpoint.password.octets == key
        assert not any(key.hex() in frame.text for frame in it.bench.frames())


# -- versions -------------------------------------------------------------------------------------


async def test_a_station_that_meets_another_version_next_time_speaks_that(tmp_path: Path) -> None:
    """The handshake decides, each time."""
    async with central(tmp_path) as it:
        await it.bench.order("plug-in", "CP001")
        it.csms.subprotocol = "ocpp2.0.1"
        await it.lose_link(1.0)
        await it.bench.advance(30.0)
        assert (await it.bench.row()).version == "2.0.1"
        since = len(it.csms.calls)
        await it.bench.order("start", "CP001")
        assert it.csms.calls[since][1] == "Authorize"
        assert it.csms.calls[since][2] == {"idToken": {"idToken": "DEADBEEF", "type": "ISO14443"}}
        it.csms.subprotocol = "ocpp1.6"
        await it.lose_link(1.0)
        since = len(it.csms.calls)
        await it.bench.advance(30.0)
        await it.bench.order("stop", "CP001")
        await it.bench.advance(1.0)
        assert it.said(since)[:1] == ["Status 1 Charging"]
        assert not [words for words in it.said(since) if words.startswith(("Stop", "Start", "Meter"))], (
            "1.6 has no number for a transaction that began in 2.0.1"
        )


async def test_what_the_core_profile_has_no_message_for_holds_nothing_up(tmp_path: Path) -> None:
    """The security event of the boot is dropped, and what comes after it goes out."""
    async with central(tmp_path) as it:
        assert it.said() == BOOTED
        assert (await it.bench.row()).queued == 0
        await it.bench.order("start", "CP001")
        assert (await it.bench.row()).queued == 0
