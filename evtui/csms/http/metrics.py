"""Figures for Prometheus."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from evtui.web import metrics
from evtui.web.event_stream import EventStreams

if TYPE_CHECKING:
    from evtui.csms.server import Csms


def add_metrics(api: FastAPI, csms: "Csms", streams: EventStreams) -> None:
    """Adds the path."""

    @api.get("/metrics", tags=["monitoring"], response_model=None, responses={200: {"content": {"text/plain": {}}}})
    async def metrics_text() -> Response:
        """The figures of the CSMS for Prometheus."""
        return Response(metrics.exposition(_Figures(csms, streams.open)), media_type=metrics.CONTENT_TYPE)


class _Figures(Collector):
    """One moment's figures."""

    def __init__(self, csms: "Csms", streams: int) -> None:
        self._csms = csms
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        status = self._csms.status()
        yield InfoMetricFamily("evtui_csms", "The program.", {"version": status.version})
        for name, help, value in (
            ("uptime_seconds", "Since it began to listen.", status.uptime),
            ("stations", "Stations that it knows.", status.stations),
            ("connections", "Stations that are connected.", status.active_connections),
            ("transactions", "Transactions that run.", status.transactions),
            ("power_watts", "Power that they draw.", status.power_w),
            (
                "keeping",
                "1 while the disk takes what it knows.",
                float(not status.trouble),
            ),
            ("event_streams", "Clients that read events.", self._streams),
        ):
            yield GaugeMetricFamily(f"evtui_csms_{name}", help, value)
        yield CounterMetricFamily("evtui_csms_messages", "OCPP frames that came and went.", status.total_messages)
