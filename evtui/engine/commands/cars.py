"""Commands of the road: cables, parking bays, and what cars do by themselves."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive, named
from evtui.engine.door import EvseRow, StationRow


def _can_plug_in(station: StationRow, evse: EvseRow) -> str | None:
    return f"{named(station, evse)} has a cable in already" if evse.plugged else alive(station, evse)


def _can_unplug(station: StationRow, evse: EvseRow) -> str | None:
    return alive(station, evse) if evse.plugged else f"{named(station, evse)} has no cable in"


def _can_unplug_at_station(station: StationRow, evse: EvseRow) -> str | None:
    if not evse.lock:
        return f"{named(station, evse)} has a fixed cable: it comes off at the EV only"
    if evse.lock == "locked":
        return f"{named(station, evse)} holds the plug until the session ends"
    return _can_unplug(station, evse)


def _can_suspend(station: StationRow, evse: EvseRow) -> str | None:
    return f"{named(station, evse)}: the car has suspended already" if evse.ev_paused else _has_car(station, evse)


def _can_resume(station: StationRow, evse: EvseRow) -> str | None:
    return alive(station, evse) if evse.ev_paused else f"{named(station, evse)}: no car has suspended"


def _has_car(station: StationRow, evse: EvseRow) -> str | None:
    return alive(station, evse) if evse.plugged else f"{named(station, evse)} has no car connected"


def _can_be_full(station: StationRow, evse: EvseRow) -> str | None:
    full = evse.soc_percent is not None and evse.soc_percent >= 100.0
    return f"{named(station, evse)}: the battery is full already" if full else _has_car(station, evse)


def _can_come(station: StationRow, evse: EvseRow) -> str | None:
    return f"{named(station, evse)}: the bay is occupied already" if evse.in_bay else alive(station, evse)


def _can_go(station: StationRow, evse: EvseRow) -> str | None:
    if not evse.in_bay:
        return f"{named(station, evse)}: the bay is free already"
    return _can_change(station, evse)


def _can_change(station: StationRow, evse: EvseRow) -> str | None:
    if evse.plugged:
        return f"{named(station, evse)}: the car is connected and cannot leave"
    return alive(station, evse)


SPECS = (
    CommandSpec(
        "plug-in",
        "Plug in",
        "Put the cable of the next car in",
        Scope.EVSE,
        _can_plug_in,
        (Argument("ev", "a model of the EV catalogue; the next of the mix when left out", ""),),
        plain=True,
    ),
    CommandSpec("unplug", "Unplug", "Pull the cable at the EV", Scope.EVSE, _can_unplug, plain=True),
    CommandSpec("toggle-plug", "Plug", "Put the cable in, or pull it at the EV", Scope.EVSE, alive, plain=True),
    CommandSpec(
        "unplug-at-station",
        "Unplug here",
        "Pull the cable out of the station's socket, which holds it as long as somebody may charge",
        Scope.EVSE,
        _can_unplug_at_station,
    ),
    CommandSpec(
        "suspend-ev", "EV suspends", "The car wants no energy for now (switch S2 open)", Scope.EVSE, _can_suspend
    ),
    CommandSpec("resume-ev", "EV resumes", "The car wants energy again (switch S2 closed)", Scope.EVSE, _can_resume),
    CommandSpec(
        "toggle-ev", "EV waits", "The car suspends by itself, or resumes (its switch S2)", Scope.EVSE, _has_car
    ),
    CommandSpec("ev-full", "EV full", "The car's battery is full at once", Scope.EVSE, _can_be_full),
    CommandSpec(
        "bay-occupied", "Bay occupied", "A car stands in the parking bay, with no cable yet", Scope.EVSE, _can_come
    ),
    CommandSpec("bay-free", "Bay free", "The car leaves the parking bay", Scope.EVSE, _can_go),
    CommandSpec("toggle-bay", "Bay", "A car comes into the parking bay, or leaves it", Scope.EVSE, _can_change),
)
