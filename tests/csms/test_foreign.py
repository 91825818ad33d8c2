"""A station that is not ours: the ChargePoint of the package ocpp."""

import asyncio
from typing import Any

from ocpp.routing import on
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
