"""What stands on the terminal: what is painted there again, the same as before, is not sent again.

Textual paints all of a screen twice when it opens, and whenever the focus moves: some ten kilobytes each time, which an
SSH link feels.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from time import monotonic

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from evtui.tui.cells import Cells, changes

GAP = 6
"""Cells that are cheaper to send again than to jump over."""

TRUSTED_S = 60.0
"""How long what was sent is believed to stand there, when all is painted: others may write to a terminal, too."""


class Standing:
    """The cells of a terminal as they were sent."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._size = (0, 0)
        self._rows: list[tuple[list[str | None], list[Style | None]]] = []
        self._began = 0.0

    def forget(self) -> None:
        """Whatever stands there: all is sent again."""
        self._size = (0, 0)

    def begin(self, width: int, height: int, *, whole: bool) -> None:
        """What is painted next is for a terminal of so many cells; `whole`: all of them."""
        if self._size == (width, height) and not (whole and self._now() - self._began > TRUSTED_S):
            return
        self._size = (width, height)
        self._rows = [([None] * width, [None] * width) for _ in range(height)]
        self._began = self._now()

    def news(self, x: int, y: int, line: Cells) -> list[tuple[int, Strip]]:
        """Of cells that are painted from (x, y) on, those that do not stand there yet, each part with its place."""
        if not 0 <= y < len(self._rows):
            return []
        cells, styles = self._rows[y]
        room = max(0, len(cells) - x)
        now, are = line[0][:room], line[1][:room]
        end = x + len(now)
        was, were = cells[x:end], styles[x:end]
        if was == now and were == are:
            return []
        spans = changes(was, were, now, are, GAP)
        cells[x:end], styles[x:end] = now, are
        if spans and x and was[0] == "" and spans[0][0] == 0:
            cells[x - 1] = None  # half of a wide character is overwritten: the other half goes with it
        if spans and spans[-1][1] == len(now) and cells[end : end + 1] == [""]:
            cells[end] = None
        return [(x + start, _strip(now, are, start, stop)) for start, stop in spans]


def _strip(cells: Sequence[str], styles: Sequence[Style | None], start: int, stop: int) -> Strip:
    """Some cells, in as few segments as they have styles; textual would cut a combining mark from the last of them."""
    runs = groupby(range(start, stop), styles.__getitem__)
    return Strip([Segment("".join([cells[x] for x in run]), style) for style, run in runs], stop - start)
