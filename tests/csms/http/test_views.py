"""Stations, transactions and their meter values, frames: what the CSMS knows, by HTTP."""

from typing import Any

import pytest

from evtui.csms.server import Csms
from tests.api.client import Client
from tests.csms.http.charging import charge
from tests.csms.stations import station

CONNECTOR = {"evseId": 1, "connectorId": 1, "connectorStatus": "Occupied", "timestamp": "2026-01-05T08:00:00Z"}


async def test_a_station_stands_in_its_row_connected_or_not(csms: Csms, client: Client) -> None:
    async with station(csms, "CP002") as link, station(csms, "CP001"):
        await link.boot()
        await link.call("StatusNotification", CONNECTOR)
        await charge(link)
        page = (await client.get("/api/stations")).json
        assert [each["station_id"] for each in page["stations"]] == ["CP001", "CP002"]
        assert (page["total"], page["connected"]) == (2, 2)
        row = page["stations"][1]
        assert (row["registration"], row["vendor"], row["model"], row["ocpp_version"]) == (
            "Accepted",
            "V",
            "M",
            "2.0.1",
        )
        assert row["connectors"] == [{"evse_id": 1, "connector_id": 1, "status": "Occupied", "at": 1767600000.0}]
        assert (row["power_w"], row["transactions"][0]["energy_wh"]) == (11_000, 500)
    page = (await client.get("/api/stations?connected=false")).json
    assert [each["station_id"] for each in page["stations"]] == ["CP001", "CP002"]
    assert (await client.get("/api/stations?connected=true")).json["stations"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("first=1&count=1", ["CP002"]),
        ("count=0", []),
        ("text=p00", ["CP001", "CP002", "cp003"]),
        ("text=CP003", ["cp003"]),
        ("first=9", []),
    ],
)
async def test_stations_are_paged_and_searched(csms: Csms, client: Client, query: str, found: list[str]) -> None:
    async with station(csms, "CP001"), station(csms, "CP002"), station(csms, "cp003"):
        page = (await client.get(f"/api/stations?{query}")).json
        assert [each["station_id"] for each in page["stations"]] == found


async def test_all_of_a_station(csms: Csms, client: Client) -> None:
    variables = [
        {
            "component": {"name": "SecurityCtrlr"},
            "variable": {"name": "BasicAuthPassword"},
            "variableAttribute": [{"value": "hunter2hunter2", "mutability": "ReadWrite"}],
        },
        {
            "component": {"name": "EVSE", "evse": {"id": 1}},
            "variable": {"name": "Power"},
            "variableAttribute": [{"type": "Actual", "value": "11000", "mutability": "ReadOnly"}],
            "variableCharacteristics": {"dataType": "decimal", "unit": "W", "supportsMonitoring": True},
        },
    ]
    async with station(csms, "%3Cscript%3E%2F") as link:
        await link.boot()
        await charge(link, "tx-1", ended=True)
        await charge(link, "tx-2", "hunter2")
        await link.call(
            "NotifyReport",
            {"requestId": 1, "generatedAt": "2026-01-05T08:00:00Z", "seqNo": 0, "reportData": variables},
        )
        answer = await client.get("/api/stations/%3Cscript%3E%2F")
    told = answer.json
    assert told["station"]["station_id"] == "<script>/"
    assert told["boot"]["reason"] == "PowerUp"
    assert [each["transaction_id"] for each in told["transactions"]] == ["tx-2", "tx-1"]
    assert told["meters"][0]["last"]["power_w"] == 11_000
    power, password = told["device_model"]
    assert (power["name"], power["unit"], power["attributes"][0]["value"]) == ("EVSE#1.Power", "W", "11000")
    assert password["attributes"][0]["value"] == "***"
    assert told["transactions"][0]["id_token"] == "***"
    assert b"hunter2" not in answer.body
    assert (await client.get("/api/stations/%3Cscript%3E%2F?device_model=false")).json["device_model"] == []
    assert (await client.get("/api/stations/CP999")).status == 404


async def test_transactions_by_filter_and_cursor(csms: Csms, client: Client) -> None:
    async with station(csms) as link, station(csms, "CP002") as other:
        await link.boot()
        await other.boot()
        for number in range(3):
            await charge(link, f"tx-{number}", ended=number < 2)
        await charge(other, "elsewhere")

        async def found(query: str) -> tuple[list[str], Any]:
            page = (await client.get(f"/api/transactions?{query}")).json
            return [each["transaction_id"] for each in page["transactions"]], page["next"]

        assert await found("") == (["elsewhere", "tx-2", "tx-1", "tx-0"], None)
        assert await found("running=true&station=CP001") == (["tx-2"], None)
        assert await found("running=false") == (["tx-1", "tx-0"], None)
        names, following = await found("limit=3")
        assert names == ["elsewhere", "tx-2", "tx-1"]
        assert await found(f"limit=3&before={following}") == (["tx-0"], None)


