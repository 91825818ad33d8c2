"""What an EVSE's figures were: traces of the last two minutes for sparklines, series of a session for charts."""

from array import array
from collections.abc import Iterator
from math import inf

from evtui.engine.door import FleetSeries
from evtui.sim.metering.reading import Figures

TRACE = 120
"""Points of a trace, one a second."""

POINTS = 600
"""Points of a series; beyond, each two become one and the step doubles."""

_EARLY_S = 0.5  # a point may come this much before its step is over

_DIGITS = 3  # single precision carries no more of what a meter shows


class Columns:
    """Points in time, in columns of single precision. Of the points within one step, the first tells time and whatever
    else `stands` (a register); all others are means, so that no dip gets lost without a trace."""

    __slots__ = ("_met", "_next_s", "_points", "_stands", "_step_s", "_width")

    def __init__(self, count: int, stands: tuple[int, ...]) -> None:
        """`stands` are the numbers of columns; the first is the time in seconds, and one of them."""
        self._step_s = 1.0
        self._width = count
        self._points = array("f")  # one behind the other: an array for each column would weigh more than what is in it
        self._stands = stands
        self._met = 0  # points in the newest mean
        self._next_s = -inf  # an earlier point belongs to that one

    def __len__(self) -> int:
        return len(self._points) // self._width

    def add(self, point: list[float]) -> None:
        """Adds a point; beyond `POINTS` the step doubles."""
        points, time_s = self._points, point[0]
        if time_s < self._next_s:
            newest = len(points) - self._width
            self._met += 1
            for number, value in enumerate(point):
                if number not in self._stands:
                    points[newest + number] += (value - points[newest + number]) / self._met
            return
        self._met = 1
        self._next_s = time_s + self._step_s - _EARLY_S
        points.fromlist(point)  # twice as fast as `extend`
        if len(points) > POINTS * self._width:
            self._thin()

    def _thin(self) -> None:
        self._step_s *= 2.0
        points, width, thin = self._points, self._width, array("f")
        for first in range(0, len(points), 2 * width):
            one = points[first : first + width]
            other = points[first + width : first + 2 * width] or one  # the newest may be alone
            both = enumerate(zip(one, other, strict=True))
            thin.extend([a if number in self._stands else (a + b) / 2.0 for number, (a, b) in both])
        self._points = thin
        self._next_s = thin[-width] + self._step_s - _EARLY_S

    def read(self) -> Iterator[tuple[float, ...]]:
        """The columns, in the digits that they carry."""
        for number in range(self._width):
            yield tuple([round(value, _DIGITS) for value in self._points[number :: self._width]])


class Series:
    """The figures of one session; time is in seconds since it began."""

    __slots__ = ("_began_at", "_points", "transaction_id")

    COLUMNS = 8

    def __init__(self, transaction_id: str, began_at: float) -> None:
        """`began_at` is Unix time, as `at` is below."""
        self.transaction_id = transaction_id
        self._began_at = began_at
        self._points = Columns(self.COLUMNS, stands=(0, 3, 7))

    def __len__(self) -> int:
        return len(self._points)

    def add(self, at: float, figures: Figures) -> None:
        """Adds a point."""
        volts, amperes = figures.voltage_v, figures.current_a
        point = [
            at - self._began_at if at > self._began_at else 0.0,
            figures.power_w,
            figures.limit_w,
            figures.session_energy_wh,
            sum(volts) / len(volts) if volts else 0.0,
            max(amperes) if amperes else 0.0,
            figures.frequency_hz,
            figures.soc_percent or 0.0,
        ]
        self._points.add(point)

    def columns(self) -> Iterator[tuple[float, ...]]:
        """Time, power, limit, energy, voltage (mean of the phases), current (of the strongest), frequency, SoC."""
        return self._points.read()


class FleetHistory:
    """The figures of a fleet since it was started: time, power, what is offered, energy, running transactions."""

    def __init__(self, start_s: float) -> None:
        self._start_s = start_s
        self._points = Columns(5, stands=(0, 3))

    def record(self, now_s: float, power_w: float, offered_w: float, energy_wh: float, transactions: int) -> None:
        """Adds the point of this second; `now_s` is elapsed time."""
        flows = max(power_w, 0.0), max(offered_w, 0.0), max(energy_wh, 0.0), float(transactions)
        self._points.add([now_s - self._start_s, *flows])

    def series(self) -> FleetSeries:
        """As a door gives it."""
        return FleetSeries(*self._points.read())


class Trace:
    """Power and session energy of the last seconds."""

    __slots__ = ("_points",)

    def __init__(self, power_w: float, energy_wh: float) -> None:
        self._points = array("f", (power_w, energy_wh))  # in turn

    @property
    def flat(self) -> bool:
        """Nothing has moved for as long as a trace reaches back."""
        newest = self._points[-2 * TRACE :]
        return len(newest) == 2 * TRACE and _constant(newest[0::2]) and _constant(newest[1::2])

    def add(self, power_w: float, energy_wh: float) -> None:
        points = self._points
        points.fromlist([power_w, energy_wh])
        if len(points) >= 4 * TRACE:
            del points[: -2 * TRACE]

    def last(self, count: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The newest `count` points of both, the first one repeated where there are not as many."""
        power, energy = self._points[0::2], self._points[1::2]
        return _last(power, count, 0.0), _last(energy, count, energy[0])


class EvseHistory:
    """What is remembered of one EVSE. An idle one costs no more than two references."""

    __slots__ = ("_series", "_trace")

    def __init__(self) -> None:
        self._trace: Trace | None = None
        self._series: Series | None = None

    @property
    def still(self) -> bool:
        """There is nothing to record while nothing happens."""
        return self._trace is None

    def record(self, figures: Figures, at: float) -> None:
        """Adds the point of this second; `at` is Unix time."""
        trace, transaction_id, started = self._trace, figures.transaction_id, figures.transaction_started
        if trace is None:
            self._trace = Trace(figures.power_w, figures.session_energy_wh)
        else:
            trace.add(figures.power_w, figures.session_energy_wh)
        if transaction_id is not None and started is not None:
            series = self._series
            if series is None or series.transaction_id != transaction_id:
                series = self._series = Series(transaction_id, started.timestamp())
            series.add(at, figures)

    def rest(self) -> None:
        """Forgets the trace once it is flat: what it would show is one constant line."""
        if self._trace is not None and self._trace.flat:
            self._trace = None

    def trace(self, count: int, energy_wh: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The newest points of power and energy; `energy_wh` is what the meter shows now."""
        count = min(count, TRACE)
        if self._trace is None:
            return (0.0,) * count, (energy_wh,) * count
        return self._trace.last(count)

    def series(self) -> tuple[tuple[float, ...], ...]:
        """The columns of the running or last session, see `Series.columns`."""
        return NO_SERIES if self._series is None else tuple(self._series.columns())


NO_SERIES: tuple[tuple[float, ...], ...] = ((),) * Series.COLUMNS


def _constant(values: "array[float]") -> bool:
    return values.count(values[0]) == len(values)


def _last(values: "array[float]", count: int, before: float) -> tuple[float, ...]:
    newest = values[-count:] if count else values[:0]
    return (before,) * (count - len(newest)) + tuple([round(value, _DIGITS) for value in newest])
