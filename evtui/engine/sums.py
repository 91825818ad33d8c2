"""Adding up what several fleets tell, so that they look like one."""

from collections.abc import Callable, Iterable, Sequence

from evtui.engine.door import RoundTripCounts, Totals
from evtui.engine.round_trips import percentile

_DIGITS = 3


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
        offered_w=total(lambda each: each.offered_w),
    )
