"""The same stations as a home sees them: the ECHONET Lite node, its objects and properties, and its frames."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.beside import NodeView
from evtui.tui.bindings import bindings
from evtui.tui.frames import Frames
from evtui.tui.keys import Where
from evtui.tui.screens.logged import LoggedScreen
from evtui.tui.widgets.frame_log import FrameLog
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.node_table import NodeTable
from evtui.tui.widgets.title_bar import TitleBar

FILTER = "~p echonet"
"""What its log shows at first; another filter shows the frames of OCPP beside them."""


class EchonetScreen(LoggedScreen):
    """Opened with the node as it stood; follows it as long as it is shown."""

    HELP = "The ECHONET Lite node: its objects and properties as a controller finds them, and every frame."
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.NODE)
    AUTO_FOCUS = "#node"
    CSS = """
    EchonetScreen #node { height: 3fr; }
    EchonetScreen #log { height: 2fr; }
    """

    def __init__(self, node: NodeView) -> None:
        super().__init__()
        self.node_view: NodeView | None = node

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TitleBar(window.glyphs, id="title")
        yield NodeTable(window.glyphs, id="node")
        yield FrameLog(window.glyphs, "frames", window.key_of("log.end"), id="log")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def on_mount(self) -> None:
        """Its frames."""
        if reader := self.window.reader:
            self.frame_log.show(Frames(reader))
            self.frame_log.ask(FILTER)

    @property
    def table(self) -> NodeTable:
        """The objects."""
        return self.query_one("#node", NodeTable)

    def beneath(self) -> tuple[Where, ...]:
        """The node's keys, where its log has no such key."""
        return () if Where.NODE in self.places() else (Where.NODE,)

    def places(self) -> tuple[Where, ...]:
        """The node's keys, or those of its log."""
        return (Where.LOG,) if self.focused is self.frame_log else (Where.NODE,)

    async def pull(self) -> None:
        """The node as it stands now."""
        self.node_view = await self.window.node()

    def show(self) -> None:
        """Everything that changed."""
        if not self.stands:
            return
        view, glyphs = self.node_view, self.window.glyphs
        count = max(0, len(view.objects) - 1) if view else 0
        where = f"UDP 3610 of {view.address} {glyphs.dot} {count} EV chargers" if view else "the node is gone"
        self.query_one("#title", TitleBar).show(
            [
                (" evtui ", "here"),
                (f"{glyphs.crumb} ", "dim"),
                ("ECHONET Lite", "title"),
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
        """Back to the objects."""
        self.set_focus(self.table)

    # -- keys -------------------------------------------------------------------------------------

    def action_object(self, step: int) -> None:
        """Another object."""
        if not self.table.step(step):
            self.window.tell("there is no object beyond")

    def action_scroll(self, step: int) -> None:
        """Scrolls the properties."""
        self.table.scroll_lines(step)

    def action_page(self, step: int) -> None:
        """Scrolls by a screen."""
        self.table.scroll_lines(step * max(1, self.table.size.height - 2))

    def action_back(self) -> None:
        """Back to the fleet."""
        self.leave()
