"""What a rule has found: counted when it comes again, and bounded, whatever stations do."""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from evtui.ocppj.fault import printable

MOST_OF_STATION: Final = 200
MOST: Final = 20_000
_MOST_TEXT: Final = 300

Severity = Literal["error", "warning"]


class Rule(msgspec.Struct, frozen=True):
    """`requirement` is the id in the standard: `2.0.1 / 1.6` where they differ. A warning is for what may be meant."""

    name: str
    requirement: str
    severity: Severity
    says: str


RULES: Final = {
    rule.name: rule
    for rule in (
        # the wire
        Rule("schema", "OCPP-J 4.1.5", "error", "A payload is as its schema wants it."),
        Rule("unreadable", "OCPP-J 4.2.3", "error", "A frame is a message of OCPP-J."),
        Rule("two-calls", "OCPP-J 4.1.1", "error", "A CALL waits until the one before it is answered."),
        Rule("id-reused", "ERR-201 4.6", "error", "A message id is used once."),
        Rule("stray-answer", "OCPP-J 4.2.2", "warning", "An answer is for a CALL that waits for it."),
        Rule("no-answer", "OCPP-J 4.1.1", "error", "A CALL of the CSMS is answered in time."),
        # boot
        Rule("boot-missing", "B01.FR.08 / S16 4.2", "warning", "A station boots before it sends anything else."),
        Rule("not-accepted", "B02.FR.02, B03.FR.02 / S16 4.2", "error", "Until Accepted, a station sends only boots."),
        Rule("boot-too-soon", "B02.FR.07, B03.FR.02 / S16 4.2", "error", "The next boot waits for the interval."),
        # transactions
        Rule("started-missing", "E01", "error", "A transaction begins with Started."),
        Rule("started-twice", "E01", "error", "A transaction begins once."),
        Rule("after-end", "E06 / S16 4.7, 4.10", "error", "Nothing of a transaction follows its end."),
        Rule("never-ended", "E01.FR.14, E14 / S16 4.8", "error", "A transaction ends before the next one on its EVSE."),
        Rule("seq-gap", "E01.FR.07", "warning", "seqNo counts by one."),
        Rule("seq-order", "E01.FR.07", "warning", "Events come in the order of their seqNo."),
        Rule("seq-repeat", "E01.FR.07, E13", "error", "A seqNo names one event, which is sent until it is answered."),
        Rule("state-missing", "E02.FR.13", "warning", "Started and ChargingStateChanged tell the chargingState."),
        Rule("evse-repeated", "E01.FR.16", "warning", "The EVSE is told once."),
        Rule("trigger-unfit", "E02.FR.17", "error", "The triggerReason fits the event."),
        Rule("stopped-reason", "E06", "warning", "The stoppedReason fits the triggerReason."),
        Rule("wrong-transaction", "S16 4.7, 4.10", "error", "A transactionId is one that the CSMS has given."),
        # meter values
        Rule("energy-falls", "J02.FR.16, 17 / S16 4.7", "error", "An energy register never falls."),
        Rule("energy-jumps", "J 2.3", "warning", "Energy is what a charger can give in that time."),
        Rule("begin-missing", "E02.FR.09, J 2.1", "error", "A transaction tells its Transaction.Begin values."),
        Rule("begin-repeated", "J 2.1", "error", "Transaction.Begin values come once before the end."),
        Rule("end-missing", "E06.FR.11, J 2.1", "error", "The values of the end have the context Transaction.End."),
        Rule("wrong-context", "J01.FR.14, J 2.1", "error", "The context of values fits the message."),
    )
}
"""All rules, by name."""


class Finding(msgspec.Struct, frozen=True):
    """A rule that a station has broken, with the first frame that broke it; times are Unix time. `subject` is what it
    is about, such as a transaction or an action; `count` says how often."""

    station_id: str
    rule: str
    requirement: str
    severity: Severity
    subject: str
    text: str
    frame: int
    first_at: float
    last_at: float
    count: int = 1


class Findings:
    """What was found of one station, in order; more than MOST_OF_STATION are only counted, by rule."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}

    def add(self, station_id: str, name: str, subject: str, text: str, frame: int, at: float) -> Finding | None:
        """Adds a finding, and gives it; None if there is one of that rule and subject, which is counted."""
        subject = printable(subject, 60)
        known = self._found.get((name, subject))
        if known is None and len(self._found) >= MOST_OF_STATION:
            subject = ""
            known = self._found.get((name, subject))
        if known is None:
            rule = RULES[name]
            new = self._found[name, subject] = Finding(
                station_id, name, rule.requirement, rule.severity, subject, printable(text, _MOST_TEXT), frame, at, at
            )
            return new
        self._found[name, subject] = msgspec.structs.replace(
            known, count=known.count + 1, last_at=max(known.last_at, at)
        )
        return None

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)
