"""How long CALLs waited for their answers: a histogram whose size does not grow."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from evtui.engine.door import RoundTripCounts

_EDGES_S: tuple[float, ...] = tuple([1e-4 * 1.02**step for step in range(789)])
"""Upper bounds, from 0.1 ms to ten minutes; a time is known to within 2 %."""


class RoundTrips:
    """Times in seconds. `longest_s` is exact; `unanswered` counts CALLs that got no answer in time."""

    def __init__(self) -> None:
        self.counts = array("L", [0]) * (len(_EDGES_S) + 1)
        self.longest_s: float | None = None
        self.unanswered = 0

    def answered(self, rtt_s: float) -> None:
        """A CALL was answered after so long."""
        self.counts[bisect_left(_EDGES_S, rtt_s)] += 1
        if self.longest_s is None or rtt_s > self.longest_s:
            self.longest_s = rtt_s

    def add(self, others: RoundTripCounts) -> None:
        """Takes those of another fleet in: what comes out is as if one had counted all."""
        for number, count in enumerate(others.counts):
            self.counts[number] += count
        longest_s = [each for each in (self.longest_s, others.longest_s) if each is not None]
        self.longest_s = max(longest_s, default=None)
        self.unanswered += others.unanswered

    def percentile(self, share: float) -> float | None:
        """The time that `share` of all took at most; None while nothing was answered."""
        found_s = percentile(self.counts, share)
        return None if found_s is None or self.longest_s is None else min(found_s, self.longest_s)


def percentile(counts: Sequence[int], share: float) -> float | None:
    """The same of any counts, also of those of a while: evenly spread within each bound."""
    total = sum(counts)
    if not total:
        return None
    rank, passed = share * total, 0
    for number, count in enumerate(counts):
        if count and passed + count >= rank:
            low_s = _EDGES_S[number - 1] if number else 0.0
            high_s = _EDGES_S[min(number, len(_EDGES_S) - 1)]
            return round(low_s + (high_s - low_s) * (rank - passed) / count, 6)
        passed += count
    return _EDGES_S[-1]


def bounds(counts: Sequence[int]) -> tuple[tuple[float, int], ...]:
    """The counts that are not 0, each with the upper bound of its times in s; the last one has all beyond."""
    return tuple([(round(_EDGES_S[min(at, len(_EDGES_S) - 1)], 7), count) for at, count in enumerate(counts) if count])
