"""Commands of what a station knows of identifiers."""

from evtui.engine.commands.sessions import TOKEN
from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive

STATUSES = (
    ("Accepted", "may charge"),
    ("Blocked", "is blocked"),
    ("ConcurrentTx", "charges elsewhere"),
    ("Expired", "has expired"),
    ("Invalid", "is not known"),
    ("NoCredit", "has no credit"),
    ("NotAllowedTypeEVSE", "not at this kind of EVSE"),
    ("NotAtThisLocation", "not here"),
    ("NotAtThisTime", "not now"),
    ("Unknown", "is not known"),
)

SPECS = (
    CommandSpec(
        "add-to-cache",
        "Add to cache",
        "Have the authorization cache know an identifier, as if the CSMS had said that of it",
        Scope.STATION,
        alive,
        (
            *TOKEN,
            Argument("status", "what the CSMS would have said", "Accepted", STATUSES),
            Argument("group-id-token", "the group that it belongs to", ""),
        ),
    ),
    CommandSpec(
        "look-up-token",
        "Look up",
        "Tell what local list and cache know of an identifier",
        Scope.STATION,
        alive,
        TOKEN,
    ),
)
