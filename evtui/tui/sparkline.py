"""Sparklines on a fixed scale: text alone, so that each line of one needs a single style on the wire."""

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite

from evtui.tui.glyphs import Glyphs


def sparkline(values: Sequence[float], width: int, height: int, top: float, glyphs: Glyphs) -> tuple[str, ...]:
    """The newest `width` values as `height` lines of `width` cells, newest at the right, on the scale 0 to `top`.

    A value above the scale is drawn full, one at or below 0 as the base line, and so is what was before the first
    value: an idle station costs no repaint while its past grows.
    """
    if width <= 0 or height <= 0:
        return ()
    steps = len(glyphs.ramp) - 1
    levels = [_level(value, top, height * steps) for value in values[-width:]]
    levels = [0] * (width - len(levels)) + levels
    return tuple(["".join([cells[level] for level in levels]) for cells in _cells(height, glyphs.ramp)])


def _level(value: float, top: float, levels: int) -> int:
    if not isfinite(value) or top <= 0 or value <= 0:
        return 0
    return levels if value >= top else max(1, round(value / top * levels))


@lru_cache(64)
def _cells(height: int, ramp: str) -> tuple[str, ...]:
    """What each level looks like in each of `height` lines, from the top."""
    steps, lines = len(ramp) - 1, []
    for row in range(height - 1, -1, -1):
        beyond = [level - row * steps for level in range(height * steps + 1)]
        base = " " if row else ramp[0]
        lines.append("".join([ramp[min(level, steps)] if level > 0 else base for level in beyond]))
    return tuple(lines)


def nice_top(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, ... kWh that is not below `value` (Wh): a scale that seldom jumps."""
    if not isfinite(value):
        return 1000.0
    step = 1000.0
    while True:
        for factor in (1, 2, 5):
            if value <= step * factor:
                return step * factor
        step *= 10
