"""Figures for Prometheus, read with its own parser."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from evtui import __version__
from tests.api.client import Client, fleet


async def samples(client: Client) -> dict[tuple[str, ...], float]:
    answer = await client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(answer.body.decode()))
    assert all(family.documentation for family in families)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


async def test_the_totals_of_the_fleet_are_there(tmp_path: Path) -> None:
    async with fleet(tmp_path, stations=3) as (client, it):
        await it.order("start", "CP001")
        await it.advance(10)
        totals = (await client.get("/api/fleet")).json["totals"]
        figures = await samples(client)
        assert figures["evtui_stations",] == figures["evtui_stations_online",] == 3
        assert figures["evtui_transactions",] == 1
        assert figures["evtui_power_watts",] == totals["power_w"] > 0
        assert figures["evtui_energy_watthours",] == totals["energy_wh"] > 0
        assert figures["evtui_frames_total",] == totals["frames"] > 0
        assert figures["evtui_queued_messages",] == 0
        assert figures["evtui_frame_errors_total",] == totals["errors"] == 0
        assert figures["evtui_frames_per_second",] == totals["frames_per_s"] > 0
        assert figures["evtui_round_trip_seconds", "0.5"] == totals["rtt_p50_s"]
        assert figures["evtui_round_trip_seconds", "0.99"] == totals["rtt_p99_s"]
        assert figures["evtui_speed_ratio",] == 60
        assert figures["evtui_info", __version__] == 1


async def test_commands_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _):
        for _ in range(2):
            await client.post("/api/stations/CP001/commands/plug-in")
        figures = await samples(client)
        assert figures["evtui_commands_total", "plug-in", "done"] == 1
        assert figures["evtui_commands_total", "plug-in", "refused"] == 1


async def test_open_streams_are_counted(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, _), client.events() as stream:
        await stream.next()
        assert (await samples(client))["evtui_event_streams",] == 1
