"""Events of a session, as a fleet tells them."""

from itertools import count

from evtui.engine.door import FleetEvent

_numbers = count(1)


def event(
    kind: str,
    at: float = 0.0,
    text: str = "",
    station: str = "CP001",
    power_w: float | None = None,
    energy_wh: float | None = None,
) -> FleetEvent:
    return FleetEvent(next(_numbers), at, kind, station, 1, text, None, power_w, energy_wh)


def session(seconds: int, station: str = "CP001", start: float = 100.0) -> list[FleetEvent]:
    """A session with a sample each second: 0.25 kWh a second, 15 kW."""
    samples = [
        event("sample", start + second, station=station, power_w=15_000, energy_wh=250.0 * second)
        for second in range(1, seconds + 1)
    ]
    ended = event("session-ended", start + seconds + 0.01, station=station, energy_wh=250.0 * seconds)
    return [event("session-started", start, station=station), *samples, ended]
