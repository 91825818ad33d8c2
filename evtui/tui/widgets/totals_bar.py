"""The line at the top: totals of the fleet, speed, CSMS."""

from typing import NamedTuple

from evtui.engine.door import FleetView
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, Piece, width_of
from evtui.tui.scene import Scene
from evtui.tui.widgets.heading import Heading


class _Part(NamedTuple):
    """A figure, in words and as short as it can be said; the least of those that do not fit together goes first."""

    text: str
    short: str
    role: str


def totals_line(scene: Scene, width: int, glyphs: Glyphs, host: str) -> Line:
    """Name, totals of the fleet, speed and CSMS, as much as fits, in fewer words where it is narrow; `host` says when
    the host does not answer."""
    view = scene.view
    if view is None:
        return [(" evtui ", "here"), (host or " starting ...", "hint")]
    parts = _parts(scene, view, host, glyphs)
    wordy = _line([(" evtui ", "here")], [(part.text, part.role) for part in parts], glyphs)
    line = wordy
    if width_of(wordy) > width:
        short = [(part.short, part.role) for part in parts if part.short]
        while len(short) > 1 and width_of(line := _line([], short, glyphs)) > width:
            short.pop()
    room = width - width_of(line) - 4
    url = figures.safe(view.csms_url, glyphs)
    if len(url) > room:
        url = url.partition("://")[2] or url
    if line is wordy and room >= 12:
        line = [*line, (f" {glyphs.dot} ", "dim"), (figures.fit(url, room, glyphs).rstrip(), "dim")]
        web = figures.safe(view.web_url, glyphs)
        if web and width_of(line) + len(web) + 4 <= width:
            line = [*line, (f" {glyphs.dot} ", "dim"), (web, "dim")]
    return line


def _parts(scene: Scene, view: FleetView, host: str, glyphs: Glyphs) -> list[_Part]:
    """The figures, the most important first."""
    totals = view.totals
    online = f"{totals.online:,}/" if totals.online != totals.stations else ""
    running = totals.transactions
    power, energy = figures.scaled(totals.power_w, "W"), figures.scaled(totals.energy_wh, "Wh")
    stations = f"{online}{figures.count(totals.stations, 'station')}"
    parts = [
        _Part(stations, f"{online}{totals.stations:,} st", "warn" if online else "title"),
        _Part(
            figures.count(running, "session"), f"{running:,} tx" if running else "", "charging" if running else "dim"
        ),
        _Part(power, power, "power"),
        _Part(energy, energy, "energy"),
    ]
    if host:
        parts.insert(1, _Part(host, host, "bad"))
    if totals.held:
        parts.append(_Part(f"{totals.held} held", f"{totals.held} held", "warn"))
    if totals.rules:
        parts.append(_Part(figures.count(totals.rules, "rule"), figures.count(totals.rules, "rule"), "mark"))
    if scene.marks:
        parts.append(_Part(f"{len(scene.marks):,} marked", f"{len(scene.marks):,} marked", "mark"))
    if totals.errors:
        parts.append(_Part(figures.count(totals.errors, "error"), f"{totals.errors:,} err", "bad"))
    if totals.frames_per_s:
        rate = f"{totals.frames_per_s:,.0f}" if totals.frames_per_s >= 9.5 else f"{totals.frames_per_s:.1f}"
        parts.append(_Part(f"{rate} frames/s", f"{rate} fr/s", "text"))
    if totals.rtt_p50_s is not None and totals.rtt_p99_s is not None:
        pair = f"{_milliseconds(totals.rtt_p50_s)}/{_milliseconds(totals.rtt_p99_s)} ms"
        parts.append(_Part(f"p50/p99 {pair}", pair, "text"))
    if totals.queued > 2 * totals.online:  # one or two of each station are simply under way
        parts.append(_Part(f"{totals.queued:,} queued", f"{totals.queued:,} queued", "warn"))
    return [*parts, _Part(f"{glyphs.times}{view.speed:g}", f"{glyphs.times}{view.speed:g}", "dim")]


def _line(name: Line, pieces: list[Piece], glyphs: Glyphs) -> Line:
    line: Line = [*name, (" ", "dim")]
    for number, piece in enumerate(pieces):
        line += [(f" {glyphs.dot} ", "dim"), piece] if number else [piece]
    return line


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if seconds < 0.00995 else f"{seconds * 1000:,.0f}"


class TotalsBar(Heading):
    """The line at the top."""

    def __init__(self, glyphs: Glyphs, scene: Scene, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.scene = scene
        self.host = ""

    def heading(self, width: int) -> Line:
        """Totals."""
        return totals_line(self.scene, width, self.glyphs, self.host)
