"""Charts of the whole fleet, on a screen of their own."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.door import FleetView
from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.charts import FLEET_CHARTS, fleet_spec
from evtui.tui.keys import Where
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.widgets.chart import Chart
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.title_bar import TitleBar


class ChartsScreen(EvtuiScreen):
    """Follows the fleet as long as it is shown; the chart has the focus."""

    HELP = "The figures of the whole fleet since it was started."
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHARTS)
    AUTO_FOCUS = "#chart"

    def __init__(self) -> None:
        super().__init__()
        self.view: FleetView | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TitleBar(window.glyphs, id="title")
        yield Chart(window.glyphs, FLEET_CHARTS, "the chart begins with the next second", id="chart")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    @property
    def chart(self) -> Chart:
        """The chart."""
        return self.query_one("#chart", Chart)

    def places(self) -> tuple[Where, ...]:
        """The chart's keys, and those that choose one."""
        return (Where.CHART, Where.CHARTS)

    async def pull(self) -> None:
        """The figures."""
        self.view = await self.window.fleet_series()

    def show(self) -> None:
        """Everything that changed."""
        if not self.stands:
            return
        glyphs, view = self.window.glyphs, self.view
        totals = view.totals if view else None
        now = (
            f"{figures.count(totals.stations, 'station')} {glyphs.dot} {figures.power(totals.power_w).strip()} kW "
            f"{glyphs.dot} {figures.energy(totals.energy_wh).strip()} kWh"
            if totals
            else ""
        )
        self.query_one("#title", TitleBar).show(
            [
                (" evtui ", "here"),
                (f"{glyphs.crumb} ", "dim"),
                ("charts of the fleet", "title"),
                (f" {glyphs.dot} {now}", "text"),
            ]
        )
        series = view.series if view else None
        self.chart.show(fleet_spec(self.chart.kind, series) if series else None)
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    def on_chart_left(self) -> None:
        """Back to the fleet."""
        self.leave()

    # -- keys -------------------------------------------------------------------------------------

    def action_chart(self, kind: str) -> None:
        """Another chart."""
        self.chart.choose(kind)
        self.show()

    def action_next_chart(self) -> None:
        """The chart after this one."""
        self.action_chart(self.chart.next_kind())
