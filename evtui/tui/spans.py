"""Partial repaints as small as they were asked for, and lines that go when they leave the screen.

Textual 8.2.8 sends a changed span with everything left of it in its widget; on a line of two panels that is ten times
what changed. Its other renderer of the same update crops on both sides, and so does this one.

A line of Textual's remembers what was cut from it; one that was asked for all of itself remembers itself. So no line
goes before the garbage collector comes for it, some ten objects each, and keys wait meanwhile. Textual is pinned.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.driver import Driver
from textual.strip import Strip

from evtui.tui.cells import Cells, cells_of
from evtui.tui.standing import Standing

STANDING = Standing()
"""A process has one terminal."""


def render_spans(update: ChopsUpdate, console: Console) -> str:
    """The escape sequences that draw the spans of an update, and nothing beside them."""
    STANDING.begin(update.chop_ends[0][-1], len(update.chop_ends), whole=False)
    lines: dict[tuple[int, int], Cells] = {}
    sequences: list[str] = []
    for y, start, end in update.spans:
        for chop_end, (chop_start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            left, right = max(start, chop_start), min(end, chop_end)
            if strip is not None and left < right:
                if (y, chop_start) not in lines:
                    lines[y, chop_start] = cells_of(strip)
                cells, styles = lines[y, chop_start]
                part = slice(left - chop_start, right - chop_start)
                sequences += _painted(left, y, (cells[part], styles[part]), console)
    return "".join(sequences)


def render_whole(update: LayoutUpdate, console: Console) -> str:
    """The escape sequences that draw all of a screen where it does not stand yet."""
    left, top, width, height = update.region
    STANDING.begin(left + width, top + height, whole=True)
    sequences: list[str] = []
    for y, strips in enumerate(update.strips, top):
        sequences += _painted(left, y, cells_of(chain.from_iterable(strips)), console)
    return "".join(sequences)


def _painted(x: int, y: int, line: Cells, console: Console) -> list[str]:
    return [
        sequence
        for at, part in STANDING.news(x, y, line)
        for sequence in (Control.move_to(at, y).segment.text, part.render(console))
    ]


def send_only_what_changed() -> None:
    """Makes Textual draw so, and begin anew when it was away from the terminal."""
    resume = Driver.resume_application_mode

    def resumed(self: Driver) -> None:
        STANDING.forget()
        resume(self)

    Driver.resume_application_mode = resumed  # type: ignore[method-assign]
    ChopsUpdate.render_segments = render_spans  # type: ignore[assignment, method-assign]
    LayoutUpdate.render_segments = render_whole  # type: ignore[assignment, method-assign]


_divide, _adjust, _crop_extend = Strip.divide, Strip.adjust_cell_length, Strip.crop_extend


def let_go_of_lines() -> None:
    """Makes a line that is asked for all of itself give itself, and remember nothing."""

    def divide(self: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        within = [cut for cut in cuts if cut <= self.cell_length]
        return [self] if within == [self.cell_length] else _divide(self, within)

    def adjust_cell_length(self: Strip, cell_length: int, style: Style | None = None) -> Strip:
        return self if cell_length == self.cell_length else _adjust(self, cell_length, style)

    def crop_extend(self: Strip, start: int, end: int, style: Style | None) -> Strip:
        return self if (start, end) == (0, self.cell_length) else _crop_extend(self, start, end, style)

    Strip.divide = divide  # type: ignore[method-assign]
    Strip.adjust_cell_length = adjust_cell_length  # type: ignore[method-assign]
    Strip.crop_extend = crop_extend  # type: ignore[method-assign]
