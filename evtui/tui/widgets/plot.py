"""Charts by plotext: the one module that knows it, imported when the first chart is drawn."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, isfinite

from rich.style import Style
from rich.text import Text

from evtui.tui import figures
from evtui.tui.chart_view import ChartView
from evtui.tui.charts import ChartSpec, Curve
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line

WHOLE = ChartView()


def chart_lines(spec: ChartSpec, width: int, height: int, glyphs: Glyphs, view: ChartView = WHOLE) -> list[Line]:
    """The chart in `width` x `height` cells, as far as the view goes, with its cursor."""
    from plotext import figure, marker, terminal

    terminal.limit(False, False)
    figure.clear()
    figure.plot_size(width, height)
    figure.theme("colorless")
    left, right = view.window(spec.t)
    for curve in _with_cursor(spec, view):
        points = _thinned(*_within(spec.t, curve.values, left, right), 2 * width)
        if curve.role == _CURSOR:
            points = [(curve.values[0], spec.low), (curve.values[0], spec.high)]
        if len(points) > 1:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            mark = marker(_marker(glyphs, curve.role), pixel=_PIXELS[curve.role])
            signal = (
                figure.signal(xs, ys, marker=mark, yside="right") if curve.right else figure.signal(xs, ys, marker=mark)
            )
            figure.draw(signal.lines())
    figure.ruler("x").lim(left, right)
    figure.ruler("x").ticks(*_ticks(left, right, width // 12, _second_steps(), figures.duration))
    if spec.right_high:
        figure.ruler("y", "right").lim(0, spec.right_high)
        figure.ruler("y", "right").ticks(*_ticks(0.0, spec.right_high, height // 3, _steps(), _number))
    figure.ruler("y", "left").lim(spec.low, spec.high)
    figure.ruler("y", "left").ticks(*_ticks(spec.low, spec.high, height // 3, _steps(), _number))
    figure.axes(True, style="rounded")
    text = Text.from_ansi(figure.build().string())
    return [_pieces(line, glyphs) for line in text.split("\n", allow_blank=True)]


_CURSOR = "here"
_PIXELS = {"power": (1, 0, 0), "energy": (2, 0, 0), "limit": (3, 0, 0), _CURSOR: (4, 0, 0)}
"""Colours that no terminal sees: they carry the role through plotext's ANSI text."""

_ROLES = {pixel: role for role, pixel in _PIXELS.items()}

_BOX = str.maketrans("─│┌┐└┘╭╮╰╯├┤┬┴┼", "-|+++++++++++++")


def _marker(glyphs: Glyphs, role: str) -> str:
    if not glyphs.ascii:
        return glyphs.chart_marker
    return {"power": "*", "energy": "o", "limit": "-", _CURSOR: "|"}[role]


def _with_cursor(spec: ChartSpec, view: ChartView) -> tuple[Curve, ...]:
    """The curves, and below them a line where the cursor stands."""
    at = view.at(spec.t)
    return spec.curves if at is None else (Curve("", "", (spec.t[at],), _CURSOR), *spec.curves)


def _within(t: Sequence[float], values: Sequence[float], left: float, right: float) -> tuple[list[float], list[float]]:
    """A curve from `left` to `right`; where it comes from outside, it begins at the edge."""
    points = list(zip(t, values, strict=False))
    inside = [point for point in points if left <= point[0] <= right]
    before = [point for point in points if point[0] < left][-1:]
    after = [point for point in points if point[0] > right][:1]
    if before and inside and inside[0][0] > left:
        inside.insert(0, _at(left, before[0], inside[0]))
    if after and inside and inside[-1][0] < right:
        inside.append(_at(right, inside[-1], after[0]))
    if before and after and not inside:
        inside = [_at(left, before[0], after[0]), _at(right, before[0], after[0])]
    return [x for x, _ in inside], [y for _, y in inside]


def _at(x: float, one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The point between two others."""
    share = (x - one[0]) / (other[0] - one[0])
    return x, one[1] + share * (other[1] - one[1])


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isfinite(value) else "?"


def _ticks(
    low: float, high: float, most: int, steps: Iterator[float], label: Callable[[float], str]
) -> tuple[list[float], list[str]]:
    """Ticks at multiples of the first step that makes at most `most` stretches of low to high, with their labels."""
    if high <= low:
        return [low], [label(low)]
    step = next(s for s in steps if (high - low) / s <= max(2, most))
    first = ceil(low / step - 1e-9)
    positions = [first * step + n * step for n in range(int((high - first * step) / step + 1e-9) + 1)]
    return positions, [label(position) for position in positions]


def _steps() -> Iterator[float]:
    scale = 0.01
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10


def _second_steps() -> Iterator[float]:
    yield from (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800)
    hours = 3600.0
    while True:
        yield hours
        hours *= 2


def _thinned(t: Sequence[float], values: Sequence[float], most: int) -> list[tuple[float, float]]:
    """At most about `most` points of a curve: of each stretch its lowest and its highest, so that no dip gets lost."""
    points = [(x, y) for x, y in zip(t, values, strict=False) if isfinite(x) and isfinite(y)]
    stretch = ceil(2 * len(points) / most) if most else 1
    if stretch <= 2:
        return points
    thin: list[tuple[float, float]] = []
    for first in range(0, len(points), stretch):
        part = points[first : first + stretch]
        ends = {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
        thin += sorted(ends)
    return thin if thin[-1] == points[-1] else [*thin, points[-1]]


def _pieces(line: Text, glyphs: Glyphs) -> Line:
    pieces: Line = []
    console_text = line.plain.translate(_BOX) if glyphs.ascii else line.plain
    roles = ["dim"] * len(console_text)
    for span in line.spans:
        colour = span.style.color if isinstance(span.style, Style) else None
        triplet = colour.triplet if colour else None
        role = _ROLES.get((triplet.red, triplet.green, triplet.blue), "dim") if triplet else "dim"
        roles[span.start : span.end] = [role] * (min(span.end, len(roles)) - span.start)
    start = 0
    for end in range(1, len(roles) + 1):
        if end == len(roles) or roles[end] != roles[start]:
            pieces.append((console_text[start:end], roles[start]))
            start = end
    return pieces
