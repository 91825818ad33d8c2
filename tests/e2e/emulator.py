"""What a user would see: pyte, with ears for the sequences it does not know."""

import codecs
import re

import pyte

# Private sequences of the kitty protocol, mode queries and device strings, which pyte would print in part.
_FOREIGN = re.compile(
    r"""\x1b\[ [<=>] [0-9;]* [A-Za-z]
      | \x1b\[ [?]? [0-9;]* \$ [a-z]
      | \x1bP .*? \x1b\\
    """,
    re.DOTALL | re.VERBOSE,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;<=>?$]*|P[^\x1b]*\x1b?)?$")


class Emulator:
    """A screen that bytes are fed to, in any pieces."""

    def __init__(self, columns: int, lines: int) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""

    def feed(self, data: bytes) -> None:
        """Draws; what ends in the middle of a sequence waits for its rest."""
        text = self._pending + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._pending = text[cut:]
        self._stream.feed(_FOREIGN.sub("", text[:cut]))

    def lines(self) -> list[str]:
        """The screen, line by line, without trailing blanks."""
        return [line.rstrip() for line in self._screen.display]

    def cells(self) -> list[list[pyte.screens.Char]]:
        """The screen, line by line, cell by cell; the second cell of a wide character is empty."""
        buffer = self._screen.buffer
        return [[buffer[y][x] for x in range(self._screen.columns)] for y in range(self._screen.lines)]

    @property
    def title(self) -> str:
        """The window's title, as the program set it."""
        return str(self._screen.title)

    def resize(self, columns: int, lines: int) -> None:
        """Makes the screen another size."""
        self._screen.resize(lines, columns)
