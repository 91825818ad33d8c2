"""Raw text of a frame as pretty lines with roles: a lexer, not a parser, so that every token stays as it was on the
wire, nothing recurses, and what is no JSON is shown as well, marked."""

import re
from collections.abc import Callable, Iterator

from rich.cells import cell_len, get_character_cell_size

from evtui.tui.paint import Line

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<literal>(?:true|false|null)(?!\w))
      | (?P<open>[\[{])
      | (?P<close>[\]}])
      | (?P<comma>,)
      | (?P<colon>:)
      | (?P<wrong>".*|[^ \t\r\n"\[\]{},:]+)""",  # a string that never closes takes all the rest with it
    re.VERBOSE | re.DOTALL,
)

_STEP = "  "
_DEEPEST = 30  # deeper indents would leave no room for what is indented


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The tokens of `text` as (kind, token): space, string, number, literal, open, close, comma, colon or wrong."""
    for match in _TOKEN.finditer(text):
        yield match.lastgroup or "wrong", match.group()


def pretty_lines(text: str, shown: Callable[[str], str]) -> Iterator[Line]:
    """`text` indented, one value a line, each value as `shown` makes it. The envelope of a frame and lists of objects
    stay on the lines of what they hold: `[2, "id", "Heartbeat", {}]`."""
    line: Line = []
    stream = [(kind, token) for kind, token in tokens(text) if kind != "space"]
    kinds = [kind for kind, _ in stream] + ["end"]
    opened: list[bool] = []  # for each container around: does it put each value on a line of its own?
    for position, (kind, token) in enumerate(stream):
        following = kinds[position + 1]
        match kind:
            case "open":
                line.append((token, "json-mark"))
                flat = token == "[" and (not opened or following == "open")
                opened.append(not flat and following != "close")
                if opened[-1]:
                    yield line
                    line = _indent(opened)
            case "close":
                if opened and opened.pop():
                    yield line
                    line = _indent(opened)
                line.append((token, "json-mark"))
            case "comma":
                apart = not opened or opened[-1]
                line.append((token if apart else ", ", "json-mark"))
                if apart:
                    yield line
                    line = _indent(opened)
            case "colon":
                line.append((": ", "json-mark"))
            case _:
                role = "json-key" if kind == "string" and following == "colon" else f"json-{kind}"
                line.append((shown(token), role))
    if line:
        yield line


def pretty(text: str) -> str:
    """`text` indented as on screen, but with nothing escaped or cut: for files and the clipboard."""
    return "\n".join("".join(piece for piece, _ in line) for line in pretty_lines(text, str))


def _indent(opened: list[bool]) -> Line:
    depth = min(sum(opened), _DEEPEST)
    return [(_STEP * depth, "text")] if depth else []


def wrapped(line: Line, width: int) -> Iterator[Line]:
    """A line as lines of at most `width` cells, broken between pieces if that helps; those that follow are indented as
    the first."""
    hang = line[0][0] if len(line) > 1 and not line[0][0].strip() else ""
    hang = hang if len(hang) < width // 2 else ""
    out: Line = []
    room = width
    for piece, role in line:
        text = piece
        if room < cell_len(text) <= width - len(hang) and any(each.strip() for each, _ in out):
            yield out
            out, room = ([(hang, "text")] if hang else []), width - len(hang)
        while cell_len(text) > room:
            head, text = _cut(text, room)
            yield [*out, (head, role)]
            out, room = ([(hang, "text")] if hang else []), width - len(hang)
        out.append((text, role))
        room -= cell_len(text)
    yield out


def _cut(text: str, cells: int) -> tuple[str, str]:
    if text.isascii():
        return text[:cells], text[cells:]
    used = 0
    for position, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > cells:
            return text[:position], text[position:]
    return text, ""
