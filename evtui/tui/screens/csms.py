"""The other end: what the embedded CSMS knows of its stations, and its requests to them."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.beside import Book, CsmsQuery, CsmsStation, CsmsToken, CsmsTransaction, CsmsView
from evtui.engine.door import Target
from evtui.tui.bindings import bindings
from evtui.tui.frames import Frames
from evtui.tui.keys import Where
from evtui.tui.screens.logged import LoggedScreen
from evtui.tui.widgets.csms_table import CsmsTable
from evtui.tui.widgets.frame_log import FrameLog
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.title_bar import TitleBar

_BOOKS = tuple(Book)
_WEB_FROM = 100  # cells


class CsmsScreen(LoggedScreen):
    """Opened with the CSMS as it stood; follows it as long as it is shown."""

    HELP = (
        "The embedded CSMS: its stations, transactions, tokens and findings. `csms.ask` lets it ask the station under "
        "the cursor; the palette has all its requests, and those of the station, too."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CSMS)
    AUTO_FOCUS = "#book"
    CSS = """
    CsmsScreen #book { height: 3fr; }
    CsmsScreen #log { height: 2fr; }
    """
    is_csms = True

    def __init__(self, view: CsmsView) -> None:
        super().__init__()
        self.csms_view: CsmsView | None = view

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TitleBar(window.glyphs, id="title")
        yield CsmsTable(window.glyphs, id="book")
        yield FrameLog(window.glyphs, "frames", window.key_of("log.end"), id="log")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def on_mount(self) -> None:
        """Its frames are those of the stations, seen from there."""
        if reader := self.window.reader:
            self.frame_log.show(Frames(reader))

    @property
    def table(self) -> CsmsTable:
        """The book."""
        return self.query_one("#book", CsmsTable)

    def beneath(self) -> tuple[Where, ...]:
        """The keys of the CSMS, where its log has no such key."""
        return () if Where.CSMS in self.places() else (Where.CSMS,)

    def places(self) -> tuple[Where, ...]:
        """The keys of the CSMS, or those of its log."""
        return (Where.LOG,) if self.focused is self.frame_log else (Where.CSMS,)

    def targets(self) -> tuple[Target, ...]:
        """The station of the row under the cursor."""
        row = self.table.row
        return () if row is None or isinstance(row, CsmsToken) else (Target(row.station_id, self._evse_of(row)),)

    def _evse_of(self, row: object) -> int:
        return (row.evse_id or 1) if isinstance(row, CsmsStation | CsmsTransaction) else 1

    def version_of(self, station_id: str) -> str:
        """What was agreed with it last."""
        row = self.table.row_of(station_id)
        return row.version if row else ""

    def selected(self) -> CsmsTransaction | None:
        """The transaction under the cursor."""
        row = self.table.row
        return row if isinstance(row, CsmsTransaction) else None

    async def pull(self) -> None:
        """The rows in view."""
        if not self.stands:
            return
        table = self.table
        self.csms_view = await self.window.csms(CsmsQuery(table.book, table.top, table.room))

    def show(self) -> None:
        """Everything that changed."""
        if not self.stands:
            return
        view, glyphs = self.csms_view, self.window.glyphs
        where = "the CSMS is gone"
        if view is not None:
            web = f" {glyphs.dot} {view.web_url}" if view.web_url and self.size.width >= _WEB_FROM else ""
            where = f"{view.connected:,} connected {glyphs.dot} {view.url}{web}"
        self.query_one("#title", TitleBar).show(
            [
                (" evtui ", "here"),
                (f"{glyphs.crumb} ", "dim"),
                ("embedded CSMS", "title"),
                (f" {glyphs.dot} {where}", "text"),
            ]
        )
        self.table.show(view)
        self.sync_log()
        self._show_keys()

    def _show_keys(self) -> None:
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self._show_keys()

    def on_frame_log_left(self) -> None:
        """Back to the book."""
        self.set_focus(self.table)

    def on_csms_table_chosen(self) -> None:
        """A second click."""
        self.action_ask()

    # -- keys -------------------------------------------------------------------------------------

    def action_book(self, name: str) -> None:
        """Another book."""
        self.table.turn_to(Book(name))
        self.window.pull_soon()

    def action_turn(self, step: int) -> None:
        """The book before or after."""
        self.action_book(_BOOKS[(_BOOKS.index(self.table.book) + step) % len(_BOOKS)])

    def action_move(self, step: int) -> None:
        """By rows."""
        self.table.move(step)
        self.window.pull_soon()

    def action_page(self, step: int) -> None:
        """By screens."""
        self.action_move(step * max(1, self.table.room - 1))

    def action_edge(self, step: int) -> None:
        """To the first row, or the last."""
        self.action_move(step * max(1, self.table.total))

    def action_ask(self) -> None:
        """The requests, by name."""
        if self.targets():
            self.window.action_command_palette()
        else:
            self.window.tell("there is no station under the cursor to ask")

    def action_back(self) -> None:
        """Back to the fleet."""
        self.leave()
