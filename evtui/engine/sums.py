"""Adding up what several fleets tell, so that they look like one."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from evtui.engine.door import FleetSeries, RoundTripCounts, Totals
from evtui.engine.round_trips import percentile

_DIGITS = 3
_FIGURES = ("power_w", "offered_w", "energy_wh", "transactions")


def sum_of_counts(parts: Iterable[RoundTripCounts]) -> RoundTripCounts:
    """The round trips of all of them, as if one had counted."""
    parts = tuple(parts)
    return RoundTripCounts(
        _columns([each.counts for each in parts]),
        _columns([each.minute for each in parts]),
        max([each.longest_s for each in parts if each.longest_s is not None], default=None),
        sum(each.unanswered for each in parts),
    )


def _columns(counts: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Those that have none yet have counted nothing."""
    return tuple([sum(column) for column in zip(*filter(None, counts), strict=True)])


def sum_of_totals(parts: Sequence[Totals], trips: RoundTripCounts) -> Totals:
    """The figures of all of them; the percentiles are those of `trips`, what all of them have counted."""

    def total(figure: Callable[[Totals], float]) -> float:
        return round(sum(map(figure, parts)), _DIGITS)

    return Totals(
        stations=sum(each.stations for each in parts),
        online=sum(each.online for each in parts),
        transactions=sum(each.transactions for each in parts),
        power_w=total(lambda each: each.power_w),
        energy_wh=total(lambda each: each.energy_wh),
        frames=sum(each.frames for each in parts),
        queued=sum(each.queued for each in parts),
        frames_per_s=total(lambda each: each.frames_per_s),
        rtt_p50_s=percentile(trips.minute, 0.5),
        rtt_p99_s=percentile(trips.minute, 0.99),
        errors=sum(each.errors for each in parts),
        rules=sum(each.rules for each in parts),
        held=sum(each.held for each in parts),
    )


def sum_of_series(parts: Iterable[FleetSeries]) -> FleetSeries | None:
    """The figures of all of them over the time of the one that began first; None of none. Between two points a figure
    is in between; one that had not begun adds nothing, and one that has ended its last."""
    ordered = sorted((each for each in parts if each.t), key=lambda each: (each.began_at, -len(each.t)))
    if not ordered:
        return None
    first, *others = ordered
    columns = [list(getattr(first, name)) for name in _FIGURES]
    for other in others:
        spots = [_spot(other.t, t + first.began_at - other.began_at) for t in first.t]
        for column, name in zip(columns, _FIGURES, strict=True):
            values: Sequence[float] = getattr(other, name)
            for number, (at, beyond) in enumerate(spots):
                if at >= 0:
                    column[number] += values[at] + (beyond and beyond * (values[at + 1] - values[at]))
    power_w, offered_w, energy_wh, transactions = [
        tuple([round(value, _DIGITS) for value in column]) for column in columns
    ]
    return FleetSeries(first.t, power_w, offered_w, energy_wh, transactions, first.began_at)


def _spot(times: Sequence[float], t: float) -> tuple[int, float]:
    """The last point up to a time, and how much of the way to the next has gone; -1 before the first."""
    at = bisect_right(times, t) - 1
    if at < 0 or at + 1 == len(times):
        return at, 0.0
    return at, (t - times[at]) / (times[at + 1] - times[at])
