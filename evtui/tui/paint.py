"""Lines as pieces of text with a role each, before any colour: what widgets compose and tests read."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

Piece = tuple[str, str]
"""Text and the role that gives it its colour (see `evtui.tui.palette`)."""

Line = list[Piece]


def text_of(line: Sequence[Piece]) -> str:
    """What a line says, without roles."""
    return "".join(text for text, _ in line)


def width_of(line: Iterable[Piece]) -> int:
    """Its cells."""
    return sum(cell_len(text) for text, _ in line)


def flowed(pieces: Line, width: int) -> list[Line]:
    """Pieces in as many lines as they need, broken between them alone."""
    lines: list[Line] = [[]]
    for text, role in pieces:
        if lines[-1] and width_of(lines[-1]) + cell_len(text) > width:
            lines.append([(text.lstrip(), role)])
        else:
            lines[-1].append((text, role))
    return lines


def between(left: Line, right: Line, width: int, filler: str = " ", role: str = "text") -> Line:
    """`left` and `right` at the ends of a line of `width` cells; `right` goes when there is no room for both."""
    room = width - width_of(left) - width_of(right)
    if room < 0:
        return between(left, [], width, filler, role) if right else left
    return [*left, (filler * room, role), *right]
