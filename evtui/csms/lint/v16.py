"""Rules of transactions in 1.6."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

from evtui.csms.lint.registers import Registers
from evtui.csms.lint.seen import CALL, CALLRESULT, Seen, Tell
from evtui.csms.meter import points
from evtui.csms.moment import from_wire

_AT: Final = itemgetter(0)  # of a point
_MOST: Final = 256
_UNANSWERED: Final = -1  # of a transaction whose StartTransaction never got an answer (ERR-16 3.18)


class OldTransactions:
    """The transactions of a charge point: numbered by the CSMS, known by the answers to StartTransaction."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers
        self._starts: dict[str, int] = {}  # id of a StartTransaction: its connector
        self._running: dict[int, int] = {}  # number: connector (-1: not known)
        self._ended: dict[int, str] = {}  # number: id of the answered StopTransaction

    def opened(self, running: Iterable[str]) -> None:
        """The transactions that run as the station connects."""
        for number in running:
            if number.isascii() and number.isdigit():
                self._running.setdefault(int(number), -1)

    def station(self, seen: Seen, tell: Tell) -> None:
        """A frame of the station."""
        if seen.type is not CALL or not seen.payload:
            return
        payload = seen.payload
        match seen.action:
            case "StartTransaction":
                self._starts[seen.message_id] = payload["connectorId"]
                if len(self._starts) > _MOST:
                    del self._starts[next(iter(self._starts))]
                self._register(payload["connectorId"], payload["timestamp"], payload["meterStart"], seen, tell)
            case "StopTransaction":
                self._stop(payload, seen, tell)
            case "MeterValues":
                self._values(payload, seen, tell)

    def csms(self, seen: Seen, tell: Tell) -> None:
        """A frame of the CSMS: it gives the numbers."""
        if seen.type is not CALLRESULT or seen.action != "StartTransaction":
            return
        connector = self._starts.pop(seen.message_id, None)
        number = seen.payload.get("transactionId")
        if connector is None or number is None or number in self._running or number in self._ended:
            return  # the same start, told again
        for other, at in list(self._running.items()):
            if at == connector:
                del self._running[other]
                tell("never-ended", seen, f"{other}", f"{number} begins on connector {connector}")
        if len(self._running) < _MOST:
            self._running[number] = connector

    def answered(self, action: str, message_id: str) -> None:
        """The CSMS has answered a CALL by a CALLRESULT, in which there is nothing to look at."""

    def _stop(self, payload: dict[str, Any], seen: Seen, tell: Tell) -> None:
        number = payload["transactionId"]
        connector = self._running.pop(number, None)
        if connector is None:
            if number not in self._ended and number != _UNANSWERED:
                tell("wrong-transaction", seen, f"{number}", f"StopTransaction of {number}, which does not run")
            return
        self._ended[number] = seen.message_id
        if len(self._ended) > _MOST:
            del self._ended[next(iter(self._ended))]
        if connector >= 0:
            self._register(connector, payload["timestamp"], payload["meterStop"], seen, tell)

    def _values(self, payload: dict[str, Any], seen: Seen, tell: Tell) -> None:
        number, connector = payload.get("transactionId"), payload["connectorId"]
        if number is not None and number != _UNANSWERED and number not in self._running:
            if number in self._ended:
                tell("after-end", seen, f"{number}", f"MeterValues of {number} after its StopTransaction")
            else:
                tell("wrong-transaction", seen, f"{number}", f"MeterValues of {number}, which does not run")
        for at, measured in sorted(points(payload["meterValue"], seen.at), key=_AT):
            if measured.energy_wh == measured.energy_wh:  # not nan
                self._registers.read(connector, at, measured.energy_wh, seen, tell)

    def _register(self, connector: int, timestamp: str, value_wh: float, seen: Seen, tell: Tell) -> None:
        self._registers.read(connector, from_wire(timestamp, seen.at), value_wh, seen, tell)
