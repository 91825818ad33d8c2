"""The strict CSMS is a judge that our tests rely on: it must see what is wrong, and only that."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.peers.ocpp_rpc import StrictCsms, strict_csms

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}


def _status(at: datetime) -> dict[str, Any]:
    return {"timestamp": at.isoformat(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}


def _dial(csms: StrictCsms) -> ClientConnection:
    return connect(f"{csms.url}/CP001", subprotocols=[Subprotocol("ocpp2.0.1")], proxy=None, compression=None)


def _say(link: ClientConnection, *calls: tuple[str, str, dict[str, Any]]) -> list[list[Any]]:
    """Sends all CALLs at once and reads as many answers."""
    for message_id, method, params in calls:
        link.send(json.dumps([2, message_id, method, params]))
    return [json.loads(link.recv(timeout=10)) for _ in calls]


def test_a_faultless_station_is_not_blamed() -> None:
    with strict_csms() as csms, _dial(csms) as link:
        answer = _say(link, ("1", "BootNotification", BOOT))[0]
        _say(link, ("2", "StatusNotification", _status(datetime.now(UTC))))
        _say(link, ("3", "Heartbeat", {}))
    assert answer[2]["status"] == "Accepted"
    assert csms.violations() == []
    assert [call.method for call in csms.calls("CP001")] == ["BootNotification", "StatusNotification", "Heartbeat"]


@pytest.mark.parametrize(
    ("params", "blame"),
    [
        pytest.param({"reason": "PowerUp"}, "schema", id="a field is missing"),
        pytest.param({**BOOT, "reason": "Boredom"}, "schema", id="a value is not in the standard"),
        pytest.param({**BOOT, "mood": "good"}, "schema", id="a field is not in the standard"),
        pytest.param({**BOOT, "customData": None}, "oddity", id="an optional field is null"),
        pytest.param({**BOOT, "customData": {}}, "oddity", id="an optional field is empty"),
    ],
)
def test_a_wrong_message_is_noticed(params: dict[str, Any], blame: str) -> None:
    with strict_csms() as csms, _dial(csms) as link:
        _say(link, ("1", "BootNotification", params))
    assert blame in {report["kind"] for report in csms.told("violation")}


def test_a_second_call_in_flight_is_noticed() -> None:
    with strict_csms(latency_ms=50) as csms, _dial(csms) as link:
        _say(link, ("1", "Heartbeat", {}), ("2", "Heartbeat", {}))
    assert [report["kind"] for report in csms.told("violation")] == ["second-call"]


@pytest.mark.parametrize("message_id", ["1", "x" * 37], ids=["used before", "longer than 36"])
def test_a_bad_message_id_is_noticed_across_connections(message_id: str) -> None:
    with strict_csms() as csms:
        for each in ("1", message_id):
            with _dial(csms) as link:
                _say(link, (each, "Heartbeat", {}))
    assert [report["kind"] for report in csms.told("violation")] == ["message-id"]


def test_a_timestamp_from_the_future_is_noticed() -> None:
    with strict_csms() as csms, _dial(csms) as link:
        _say(link, ("1", "StatusNotification", _status(datetime.now(UTC) + timedelta(minutes=1))))
    assert [report["kind"] for report in csms.told("violation")] == ["oddity"]


def test_what_is_no_ocpp_frame_is_noticed() -> None:
    with strict_csms() as csms, _dial(csms) as link:
        link.send("{}")
        link.recv(timeout=10)
    assert [report["kind"] for report in csms.told("violation")] == ["frame"]
