"""Fleet and stations, as the door gives them."""

from pathlib import Path

import msgspec
import pytest

from evtui.engine.door import FleetView, StationDetail, View
from tests.api.client import fleet


async def test_the_fleet_is_what_the_door_says(tmp_path: Path) -> None:
    async with fleet(tmp_path, stations=5) as (client, it):
        answer = await client.get("/api/fleet?first=1&count=2&trace=3")
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert msgspec.json.decode(answer.body, type=FleetView) == await it.door.fleet(View(1, 2, 3))
        assert [row["id"] for row in answer.json["rows"]] == ["CP002", "CP003"]
        assert answer.json["totals"]["stations"] == 5


async def test_a_station_is_what_the_door_says(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        answer = await client.get("/api/stations/CP001")
        assert msgspec.json.decode(answer.body, type=StationDetail) == await it.door.station("CP001")


async def test_a_station_tells_its_variables_and_the_newest_lines_of_its_log(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        await it.order("plug-in", "CP001")
        station = (await client.get("/api/stations/CP001")).json
        assert station["variables"]["TxCtrlr.TxStartPoint"] == "PowerPathClosed"
        assert station["variables"]["SecurityCtrlr.BasicAuthPassword"] == ""
        assert "EVSE 1 plugged-in: Default EV, 41 kWh" in "\n".join(station["log"])
        assert len(station["log"]) <= 30


@pytest.mark.parametrize("query", ["first=-1", "count=1001", "count=many", "trace=121", "first=1e3", "count="])
async def test_a_view_out_of_bounds_is_refused_in_a_line_that_names_it(tmp_path: Path, query: str) -> None:
    async with fleet(tmp_path) as (client, _):
        answer = await client.get(f"/api/fleet?{query}")
        assert answer.status == 422
        assert answer.json["error"].startswith(query.partition("=")[0])


@pytest.mark.parametrize(
    "station", ["CP999", "%00", "%1b%5b31m", "<script>", "..%2f..%2fetc", "a" * 5000, "%ff%fe", "%ed%a0%80", "CP001/x"]
)
async def test_a_station_that_is_not_there_is_not_found_whatever_it_is_called(tmp_path: Path, station: str) -> None:
    async with fleet(tmp_path) as (client, _):
        for answer in (
            await client.get(f"/api/stations/{station}"),
            await client.post(f"/api/stations/{station}/commands/start"),
        ):
            assert answer.status == 404
            assert "there is no station" in answer.json["error"]
            assert answer.json["error"].isprintable()
            assert len(answer.body) < 200


@pytest.mark.parametrize("name", ["Zürich 1", "a/b", "../x", "100%", "a?b#c", "x/commands/start"])
async def test_a_station_is_found_by_its_percent_encoded_id(tmp_path: Path, name: str) -> None:
    from urllib.parse import quote

    async with fleet(tmp_path, id=name) as (client, it):
        path = f"/api/stations/{quote(name, safe='')}"
        assert (await client.get(path)).json["row"]["id"] == name
        assert (await client.post(f"{path}/commands/plug-in")).status == 200
        assert (await it.evse(name)).plugged


async def test_a_path_that_is_not_there_is_refused_in_json(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        assert (await client.get("/api/nothing")).json == {"error": "Not Found"}
        assert (await client.get("/api/commands/add-stations")).status == 422
        assert (await client.post("/api/fleet")).status == 405


async def test_the_fleet_is_filtered_sorted_and_summed_up(tmp_path: Path) -> None:
    async with fleet(tmp_path, stations=5) as (client, it):
        await it.order("start", "CP002", "CP004")
        await it.advance(5)
        answer = await client.get("/api/fleet?filter=~tx%20~kw%20%3E1&sort=kW&descending=true&summary=true")
        assert answer.status == 200
        assert {row["id"] for row in answer.json["rows"]} == {"CP002", "CP004"}
        powers = [row["evses"][0]["power_w"] for row in answer.json["rows"]]
        assert powers == sorted(powers, reverse=True)
        assert answer.json["shown"] == 2
        assert [row["name"] for row in answer.json["summary"] if row["by"] == "link"] == ["online"]
        totals = answer.json["totals"]
        assert totals["frames_per_s"] > 0
        assert totals["rtt_p50_s"] <= totals["rtt_p99_s"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("filter=~stat%20x", "filter: ~stat is no filter; did you mean ~state? (at 1)"),
        ("filter=%28", "filter: a filter is missing (at 2)"),
        ("filter=" + "a" * 1001, "filter: "),
        ("sort=colour", "sort: "),
        ("descending=perhaps", "descending: "),
    ],
)
async def test_a_filter_or_order_that_is_none_is_refused_in_a_line(tmp_path: Path, query: str, problem: str) -> None:
    async with fleet(tmp_path) as (client, _):
        answer = await client.get(f"/api/fleet?{query}")
        assert answer.status == 422
        assert answer.json["error"].startswith(problem)
