"""NO_COLOR: no colour at all goes out. What stood out by its ground is reversed instead."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_STANDS_OUT = 0.1
"""From this difference of brightness on, a ground means something: the line under the cursor, a selection."""


class Colourless(LineFilter):
    """Takes all colour away; bold, dim, italic, underline and reverse stay. Textual's own filter leaves a chosen line
    like any other."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without colour; `background` is the ground that they stand on."""
        return [
            Segment(text, None if style is None else _colourless(style, background), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def _colourless(style: Style, background: Color) -> Style:
    bare = style.without_color
    ground = style.bgcolor
    if ground is None or ground.is_default:
        return bare
    if abs(Color.from_rich_color(ground).brightness - background.brightness) < _STANDS_OUT:
        return bare
    return bare + Style(reverse=not style.reverse)