async def test_the_meter_values_of_a_transaction(csms: Csms, client: Client) -> None:
    async with station(csms) as link:
        await link.boot()
        await charge(link)
        (transaction,) = (await client.get("/api/transactions")).json["transactions"]
        assert (await client.get(f"/api/transactions/{transaction['id']}")).json == transaction
        curve = (await client.get(f"/api/transactions/{transaction['id']}/meter-values")).json
    assert [(each["at"], each["power_w"], each["energy_wh"]) for each in curve["points"]] == [
        (1767600000.0, 0, 1000),
        (1767600001.0, 11_000, 1500),
    ]
    assert curve["points"][0]["voltage_v"] is None
    assert (await client.get("/api/transactions/999/meter-values")).status == 404
    assert (await client.get("/api/transactions/-1/meter-values")).status == 422


async def test_frames_by_filter_and_cursor(csms: Csms, client: Client) -> None:
    async with station(csms) as link, station(csms, "CP002") as other:
        await link.boot()
        await other.boot()
        await link.call("Heartbeat", {})
        await link.ask("MakeCoffee", {})

        async def found(query: str) -> list[tuple[str, str]]:
            page = (await client.get(f"/api/frames?{query}")).json
            return [(each["station_id"], each["type"]) for each in page["frames"]]

        assert await found("action=Heartbeat") == [("CP001", "CALL"), ("CP001", "CALLRESULT")]
        assert await found("filter=~e%20%26%20~s%20CP00*&type=CALLERROR") == [("CP001", "CALLERROR")]
        assert await found("station=CP002&direction=SENT") == [("CP002", "CALL")]
        assert await found("text=makecoffee&after=-1&limit=1") == [("CP001", "CALL")]
        newest = (await client.get("/api/frames?limit=2")).json
        assert newest["more"]
        older = (await client.get(f"/api/frames?limit=100&before={newest['first']}")).json
        assert not older["more"]
        numbers = [each["number"] for each in (*older["frames"], *newest["frames"])]
        assert numbers == list(range(1, 9))
        call = (await client.get("/api/frames/1")).json
        result = (await client.get(f"/api/frames/{call['pair']}")).json
        assert (call["type"], result["type"], result["pair"]) == ("CALL", "CALLRESULT", 1)
    wrong = await client.get("/api/frames?filter=~zzz")
    assert (wrong.status, wrong.json["error"][:8]) == (422, "filter: ")
    assert (await client.get("/api/frames?filter=~b%20(a%2B)%2Bb")).status == 422
    assert (await client.get("/api/frames/999")).status == 404


async def test_what_a_peer_breaks_in_a_text_is_told_as_json_can_carry_it(csms: Csms, client: Client) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.say('[2,"\\ud800","<b>",{"a":"\\ud83d"}]')
        await link.hear()
        await link.say('[2,"7","<b>\udc00",{}]'.encode("utf-8", "surrogatepass"))
        await link.hear()
        frames = (await client.get("/api/frames?after=2")).json["frames"]
    assert '"<b>"' in frames[0]["text"]
    assert "\\xed\\xb0\\x80" in frames[2]["text"]
    assert all(each["fault"] for each in frames[::2])


async def test_without_a_file_what_is_stored_cannot_be_told() -> None:
    async with Csms(port=0, web_port=0) as csms:
        assert csms.web_port is not None
        client = Client(csms.web_port)
        for path in ("/api/frames", "/api/transactions", "/api/transactions/1/meter-values"):
            answer = await client.get(path)
            assert (answer.status, answer.json) == (503, {"error": "this CSMS keeps nothing"})


async def test_schemas_for_forms(client: Client) -> None:
    for version, count in (("2.0.1", 40), ("1.6", 26)):
        actions = (await client.get(f"/api/schemas/{version}")).json["actions"]
        assert len(actions) == count, version
        assert {"Reset", "DataTransfer", "TriggerMessage"} <= set(actions)
        assert "Heartbeat" not in actions
    schema = (await client.get("/api/schemas/2.0.1/Reset")).json
    assert schema["required"] == ["type"]
    assert (await client.get("/api/schemas/2.0.1/MakeCoffee")).status == 404
    assert (await client.get("/api/schemas/3.0/Reset")).status == 422
