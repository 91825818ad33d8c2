"""The figures of a fleet for Prometheus."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from evtui import __version__
from evtui.api.records import State
from evtui.engine.door import FleetView


class Figures(Collector):
    """One moment's figures: totals of the fleet, commands by their outcome."""

    def __init__(self, view: FleetView, commands: Mapping[tuple[str, State], int], streams: int) -> None:
        self._view = view
        self._commands = commands
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        totals = self._view.totals
        yield InfoMetricFamily("evtui", "The program.", {"version": __version__})
        for name, help, value in (
            ("evtui_stations", "Stations of the fleet.", totals.stations),
            ("evtui_stations_online", "Stations that the CSMS has accepted.", totals.online),
            ("evtui_transactions", "Transactions that run.", totals.transactions),
            ("evtui_power_watts", "Power that all EVSEs draw.", totals.power_w),
            ("evtui_energy_watthours", "Energy that all meters have counted in this run.", totals.energy_wh),
            ("evtui_queued_messages", "Transaction messages that are not delivered yet.", totals.queued),
            ("evtui_frames_per_second", "OCPP frames a second, over the last seconds.", totals.frames_per_s),
            ("evtui_speed_ratio", "How much faster than life physics runs.", self._view.speed),
            ("evtui_event_streams", "Clients that read events.", self._streams),
        ):
            yield GaugeMetricFamily(name, help, value)
        yield CounterMetricFamily("evtui_frames", "OCPP frames that were sent and received.", totals.frames)
        yield CounterMetricFamily("evtui_frame_errors", "Frames that were errors or broke the schema.", totals.errors)
        round_trips = GaugeMetricFamily(
            "evtui_round_trip_seconds",
            "Until a CALL was answered, in the last 60 seconds with answers.",
            labels=("quantile",),
        )
        for quantile, seconds in (("0.5", totals.rtt_p50_s), ("0.99", totals.rtt_p99_s)):
            if seconds is not None:
                round_trips.add_metric((quantile,), seconds)
        yield round_trips
        commands = CounterMetricFamily("evtui_commands", "Commands that came by HTTP.", labels=("command", "state"))
        for (command, state), number in sorted(self._commands.items()):
            commands.add_metric((command, state), number)
        yield commands
