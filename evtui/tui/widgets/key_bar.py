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
    """Shows `places` in order; where there is no room, what cannot act now is left out, and then by rank: the help
    tells all."""

    def __init__(self, glyphs: Glyphs, keymap: dict[str, str], why_not: WhyNot, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.places: tuple[Where, ...] = ()
        self._keymap = keymap
        self._why_not = why_not
        self._spans: list[tuple[int, int, str]] = []

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line."""
        specs = [spec for spec in KEYS if spec.title and spec.where in (*self.places, Where.EVERYWHERE)]
        specs.sort(key=lambda spec: (spec.id in _ALWAYS, spec.where is not Where.LOG))
        works = {spec.id: self._why_not(spec) is None for spec in specs}
        shown = (
            specs if self._width(specs) <= width else self._fitting([spec for spec in specs if works[spec.id]], width)
        )
        line: Line = []
        self._spans = []
        for spec in shown:
            start = width_of(line)
            line += [
                (f" {shown_key(spec, self._keymap)}", "key" if works[spec.id] else "dim"),
                (f" {spec.title} ", "text" if works[spec.id] else "dim"),
            ]
            self._spans.append((start, width_of(line), self._keymap.get(spec.id, spec.keys).split(",")[0]))
        return [line]

    def _fitting(self, specs: list[KeySpec], width: int) -> list[KeySpec]:
        """Those of `specs` that there is room for, by their rank."""
        found: set[str] = set()
        left = width
        for spec in sorted(specs, key=lambda spec: -1 if spec.id in _ALWAYS else spec.rank):
            if (needed := self._width([spec])) <= left:
                found.add(spec.id)
                left -= needed
        return [spec for spec in specs if spec.id in found]

    def _width(self, specs: list[KeySpec]) -> int:
        return sum(len(shown_key(spec, self._keymap)) + len(spec.title) + 3 for spec in specs)

    def on_click(self, event: events.Click) -> None:
        """A click on a key is that key."""
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
                return
