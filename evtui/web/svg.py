"""Charts as SVG that loads nothing: what reports and measurements are drawn with."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 34, 26
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Line(NamedTuple):
    """A line of a chart."""

    name: str
    colour: str
    values: Sequence[float]


def drawing(width: int, height: int, parts: str) -> str:
    """A whole picture of these parts, on white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="monospace" font-size="12"><rect width="100%" height="100%" fill="white"/>{parts}</svg>\n'
    )


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Words at a point; `more` are attributes."""
    return f'<text x="{x:g}" y="{y:g}"{more and " " + more}>{escape(words)}</text>'


def line_chart(title: str, t: Sequence[float], lines: Sequence[Line]) -> str:
    """Values over time in seconds, from 0 to a round figure above the highest."""
    top = ceiling(max((value for line in lines for value in line.values), default=0.0))
    span = max(t[-1] if t else 0.0, 1.0)
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    parts = [text(4, 18, title, 'font-weight="bold"')]
    for part in range(5):
        y = _TOP + high * (1 - part / 4)
        parts.append(f'<path d="M{_LEFT} {y:.1f}h{wide}" stroke="#ddd"/>')
        parts.append(text(_LEFT - 6, y + 4, f"{top * part / 4:g}", 'text-anchor="end" fill="#555"'))
        x = _LEFT + wide * part / 4
        parts.append(text(x, _HEIGHT - 8, clock(span * part / 4), f'text-anchor="{_anchor(part)}" fill="#555"'))
    legend = _WIDTH - _RIGHT
    for line in reversed(lines):
        parts.append(text(legend, 18, line.name, f'text-anchor="end" fill="{line.colour}"'))
        legend -= 8 * len(line.name) + 16
    for line in lines:
        points = " ".join(
            f"{_LEFT + wide * at / span:.1f},{_TOP + high * (1 - value / top):.1f}"
            for at, value in zip(t, line.values, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="1.5"/>')
    return drawing(_WIDTH, _HEIGHT, "".join(parts))


def ceiling(value: float) -> float:
    """A round figure that is not below."""
    if value <= 0.0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(step * magnitude for step in _STEPS if step * magnitude >= value * 0.999999)


def clock(seconds: float) -> str:
    """Minutes and seconds, from an hour on hours and minutes."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02}"


def _anchor(part: int) -> str:
    return "start" if part == 0 else "end" if part == 4 else "middle"
