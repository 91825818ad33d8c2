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
    """Of the samples of one transaction that left in a time: how late each was, in seconds, and how many never left
    that were due between them; all that were due in that time, when nothing left. They are due each `interval_s` from
    `origin_s` on. A sample is the first one that was due since the one before it was taken, however late; what was due
    as well when it was taken is skipped. `samples` are all from the origin on, in order."""
    late_s: list[float] = []
    due, skipped = 1, 0
    for taken_s, left_s in samples:
        turn = max(due, math.floor((taken_s - origin_s + _ROUNDED_S) / interval_s))
        if began_s <= left_s < ended_s:
            late_s.append(left_s - (origin_s + due * interval_s))
            skipped += turn - due
        due = turn + 1
    if late_s:
        return late_s, skipped
    first, beyond = (max(1, math.ceil((at_s - origin_s) / interval_s)) for at_s in (began_s, ended_s))
    return [], beyond - first
