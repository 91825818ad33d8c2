"""The line at the top: totals of the fleet, speed, CSMS."""

from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, width_of
from evtui.tui.scene import Scene
from evtui.tui.widgets.heading import Heading


def totals_line(scene: Scene, width: int, glyphs: Glyphs, host: str) -> Line:
    """Name, totals of the fleet, speed and CSMS, as much as fits; `host` says when the host does not answer."""
    name: Line = [(" evtui ", "here")]
    view = scene.view
    if view is None:
        return [*name, (host or " starting ...", "hint")]
    totals = view.totals
    online = f"{totals.online}/" if totals.online != totals.stations else ""
    running = totals.transactions
    parts: Line = [
        (f"{online}{figures.count(totals.stations, 'station')}", "warn" if online else "title"),
        (figures.count(running, "session"), "charging" if running else "dim"),
        (f"{figures.power(totals.power_w).strip()} kW", "power"),
        (f"{figures.energy(totals.energy_wh).strip()} kWh", "energy"),
    ]
    if host:
        parts.insert(1, (host, "bad"))
    if totals.held:
        parts.append((f"{totals.held} held", "warn"))
    if totals.rules:
        parts.append((figures.count(totals.rules, "rule"), "mark"))
    if scene.marks:
        parts.append((f"{len(scene.marks)} marked", "mark"))
    if totals.queued > 2 * totals.online:  # one or two of each station are simply under way
        parts.append((f"{totals.queued} queued", "warn"))
    parts.append((f"{glyphs.times}{view.speed:g}", "dim"))
    line = name
    for text, role in parts:
        piece: Line = [(f" {glyphs.dot} " if len(line) > 1 else " ", "dim"), (text, role)]
        if width_of(line) + width_of(piece) <= width:
            line = [*line, *piece]
    room = width - width_of(line) - 4
    url = figures.safe(view.csms_url, glyphs)
    if len(url) > room:
        url = url.partition("://")[2] or url
    if room >= 12:
        line = [*line, (f" {glyphs.dot} ", "dim"), (figures.fit(url, room, glyphs).rstrip(), "dim")]
    return line


class TotalsBar(Heading):
    """The line at the top."""

    def __init__(self, glyphs: Glyphs, scene: Scene, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.scene = scene
        self.host = ""

    def heading(self, width: int) -> Line:
        """Totals."""
        return totals_line(self.scene, width, self.glyphs, self.host)
