"""The device model of a station: its variables, browsed, searched and changed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.door import Command, Outcome, StationDetail, Target, VariableRow
from evtui.tui.bindings import bindings
from evtui.tui.keys import Where
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.screens.search import SearchPrompt
from evtui.tui.screens.value import SetTo, ValuePrompt
from evtui.tui.widgets.crumbs import Crumbs
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.variable_note import VariableNote
from evtui.tui.widgets.variable_table import VariableTable


class ModelScreen(EvtuiScreen):
    """Follows the station as long as it is shown."""

    HELP = "The device model of the station: what a CSMS can read and set."
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MODEL)
    AUTO_FOCUS = "#variables"
    CSS = """
    ModelScreen #variables { height: 1fr; }
    ModelScreen #note { height: 5; }
    ModelScreen.-tall #note { height: 7; }
    """

    def __init__(self, station_id: str) -> None:
        super().__init__()
        self.station_id = station_id
        self.detail: StationDetail | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield Crumbs(window.glyphs, id="crumbs")
        yield VariableTable(window.glyphs, id="variables")
        yield VariableNote(window.glyphs, id="note")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    @property
    def table(self) -> VariableTable:
        """The variables."""
        return self.query_one("#variables", VariableTable)

    def targets(self) -> tuple[Target, ...]:
        """The station."""
        return (Target(self.station_id),)

    def places(self) -> tuple[Where, ...]:
        """Its own keys."""
        return (Where.MODEL,)

    async def pull(self) -> None:
        """Everything about the station."""
        self.detail = await self.window.station_detail(self.station_id)

    def show(self) -> None:
        """Everything that changed."""
        if not self.stands:
            return
        self.query_one("#crumbs", Crumbs).show(self.station_id, self.detail, self.window.host_trouble)
        self.table.show(self.detail)
        self._show_note()
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    def _show_note(self) -> None:
        self.query_one("#note", VariableNote).show(self.table.row, self.table.value)

    # -- keys -------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """By variables."""
        self.table.move(step)
        self._show_note()

    def action_page(self, step: int) -> None:
        """By screens."""
        self.action_move(step * max(1, self.table.room - 2))

    def action_first(self) -> None:
        """To the first."""
        self.action_move(-len(self.detail.definitions) if self.detail else 0)

    def action_last(self) -> None:
        """To the last."""
        self.action_move(len(self.detail.definitions) if self.detail else 0)

    def action_component(self, step: int) -> None:
        """To another component."""
        if not self.table.jump(step):
            self.window.tell("there is no component beyond")
        self._show_note()

    def action_search(self) -> None:
        """Shows what has the words in it while they are typed."""
        before = self.table.search

        def preview(text: str) -> None:
            self.table.find(text)
            self._show_note()

        def answered(text: str | None) -> None:
            preview(before if text is None else text)

        self.window.push_screen(SearchPrompt(before, preview), answered)

    def action_show_all(self) -> None:
        """Everything again."""
        if not self.table.search:
            self.window.tell("all variables are shown")
        self.table.find("")
        self._show_note()

    def action_copy(self) -> None:
        """The variable as `--set` takes it."""
        row = self.table.row
        if row is not None:
            text = f"{row.name}={self.table.value}"
            self.window.copy_to_clipboard(text)
            self.window.tell(f"copied {text}")

    def action_set(self) -> None:
        """Asks for another value."""
        window, row = self.window, self.table.row
        if row is None:
            window.tell("there is no variable here")
        elif window.read_only:
            window.tell("this window is read-only", bad=True)
        elif not row.settable:
            window.tell(f"{row.name} cannot be set: it says what the station is or does", bad=True)
        else:
            window.push_screen(ValuePrompt(window.glyphs, row, self.table.value, self._setter(row)), self._told)

    def _setter(self, row: VariableRow) -> SetTo:
        async def set_to(value: str) -> Outcome:
            arguments = {"variable": row.name, "value": value}
            return await self.window.orders.carry_out(Command("set-variable", self.targets(), arguments))

        return set_to

    def _told(self, text: str | None) -> None:
        if text is not None:
            self.window.tell(text)
        self._show_note()

    def on_variable_table_chosen(self) -> None:
        """A second click."""
        self.action_set()

    def action_back(self) -> None:
        """Back to the station."""
        self.leave()
