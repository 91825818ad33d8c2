"""Help for where the focus is, generated from the keys."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.tui.bindings import bindings
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import HEADINGS, Where, key_name, keys_bound, keys_of
from evtui.tui.paint import Line
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.box import Box

_KEYS_WIDTH = 15
_WIDEST = 96


def help_lines(
    places: Sequence[Where], keymap: dict[str, str], about: str, width: int, beneath: Sequence[Where] = ()
) -> list[Line]:
    """What the focused widget is, then its keys and those around it, in lines of at most `width` cells. Of the parts
    that lie `beneath`, what is not hidden."""
    lines: list[Line] = [[]]
    lines += [[(f" {part}", "text")] for part in wrap(about, max(20, width - 1))]
    taken = {key for place in places for spec in keys_of(place) for key in keys_bound(spec, keymap)}
    for place in (*places, *beneath, Where.EVERYWHERE, Where.WINDOW):
        lines += [[], [(f" {HEADINGS[place]}", "title")]]
        for spec in keys_of(place):
            bound = [key for key in keys_bound(spec, keymap) if place not in beneath or key not in taken]
            keys = ", ".join(dict.fromkeys(map(key_name, bound)))
            if not bound:
                continue
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
        cls,
        glyphs: Glyphs,
        places: Sequence[Where],
        keymap: dict[str, str],
        about: str,
        width: int,
        beneath: Sequence[Where] = (),
    ) -> "HelpScreen":
        """The keys that work in some places."""
        return cls(glyphs, "keys", help_lines(places, keymap, about, min(_WIDEST, width - 3), beneath))

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        yield self._box

    def action_scroll(self, step: int) -> None:
        """Scrolls."""
        self._box.scroll_lines(step)

    def action_close(self) -> None:
        """Closes."""
        self.close()
