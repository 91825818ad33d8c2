"""How late samples are, and which of them never left."""

import math
from collections.abc import Sequence
from typing import NamedTuple

_ROUNDED_S = 0.002
"""Timestamps are told in milliseconds: two of them are apart by so much less, at most, than the station saw."""


class Sample(NamedTuple):
    """When a station took it (its timestamp), and when it left the process; Unix times."""

    taken_s: float
    left_s: float


def lateness(
    origin_s: float, samples: Sequence[Sample], began_s: float, ended_s: float, interval_s: float = 1.0
) -> tuple[list[float], int]:
    """Of the samples of one transaction that were due in a time: how late each left, in seconds, and how many did not
    leave at all. They are due each `interval_s` from `origin_s` on. A sample is the first one that was due since
    the one before it was taken, however late; what was due as well when it was taken is skipped, and never leaves.
    `samples` are all from the origin on, or from a later one, in order."""
    late_s: list[float] = []
    due = 1
    for taken_s, left_s in samples:
        if began_s <= (due_s := origin_s + due * interval_s) < ended_s:
            late_s.append(left_s - due_s)
        due = max(due, math.floor((taken_s - origin_s + _ROUNDED_S) / interval_s)) + 1
    first = max(1, math.ceil((began_s - origin_s) / interval_s))
    beyond = max(first, math.ceil((ended_s - origin_s) / interval_s))
    return late_s, beyond - first - len(late_s)
