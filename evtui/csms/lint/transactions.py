"""Rules of transactions in 2.0.1 (block E)."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

from evtui.csms.lint.contexts import Contexts, check_outside
from evtui.csms.lint.registers import Registers
from evtui.csms.lint.seen import CALL, CALLRESULT, Seen, Tell
from evtui.csms.meter import points
from evtui.csms.seqnos import SeqNos

_MOST: Final = 64  # transactions of a station that are remembered
_MOST_EVENTS: Final = 32  # of a transaction
_MOST_UNANSWERED: Final = 64  # events; more answers than that are not late either
_ANSWERED: Final = ""  # instead of the id of a CALL

_AT: Final = itemgetter(0)  # of a point

_NOT_STARTED: Final = frozenset(
    {"StopAuthorized", "RemoteStop", "Deauthorized", "EVDeparted", "EVConnectTimeout", "EVCommunicationLost"}
)
_NOT_ENDED: Final = frozenset({"CablePluggedIn", "EVDetected", "Authorized", "RemoteStart", "ChargingRateChanged"})
_STOPPED: Final = {
    "RemoteStop": frozenset({"Remote"}),
    "Deauthorized": frozenset({"DeAuthorized"}),
    "EVConnectTimeout": frozenset({"Timeout"}),
    "StopAuthorized": frozenset({"Local", "MasterPass", None}),
}
_SAMPLING: Final = frozenset({"MeterValuePeriodic", "MeterValueClock"})
_NEEDS: Final = {**dict.fromkeys(_SAMPLING, "meterValue"), "Authorized": "idToken"}


class _Known:
    """What was seen of a transaction."""

    __slots__ = ("contexts", "ended", "events", "evse_id", "seq_nos", "started")

    def __init__(self, complete: bool) -> None:
        self.seq_nos = SeqNos()
        self.events: dict[int, tuple[int, str]] = {}  # seqNo: what it says, and the id of its newest CALL till answered
        self.contexts = Contexts(complete)
        self.evse_id: int | None = None
        self.started = False
        self.ended = False


class Transactions:
    """The transactions of a station, as its events tell them."""

    __slots__ = ("_asked", "_blind", "_known", "_registers", "_unanswered")

    def __init__(self, registers: Registers) -> None:
        self._registers = registers
        self._known: dict[str, _Known] = {}
        self._unanswered: dict[str, tuple[_Known, int]] = {}  # id of a CALL: what its event is of, and its seqNo
        self._asked: dict[str, str] = {}
        self._blind = False

    def opened(self, running: Iterable[str]) -> None:
        """The transactions that run as the station connects; of those, not all was seen."""
        for transaction_id in running:
            if transaction_id not in self._known:
                known = self._remember(transaction_id, complete=False)
                known.started = True

    def station(self, seen: Seen, tell: Tell) -> None:
        """A frame of the station."""
        action, payload = seen.action, seen.payload
        if seen.type is CALL:
            if action == "TransactionEvent":
                if payload:
                    self._event(payload, seen, tell)
                else:
                    self._blind = True  # it was no valid one: its seqNo is not missing
            elif action == "MeterValues" and payload:
                check_outside(payload, seen, tell)
                self._measure(payload["evseId"], payload["meterValue"], seen, tell)
        elif seen.type is CALLRESULT and action == "GetTransactionStatus":
            self._status(seen, tell)

    def csms(self, seen: Seen, tell: Tell) -> None:
        """A frame of the CSMS."""
        if seen.type is CALL and seen.action == "GetTransactionStatus":
            self._asked = {seen.message_id: seen.payload.get("transactionId", "")}

    def answered(self, action: str, message_id: str) -> None:
        """The CSMS has answered a CALL by a CALLRESULT."""
        if action != "TransactionEvent":
            return
        known, seq = self._unanswered.pop(message_id, (None, 0))
        event = None if known is None else known.events.get(seq)
        if known is not None and event is not None and event[1] == message_id:
            known.events[seq] = (event[0], _ANSWERED)

    def _status(self, seen: Seen, tell: Tell) -> None:
        transaction_id = self._asked.pop(seen.message_id, "")
        known = self._known.get(transaction_id)
        gone = not seen.payload.get("ongoingIndicator") and not seen.payload.get("messagesInQueue", True)
        if known is not None and not known.ended and gone:
            known.ended = True
            tell("never-ended", seen, transaction_id, "its station knows nothing of it any more, and it has not ended")

    def _remember(self, transaction_id: str, *, complete: bool) -> _Known:
        if len(self._known) >= _MOST:
            oldest = next((each for each, known in self._known.items() if known.ended), next(iter(self._known)))
            del self._known[oldest]
        known = self._known[transaction_id] = _Known(complete)
        return known

    def _event(self, event: dict[str, Any], seen: Seen, tell: Tell) -> None:
        info, seq, kind = event["transactionInfo"], event["seqNo"], event["eventType"]
        transaction_id = info["transactionId"]
        known = self._known.get(transaction_id)
        if known is None:
            known = self._remember(transaction_id, complete=kind == "Started")
            if kind != "Started":
                tell("started-missing", seen, transaction_id, f"it begins with {kind}, seqNo {seq}")
                known.started = True
        if not self._is_new(known, transaction_id, event, seen, tell):
            return
        if kind == "Started":
            if known.started:
                tell("started-twice", seen, transaction_id, f"Started again, with seqNo {seq}")
            known.started = True
        elif known.ended:
            tell("after-end", seen, transaction_id, f"{kind} {seq}, {event['triggerReason']}, after Ended")
        meter_values = event.get("meterValue")
        if kind != "Updated" or meter_values is None or event["triggerReason"] not in _SAMPLING:
            _check_reasons(transaction_id, event, seen, tell)
        if "evse" in event:
            self._place(known, transaction_id, event, seen, tell)
        known.contexts.event(transaction_id, event, seen, tell)
        if known.evse_id is not None and meter_values is not None:
            self._measure(known.evse_id, meter_values, seen, tell)
        known.ended = known.ended or kind == "Ended"

    def _is_new(self, known: _Known, transaction_id: str, event: dict[str, Any], seen: Seen, tell: Tell) -> bool:
        """Whether an event is not one that was sent before; looks at its seqNo."""
        seq = event["seqNo"]
        said = _gist(event)
        highest, new = known.seq_nos.highest, known.seq_nos.add(seq)
        before = known.events.get(seq)
        known.events[seq] = (said, seen.message_id)
        if len(known.events) > _MOST_EVENTS:
            del known.events[next(iter(known.events))]
        self._unanswered[seen.message_id] = (known, seq)
        if len(self._unanswered) > _MOST_UNANSWERED:
            del self._unanswered[next(iter(self._unanswered))]
        if not new:
            if before is not None and before[0] != said:
                tell("seq-repeat", seen, transaction_id, f"seqNo {seq} is of two different events")
            elif before is not None and before[1] == _ANSWERED:
                tell("seq-repeat", seen, transaction_id, f"the event of seqNo {seq} was answered already")
            return False
        blind, self._blind = self._blind, False
        if highest is None:
            if seq != 0 and known.contexts.complete and not blind:
                tell("seq-gap", seen, transaction_id, f"its seqNo begin with {seq}")
        elif seq > highest + 1 and not blind:
            tell("seq-gap", seen, transaction_id, f"seqNo {seq} follows {highest}")
        elif seq < highest:
            tell("seq-order", seen, transaction_id, f"seqNo {seq} comes after {highest}")
        return True

    def _place(self, known: _Known, transaction_id: str, event: dict[str, Any], seen: Seen, tell: Tell) -> None:
        evse = event["evse"]
        if known.evse_id == evse["id"]:
            tell("evse-repeated", seen, transaction_id, f"EVSE {evse['id']} again, with seqNo {event['seqNo']}")
        known.evse_id = evse["id"]
        if event["eventType"] == "Started":
            for other_id, other in self._known.items():
                if other is not known and not other.ended and other.evse_id == known.evse_id:
                    other.ended = True
                    tell("never-ended", seen, other_id, f"{transaction_id} begins on EVSE {known.evse_id}")

    def _measure(self, evse_id: int, meter_values: list[dict[str, Any]], seen: Seen, tell: Tell) -> None:
        found = points(meter_values, seen.at)
        for at, measured in found if len(found) < 2 else sorted(found, key=_AT):
            if measured.energy_wh == measured.energy_wh:  # not nan
                self._registers.read(evse_id, at, measured.energy_wh, seen, tell)


def _gist(event: dict[str, Any]) -> int:
    """What tells an event from others: `offline` may be another when it is sent again (E11.FR.07)."""
    meter_values = event.get("meterValue")
    value = meter_values[-1]["sampledValue"][-1]["value"] if meter_values else None
    return hash((event["eventType"], event["timestamp"], event["triggerReason"], value))


def _check_reasons(transaction_id: str, event: dict[str, Any], seen: Seen, tell: Tell) -> None:
    """Of an Updated that brings what its trigger promises there is nothing to say, and nobody asks."""
    kind, trigger, info = event["eventType"], event["triggerReason"], event["transactionInfo"]
    if trigger in (_NOT_STARTED if kind == "Started" else _NOT_ENDED if kind == "Ended" else ()):
        tell("trigger-unfit", seen, transaction_id, f"{trigger} in {kind}")
    elif (needed := _NEEDS.get(trigger)) is not None and needed not in event:
        tell("trigger-unfit", seen, transaction_id, f"{trigger} without {needed}")
    elif trigger == "RemoteStart" and "remoteStartId" not in info:
        tell("trigger-unfit", seen, transaction_id, "RemoteStart without remoteStartId")
    if (kind == "Started" or trigger == "ChargingStateChanged") and "chargingState" not in info:
        tell("state-missing", seen, transaction_id, f"{kind}, {trigger}, has no chargingState")
    fitting = _STOPPED.get(trigger) if kind == "Ended" else None
    if fitting is not None and info.get("stoppedReason") not in fitting:
        tell("stopped-reason", seen, transaction_id, f"{info.get('stoppedReason')} with {trigger}")
