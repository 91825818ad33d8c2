"""The fleet: panels or list, totals, the log of frames."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.commands import COMMANDS
from evtui.engine.door import EvseRow, Sort, StationRow, Target, View
from evtui.engine.station_filter import STATIONS, parse, station_choices
from evtui.tui.bindings import bindings
from evtui.tui.crowd import Crowd
from evtui.tui.frames import Frames
from evtui.tui.keys import BY_ID, KeySpec, Where
from evtui.tui.layout import SUMMED, Form, plan
from evtui.tui.screens.logged import LoggedScreen
from evtui.tui.summary import filter_of, summary_height
from evtui.tui.widgets.asked_bar import AskedBar
from evtui.tui.widgets.banner import Banner
from evtui.tui.widgets.fleet_grid import FleetGrid
from evtui.tui.widgets.frame_log import FrameLog
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.totals_bar import TotalsBar


class FleetScreen(LoggedScreen):
    """Where the window opens."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FLEET)
    AUTO_FOCUS = "#grid"
    DEFAULT_CSS = """
    FleetScreen #log { height: 1fr; }
    FleetScreen #grid { height: 1fr; }
    """

    log_shown = True

    def __init__(self) -> None:
        super().__init__()
        self._form: Form | None = None
        self._shown = -1  # stations that the filter let through when the cursor was brought into view

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TotalsBar(window.glyphs, window.scene, id="totals")
        yield Banner(window.glyphs, id="banner")
        yield AskedBar(window.glyphs, window.scene, window.key_of("fleet.all"), id="asked")
        yield FleetGrid(window.glyphs, window.scene, window.key_of, id="grid")
        yield FrameLog(window.glyphs, "frames", window.key_of("log.end"), id="log")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def on_mount(self) -> None:
        """The key bar says what works where the focus is."""
        self._arrange()

    @property
    def grid(self) -> FleetGrid:
        """The panels."""
        return self.query_one("#grid", FleetGrid)

    def wanted(self) -> View:
        """The rows to pull."""
        return self.grid.wanted() if self.stands else View(0, 50, 80)

    def places(self) -> tuple[Where, ...]:
        """The fleet's keys, and those of the log or of the panels."""
        return (Where.LOG, Where.FLEET) if self.focused is self.frame_log else (Where.GRID, Where.FLEET)

    def targets(self) -> tuple[Target, ...]:
        """The marked EVSEs, or the one under the cursor."""
        return self.window.scene.targets()

    def crowd(self) -> Crowd | None:
        """What the summary's row counts, or what the filter shows, as long as nothing is marked."""
        scene = self.window.scene
        if scene.marks:
            return None
        row = self.grid.summary_row
        if row is not None:
            return Crowd(filter_of(row, scene.filter), row.stations)
        return Crowd(scene.filter.strip(), scene.shown, scene.target()) if scene.filter.strip() else None

    def look_up(self, target: Target) -> tuple[StationRow, EvseRow] | None:
        """The rows in view."""
        return self.window.scene.look_up(target)

    def open_log(self, frames: Frames) -> None:
        """The frames to follow."""
        self.frame_log.show(frames)

    def show(self) -> None:
        """Everything that changed; nothing else."""
        if not self.stands:
            return
        self._arrange()
        totals = self.query_one("#totals", TotalsBar)
        totals.host = self.window.host_trouble
        totals.repaint()
        self.query_one("#banner", Banner).show(self.window.banner)
        self.query_one("#asked", AskedBar).repaint()
        if self.window.scene.shown != self._shown:
            self._shown = self.window.scene.shown
            self.grid.keep_in_view()
        self.grid.repaint()
        if self.log_shown:
            self.sync_log()
        self._show_keys()

    def _show_keys(self) -> None:
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    def _arrange(self) -> None:
        scene = self.window.scene
        asked = bool(scene.filter.strip() or scene.sort)
        self.query_one("#asked").display = asked
        height = self.size.height - 2 - asked - (1 if self.window.banner else 0)
        evses = [len(row.evses) for _, row in scene.visible()]
        summary = summary_height(scene.view.summary) if scene.view else 0
        new = plan(
            self.size.width,
            height,
            log=self.log_shown,
            evses=evses,
            stations=scene.shown,
            form=self._form,
            summary=summary,
        )
        self.frame_log.display = self.log_shown
        old = self.grid.plan
        if scene.view is None or new == old:
            return
        self.grid.plan = new
        if self.log_shown:
            self.grid.styles.height = new.height
        else:
            self.grid.styles.height = "1fr"
        if (new.form, new.columns) != (old.form, old.columns):
            self.grid.keep_in_view()
        self.window.pull_soon()

    def on_resize(self, event: events.Resize) -> None:
        """Another size is another plan."""
        self._arrange()

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self._show_keys()

    # -- what the widgets say ---------------------------------------------------------------------

    def on_fleet_grid_moved(self, message: FleetGrid.Moved) -> None:
        """The grid has painted itself; other rows may be in view, other keys may work."""
        self._show_keys()
        if message.pull:
            self.window.pull_soon()

    def on_fleet_grid_opened(self) -> None:
        """Opens the station under the cursor."""
        self.window.ways.station()

    def on_fleet_grid_narrowed(self, message: FleetGrid.Narrowed) -> None:
        """Shows the stations of a row of the summary, one by one."""
        self._ask(filter_of(message.row, self.window.scene.filter))
        self._form = None if message.row.stations <= SUMMED else Form.LIST
        self.show()

    def on_frame_log_left(self) -> None:
        """Back to the panels."""
        self.set_focus(self.grid)

    # -- keys -------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Marks the EVSE under the cursor, or takes its mark away."""
        if why := self.why_not(BY_ID["fleet.mark"]):
            self.window.tell(why)
            return
        self.window.scene.toggle_mark()
        self.show()

    async def action_mark_all(self) -> None:
        """Marks all EVSEs; if all are, none."""
        await self.window.orders.mark_all()
        self.show()

    async def action_filter(self) -> None:
        """Lets the user write a filter: what it lets through shows while it is typed."""
        scene, window = self.window.scene, self.window
        before = scene.filter
        choices = station_choices(await window.overview())

        def answered(text: str | None) -> None:
            self._ask(before if text is None else text)
            if text and text not in window.fleet_filter_history[-1:]:
                window.fleet_filter_history.append(text)

        from evtui.tui.screens.filter_prompt import FilterPrompt, Tongue

        tongue = Tongue(parse, lambda text: STATIONS.complete(text, choices), STATIONS.help_rows, "filters of stations")
        window.push_screen(
            FilterPrompt(window.glyphs, before, window.fleet_filter_history, tongue, self._ask), answered
        )

    def action_show_all(self) -> None:
        """Takes the filter away."""
        if self.window.scene.filter:
            self._ask("")
        else:
            self.window.tell("all stations are shown")

    def _ask(self, text: str) -> None:
        scene = self.window.scene
        if text.strip() == scene.filter.strip():
            return
        scene.filter = text
        self.show()
        self.window.pull_soon()

    def action_sort(self) -> None:
        """Sorts by the next thing there is; after the last, as they were added."""
        scene = self.window.scene
        orders = [None, *Sort]
        scene.sort_by(orders[(orders.index(scene.sort) + 1) % len(orders)])
        self.show()
        self.window.pull_soon()

    def action_reverse(self) -> None:
        """Turns the order round."""
        scene = self.window.scene
        if scene.sort is None:
            self.window.tell(f"they stand as they were added: {self.window.key_of('fleet.sort')} sorts them")
            return
        scene.descending = not scene.descending
        self.show()
        self.window.pull_soon()

    def action_next_form(self) -> None:
        """The next form; what would be chosen by itself is so from then on."""
        forms = list(Form)
        self._form = forms[(forms.index(self.grid.plan.form) + 1) % len(forms)]
        self._arrange()
        self.call_after_refresh(self.show)

    def action_toggle_log(self) -> None:
        """Shows or hides the log."""
        self.log_shown = not self.log_shown
        if not self.log_shown:
            self.set_focus(self.grid)
        self._arrange()
        self.call_after_refresh(self.show)

    def action_open_charts(self) -> None:
        """The figures of the whole fleet over time."""
        self.window.ways.charts()

    def action_open_csms(self) -> None:
        """The other end."""
        self.window.ways.csms()

    def action_open_echonet(self) -> None:
        """The same stations as a home sees them."""
        self.window.ways.echonet()

    def action_add_station(self) -> None:
        """Adds a station like the last one."""
        self.window.orders.submit("add-stations", ())

    def action_remove_station(self) -> None:
        """Takes the station under the cursor away; asks."""
        self.window.orders.remove_station()

    def why_not(self, spec: KeySpec) -> str | None:
        """Why a key cannot act on what it would act on here."""
        scene = self.window.scene
        if spec.id in ("fleet.open", "fleet.mark", "fleet.mark-all", "fleet.remove") and scene.under_cursor() is None:
            return "there is no station"
        if spec.id == "fleet.mark" and self.grid.summary_row is not None:
            return f"the summary counts stations: {self.window.key_of('fleet.form')} shows them one by one"
        if spec.command.startswith(("start", "stop", "toggle")) and spec.command in COMMANDS and self.crowd() is None:
            return self.window.orders.why_not(
                spec, tuple(scene.marks) or self.targets()
            )  # thousands need no order here
        return self.window.orders.why_not(spec)
