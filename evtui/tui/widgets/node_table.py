"""The objects of an ECHONET Lite node: each property with its code, name, value and what may be done with it."""

from evtui.engine.beside import NodeView, ObjectRow, PropertyRow
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas

_OF_CLASS = 0xA0
"""The properties from here on are those of the class, and what moves is among them: they come first."""

_HEX_FROM = 100
"""Cells from which on there is room for the bytes beside their meaning."""


class NodeTable(Canvas, can_focus=True):
    """One object at a time, with a line that says which there are."""

    HELP = "The objects of the ECHONET Lite node, as a controller finds them now."

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._view: NodeView | None = None
        self._eoj = 0
        self._top = 0

    def show(self, view: NodeView | None) -> None:
        """The node as it stands now."""
        self._view = view
        self.repaint()

    @property
    def object(self) -> ObjectRow | None:
        """The object that is shown; the first charger, if the one that was shown is gone."""
        objects = self._view.objects if self._view else ()
        found = next((each for each in objects if each.eoj == self._eoj), None)
        return found or next(iter((*objects[1:], *objects)), None)

    def step(self, by: int) -> bool:
        """To another object; says whether there is one."""
        objects, here = (self._view.objects if self._view else ()), self.object
        if here is None or not 0 <= (position := objects.index(here) + by) < len(objects):
            return False
        self._eoj, self._top = objects[position].eoj, 0
        self.repaint()
        return True

    def scroll_lines(self, by: int) -> None:
        """Scrolls the properties."""
        rows = len(self.object.properties) if self.object else 0
        self._top = max(0, min(self._top + by, rows - max(1, self.size.height - 1)))
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """Which object, then its properties."""
        here = self.object
        if self._view is None or here is None:
            return [[("  there is no node", "hint")]]
        across = self.glyphs.box[4]
        frame = "here" if self.has_focus else "border"
        position = self._view.objects.index(here) + 1
        about = figures.safe(here.about, self.glyphs)
        left: Line = [(across, frame), (f" {here.eoj:06X} {about} ", "here" if self.has_focus else "title")]
        right: Line = [(f" object {position} of {len(self._view.objects)} ", "dim"), (across, frame)]
        rows = sorted(here.properties, key=lambda row: (row.epc < _OF_CLASS, row.epc))
        shown = rows[self._top : self._top + max(0, height - 1)]
        return [between(left, right, width, across, frame), *(self._line(row, width) for row in shown)]

    def _line(self, row: PropertyRow, width: int) -> Line:
        glyphs = self.glyphs
        hexed = min(40, width - 90) if width >= _HEX_FROM else 0
        value = max(10, width - 6 - 40 - 13 - hexed)
        name = figures.fit(row.name, 39, glyphs)
        nothing = "no value now" if "get" in row.access else ""
        text = figures.fit(figures.safe(row.text or nothing, glyphs), value, glyphs)
        return [
            (f"  {row.epc:02X} ", "key"),
            (f"{name} ", "text"),
            (text, "title" if row.text else "hint"),
            (f" {row.access:<12}", "dim"),
            (figures.fit(row.edt, hexed, glyphs), "dim"),
        ]

    def on_focus(self) -> None:
        """Drawn as the place that keys go to."""
        self.repaint()

    def on_blur(self) -> None:
        """Drawn as any other."""
        self.repaint()
