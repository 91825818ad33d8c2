"""The figures of one station as screens show them: the newest readings, their history, their share of the totals."""

import msgspec

from evtui.engine.board import Board
from evtui.engine.history import EvseHistory
from evtui.sim.instant import Instant
from evtui.sim.metering.reading import EvseReading, Figures
from evtui.sim.station import Station

_PERIOD_S = 1.0
EARLY_S = 0.25
"""A sample may come this much before its second is over, together with something else."""


class Gauge:
    """Takes what moves when its station tells something, and once a second while figures move; the whole displays only
    when somebody looks. An idle one costs nothing: `due_s` (elapsed time) is when it wants to `sample` again, None
    while nothing moves."""

    __slots__ = (
        "_before_wh",
        "_befores_wh",
        "_board",
        "_energy_wh",
        "_figures",
        "_offered_w",
        "_power_w",
        "_readings",
        "_station",
        "_transactions",
        "due_s",
        "histories",
    )

    def __init__(self, board: Board, station: Station) -> None:
        self.due_s: float | None = None
        self._board = board
        self._station = station
        self._readings: tuple[EvseReading, ...] | None = None
        self._figures = station.figures
        self._befores_wh = tuple([each.register_wh for each in self._figures])
        self._before_wh = sum(self._befores_wh)
        self.histories = tuple([EvseHistory() for _ in self._befores_wh])
        self._energy_wh = 0.0  # since the station was added
        self._power_w = self._offered_w = 0.0
        self._transactions = 0

    @property
    def readings(self) -> tuple[EvseReading, ...]:
        """The displays, with the figures that were taken last: those of the totals, and of the newest point."""
        if self._readings is None:
            self._readings = tuple(map(_as_taken, self._station.read(), self._figures))
        return self._readings

    @property
    def settled(self) -> bool:
        """No transaction runs."""
        return not self._transactions

    @property
    def energies_wh(self) -> tuple[float, ...]:
        """What the meter of each EVSE has counted since the station was added."""
        pairs = zip(self.readings, self._befores_wh, strict=True)
        return tuple([each.register_wh - before_wh for each, before_wh in pairs])

    def read(self, now: Instant) -> None:
        """Something happened at the station."""
        figures = self._take()
        if self.due_s is None and any(map(_moves, figures)):
            self.due_s = now.elapsed_s + _PERIOD_S
            self._record(figures, now)

    def sample(self, now: Instant) -> None:
        """A second has passed while figures moved."""
        moves = self._record(self._take(), now)
        assert self.due_s is not None
        if moves or not all(history.still for history in self.histories):
            early_s = now.elapsed_s - _PERIOD_S
            self.due_s = (early_s if early_s > self.due_s else self.due_s) + _PERIOD_S
        else:
            self.due_s = None

    def darken(self) -> None:
        """The station has no power: nothing flows and nothing runs, but cars stay where they are."""
        self._readings = tuple([_dark(each) for each in self.readings])
        self._count(0.0, 0.0, self._energy_wh, 0)
        self.due_s = None
        for history in self.histories:
            history.rest()

    def restart(self, station: Station) -> None:
        """The station is a new one, with a meter of its own."""
        counted_wh = self.energies_wh
        self._station = station
        figures = station.figures
        self._before_wh = sum([each.register_wh for each in figures]) - self._energy_wh
        self._befores_wh = tuple(
            [each.register_wh - energy_wh for each, energy_wh in zip(figures, counted_wh, strict=True)]
        )
        self._take()

    def remove(self) -> None:
        """The station is gone, and its share with it."""
        self._count(0.0, 0.0, 0.0, 0)

    def _take(self) -> list[Figures]:
        self._readings = None
        self._figures = figures = self._station.figures
        power_w = offered_w = register_wh = 0.0
        transactions = 0
        for each in figures:
            power_w += each.power_w
            offered_w += each.offered_w
            register_wh += each.register_wh
            transactions += each.transaction_id is not None
        self._count(power_w, offered_w, register_wh - self._before_wh, transactions)
        return figures

    def _count(self, power_w: float, offered_w: float, energy_wh: float, transactions: int) -> None:
        board = self._board
        board.power_w += power_w - self._power_w
        board.energy_wh += energy_wh - self._energy_wh
        self._power_w, self._energy_wh = power_w, energy_wh
        if offered_w != self._offered_w or transactions != self._transactions:
            board.offered_w += offered_w - self._offered_w
            board.transactions += transactions - self._transactions
            self._offered_w, self._transactions = offered_w, transactions
        board.changes += 1

    def _record(self, figures: list[Figures], now: Instant) -> bool:
        """Adds the points of this second; says whether anything moves."""
        at = now.utc.timestamp()
        any_moves = False
        for number, each in enumerate(figures):
            history = self.histories[number]
            if _moves(each):
                any_moves = True
                history.record(each, at)
            elif not history.still:
                history.record(each, at)
                history.rest()
        return any_moves


def _moves(figures: Figures) -> bool:
    return figures.transaction_id is not None or figures.power_w > 0.0


def _as_taken(reading: EvseReading, figures: Figures) -> EvseReading:
    return msgspec.structs.replace(
        reading,
        power_w=figures.power_w,
        offered_w=figures.offered_w,
        session_energy_wh=figures.session_energy_wh,
        register_wh=figures.register_wh,
        soc_percent=figures.soc_percent,
        voltage_v=figures.voltage_v,
        current_a=figures.current_a,
        frequency_hz=figures.frequency_hz,
    )


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
