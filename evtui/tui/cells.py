"""Lines as the cells of a terminal, and where two of them differ."""

from collections.abc import Iterable, Sequence

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style

NARROW = frozenset(map(chr, (*range(0x20, 0x7F), *range(0x2500, 0x25A0))))
"""ASCII, boxes, blocks: one cell each."""

Cells = tuple[list[str], list[Style | None]]
"""The characters of a line, one entry a cell, and the style of each."""


def cells_of(segments: Iterable[Segment]) -> Cells:
    """What stands in each cell; the second cell of a wide character is empty; what has no width joins the cell
    before."""
    cells: list[str] = []
    styles: list[Style | None] = []
    for text, style, control in segments:
        if control:
            continue
        if NARROW.issuperset(text):
            cells += text
            styles += [style] * len(text)
            continue
        for character in text:
            width = get_character_cell_size(character)
            if width:
                cells += (character, *[""] * (width - 1))
                styles += [style] * width
            elif cells:
                cells[-1] += character
    return cells, styles


def changes(
    was: Sequence[str | None],
    were: Sequence[Style | None],
    now: Sequence[str],
    are: Sequence[Style | None],
    gap: int,
) -> list[tuple[int, int]]:
    """Where cells and their styles differ from what they were, as (start, end); spans nearer than `gap` are joined, and
    no wide character is cut. A cell that was None differs from any."""
    spans: list[tuple[int, int]] = []
    for x, (before, after, style, other) in enumerate(zip(was, now, were, are, strict=False)):
        if before == after and (style is other or style == other):
            continue
        start, end = x, x + 1
        while start and "" in (now[start], was[start]):
            start -= 1
        while end < len(now) and "" in (now[end], was[end]):
            end += 1
        if spans and start - spans[-1][1] <= gap:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
