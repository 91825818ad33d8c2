"""The figures of one EVSE, and why its power is what it is."""

from evtui.engine.door import EvseDetail, StationDetail
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.panel import Look, condition_piece, elapsed, state_piece
from evtui.tui.widgets.canvas import Canvas

_BAR = 12


def figure_lines(detail: StationDetail, evse: EvseDetail, width: int, look: Look) -> list[Line]:
    """State, power, energy, SoC, phases."""
    row = evse.row
    glyphs = look.glyphs
    car = figures.safe(evse.ev, glyphs) if evse.ev else "no car"
    ending = (elapsed(row, look), "text") if row.transaction_id else condition_piece(row, glyphs)
    lines: list[Line] = [
        between([(" ", "text"), state_piece(row, glyphs)], [ending, (" ", "text")], width),
        [(figures.fit(f" {car}", width, glyphs), "text" if evse.ev else "dim")],
        [(f" {figures.power(row.power_w)} kW", "power"), (f"  offered {figures.short_power(evse.offered_w)}", "dim")],
        [
            (f" {figures.energy(row.energy_wh)} kWh", "energy"),
            (f" register {figures.energy(evse.register_wh).strip()}", "dim"),
        ],
    ]
    if row.soc_percent is not None:
        lines.append([(f" SoC {figures.soc(row.soc_percent)} ", "text"), *_bar(row.soc_percent, glyphs)])
    for phase, (voltage, current) in enumerate(zip(evse.voltage_v, evse.current_a, strict=False), 1):
        name = f"L{phase}" if evse.phases else "DC"
        lines.append([(f" {name} {voltage:7.1f} V {current:7.2f} A", "text")])
    lines.append([(f" {evse.frequency_hz:10.2f} Hz", "text")] if evse.phases else [])
    return lines


def why_lines(evse: EvseDetail, width: int, glyphs: Glyphs) -> list[Line]:
    """The chain of limits, the winner marked with a sign and its word."""
    lines: list[Line] = []
    for limit in evse.limits:
        sign = glyphs.winner if limit.wins else " "
        value = f"{limit.power_w / 1000:7.2f} kW {limit.current_a:5.1f} A "
        name = figures.fit(figures.safe(limit.name, glyphs), max(4, width - len(value) - 2), glyphs)
        role = "mark" if limit.wins else "dim"
        lines.append([(f"{sign} ", "mark"), (name, role), (value, role)])
    return lines or [[(" nothing limits: no car is charging", "hint")]]


def _bar(percent: float, glyphs: Glyphs) -> Line:
    full = max(0, min(_BAR, round(percent / 100 * _BAR)))
    return [(glyphs.full * full, "energy"), (glyphs.dot * (_BAR - full), "dim")]


class EvseFigures(Canvas):
    """The right side of the station view."""

    DEFAULT_CSS = """
    EvseFigures { height: 1fr; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._detail: StationDetail | None = None
        self._evse: EvseDetail | None = None

    def show(self, detail: StationDetail | None, evse: EvseDetail | None) -> None:
        """Shows an EVSE."""
        self._detail, self._evse = detail, evse
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """Figures above, the chain of limits below."""
        detail, evse = self._detail, self._evse
        if detail is None or evse is None:
            return []
        look = Look(self.glyphs, detail.at)
        across = self.glyphs.box[4]
        number = f"EVSE {evse.row.evse_id}" + (f" of {len(detail.evses)}" if len(detail.evses) > 1 else "")
        phases = figures.count(evse.phases, "phase") if evse.phases else "DC"
        kind = f"{figures.safe(evse.connector_type, self.glyphs)} {phases}"
        title = between(
            [(across, "border"), (f" {number} ", "title")],
            [(f" {kind} ", "dim"), (across, "border")],
            width,
            across,
            "border",
        )
        why = between(
            [(across, "border"), (" Why this power ", "title")], [(across, "border")], width, across, "border"
        )
        chain = [why, *why_lines(evse, width, self.glyphs)]
        return [title, *figure_lines(detail, evse, width, look)[: max(3, height - 1 - len(chain))], *chain]
