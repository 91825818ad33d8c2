"""The line that says which part of the fleet is shown, and in what order; it is there only when something was asked."""

from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line
from evtui.tui.scene import Scene
from evtui.tui.widgets.canvas import Canvas


def order_mark(scene: Scene, glyphs: Glyphs) -> str:
    """Which way the order goes."""
    return glyphs.newer if scene.descending else glyphs.older


class AskedBar(Canvas):
    """One line: the filter, what it shows, the order."""

    def __init__(self, glyphs: Glyphs, scene: Scene, all_key: str, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.scene = scene
        self._all_key = all_key

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """It."""
        scene, dot = self.scene, f" {self.glyphs.dot} "
        order = f"{order_mark(scene, self.glyphs)} by {scene.sort}" if scene.sort else ""
        if not scene.filter.strip():
            return [[(f" {order}", "key")]]
        count = f"{scene.shown:,} of {figures.count(scene.stations, 'station')}"
        ending: Line = [(dot, "dim"), (count, "warn" if not scene.shown else "title")]
        ending += [(dot, "dim"), (order, "key")] if order else []
        ending += [(dot, "dim"), (f"{self._all_key} shows all", "hint")]
        room = width - 3 - sum(len(text) for text, _ in ending)
        text = figures.safe(scene.filter.strip(), self.glyphs)
        return [[(" /", "key"), (figures.fit(text, max(8, room), self.glyphs).rstrip(), "text"), *ending]]
