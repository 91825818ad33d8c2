"""The pace of a fleet: frames a second, and how long CALLs wait for their answers. What it costs does not grow."""

from collections import deque

from evtui.engine.door import RoundTripCounts
from evtui.engine.round_trips import RoundTrips, percentile

MINUTE = 60
"""Beats with answers that round-trip times are remembered for."""

_RECENT = 5  # beats that frames a second are counted over


class Pace:
    """Figures that hold until the next beat: `frames_per_s` over the last seconds, `rtt_p50_s` and `rtt_p99_s` over the
    last 60 seconds in which something was answered, so that they stand still in a fleet that does; None before that.
    `round_trips` are all there were."""

    def __init__(self) -> None:
        self.frames_per_s = 0.0
        self.rtt_p50_s: float | None = None
        self.rtt_p99_s: float | None = None
        self.round_trips = RoundTrips()
        self._frames: deque[tuple[float, int]] = deque(maxlen=_RECENT + 1)
        self._counts = deque([self.round_trips.counts[:]], maxlen=MINUTE + 1)
        self._minute: tuple[int, ...] = ()

    def counts(self) -> RoundTripCounts:
        """What the percentiles are made of, those of the last minute as of the last beat."""
        trips = self.round_trips
        return RoundTripCounts(tuple(trips.counts), self._minute, trips.longest_s, trips.unanswered)

    def beat(self, now_s: float, frames: int) -> bool:
        """A second has passed, and so many frames were recorded in all: says whether a figure changed."""
        before = (self.frames_per_s, self.rtt_p50_s, self.rtt_p99_s)
        if not self._frames:
            self._frames.append((now_s - 1.0, 0))
        self._frames.append((now_s, frames))
        then_s, frames_then = self._frames[0]
        self.frames_per_s = round(max(0, frames - frames_then) / max(now_s - then_s, 1e-9), 1)
        counts = self.round_trips.counts
        if counts != self._counts[-1]:
            self._counts.append(counts[:])
            self._minute = tuple([count - old for count, old in zip(counts, self._counts[0], strict=True)])
            self.rtt_p50_s, self.rtt_p99_s = percentile(self._minute, 0.5), percentile(self._minute, 0.99)
        return before != (self.frames_per_s, self.rtt_p50_s, self.rtt_p99_s)
