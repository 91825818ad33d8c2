"""A choice among a few: by its number, or with the arrows."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.tui.bindings import bindings
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.paint import Line
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.box import Box


class Choose(Dialog[str | None]):
    """Answers the value that was chosen, None to go back. `choices` are values and what they mean."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOICE)
    CSS = """
    Choose { align: center middle; background: $background 60%; }
    """

    def __init__(self, glyphs: Glyphs, title: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._title = title
        self._choices = choices
        self._here = 0

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        yield Box(self._glyphs, self._title, self._lines(), id="choices")

    def _lines(self) -> list[Line]:
        return [
            [],
            *(
                [
                    (f" {self._glyphs.cursor if index == self._here else ' '} ", "here"),
                    (f"{index + 1}", "key"),
                    (f"  {meaning} ", "here" if index == self._here else "text"),
                ]
                for index, (_, meaning) in enumerate(self._choices)
            ),
            [],
        ]

    def action_move(self, step: int) -> None:
        """To the choice above or below."""
        self._here = (self._here + step) % len(self._choices)
        self.query_one("#choices", Box).say(self._lines())

    def action_choose(self, number: int) -> None:
        """Chooses by number, if there is one."""
        if number <= len(self._choices):
            self.close(self._choices[number - 1][0])
        else:
            self.say(f"there is no choice {number}")

    def action_take(self) -> None:
        """Chooses where the cursor is."""
        self.close(self._choices[self._here][0])

    def action_back(self) -> None:
        """Chooses nothing."""
        self.close(None)
