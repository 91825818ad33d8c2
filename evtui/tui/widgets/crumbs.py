"""The line at the top of the station view: where one is, what the station is, how its link stands."""

from evtui.engine.door import LinkState, StationDetail
from evtui.tui import figures
from evtui.tui.paint import Line, width_of
from evtui.tui.panel import Look, link_piece, waits
from evtui.tui.widgets.heading import Heading


class Crumbs(Heading):
    """One line."""

    detail: StationDetail | None = None
    station_id = ""
    host = ""

    def show(self, station_id: str, detail: StationDetail | None, host: str) -> None:
        """Shows a station; `host` says when the host does not answer."""
        self.station_id, self.detail, self.host = station_id, detail, host
        self.repaint()

    def heading(self, width: int) -> Line:
        """Fleet, station, model, version, link, trouble or URL."""
        glyphs = self.glyphs
        line: Line = [
            (" evtui ", "here"),
            (f"{glyphs.crumb} ", "dim"),
            (figures.safe(self.station_id, glyphs), "title"),
        ]
        if self.detail is None:
            return [*line, (f"  {self.host or 'is gone'}", "bad")]
        row = self.detail.row
        link = link_piece(row, Look(glyphs, self.detail.at))
        trouble = row.trouble if row.link is not LinkState.ONLINE else ""
        queued = (f"{row.queued} queued" if waits(row) else "", "warn")
        known = (
            (f"{self.detail.vendor} {self.detail.model}", "text"),
            (f"OCPP {row.version}" if row.version else "", "dim"),
        )
        rules = (figures.count(row.rules, "rule") if row.rules else "", "mark")
        held = (f"{row.held} held" if row.held else "", "warn")
        for text, role in (*(() if trouble else known), link, held, rules, queued):
            if text:
                line += [(f" {glyphs.dot} ", "dim"), (figures.safe(text, glyphs), role)]
        last = (self.host or trouble or self.detail.url, "bad" if self.host else "warn" if trouble else "dim")
        room = width - width_of(line) - 4
        if room >= 10:
            text = figures.safe(last[0], glyphs)
            line += [
                (f" {glyphs.dot} ", "dim"),
                (text if len(text) <= room else text[: room - 1] + glyphs.ellipsis, last[1]),
            ]
        return line
