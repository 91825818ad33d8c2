"""Commands of drivers: start, stop, present an identifier."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive, named
from evtui.engine.door import EvseRow, StationRow


def _can_start(station: StationRow, evse: EvseRow) -> str | None:
    if evse.authorized:
        return f"{named(station, evse)} is authorized already: `stop` stops it"
    if evse.status in ("Faulted", "Unavailable"):
        why = f": {evse.faults[0].replace('-', ' ')}" if evse.faults else ""
        return f"{named(station, evse)} is {evse.status}{why}"
    return alive(station, evse)


def _can_stop(station: StationRow, evse: EvseRow) -> str | None:
    if evse.transaction_id is None and not evse.authorized:
        return f"{named(station, evse)} has no transaction to stop: `start` starts one"
    return alive(station, evse)


TOKEN = (
    Argument("id-token", "the identifier; the station's own when left out", ""),
    Argument("id-token-type", "its type, such as ISO14443", ""),
)

SPECS = (
    CommandSpec(
        "start",
        "Start",
        "Plug in if needed and present the identifier: a session starts",
        Scope.EVSE,
        _can_start,
        TOKEN,
        plain=True,
    ),
    CommandSpec("stop", "Stop", "Present the identifier again: the session ends", Scope.EVSE, _can_stop, plain=True),
    CommandSpec("authorize", "Authorize", "Present an identifier at the reader", Scope.EVSE, alive, TOKEN),
)
