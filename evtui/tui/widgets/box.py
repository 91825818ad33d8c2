"""A framed box with lines in it: questions, notices, help."""

from rich.cells import cell_len

from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between, width_of
from evtui.tui.widgets.canvas import Canvas


class Box(Canvas, can_focus=False):
    """As wide as its longest line, as high as it may be; scrolls when that is not enough."""

    DEFAULT_CSS = """
    Box { width: auto; height: auto; max-width: 100%; max-height: 100%; background: $surface; }
    """

    def __init__(self, glyphs: Glyphs, title: str, lines: list[Line], *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._title = title
        self._lines = lines
        self.top = 0
        self._set_size()

    def _set_size(self) -> None:
        self.styles.width = max(cell_len(self._title) + 8, *(width_of(line) + 4 for line in self._lines))
        self.styles.height = len(self._lines) + 2

    def say(self, lines: list[Line]) -> None:
        """Other lines."""
        self._lines = lines
        self._set_size()
        self.repaint()

    def scroll_lines(self, step: int) -> None:
        """Scrolls by lines."""
        self.top = max(0, min(self.top + step, len(self._lines) + 2 - self.size.height))
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The frame around what fits."""
        top_left, top_right, bottom_left, bottom_right, across, down = self.glyphs.box
        inner = width - 2
        shown = self._lines[self.top : self.top + height - 2]
        more = len(self._lines) - self.top - len(shown)
        title: Line = [(top_left + across, "here"), (f" {self._title} ", "title")]
        note: Line = [(f" {self.glyphs.newer} {figures.count(more, 'line')} ", "mark")] if more else []
        return [
            between(title, [(top_right, "here")], width, across, "here"),
            *([(down, "here"), *between(line, [], inner), (down, "here")] for line in shown),
            between([(bottom_left, "here")], [*note, (across + bottom_right, "here")], width, across, "here"),
        ]
