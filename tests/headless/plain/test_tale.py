"""A line for each change, energy now and then, many of a kind in one line."""

import msgspec

from evtui.engine.door import FleetEvent
from evtui.headless.plain.tale import ENERGY_EVERY_S, MANY, Tale
from tests.host.fake_door import station


def event(
    number: int, kind: str, station_id: str = "CP001", evse: int = 0, text: str = "", **more: float
) -> FleetEvent:
    return msgspec.structs.replace(FleetEvent(number, 0.0, kind, station_id, evse, text), **more)


def test_changes_are_told_with_station_and_evse() -> None:
    lines = Tale().tell(
        [
            event(1, "connecting", text="ws://x"),
            event(2, "online", text="OCPP 2.0.1"),
            event(3, "status", evse=1, text="Occupied"),
            event(4, "session-started", evse=1),
            event(5, "charging-state", evse=1, text="Charging"),
            event(6, "sample", evse=1, energy_wh=1.0),
            event(7, "session-ended", evse=1, text="Local", energy_wh=1500.0),
            event(8, "fault", evse=1, text="Ground fault"),
        ]
    )
    assert lines == [
        "CP001: Accepted by the CSMS: OCPP 2.0.1",
        "CP001 EVSE 1: Occupied",
        "CP001 EVSE 1: Session started",
        "CP001 EVSE 1: Charging",
        "CP001 EVSE 1: Session ended (Local): 1.500 kWh",
        "CP001 EVSE 1: Fault: Ground fault",
    ]


def test_a_station_that_tries_again_and_again_is_told_of_once() -> None:
    tale = Tale()
    refused = "connection refused"
    assert tale.tell([event(1, "waiting", text=refused)]) == [f"CP001: Not connected: {refused}"]
    assert tale.tell([event(2, "connecting"), event(3, "waiting", text=refused)]) == []
    assert len(tale.tell([event(4, "waiting", text="404")])) == 1
    assert len(tale.tell([event(5, "online"), event(6, "waiting", text="404")])) == 2


def test_many_of_a_kind_are_one_line() -> None:
    many = [event(n, "online", f"CP{n:03d}", text="OCPP 2.0.1") for n in range(1, MANY + 2)]
    assert Tale().tell(many) == [f"{MANY + 1} stations: Accepted by the CSMS: OCPP 2.0.1"]
    assert len(Tale().tell(many[:MANY])) == MANY
    ended = [event(n, "session-ended", f"CP{n:03d}", 1, "Local", energy_wh=1000.0) for n in range(1, 21)]
    assert Tale().tell(ended) == ["20 stations: Sessions ended: 20.000 kWh"]


def test_only_stations_and_kinds_that_are_asked_for_are_told() -> None:
    events = [event(1, "fault", "CP001"), event(2, "fault", "CP002"), event(3, "bay", "CP002", text="free")]
    assert Tale().tell(events, {"CP002"}) == ["CP002: Fault", "CP002: Parking bay: free"]
    assert Tale().tell(events, None, {"bay"}) == ["CP002: Parking bay: free"]


def test_missed_changes_are_counted() -> None:
    tale = Tale()
    tale.tell([event(1, "bay")])
    assert tale.tell([event(12, "bay", text="free")])[0].startswith("10 changes were missed")


def test_energy_is_told_now_and_then_and_not_of_what_has_ended() -> None:
    tale = Tale()

    def sample(number: int, station_id: str) -> None:
        tale.tell([event(number, "sample", station_id, 1, energy_wh=1000.0, power_w=7000.0)])

    sample(1, "CP001")
    assert tale.energy(100.0) == ["CP001 EVSE 1: 1.000 kWh, 7.00 kW"]
    sample(2, "CP001")
    assert tale.energy(100.0 + ENERGY_EVERY_S - 1) == []
    tale.tell([event(3, "session-ended", "CP001", 1)])
    assert tale.energy(100.0 + ENERGY_EVERY_S) == []
    for number in range(4, 10):
        sample(number, f"CP{number:03d}")
    assert tale.energy(200.0) == ["6 sessions: 6.000 kWh, 42.00 kW"]


def test_errors_are_told_when_they_grow() -> None:
    tale, row = Tale(), station("CP001")
    assert tale.errors([row]) == []
    worse = msgspec.structs.replace(row, errors=2)
    assert tale.errors([worse]) == ["CP001: 2 frames were an error or broke the schema, 2 in all"]
    assert tale.errors([worse]) == []
