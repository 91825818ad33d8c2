"""Stations that are not ours: the ChargePoints of the package ocpp, in both versions."""

import asyncio
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint as OldChargePoint
from ocpp.v16 import call as old_call
from ocpp.v16 import call_result as old_result
from ocpp.v201 import ChargePoint, call, call_result
from ocpp.v201.datatypes import ChargingStationType, EVSEType, IdTokenType, MeterValueType, SampledValueType
from ocpp.v201.datatypes import TransactionType as TransactionInfo

from evtui.csms.registry import ConnectorState
from evtui.csms.server import Csms
from evtui.csms.tokens import Token, TokenEntry
from tests.csms.stations import PATIENCE_S, station

STAMP = "2026-01-02T03:04:05Z"
CARD = IdTokenType(id_token="DEADBEEF", type="ISO14443")


class Foreign(ChargePoint):  # type: ignore[misc]
    @on("RequestStartTransaction")  # type: ignore[untyped-decorator]
    async def on_start(self, **_: Any) -> call_result.RequestStartTransaction:
        return call_result.RequestStartTransaction(status="Accepted")


def _event(seq_no: int, event_type: str, trigger: str, state: str, energy_wh: float) -> call.TransactionEvent:
    return call.TransactionEvent(
        event_type=event_type,
        timestamp=STAMP,
        trigger_reason=trigger,
        seq_no=seq_no,
        transaction_info=TransactionInfo(transaction_id="T1", charging_state=state),
        evse=EVSEType(id=1, connector_id=1) if seq_no == 0 else None,
        id_token=CARD,
        meter_value=[MeterValueType(timestamp=STAMP, sampled_value=[SampledValueType(value=energy_wh)])],
    )


async def test_a_whole_session_of_a_foreign_station(csms: Csms) -> None:
    csms.books.tokens.put(Token("DEADBEEF", "ISO14443"), TokenEntry("Accepted", Token("FAMILY", "Central")))
    async with station(csms, "FOREIGN") as link, asyncio.timeout(PATIENCE_S):
        foreign = Foreign("FOREIGN", link.link)
        reading = asyncio.ensure_future(foreign.start())
        try:
            boot = await foreign.call(
                call.BootNotification(
                    charging_station=ChargingStationType(model="M", vendor_name="V"), reason="PowerUp"
                )
            )
            assert (boot.status, boot.interval) == ("Accepted", 300)
            await foreign.call(
                call.StatusNotification(timestamp=STAMP, connector_status="Occupied", evse_id=1, connector_id=1)
            )
            authorized = await foreign.call(call.Authorize(id_token=CARD))
            assert authorized.id_token_info["group_id_token"]["id_token"] == "FAMILY"
            await foreign.call(_event(0, "Started", "Authorized", "EVConnected", 1000))
            await foreign.call(_event(1, "Updated", "ChargingStateChanged", "Charging", 1200))
            ended = await foreign.call(_event(2, "Ended", "StopAuthorized", "EVConnected", 1500))
            assert ended.id_token_info["status"] == "Accepted"
            answer = await csms.call(
                "FOREIGN",
                "RequestStartTransaction",
                {"idToken": {"idToken": "A", "type": "Central"}, "remoteStartId": 1},
            )
            assert answer == {"status": "Accepted"}
        finally:
            reading.cancel()
    record = csms.books.registry.station("FOREIGN")
    assert record.connectors == {(1, 1): ConnectorState("Occupied", 1_767_323_045.0)}
    (transaction,) = csms.books.transactions.of("FOREIGN")
    kept = transaction.record()
    assert (kept.events, kept.gaps, kept.energy_wh, kept.evse_id) == (3, (), 500, 1)
    assert kept.ended_at is not None


class OldForeign(OldChargePoint):  # type: ignore[misc]
    @on("Reset")  # type: ignore[untyped-decorator]
    async def on_reset(self, **_: Any) -> old_result.Reset:
        return old_result.Reset(status="Accepted")


async def test_a_whole_session_of_a_foreign_station_of_1_6(csms: Csms) -> None:
    csms.books.tokens.put(Token("DEADBEEF", "ISO14443"), TokenEntry("Accepted", Token("FAMILY", "Central")))
    async with station(csms, "OLD", subprotocols=("ocpp1.6",)) as link, asyncio.timeout(PATIENCE_S):
        foreign = OldForeign("OLD", link.link)
        reading = asyncio.ensure_future(foreign.start())
        try:
            boot = await foreign.call(old_call.BootNotification(charge_point_model="M", charge_point_vendor="V"))
            assert (boot.status, boot.interval) == ("Accepted", 300)
            await foreign.call(old_call.StatusNotification(connector_id=1, error_code="NoError", status="Charging"))
            authorized = await foreign.call(old_call.Authorize(id_tag="DEADBEEF"))
            assert authorized.id_tag_info == {"status": "Accepted", "parent_id_tag": "FAMILY"}
            started = await foreign.call(
                old_call.StartTransaction(connector_id=1, id_tag="DEADBEEF", meter_start=1000, timestamp=STAMP)
            )
            sample = {"timestamp": "2026-01-02T03:05:05Z", "sampled_value": [{"value": "1200"}]}
            await foreign.call(
                old_call.MeterValues(connector_id=1, transaction_id=started.transaction_id, meter_value=[sample])
            )
            await foreign.call(
                old_call.StopTransaction(
                    meter_stop=1500, timestamp="2026-01-02T03:06:05Z", transaction_id=started.transaction_id
                )
            )
            assert await csms.call("OLD", "Reset", {"type": "Soft"}) == {"status": "Accepted"}
        finally:
            reading.cancel()
    (transaction,) = csms.books.transactions.of("OLD")
    assert transaction.record().energy_wh == 500
    assert transaction.ended
    assert csms.findings() == ()
