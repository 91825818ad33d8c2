"""The one registry of commands: it feeds keys, palette, HTTP paths, scenario files and help.

Like the door, it imports msgspec alone, so that the window can grey a key out without asking the host.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from evtui.engine.door import EvseRow, LinkState, StationRow

Possible = Callable[[StationRow, EvseRow], str | None]
"""Why a command cannot act on this EVSE now, None if it can."""


class Scope(StrEnum):
    """What a command acts on."""

    EVSE = "evse"
    STATION = "station"
    FLEET = "fleet"


class Argument(msgspec.Struct, frozen=True):
    """An argument of a command; all are text on the way in."""

    name: str
    help: str
    default: str | None = None


class CommandSpec(msgspec.Struct, frozen=True):
    """A command as everybody sees it: `title` names it on a key, `help` is a sentence."""

    name: str
    title: str
    help: str
    scope: Scope
    possible: Possible
    arguments: tuple[Argument, ...] = ()


def _always(station: StationRow, evse: EvseRow) -> str | None:
    return None


def _running(station: StationRow) -> str | None:
    return f"{station.id} has crashed and is being restarted" if station.link is LinkState.CRASHED else None


def _can_start(station: StationRow, evse: EvseRow) -> str | None:
    if evse.authorized:
        return f"{station.id} EVSE {evse.evse_id} is authorized already: x stops it"
    if evse.status in ("Faulted", "Unavailable"):
        return f"{station.id} EVSE {evse.evse_id} is {evse.status}"
    return _running(station)


def _can_stop(station: StationRow, evse: EvseRow) -> str | None:
    if evse.transaction_id is None and not evse.authorized:
        return f"{station.id} EVSE {evse.evse_id} has no transaction to stop: s starts one"
    return _running(station)


def _can_plug_in(station: StationRow, evse: EvseRow) -> str | None:
    return f"{station.id} EVSE {evse.evse_id} has a cable in already" if evse.plugged else _running(station)


def _can_unplug(station: StationRow, evse: EvseRow) -> str | None:
    return None if evse.plugged else f"{station.id} EVSE {evse.evse_id} has no cable in"


def _can_suspend(station: StationRow, evse: EvseRow) -> str | None:
    if evse.transaction_id is None:
        return f"{station.id} EVSE {evse.evse_id} has no transaction to suspend: s starts one"
    return _running(station)


def _can_resume(station: StationRow, evse: EvseRow) -> str | None:
    if evse.charging_state != "SuspendedEVSE":
        return f"{station.id} EVSE {evse.evse_id} is not suspended"
    return _running(station)


_TOKEN = (
    Argument("id-token", "the identifier to present; the station's own when left out", ""),
    Argument("id-token-type", "its type, such as ISO14443", ""),
)

_SPECS = (
    CommandSpec(
        "start",
        "Start",
        "Plug in if needed and present the identifier: a session starts",
        Scope.EVSE,
        _can_start,
        _TOKEN,
    ),
    CommandSpec("stop", "Stop", "Present the identifier again: the session ends", Scope.EVSE, _can_stop),
    CommandSpec(
        "plug-in",
        "Plug in",
        "Put the cable of the next car in",
        Scope.EVSE,
        _can_plug_in,
        (Argument("ev", "a model of the EV catalogue; the next of the mix when left out", ""),),
    ),
    CommandSpec("unplug", "Unplug", "Pull the cable at the EV", Scope.EVSE, _can_unplug),
    CommandSpec(
        "toggle-plug",
        "Plug",
        "Put the cable in, or pull it at the EV",
        Scope.EVSE,
        lambda station, evse: _running(station),
    ),
    CommandSpec(
        "authorize", "Authorize", "Present an identifier at the reader", Scope.EVSE, lambda s, e: _running(s), _TOKEN
    ),
    CommandSpec("suspend", "Suspend", "Give no energy for now; the transaction goes on", Scope.EVSE, _can_suspend),
    CommandSpec("resume", "Resume", "Give energy again after a suspension", Scope.EVSE, _can_resume),
    CommandSpec(
        "limit",
        "Limit",
        "Limit power or current from outside; without figures the limit is gone",
        Scope.EVSE,
        lambda station, evse: _running(station),
        (
            Argument("power-w", "W at most", ""),
            Argument("current-a", "A at most on each phase", ""),
            Argument("source", "who limits: operator or echonet", "operator"),
        ),
    ),
    CommandSpec(
        "limit-energy",
        "Limit energy",
        "End the transaction, or else the next one, at an amount of energy; without it there is no end",
        Scope.EVSE,
        lambda station, evse: _running(station),
        (Argument("energy-wh", "Wh at most", ""),),
    ),
    CommandSpec(
        "add-stations",
        "Add",
        "Add stations like the last ones while the fleet runs",
        Scope.FLEET,
        _always,
        (Argument("count", "how many", "1"),),
    ),
    CommandSpec("remove-station", "Remove", "End its transactions and take the station away", Scope.STATION, _always),
)

COMMANDS: Mapping[str, CommandSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})
