"""The choice of a theme: what the cursor is on is shown at once."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.tui.bindings import bindings, keyed
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.paint import Line
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.box import Box

SHOWN = 14
"""Names at a time, so that the window behind is seen."""


class ThemeChoice(Dialog[str]):
    """Answers the theme that was chosen, None to go back to the one before, which is restored."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOICE)
    CSS = """
    ThemeChoice { align: right middle; background: transparent; }
    """

    def __init__(self, glyphs: Glyphs, names: Sequence[str], now: str) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._names = names
        self._before = now
        self._here = names.index(now)

    def compose(self) -> ComposeResult:
        """A box at the side."""
        yield Box(self._glyphs, "Theme", self._lines(), id="themes")

    def _lines(self) -> list[Line]:
        first = max(0, min(self._here - SHOWN // 2, len(self._names) - SHOWN))
        width = max(map(len, self._names))
        lines: list[Line] = [[]]
        for index in range(first, min(first + SHOWN, len(self._names))):
            here = index == self._here
            sign = self._glyphs.cursor if here else " "
            lines.append([(f" {sign} {self._names[index]:{width}} ", "here" if here else "text")])
        return [*lines, [], [(keyed(self, " `choice.take` keeps it, `choice.back` goes back "), "hint")]]

    def action_move(self, step: int) -> None:
        """Shows the theme above or below."""
        self._here = (self._here + step) % len(self._names)
        self.app.theme = self._names[self._here]
        self.query_one("#themes", Box).say(self._lines())

    def action_choose(self, number: int) -> None:
        """Chooses by number, evtui's own first."""
        if number <= len(self._names):
            self._here = number - 1
            self.action_take()
        else:
            self.say(f"there is no choice {number}")

    def action_take(self) -> None:
        """Chooses what is shown."""
        self.app.theme = self._names[self._here]
        self.close(self._names[self._here])

    def action_back(self) -> None:
        """Back to the theme before."""
        self.app.theme = self._before
        self.close()
