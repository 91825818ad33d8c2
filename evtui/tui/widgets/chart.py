"""Charts by plotext: the one module that knows it, imported when the first chart is drawn."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, isfinite

import msgspec
from rich.style import Style
from rich.text import Text

from evtui.engine.door import EvseDetail
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas


class Curve(msgspec.Struct, frozen=True):
    """A line of a chart; `right` puts it on the right axis."""

    name: str
    values: tuple[float, ...]
    role: str
    right: bool = False


_WIDE = 66  # cells from which on the other charts are named as well


class ChartSpec(msgspec.Struct, frozen=True):
    """A chart: curves over `t` (seconds); the left axis runs from `low` to `high`, the right one from 0 to
    `right_high`."""

    t: tuple[float, ...]
    curves: tuple[Curve, ...]
    low: float
    high: float
    right_high: float = 0.0


CHARTS = ("power", "voltage", "current", "frequency", "soc")


def chart_spec(kind: str, evse: EvseDetail) -> ChartSpec:
    """The chart of a kind for an EVSE, on scales that keep still."""
    t = evse.series_t
    match kind:
        case "voltage":
            values = evse.series_voltage_v
            low, high = _around(values, 10.0, (220.0, 240.0))
            return ChartSpec(t, (Curve("voltage V", values, "power"),), low, high)
        case "current":
            top = max(evse.row.rated_w / (230.0 * max(1, evse.phases)), *evse.series_current_a, 1.0)
            return ChartSpec(t, (Curve("current A", evse.series_current_a, "power"),), 0.0, _ceiling(top))
        case "frequency":
            values = evse.series_frequency_hz
            low, high = _around(values, 0.1, (49.9, 50.1))
            return ChartSpec(t, (Curve("frequency Hz", values, "power"),), low, high)
        case "soc":
            return ChartSpec(t, (Curve("state of charge %", evse.series_soc_percent, "energy"),), 0.0, 100.0)
    energy = tuple(value / 1000 for value in evse.series_energy_wh)
    curves = (
        Curve("limit", tuple(value / 1000 for value in evse.series_limit_w), "limit"),
        Curve("energy kWh", energy, "energy", right=True),
        Curve("power kW", tuple(value / 1000 for value in evse.series_power_w), "power"),
    )
    high = max(evse.row.rated_w, *evse.series_power_w, *evse.series_limit_w, 1000.0) / 1000
    return ChartSpec(t, curves, 0.0, _ceiling(high * 1.02), _ceiling(max((*energy, 1.0))))


def _around(values: Sequence[float], step: float, least: tuple[float, float]) -> tuple[float, float]:
    finite = [value for value in values if isfinite(value) and value > 0]
    low, high = min((*finite, least[0])), max((*finite, least[1]))
    return step * (low // step), step * ceil(round(high / step, 6))


def _ceiling(value: float) -> float:
    """The next round number: 22.4 -> 25, 7.6 -> 8, 1.2 -> 2."""
    if not isfinite(value) or value <= 0:
        return 1.0
    step = 5.0 if value > 10 else 1.0
    while value > step * 12:
        step *= 2
    return step * ceil(value / step)


def chart_lines(spec: ChartSpec, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """The chart in `width` x `height` cells."""
    from plotext import figure, marker, terminal

    terminal.limit(False, False)
    figure.clear()
    figure.plot_size(width, height)
    figure.theme("colorless")
    span = max(spec.t[-1] if spec.t else 0.0, 10.0)
    for curve in spec.curves:
        points = _thinned(spec.t, curve.values, 2 * width)
        if len(points) > 1:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            mark = marker(_marker(glyphs, curve.role), pixel=_PIXELS[curve.role])
            signal = (
                figure.signal(xs, ys, marker=mark, yside="right") if curve.right else figure.signal(xs, ys, marker=mark)
            )
            figure.draw(signal.lines())
    figure.ruler("x").lim(0, span)
    figure.ruler("x").ticks(*_ticks(0.0, span, width // 12, _second_steps(), figures.duration))
    if spec.right_high:
        figure.ruler("y", "right").lim(0, spec.right_high)
        figure.ruler("y", "right").ticks(*_ticks(0.0, spec.right_high, height // 3, _steps(), _number))
    figure.ruler("y", "left").lim(spec.low, spec.high)
    figure.ruler("y", "left").ticks(*_ticks(spec.low, spec.high, height // 3, _steps(), _number))
    figure.axes(True, style="rounded")
    text = Text.from_ansi(figure.build().string())
    return [_pieces(line, glyphs) for line in text.split("\n", allow_blank=True)]


_PIXELS = {"power": (1, 0, 0), "energy": (2, 0, 0), "limit": (3, 0, 0)}
"""Colours that no terminal sees: they carry the role through plotext's ANSI text."""

_ROLES = {pixel: role for role, pixel in _PIXELS.items()}

_BOX = str.maketrans("─│┌┐└┘╭╮╰╯├┤┬┴┼", "-|+++++++++++++")


def _marker(glyphs: Glyphs, role: str) -> str:
    if not glyphs.ascii:
        return glyphs.chart_marker
    return {"power": "*", "energy": "o", "limit": "-"}[role]


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


class Chart(Canvas):
    """A chart of one EVSE; its kind is one of CHARTS."""

    DEFAULT_CSS = """
    Chart { height: 1fr; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.kind = "power"
        self._spec: ChartSpec | None = None
        self._drawn: tuple[ChartSpec, int, int, list[Line]] | None = None

    def show(self, evse: EvseDetail | None) -> None:
        """Draws an EVSE's series."""
        self._spec = chart_spec(self.kind, evse) if evse else None
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title with the curves' names in their colours, then the chart."""
        across = self.glyphs.box[4]
        spec = self._spec
        names: Line = [(across, "border"), (" ", "text")]
        for number, kind in enumerate(CHARTS, 1):
            here = kind == self.kind
            names.append((f"{number} ", "here" if here else "dim"))
            if here and spec:
                for curve in reversed(spec.curves):
                    names.append((f"{curve.name} ", curve.role))
            elif here or width >= _WIDE:
                names.append((f"{kind} ", "here" if here else "dim"))
        lines = [between(names, [(across, "border")], width, across, "border")]
        if spec is None or len(spec.t) < 2 or not any(curve.values for curve in spec.curves):
            return [*lines, [], [("  the chart begins with the next session", "hint")]]
        if height < 5 or width < 24:
            return lines
        if self._drawn is None or self._drawn[:3] != (spec, width, height):
            self._drawn = (spec, width, height, chart_lines(spec, width, height - 1, self.glyphs))
        return lines + self._drawn[3]
