"""Rules of the contexts of meter values (2.0.1 part 2, J 2.1)."""

from collections.abc import Iterable
from typing import Any

from evtui.csms.lint.seen import Seen, Tell

BEGIN, END = "Transaction.Begin", "Transaction.End"
_PERIODIC = "Sample.Periodic"  # what is meant when nothing is said
_BY_TRIGGER = {"MeterValuePeriodic": _PERIODIC, "MeterValueClock": "Sample.Clock", "Trigger": "Trigger"}
_OUTSIDE = frozenset({"Sample.Clock", "Trigger"})


def contexts(meter_values: Iterable[dict[str, Any]]) -> set[str]:
    """The contexts of sampled values."""
    return {sample.get("context", _PERIODIC) for each in meter_values for sample in each["sampledValue"]}


class Contexts:
    """What was said of one transaction."""

    __slots__ = ("_begun", "complete")

    def __init__(self, complete: bool) -> None:
        self._begun = False
        self.complete = complete
        """All of its events were seen."""

    def event(self, transaction_id: str, event: dict[str, Any], seen: Seen, tell: Tell) -> None:
        """The meter values of a new TransactionEvent."""
        found = contexts(event.get("meterValue", ()))
        kind, trigger = event["eventType"], event["triggerReason"]
        wanted = _BY_TRIGGER.get(trigger)
        if kind == "Updated" and wanted in found and len(found) == 1:  # as nearly always
            return
        if kind == "Ended":
            if found and END not in found:
                tell("end-missing", seen, transaction_id, f"the values of the end are {', '.join(sorted(found))}")
            if found and self.complete and not self._begun and BEGIN not in found:
                tell(
                    "begin-missing",
                    seen,
                    transaction_id,
                    f"no value of it had the context {BEGIN}",
                )
            return
        if BEGIN in found:
            if self._begun:
                tell("begin-repeated", seen, transaction_id, f"{BEGIN} again, in {kind} {event['seqNo']}")
            self._begun = True
        wrong = found - {wanted} if wanted and kind == "Updated" else found & {END}
        if wrong - {BEGIN}:
            tell("wrong-context", seen, transaction_id, f"{', '.join(sorted(wrong))} in {kind}, {trigger}")


def check_outside(payload: dict[str, Any], seen: Seen, tell: Tell) -> None:
    """MeterValues carry clock-aligned or triggered values: those of transactions go in TransactionEvents."""
    wrong = contexts(payload["meterValue"]) - _OUTSIDE
    if wrong:
        tell("wrong-context", seen, "MeterValues", f"{', '.join(sorted(wrong))} in MeterValues")
