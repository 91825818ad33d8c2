"""Commands of rules on the wire: what becomes of frames between a station and its CSMS, at the station's end."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, always
from evtui.engine.door import EvseRow, StationRow

ACTIONS = (
    ("hold", "Hold the next one, until somebody decides"),
    ("drop", "Drop: it never arrives"),
    ("delay", "Delay, with all that come behind it"),
    ("defer", "Defer: delay this one alone, others overtake it"),
    ("duplicate", "Duplicate: it arrives twice"),
    ("edit", "Edit: replace a text in it"),
    ("corrupt", "Corrupt: it breaks off somewhere"),
    ("answer", "Answer a CALL with a CALLERROR, in the peer's place"),
    ("cut", "Cut the connection"),
)
"""What a rule can do, as `evtui.ocppj.rules` knows it."""

CODES = (
    "InternalError",
    "GenericError",
    "NotImplemented",
    "NotSupported",
    "SecurityError",
    "ProtocolError",
    "FormatViolation",
    "PropertyConstraintViolation",
    "OccurrenceConstraintViolation",
    "TypeConstraintViolation",
    "RpcFrameworkError",
    "MessageTypeNotSupported",
)
"""The error codes of OCPP-J 2.0.1; 1.6 spells some of them its own way."""

NOT_IN_16 = ("RpcFrameworkError", "MessageTypeNotSupported")

VERDICTS = (
    ("pass", "Pass it on"),
    ("edit", "Edit it, and pass it on"),
    ("drop", "Drop it"),
    ("delay", "Delay it"),
    ("duplicate", "Pass it on twice"),
    ("answer", "Answer it with a CALLERROR"),
)
"""What can become of a held frame."""

_CODES = tuple((code, code) for code in CODES)
_CODE = "the error code of an answer"


def _has_rules(station: StationRow, evse: EvseRow) -> str | None:
    return None if station.rules else f"{station.id} has no rule on the wire"


def _holds(station: StationRow, evse: EvseRow) -> str | None:
    return None if station.held else f"{station.id} holds no frame"


SPECS = (
    CommandSpec(
        "add-rule",
        "Add rule",
        "A rule on the wire: hold, drop, delay, change, answer frames, or cut the connection",
        Scope.STATION,
        always,
        (
            Argument("action", "what becomes of a frame", choices=ACTIONS),
            Argument("filter", "which frames, as in the log: ~in & ~a Authorize; all when left out", ""),
            Argument("chance", "how many of them, in percent", ""),
            Argument("times", "how many at most, 0: always; hold: 1, the others: always", ""),
            Argument("delay-ms", "for delay and defer: 200, or 200+-50", ""),
            Argument("every-s", "for cut: how long a connection lives, 60 or 60+-10", ""),
            Argument("code", _CODE, "", _CODES),
            Argument("find", "for edit: the text to replace", ""),
            Argument("replace", "for edit: what stands there instead", ""),
            Argument("name", "how it is called; its action when left out", ""),
        ),
    ),
    CommandSpec(
        "remove-rule",
        "Remove rule",
        "Take a rule on the wire away",
        Scope.STATION,
        _has_rules,
        (Argument("name", "how it is called"),),
    ),
    CommandSpec(
        "clear-rules",
        "Clear rules",
        "Take all rules on the wire away, and let held frames pass",
        Scope.STATION,
        always,
    ),
    CommandSpec(
        "release",
        "Release",
        "Decide what becomes of a held frame",
        Scope.STATION,
        _holds,
        (
            Argument("do", "what becomes of it", "pass", VERDICTS),
            Argument("frame", "its number; the oldest when left out", ""),
            Argument("text", "what it says instead, for edit", ""),
            Argument("delay-ms", "how long, for delay: 200, or 200+-50", ""),
            Argument("code", _CODE, "", _CODES),
        ),
    ),
)
