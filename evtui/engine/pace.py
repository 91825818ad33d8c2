"""The pace of a fleet: frames a second, and how long CALLs wait for their answers. What it costs does not grow."""

from array import array
from bisect import bisect_left
from collections import deque

_EDGES_S: tuple[float, ...] = tuple([1e-4 * 1.2**step for step in range(81)])
"""The upper bounds of the histogram, from 0.1 ms to some minutes; a time is known to within a fifth."""

MINUTE = 60
"""Beats that round-trip times are remembered for."""

_RECENT = 5  # beats that frames a second are counted over


class Pace:
    """Figures that hold until the next beat: `frames_per_s` over the last seconds, `rtt_p50_s` and `rtt_p99_s` over the
    last minute, None when nothing was answered in it."""

    def __init__(self) -> None:
        self.frames_per_s = 0.0
        self.rtt_p50_s: float | None = None
        self.rtt_p99_s: float | None = None
        self._counts = array("L", [0]) * (len(_EDGES_S) + 1)
        self._beats: deque[tuple[float, int, array[int]]] = deque(maxlen=MINUTE + 1)

    def answered(self, rtt_s: float) -> None:
        """A CALL of a station was answered after so long."""
        self._counts[bisect_left(_EDGES_S, rtt_s)] += 1

    def beat(self, now_s: float, frames: int) -> bool:
        """A second has passed, and so many frames were recorded in all: says whether a figure changed."""
        if not self._beats:
            self._beats.append((now_s - 1.0, 0, array("L", [0]) * len(self._counts)))
        before = (self.frames_per_s, self.rtt_p50_s, self.rtt_p99_s)
        self._beats.append((now_s, frames, self._counts[:]))
        then_s, frames_then, _ = self._beats[max(0, len(self._beats) - 1 - _RECENT)]
        self.frames_per_s = round(max(0, frames - frames_then) / max(now_s - then_s, 1e-9), 1)
        first = self._beats[0][2]
        recent = [count - old for count, old in zip(self._counts, first, strict=True)]
        self.rtt_p50_s, self.rtt_p99_s = _percentile(recent, 0.5), _percentile(recent, 0.99)
        return before != (self.frames_per_s, self.rtt_p50_s, self.rtt_p99_s)


def _percentile(counts: list[int], share: float) -> float | None:
    """The time that `share` of them took at most, evenly spread within its bounds."""
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
