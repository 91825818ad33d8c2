"""What a command is: a name, what it acts on, its arguments, and when it is possible."""

from collections.abc import Callable
from enum import StrEnum

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
    """An argument of a command; all are text on the way in. `choices` are the only values that there are, each with
    what it means."""

    name: str
    help: str
    default: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


class CommandSpec(msgspec.Struct, frozen=True):
    """A command as everybody sees it: `title` names it on a key, `help` is a sentence. Nobody has to be told of the
    effect of a `plain` one: the row of its EVSE shows it."""

    name: str
    title: str
    help: str
    scope: Scope
    possible: Possible
    arguments: tuple[Argument, ...] = ()
    plain: bool = False


def always(station: StationRow, evse: EvseRow) -> str | None:
    """Nothing keeps it from acting."""
    return None


def alive(station: StationRow, evse: EvseRow) -> str | None:
    """The station is there to act."""
    why = _DEAD.get(station.link)
    return None if why is None else f"{station.id} {why}"


_DEAD = {LinkState.CRASHED: "has crashed and is being restarted", LinkState.DARK: "has no power"}


def named(station: StationRow, evse: EvseRow) -> str:
    """An EVSE as reasons name it."""
    return f"{station.id} EVSE {evse.evse_id}"
