"""The transactions of a station, newest first."""

from evtui.engine.door import StationDetail, TransactionRow
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas


def transaction_line(row: TransactionRow, at: float, width: int, glyphs: Glyphs) -> Line:
    """Id, EVSE, token, since when, for how long, energy, how it ended."""
    running = row.ended_at is None
    ended = at if row.ended_at is None else row.ended_at
    identity = figures.fit(figures.safe(row.transaction_id, glyphs), 36 if width >= 120 else 10, glyphs)
    token = figures.fit(figures.safe(row.id_token, glyphs), 20 if width >= 120 else 9, glyphs)
    ending = "running" if running else figures.safe(row.stopped_reason or "ended", glyphs)
    return [
        (f" {glyphs.states['Charging' if running else 'Available']} ", "charging" if running else "dim"),
        (f"{identity} ", "text"),
        (f"EVSE {row.evse_id} {token} ", "dim"),
        (f"{figures.clock(row.started_at, milliseconds=False)} ", "dim"),
        (f"{figures.duration(ended - row.started_at):>7} ", "text"),
        (f"{figures.energy(row.energy_wh)} kWh ", "energy"),
        (f"{ending}", "charging" if running else "text"),
        (f", {figures.count(row.events, 'event')}", "dim"),
    ]


class Transactions(Canvas):
    """As many as there is room for."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._detail: StationDetail | None = None

    def show(self, detail: StationDetail | None) -> None:
        """Shows a station's."""
        self._detail = detail
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title, then the newest."""
        rows = self._detail.transactions if self._detail else ()
        newest = sorted(rows, key=lambda row: row.started_at, reverse=True)
        across = self.glyphs.box[4]
        left: Line = [(across, "border"), (" transactions ", "title")]
        right: Line = [(f" {len(rows)} ", "dim"), (across, "border")]
        lines = [between(left, right, width, across, "border")]
        if self._detail is not None:
            lines += [transaction_line(row, self._detail.at, width, self.glyphs) for row in newest]
        return lines if newest else [*lines, [("  none yet", "hint")]]
