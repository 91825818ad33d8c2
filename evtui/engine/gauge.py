"""The figures of one station as screens show them: the newest readings, their history, their share of the totals."""

import msgspec

from evtui.engine.board import Board
from evtui.engine.history import EvseHistory
from evtui.sim.instant import Instant
from evtui.sim.metering.reading import EvseReading

_PERIOD_S = 1.0
_EARLY_S = 0.25  # a sample may come this much before its second is over, together with something else


class Gauge:
    """Read when its station tells something, and once a second while figures move. An idle one costs nothing: `due_s`
    (elapsed time) is when it wants to be read again, None while nothing moves."""

    def __init__(self, board: Board, readings: tuple[EvseReading, ...]) -> None:
        self.readings = readings
        self.histories = tuple(EvseHistory() for _ in readings)
        self.due_s: float | None = None
        self._board = board
        self._before_wh = _registers_wh(readings)
        self._energy_wh = 0.0  # since the station was added
        self._befores_wh = tuple([each.register_wh for each in readings])
        self._power_w = self._offered_w = 0.0
        self._transactions = 0

    @property
    def settled(self) -> bool:
        """No transaction runs."""
        return not self._transactions

    @property
    def energies_wh(self) -> tuple[float, ...]:
        """What the meter of each EVSE has counted since the station was added."""
        pairs = zip(self.readings, self._befores_wh, strict=True)
        return tuple([each.register_wh - before_wh for each, before_wh in pairs])

    def wants(self, now: Instant) -> bool:
        """It is time for the next sample."""
        return self.due_s is not None and now.elapsed_s >= self.due_s - _EARLY_S

    def read(self, readings: tuple[EvseReading, ...], now: Instant) -> None:
        """Something happened at the station."""
        self._take(readings)
        if self.due_s is None and any(_moves(each) for each in readings):
            self.due_s = now.elapsed_s + _PERIOD_S
            self._record(now)

    def sample(self, readings: tuple[EvseReading, ...], now: Instant) -> None:
        """A second has passed while figures moved."""
        self._take(readings)
        self._record(now)
        assert self.due_s is not None
        if all(history.still for history in self.histories):
            self.due_s = None
        else:
            self.due_s = max(self.due_s, now.elapsed_s - _PERIOD_S) + _PERIOD_S

    def darken(self) -> None:
        """The station has no power: nothing flows and nothing runs, but cars stay where they are."""
        self._take(tuple([_dark(each) for each in self.readings]))
        self.due_s = None
        for history in self.histories:
            history.rest()

    def restart(self, readings: tuple[EvseReading, ...]) -> None:
        """The station is a new one, with a meter of its own."""
        self._before_wh = _registers_wh(readings) - self._energy_wh
        counted = zip(readings, self.energies_wh, strict=True)
        self._befores_wh = tuple([each.register_wh - energy_wh for each, energy_wh in counted])
        self._take(readings)

    def remove(self) -> None:
        """The station is gone, and its share with it."""
        self._count(0.0, 0.0, 0.0, 0)

    def _take(self, readings: tuple[EvseReading, ...]) -> None:
        self.readings = readings
        power_w = sum([each.power_w for each in readings])
        offered_w = sum([each.offered_w for each in readings])
        transactions = sum([each.transaction_id is not None for each in readings])
        self._count(power_w, offered_w, _registers_wh(readings) - self._before_wh, transactions)

    def _count(self, power_w: float, offered_w: float, energy_wh: float, transactions: int) -> None:
        board = self._board
        board.power_w += power_w - self._power_w
        board.offered_w += offered_w - self._offered_w
        board.energy_wh += energy_wh - self._energy_wh
        board.transactions += transactions - self._transactions
        self._power_w, self._offered_w = power_w, offered_w
        self._energy_wh, self._transactions = energy_wh, transactions
        board.changed()

    def _record(self, now: Instant) -> None:
        at = now.utc.timestamp()
        for history, reading in zip(self.histories, self.readings, strict=True):
            moves = _moves(reading)
            if moves or not history.still:
                history.record(reading, at)
                if not moves:
                    history.rest()


def _moves(reading: EvseReading) -> bool:
    return reading.transaction_id is not None or reading.power_w > 0.0


def _dark(reading: EvseReading) -> EvseReading:
    return msgspec.structs.replace(
        reading,
        charging_state=None,
        authorized=False,
        power_w=0.0,
        offered_w=0.0,
        transaction_id=None,
        transaction_started=None,
        voltage_v=tuple(0.0 for _ in reading.voltage_v),
        current_a=tuple(0.0 for _ in reading.current_a),
        frequency_hz=0.0,
        limits=(),
        limited_by=None,
    )


def _registers_wh(readings: tuple[EvseReading, ...]) -> float:
    return sum([each.register_wh for each in readings])
