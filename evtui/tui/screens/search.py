"""A line of words to look for: what they find shows behind it while they are typed."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from evtui.tui.bindings import bindings
from evtui.tui.keys import Where
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.field import Field


class SearchPrompt(Dialog[str | None]):
    """Answers the words, None to keep those that there were. `preview` is called with each text."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LINE)
    CSS = """
    SearchPrompt { align: left bottom; background: transparent; }
    SearchPrompt Horizontal { height: 1; background: $surface; }
    SearchPrompt Label { width: 3; color: $accent; text-style: bold; padding: 0 1; }
    SearchPrompt Input { border: none; height: 1; padding: 0; width: 1fr; background: $surface; }
    """

    def __init__(self, text: str, preview: Callable[[str], None]) -> None:
        super().__init__()
        self._text = text
        self._preview = preview

    def compose(self) -> ComposeResult:
        """The text."""
        with Horizontal():
            yield Label("/")
            yield Field(self._text, select_on_focus=False, id="words")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows what it finds."""
        self._preview(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps it."""
        self.close(event.value.strip())

    def action_complete(self) -> None:
        """There is nothing to go on with."""
        self.say("words are searched as they are typed: there is nothing to go on with")

    def action_back(self) -> None:
        """What there was."""
        self.close(None)
