"""The line at the bottom: the keys that work now, where the focus is."""

from collections.abc import Callable
from functools import cache

from textual import events

from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import KEYS, KeySpec, Where, shown_key
from evtui.tui.paint import Line
from evtui.tui.widgets.canvas import Canvas

WhyNot = Callable[[KeySpec], str | None]
"""Why a key cannot act now, None if it can."""

_ALWAYS = ("window.help", "window.quit")


@cache
def _told(places: tuple[Where, ...]) -> tuple[KeySpec, ...]:
    """The keys that a bar could tell, in its order."""
    specs = [spec for spec in KEYS if spec.title and spec.where in (*places, Where.EVERYWHERE)]
    return tuple(sorted(specs, key=lambda spec: (spec.id in _ALWAYS, spec.where is not Where.LOG)))


class KeyBar(Canvas):
    """Shows `places` in order; where there is no room, what cannot act now is left out, and then by rank: the help
    tells all."""

    def __init__(self, glyphs: Glyphs, keymap: dict[str, str], why_not: WhyNot, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.places: tuple[Where, ...] = ()
        self._keymap = keymap
        self._why_not = why_not
        self._drawn: tuple[object, ...] = ()  # all that the line was made from
        self._line: Line = []
        self._spans: list[tuple[int, int, str]] = []

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line; the same one as long as nothing is another: it is asked for with each key and each second."""
        specs = _told(self.places)
        works = [self._why_not(spec) is None for spec in specs]
        drawn = (self.places, width, works)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw(specs, works, width)
        return [self._line]

    def _draw(self, specs: tuple[KeySpec, ...], works: list[bool], width: int) -> None:
        at = list(range(len(specs)))
        keys = [shown_key(spec, self._keymap) for spec in specs]
        widths = [len(key) + len(spec.title) + 3 for key, spec in zip(keys, specs, strict=True)]
        if sum(widths) > width:
            left, found = width, []
            for index in sorted(at, key=lambda index: -1 if specs[index].id in _ALWAYS else specs[index].rank):
                if works[index] and widths[index] <= left:
                    found.append(index)
                    left -= widths[index]
            at = sorted(found)
        self._line, self._spans = [], []
        start = 0
        for index in at:
            spec = specs[index]
            self._line += [
                (f" {keys[index]}", "key" if works[index] else "dim"),
                (f" {spec.title} ", "text" if works[index] else "dim"),
            ]
            self._spans.append((start, start + widths[index], self._keymap.get(spec.id, spec.keys).split(",")[0]))
            start += widths[index]

    def on_click(self, event: events.Click) -> None:
        """A click on a key is that key."""
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
                return
