"""What the variable under the cursor is, and all of its value."""

from textwrap import wrap

from evtui.engine.door import VariableRow
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.variables import choices, described, shown_value
from evtui.tui.widgets.canvas import Canvas


class VariableNote(Canvas):
    """As much as there is room for."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._row: VariableRow | None = None
        self._value = ""

    def show(self, row: VariableRow | None, value: str) -> None:
        """Another variable, or another value."""
        self._row, self._value = row, value
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """Its name, what it is, its value, what there is to choose from."""
        row, glyphs = self._row, self.glyphs
        across = glyphs.box[4]
        if row is None:
            return [between([(across, "border")], [], width, across, "border")]
        left: Line = [(across, "border"), (f" {figures.safe(row.name, glyphs)} ", "title")]
        lines = [between(left, [], width, across, "border")]
        value = figures.safe(shown_value(row, self._value), glyphs)
        for text, role in ((described(row), "dim"), (value, "title"), (choices(row), "text")):
            lines += [[(f"  {part}", role)] for part in wrap(figures.safe(text, glyphs), max(20, width - 4))]
        return lines
