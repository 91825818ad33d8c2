"""The line at the bottom: the keys that work now, where the focus is."""

from collections.abc import Callable

from textual import events

from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import KEYS, KeySpec, Where, shown_key
from evtui.tui.paint import Line, width_of
from evtui.tui.widgets.canvas import Canvas

WhyNot = Callable[[KeySpec], str | None]
"""Why a key cannot act now, None if it can."""

_ALWAYS = ("window.help", "window.quit")


class KeyBar(Canvas):
    """Shows `places` in order; what cannot act now is dimmed, and left out where there is no room."""

    def __init__(self, glyphs: Glyphs, keymap: dict[str, str], why_not: WhyNot, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.places: tuple[Where, ...] = ()
        self._keymap = keymap
        self._why_not = why_not
        self._spans: list[tuple[int, int, str]] = []

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line."""
        specs = [spec for spec in KEYS if spec.title and spec.where in (*self.places, Where.EVERYWHERE)]
        specs.sort(key=lambda spec: spec.where is not Where.LOG)
        fixed = [spec for spec in specs if spec.id in _ALWAYS]
        free = [spec for spec in specs if spec.id not in _ALWAYS]
        works = {spec.id: self._why_not(spec) is None for spec in specs}
        if self._width(free) + self._width(fixed) > width:
            free = [spec for spec in free if works[spec.id]]
        while free and self._width(free) + self._width(fixed) > width:
            free.remove(next((spec for spec in reversed(free) if spec.minor), free[-1]))
        line: Line = []
        self._spans = []
        for spec in (*free, *fixed):
            start = width_of(line)
            line += [
                (f" {shown_key(spec, self._keymap)}", "key" if works[spec.id] else "dim"),
                (f" {spec.title} ", "text" if works[spec.id] else "dim"),
            ]
            self._spans.append((start, width_of(line), self._keymap.get(spec.id, spec.keys).split(",")[0]))
        return [line]

    def _width(self, specs: list[KeySpec]) -> int:
        return sum(len(shown_key(spec, self._keymap)) + len(spec.title) + 3 for spec in specs)

    def on_click(self, event: events.Click) -> None:
        """A click on a key is that key."""
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
                return
