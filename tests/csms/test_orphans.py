"""Transactions of which nothing is heard any more: the CSMS asks, and believes the answer (E14)."""

import asyncio
from typing import Any

import pytest

from evtui.csms.limits import Limits
from evtui.csms.policy import Policy
from evtui.csms.server import Csms
from evtui.errors import LocalError
from tests.csms.stations import RawStation, station, until


def event(transaction_id: str, seq_no: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "timestamp": f"2026-01-02T03:04:{seq_no:02}Z",
        "triggerReason": "Trigger",
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": transaction_id},
        **more,
    }


ON_1 = {"evse": {"id": 1, "connectorId": 1}}


async def _asked(link: RawStation, answer: dict[str, Any]) -> str:
    """The transaction that the station is asked about; it gives this answer."""
    kind, message_id, action, payload = await link.hear()
    assert (kind, action) == (2, "GetTransactionStatus")
    await link.say([3, message_id, answer])
    transaction_id: str = payload["transactionId"]
    return transaction_id


async def test_one_that_another_takes_the_place_of_is_asked_about_and_ends(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.call("TransactionEvent", event("T1", 0, "Started", **ON_1))
        await link.call("TransactionEvent", event("T2", 0, "Started", evse={"id": 2}))
        await link.call("TransactionEvent", event("T3", 0, "Started", **ON_1))
        assert await _asked(link, {"ongoingIndicator": False, "messagesInQueue": False}) == "T1"
        lost = csms.books.transactions.get("CP001", "T1")
        assert lost is not None
        await until(lambda: lost.ended)
        record = lost.record()
        assert (record.lost, record.ended_at, record.stopped_reason) == (True, record.started_at, None)
        assert csms.books.registry.station("CP001").notices[-1].text == "T1 is lost: not known there"
        # What comes all the same counts.
        await link.call("TransactionEvent", event("T1", 1, "Updated"))
        assert not lost.ended
        await link.call("TransactionEvent", event("T1", 2, "Ended"))
        assert (lost.ended, lost.lost) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [{"ongoingIndicator": True, "messagesInQueue": False}, {"ongoingIndicator": False, "messagesInQueue": True}],
)
async def test_one_that_is_known_to_its_station_goes_on(csms: Csms, answer: dict[str, Any]) -> None:
    async with station(csms) as link:
        await link.boot()
        for transaction_id in ("T1", "T2"):
            await link.call("TransactionEvent", event(transaction_id, 0, "Started", **ON_1))
        assert await _asked(link, answer) == "T1"
        await link.call("Heartbeat", {})
        assert [each.ended for each in csms.books.transactions.of("CP001")] == [False, False]


async def test_who_is_back_and_says_nothing_of_one_is_asked() -> None:
    async with Csms(port=0, web_port=None, limits=Limits(quiet_s=0.5)) as csms:
        async with station(csms) as link:
            await link.boot()
            for number in (1, 2):
                started = event(f"T{number}", 0, "Started", evse={"id": number})
                await link.call("TransactionEvent", started)
        await until(lambda: not csms.connected)
        async with station(csms) as link:
            await link.call("TransactionEvent", event("T2", 1, "Updated"))
            assert await _asked(link, {"messagesInQueue": False}) == "T1"
            await until(lambda: csms.books.transactions.of("CP001")[0].ended)
            assert not csms.books.transactions.of("CP001")[1].ended


async def test_a_1_6_station_is_not_asked() -> None:
    async with Csms(port=0, web_port=None, limits=Limits(quiet_s=0.0)) as csms:
        start = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-02T03:04:05Z"}
        async with station(csms, subprotocols=("ocpp1.6",)) as link:
            await link.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
            await link.call("StartTransaction", start)
            await link.call("StartTransaction", {**start, "meterStart": 1})
            assert csms.tap.newest(1)[0].action == "StartTransaction"


async def test_a_call_that_waits_when_a_station_becomes_rejected_is_not_sent(csms: Csms) -> None:
    """B03.FR.03."""
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        first = group.create_task(csms.call("CP001", "ClearCache", {}))
        message_id = (await link.hear())[1]
        second = group.create_task(_refused(csms))
        await asyncio.sleep(0)
        csms.set_policy(Policy("Rejected"), "CP001")
        await link.boot()
        await link.say([3, message_id, {"status": "Accepted"}])
        assert await first == {"status": "Accepted"}
        assert "Rejected" in await second


async def _refused(csms: Csms) -> str:
    with pytest.raises(LocalError) as refused:
        await csms.call("CP001", "ClearCache", {})
    return str(refused.value)
