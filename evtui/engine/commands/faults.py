"""Commands of what breaks, and of the emergency stop."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive, named
from evtui.engine.door import EvseRow, StationRow

EMERGENCY_STOP, LOCK_FAILURE = "emergency-stop", "lock-failure"

KINDS = (
    ("ground-fault", "Ground fault: the RCD trips"),
    ("overcurrent", "Overcurrent: the protection trips"),
    ("over-temperature", "Over-temperature"),
    ("contactor-weld", "Welded contactor"),
    ("power-quality", "Bad supply, of the whole station"),
    ("problem", "Internal error of the connector"),
)
"""What can break, as `evtui.sim.fault_kinds` knows it; locks and the emergency stop have commands of their own."""

LEVELS = (
    ("connector", "the connector in use, or the first"),
    ("evse", "the EVSE"),
    ("station", "the whole station"),
)


def _can_clear(station: StationRow, evse: EvseRow) -> str | None:
    if evse.faults == (EMERGENCY_STOP,):
        return f"{station.id}: the emergency stop must be released"
    if not evse.faults and evse.lock != "jammed":
        return f"{named(station, evse)} has no fault"
    return alive(station, evse)


def _can_press(station: StationRow, evse: EvseRow) -> str | None:
    if EMERGENCY_STOP in evse.faults:
        return f"{station.id}: the emergency stop is pressed already"
    return alive(station, evse)


def _can_release(station: StationRow, evse: EvseRow) -> str | None:
    if EMERGENCY_STOP not in evse.faults:
        return f"{station.id}: the emergency stop is not pressed"
    return alive(station, evse)


def _has_lock(station: StationRow, evse: EvseRow) -> str | None:
    return alive(station, evse) if evse.lock else f"{named(station, evse)} has a fixed cable, and no lock"


def _can_jam(station: StationRow, evse: EvseRow) -> str | None:
    if evse.lock == "jammed":
        return f"{named(station, evse)}: the lock fails already"
    return _has_lock(station, evse)


SPECS = (
    CommandSpec(
        "fault",
        "Fault",
        "Something breaks: the CSMS is told, and what runs there ends",
        Scope.EVSE,
        alive,
        (
            Argument("kind", "what breaks", choices=KINDS),
            Argument("level", "how much of the station; what is usual when left out", "", LEVELS),
            Argument("tech-code", "the code that is told of it; the kind's own when left out", ""),
            Argument("tech-info", "the text that is told of it; the kind's own when left out", ""),
        ),
    ),
    CommandSpec(
        "clear-fault",
        "Clear fault",
        "What is broken here works again, at the connectors, the EVSE and the station",
        Scope.EVSE,
        _can_clear,
        (Argument("kind", "one kind; all when left out", "", (*KINDS, (LOCK_FAILURE, "Lock failure"))),),
    ),
    CommandSpec(
        LOCK_FAILURE,
        "Lock failure",
        "The lock holds no plug any more: nobody can charge at that connector",
        Scope.EVSE,
        _can_jam,
    ),
    CommandSpec(
        "fail-resets",
        "Fail resets",
        "The next resets of the station fail; it tries again as often as ResetRetries says",
        Scope.STATION,
        alive,
        (Argument("count", "how many attempts; 0: resets work again", "1"),),
    ),
    CommandSpec("toggle-lock", "Lock", "The lock of the socket fails, or works again", Scope.EVSE, _has_lock),
    CommandSpec(
        EMERGENCY_STOP,
        "Emergency stop",
        "Press the emergency stop: everything ends until it is released",
        Scope.STATION,
        _can_press,
    ),
    CommandSpec("release-emergency-stop", "Release stop", "Release the emergency stop", Scope.STATION, _can_release),
    CommandSpec("toggle-emergency-stop", "Emergency", "Press the emergency stop, or release it", Scope.STATION, alive),
)
