"""Moments for the tests of physics."""

from datetime import UTC, datetime, timedelta

from evtui.sim.instant import Instant

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def at(elapsed_s: float, speed: float = 60.0) -> Instant:
    """The moment `elapsed_s` of wall time after the beginning, when physics runs at `speed` without gaps."""
    return Instant(_EPOCH + timedelta(seconds=elapsed_s), elapsed_s, elapsed_s * speed)
