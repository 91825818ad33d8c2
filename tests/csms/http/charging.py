"""A station that charges, by hand."""

from typing import Any

from tests.csms.stations import RawStation

AT = "2026-01-05T08:00:{:02d}Z"


def event(kind: str, seq_no: int, transaction_id: str = "tx-1", **more: Any) -> dict[str, Any]:
    """A TransactionEvent at a second of its own."""
    return {
        "eventType": kind,
        "timestamp": AT.format(seq_no),
        "triggerReason": "Authorized",
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": transaction_id},
        **more,
    }


def metered(seq_no: int, power_w: float, energy_wh: float) -> list[dict[str, Any]]:
    """What a meter shows at that second."""
    samples = [
        {"measurand": "Power.Active.Import", "value": power_w},
        {"measurand": "Energy.Active.Import.Register", "value": energy_wh},
    ]
    return [{"timestamp": AT.format(seq_no), "sampledValue": samples}]


async def charge(link: RawStation, transaction_id: str = "tx-1", token: str = "ABC", *, ended: bool = False) -> None:
    """A session of 500 Wh at 11 kW."""
    id_token = {"idToken": token, "type": "KeyCode"}
    here = {"evse": {"id": 1, "connectorId": 1}, "idToken": id_token}
    await link.call("TransactionEvent", event("Started", 0, transaction_id, **here, meterValue=metered(0, 0, 1000)))
    await link.call("TransactionEvent", event("Updated", 1, transaction_id, meterValue=metered(1, 11_000, 1500)))
    if ended:
        await link.call("TransactionEvent", event("Ended", 2, transaction_id))
