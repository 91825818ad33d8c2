"""Figures for Prometheus."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(figures: Collector) -> bytes:
    """The text that Prometheus reads: one moment's figures, and those of the process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    ProcessCollector(registry=registry)
    return generate_latest(registry)
