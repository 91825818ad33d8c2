"""What the field under the cursor is: what it takes, what is wrong with it, what the standard says of it."""

from textwrap import wrap

from evtui.ocppj.forms import Row, limits
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas


class FieldNote(Canvas):
    """A few lines."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._row: Row | None = None
        self._fault = ""

    def show(self, row: Row | None, fault: str) -> None:
        """Another field."""
        self._row, self._fault = row, fault
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """Its place, then what is said of it."""
        across, row, glyphs = self.glyphs.box[4], self._row, self.glyphs
        if row is None:
            return [[(across * width, "border")]]
        place = figures.safe(row.place or "payload", glyphs)
        need = "required" if row.field.required else "optional"
        left: Line = [(across, "border"), (f" {place} ", "title")]
        lines = [between(left, [(f" {need} ", "dim"), (across, "border")], width, across, "border")]
        if self._fault:
            words = figures.safe(f"{glyphs.fault} {self._fault}", glyphs)
            lines += [[(f" {part}", "bad")] for part in wrap(words, width - 2)[:2]]
        lines += [[(f" {part}", "text")] for part in wrap(figures.safe(limits(row.field), glyphs), width - 2)]
        lines += [[(f" {part}", "dim")] for part in wrap(figures.safe(row.field.help, glyphs), width - 2)]
        return lines
