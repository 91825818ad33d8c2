"""What can happen to a station that never was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evtui.engine.door import LinkState, Target

if TYPE_CHECKING:
    from tests.tui.fake_door import FakeDoor, FakeEvse, FakeStation


def happen(door: FakeDoor, name: str, target: Target, arguments: dict[str, str]) -> str | None:
    """Lets a command have its effect; gives its text, None for a command that is not of this kind."""
    station = next(each for each in door.stations if each.id == target.station_id)
    evse = station.evses[max(target.evse_id - 1, 0)]
    text = _at_evse(evse, name, arguments) or _at_station(station, name, arguments)
    door.version += 1
    return text


def _at_evse(evse: FakeEvse, name: str, arguments: dict[str, str]) -> str | None:
    match name:
        case "fault":
            evse.faults, evse.status, evse.state, evse.transaction_id = (arguments["kind"],), "Faulted", None, None
            return arguments["kind"]
        case "clear-fault":
            evse.faults, evse.status, evse.lock = (), "Occupied" if evse.plugged else "Available", "open"
            return "no fault any more"
        case "toggle-lock":
            evse.lock = "open" if evse.lock == "jammed" else "jammed"
            return f"the lock is {evse.lock}"
        case "unplug-at-station":
            evse.plugged, evse.status = False, "Available"
            return "unplugged at the station"
        case "toggle-ev":
            evse.ev_paused = not evse.ev_paused
            return "the car suspends" if evse.ev_paused else "the car resumes"
        case "ev-full":
            evse.soc_percent = 100.0
            return "the car is full"
        case "toggle-bay":
            evse.in_bay = not evse.in_bay
            return f"the bay is {'occupied' if evse.in_bay else 'free'}"
    return None


def _at_station(station: FakeStation, name: str, arguments: dict[str, str]) -> str | None:
    match name:
        case "toggle-emergency-stop":
            for evse in station.evses:
                pressed = "emergency-stop" in evse.faults
                evse.faults, evse.status = (
                    (() if pressed else ("emergency-stop",)),
                    "Available" if pressed else "Faulted",
                )
            return "emergency stop"
        case "power-cut":
            station.link = LinkState.DARK
            return "the power is cut"
        case "toggle-power":
            dark = station.link is LinkState.DARK
            station.link = LinkState.ONLINE if dark else LinkState.DARK
            return "the power is back" if dark else "the power is cut"
        case "toggle-network":
            station.network_cut = not station.network_cut
            return "the network is cut" if station.network_cut else "the network passes again"
        case "close-connection":
            station.link = LinkState.WAITING
            return "closed"
        case "send-raw":
            return f"sent {len(arguments['text'])} bytes"
    return None
