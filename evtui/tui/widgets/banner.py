"""The permanent warning, such as that of --insecure: a line that is there as long as its reason is."""

from evtui.tui import figures
from evtui.tui.paint import Line
from evtui.tui.widgets.canvas import Canvas


class Banner(Canvas):
    """Not displayed while there is nothing to warn of."""

    DEFAULT_CSS = """
    Banner { display: none; }
    Banner.-on { display: block; }
    """

    text = ""

    def show(self, text: str) -> None:
        """Warns of `text` from now on."""
        if text != self.text:
            self.text = text
            self.set_class(bool(text), "-on")
            self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line."""
        return [[(figures.fit(f" ! {figures.safe(self.text, self.glyphs)}", width, self.glyphs), "banner")]]
