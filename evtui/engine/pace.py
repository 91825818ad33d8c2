"""The pace of a fleet: frames a second, and how long CALLs wait for their answers. What it costs does not grow."""

from array import array
from collections import deque

from evtui.engine.round_trips import RoundTrips, percentile

MINUTE = 60
"""Beats that round-trip times are remembered for."""

_RECENT = 5  # beats that frames a second are counted over


class Pace:
    """Figures that hold until the next beat: `frames_per_s` over the last seconds, `rtt_p50_s` and `rtt_p99_s` over the
    last minute, None when nothing was answered in it. `round_trips` are all there were."""

    def __init__(self) -> None:
        self.frames_per_s = 0.0
        self.rtt_p50_s: float | None = None
        self.rtt_p99_s: float | None = None
        self.round_trips = RoundTrips()
        self._beats: deque[tuple[float, int, array[int]]] = deque(maxlen=MINUTE + 1)

    def beat(self, now_s: float, frames: int) -> bool:
        """A second has passed, and so many frames were recorded in all: says whether a figure changed."""
        counts = self.round_trips.counts
        if not self._beats:
            self._beats.append((now_s - 1.0, 0, array("L", [0]) * len(counts)))
        before = (self.frames_per_s, self.rtt_p50_s, self.rtt_p99_s)
        self._beats.append((now_s, frames, counts[:]))
        then_s, frames_then, _ = self._beats[max(0, len(self._beats) - 1 - _RECENT)]
        self.frames_per_s = round(max(0, frames - frames_then) / max(now_s - then_s, 1e-9), 1)
        recent = [count - old for count, old in zip(counts, self._beats[0][2], strict=True)]
        self.rtt_p50_s, self.rtt_p99_s = percentile(recent, 0.5), percentile(recent, 0.99)
        return before != (self.frames_per_s, self.rtt_p50_s, self.rtt_p99_s)
