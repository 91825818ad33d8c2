"""The fleet: panels or list, totals, the log of frames."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.commands import COMMANDS
from evtui.engine.door import EvseRow, StationRow, Target, View
from evtui.tui.bindings import bindings
from evtui.tui.frames import Frames
from evtui.tui.keys import KeySpec, Where
from evtui.tui.layout import plan
from evtui.tui.screens.logged import LoggedScreen
from evtui.tui.widgets.banner import Banner
from evtui.tui.widgets.fleet_grid import FleetGrid
from evtui.tui.widgets.frame_log import FrameLog
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.totals_bar import TotalsBar


class FleetScreen(LoggedScreen):
    """Where the window opens."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FLEET)
    AUTO_FOCUS = "#grid"
    CSS = """
    FleetScreen #log { height: 1fr; }
    FleetScreen #grid { height: 1fr; }
    """

    log_shown = True

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TotalsBar(window.glyphs, window.scene, id="totals")
        yield Banner(window.glyphs, id="banner")
        yield FleetGrid(window.glyphs, window.scene, window.key_of("evse.start"), id="grid")
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
        return self.grid.wanted() if self.is_mounted else View(0, 50, 80)

    def places(self) -> tuple[Where, ...]:
        """The fleet's keys, and those of the log or of the panels."""
        return (Where.LOG, Where.FLEET) if self.focused is self.frame_log else (Where.GRID, Where.FLEET)

    def targets(self) -> tuple[Target, ...]:
        """The marked EVSEs, or the one under the cursor."""
        return self.window.scene.targets()

    def look_up(self, target: Target) -> tuple[StationRow, EvseRow] | None:
        """The rows in view."""
        return self.window.scene.look_up(target)

    def open_log(self, frames: Frames) -> None:
        """The frames to follow."""
        self.frame_log.show(frames)

    def show(self) -> None:
        """Everything that changed; nothing else."""
        if not self.is_mounted:
            return
        self._arrange()
        totals = self.query_one("#totals", TotalsBar)
        totals.host = self.window.host_trouble
        totals.repaint()
        self.query_one("#banner", Banner).show(self.window.banner)
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
        height = self.size.height - 2 - (1 if self.window.banner else 0)
        evses = [len(row.evses) for _, row in scene.visible()]
        new = plan(self.size.width, height, log=self.log_shown, evses=evses, stations=scene.stations)
        self.frame_log.display = self.log_shown
        if scene.view is None or new == self.grid.plan:
            return
        was_dense = self.grid.plan.dense
        self.grid.plan = new
        if self.log_shown:
            self.grid.styles.height = new.height
        else:
            self.grid.styles.height = "1fr"
        if new.dense != was_dense:
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
        """Other rows may be in view, other keys may work."""
        self.show()
        if message.pull:
            self.window.pull_soon()

    def on_fleet_grid_opened(self) -> None:
        """Opens the station under the cursor."""
        self.window.open_station()

    def on_frame_log_left(self) -> None:
        """Back to the panels."""
        self.set_focus(self.grid)

    # -- keys -------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Marks the EVSE under the cursor, or takes its mark away."""
        self.window.scene.toggle_mark()
        self.show()

    async def action_mark_all(self) -> None:
        """Marks all EVSEs; if all are, none."""
        await self.window.mark_all()
        self.show()

    def action_toggle_log(self) -> None:
        """Shows or hides the log."""
        self.log_shown = not self.log_shown
        if not self.log_shown:
            self.set_focus(self.grid)
        self._arrange()
        self.call_after_refresh(self.show)

    def action_open_echonet(self) -> None:
        """The same stations as a home sees them."""
        self.window.open_echonet()

    def action_add_station(self) -> None:
        """Adds a station like the last one."""
        self.window.order("add-stations", ())

    def action_remove_station(self) -> None:
        """Takes the station under the cursor away; asks when a transaction runs."""
        self.window.remove_station()

    def why_not(self, spec: KeySpec) -> str | None:
        """Why a key cannot act on what it would act on here."""
        scene = self.window.scene
        if spec.id in ("fleet.open", "fleet.mark", "fleet.mark-all", "fleet.remove") and scene.under_cursor() is None:
            return "there is no station"
        if spec.command in COMMANDS and spec.command.startswith(("start", "stop", "toggle")):
            return self.window.why_not(spec, self.targets())
        return self.window.why_not(spec)
