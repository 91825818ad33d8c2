"""Help for where the focus is, generated from the keys."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.tui.bindings import bindings
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import HEADINGS, Where, key_name, keys_of
from evtui.tui.paint import Line
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.box import Box

_KEYS_WIDTH = 15
_WIDEST = 96


def help_lines(places: Sequence[Where], keymap: dict[str, str], about: str, width: int) -> list[Line]:
    """What the focused widget is, then its keys and those around it, in lines of at most `width` cells."""
    lines: list[Line] = [[]]
    lines += [[(f" {part}", "text")] for part in wrap(about, width - 1)]
    for place in (*places, Where.EVERYWHERE, Where.WINDOW):
        lines += [[], [(f" {HEADINGS[place]}", "title")]]
        for spec in keys_of(place):
            names = [key_name(key.strip()) for key in keymap.get(spec.id, spec.keys).split(",")]
            keys = ", ".join(dict.fromkeys(names))
            for number, part in enumerate(wrap(spec.help, max(20, width - _KEYS_WIDTH - 3))):
                lines.append([(f" {'' if number else keys:>{_KEYS_WIDTH}}", "key"), (f"  {part}", "text")])
    return [*lines, []]


class HelpScreen(Dialog[None]):
    """Closes with escape."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.HELP)
    CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    """

    def __init__(self, glyphs: Glyphs, title: str, lines: list[Line]) -> None:
        super().__init__()
        self._box = Box(glyphs, title, lines, id="help")

    @classmethod
    def of_keys(
        cls, glyphs: Glyphs, places: Sequence[Where], keymap: dict[str, str], about: str, width: int
    ) -> "HelpScreen":
        """The keys that work in some places."""
        return cls(glyphs, "keys", help_lines(places, keymap, about, min(_WIDEST, width - 3)))

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        yield self._box

    def action_scroll(self, step: int) -> None:
        """Scrolls."""
        self._box.scroll_lines(step)

    def action_close(self) -> None:
        """Closes."""
        self.close()
