"""One station: charts, figures, why its power is what it is, transactions, its frames."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from evtui.engine.commands.faults import EMERGENCY_STOP, KINDS
from evtui.engine.door import EvseDetail, EvseRow, StationDetail, StationRow, Target
from evtui.tui.bindings import bindings
from evtui.tui.charts import CHARTS, chart_spec
from evtui.tui.frames import Frames
from evtui.tui.keys import BY_ID, KeySpec, Where
from evtui.tui.screens.logged import LoggedScreen
from evtui.tui.widgets.banner import Banner
from evtui.tui.widgets.chart import Chart
from evtui.tui.widgets.crumbs import Crumbs
from evtui.tui.widgets.evse_figures import EvseFigures
from evtui.tui.widgets.frame_log import FrameLog
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.transactions import Transactions


class StationScreen(LoggedScreen):
    """Everything about the station under the cursor; keys act on the EVSE that is shown, or on its station."""

    HELP = (
        "One station. Keys for sessions, cars, cables and locks act on the EVSE that is shown; power, network and "
        "emergency stop are those of the station."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.STATION)
    CSS = """
    StationScreen #top { height: 14; }
    StationScreen #chart { width: 1fr; }
    StationScreen #figures { width: 37; margin-left: 1; }
    StationScreen #transactions { height: 3; }
    StationScreen #log { height: 1fr; }
    StationScreen.-tall #top { height: 18; }
    StationScreen.-tall #transactions { height: 5; }
    StationScreen.-tallest #top { height: 26; }
    StationScreen.-tallest #transactions { height: 8; }
    StationScreen.-normal #figures { width: 44; }
    StationScreen.-wide #figures { width: 56; }
    """

    def __init__(self, station_id: str, evse_id: int) -> None:
        super().__init__()
        self.station_id = station_id
        self.evse_id = evse_id
        self.detail: StationDetail | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield Crumbs(window.glyphs, id="crumbs")
        yield Banner(window.glyphs, id="banner")
        with Horizontal(id="top"):
            yield Chart(window.glyphs, CHARTS, "the chart begins with the next session", id="chart")
            yield EvseFigures(window.glyphs, id="figures")
        yield Transactions(window.glyphs, id="transactions")
        yield FrameLog(window.glyphs, f"frames of {self.station_id}", window.key_of("log.end"), id="log")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def on_mount(self) -> None:
        """Its frames."""
        self._open_log()

    @property
    def chart(self) -> Chart:
        """The chart."""
        return self.query_one("#chart", Chart)

    def beneath(self) -> tuple[Where, ...]:
        """The station's keys, where its log or its chart has no such key."""
        return () if Where.STATION in self.places() else (Where.STATION,)

    def places(self) -> tuple[Where, ...]:
        """The station's keys, or those of its log or its chart."""
        if self.focused is self.chart:
            return (Where.CHART,)
        return (Where.LOG,) if self.focused is self.frame_log else (Where.STATION,)

    def targets(self) -> tuple[Target, ...]:
        """The EVSE that is shown."""
        return (Target(self.station_id, self.evse_id),)

    def look_up(self, target: Target) -> tuple[StationRow, EvseRow] | None:
        """The row of the EVSE that is shown."""
        evse = self.evse
        return (self.detail.row, evse.row) if self.detail and evse and target.evse_id == self.evse_id else None

    @property
    def evse(self) -> EvseDetail | None:
        """The EVSE that is shown."""
        evses = self.detail.evses if self.detail else ()
        return next((evse for evse in evses if evse.row.evse_id == self.evse_id), evses[0] if evses else None)

    def why_not(self, spec: KeySpec) -> str | None:
        """Why a key cannot act on the EVSE that is shown."""
        return self.window.orders.why_not(spec, self.targets())

    async def pull(self) -> None:
        """Everything about the station."""
        self.detail = await self.window.station_detail(self.station_id)

    def show(self) -> None:
        """Everything that changed."""
        if not self.stands:
            return
        self.query_one("#crumbs", Crumbs).show(self.station_id, self.detail, self.window.host_trouble)
        self.query_one("#banner", Banner).show(self.window.banner)
        self._show_chart()
        self.query_one("#figures", EvseFigures).show(self.detail, self.evse)
        self.query_one("#transactions", Transactions).show(self.detail)
        self.sync_log()
        self._show_keys()

    def _show_chart(self) -> None:
        evse = self.evse
        self.chart.show(chart_spec(self.chart.kind, evse) if evse else None)

    def _show_keys(self) -> None:
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    def _open_log(self) -> None:
        if reader := self.window.reader:
            self.frame_log.show(Frames(reader, self.station_id), f"frames of {self.station_id}")

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self._show_keys()

    def on_frame_log_left(self) -> None:
        """The station's keys again."""
        self.set_focus(None)
        self._show_keys()

    # -- keys -------------------------------------------------------------------------------------

    def action_focus_other(self, step: int) -> None:
        """To the log, the chart, and back."""
        parts = [None, self.frame_log, self.chart]
        here = parts.index(self.focused) if self.focused in parts else 0
        self.set_focus(parts[(here + step) % len(parts)])
        self._show_keys()

    def action_read_chart(self) -> None:
        """The keys are the chart's now."""
        if self.chart.empty:
            self.window.tell("there is nothing to read: the chart begins with the next session")
            return
        self.set_focus(self.chart)
        self.chart.action_cursor(-1)

    def on_chart_left(self) -> None:
        """The station's keys again."""
        self.on_frame_log_left()

    def action_chart(self, kind: str) -> None:
        """Another chart."""
        self.chart.choose(kind)
        self._show_chart()

    def action_next_chart(self) -> None:
        """The chart after this one."""
        self.action_chart(self.chart.next_kind())

    def action_evse(self, step: int) -> None:
        """Another EVSE of this station."""
        ids = [evse.row.evse_id for evse in self.detail.evses] if self.detail else []
        if self.evse and len(ids) > 1:
            self.evse_id = ids[(ids.index(self.evse.row.evse_id) + step) % len(ids)]
            self.show()
        else:
            self.window.tell(f"{self.station_id} has one EVSE")

    def action_station(self, step: int) -> None:
        """Another station of the fleet."""
        scene = self.window.scene
        index = scene.index + step
        if index not in scene.rows:
            self.window.tell("there is no station beyond")
            return
        scene.go(index)
        self.station_id, self.evse_id, self.detail = scene.rows[index].id, scene.evse_id, None
        self._open_log()
        self.window.pull_soon()

    def action_fault(self) -> None:
        """Repairs what is broken here, or asks what is to break."""
        here, targets = self.evse, self.targets()
        if here and (set(here.row.faults) - {EMERGENCY_STOP} or here.row.lock == "jammed"):
            self.window.orders.submit("clear-fault", targets)
            return
        if reason := self.window.orders.why_not(BY_ID["station.fault"], targets):
            self.window.tell(reason, bad=True)
            return
        from evtui.tui.screens.choose import Choose

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self.window.orders.submit("fault", targets, {"kind": kind})

        self.window.push_screen(Choose(self.window.glyphs, "What breaks?", KINDS), chosen)

    def action_open_model(self) -> None:
        """The device model of this station."""
        from evtui.tui.screens.model import ModelScreen

        self.window.push_screen(ModelScreen(self.station_id))
        self.window.pull_soon()

    def action_back(self) -> None:
        """Back to the fleet."""
        self.leave()
