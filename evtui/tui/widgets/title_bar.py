"""A line that says where one is."""

from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line
from evtui.tui.widgets.heading import Heading


class TitleBar(Heading):
    """One line."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._line: Line = []

    def show(self, line: Line) -> None:
        """Another line."""
        self._line = line
        self.repaint()

    def heading(self, width: int) -> Line:
        """It."""
        return self._line
