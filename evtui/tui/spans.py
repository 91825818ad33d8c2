"""Partial repaints as small as they were asked for.

Textual 8.2.8 sends a changed span with everything left of it in its widget; on a line of two panels that is ten times
what changed. Its other renderer of the same update crops on both sides, and so does this one. Textual is pinned.
"""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate


def render_spans(update: ChopsUpdate, console: Console) -> str:
    """The escape sequences that draw the spans of an update, and nothing beside them."""
    sequences: list[str] = []
    for y, start, end in update.spans:
        for chop_end, (chop_start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            left, right = max(start, chop_start), min(end, chop_end)
            if strip is not None and left < right:
                sequences.append(Control.move_to(left, y).segment.text)
                sequences.append(strip.crop(left - chop_start, right - chop_start).render(console))
    return "".join(sequences)


def send_only_what_changed() -> None:
    """Makes Textual draw its partial repaints so."""
    ChopsUpdate.render_segments = render_spans  # type: ignore[assignment, method-assign]
