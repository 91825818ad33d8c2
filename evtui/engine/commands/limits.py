"""Commands of controllers outside: suspend, resume, limit."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive, named
from evtui.engine.door import EvseRow, StationRow


def _can_suspend(station: StationRow, evse: EvseRow) -> str | None:
    if evse.transaction_id is None:
        return f"{named(station, evse)} has no transaction to suspend: `start` starts one"
    return alive(station, evse)


def _can_resume(station: StationRow, evse: EvseRow) -> str | None:
    if evse.charging_state != "SuspendedEVSE":
        return f"{named(station, evse)} is not suspended"
    return alive(station, evse)


SPECS = (
    CommandSpec("suspend", "Suspend", "Give no energy for now; the transaction goes on", Scope.EVSE, _can_suspend),
    CommandSpec("resume", "Resume", "Give energy again after a suspension", Scope.EVSE, _can_resume),
    CommandSpec(
        "limit",
        "Limit",
        "Limit power or current from outside; without figures the limit is gone",
        Scope.EVSE,
        alive,
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
        alive,
        (Argument("energy-wh", "Wh at most", ""),),
    ),
)
