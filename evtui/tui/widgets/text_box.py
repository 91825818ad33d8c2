"""A text of several lines to be edited."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from evtui.tui.bindings import bindings
from evtui.tui.keys import Where


class TextBox(TextArea, inherit_bindings=False):
    """Textual's, with keys that settings.toml can re-map; nothing in it blinks, as that would be sent over SSH."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.TEXT)
    DEFAULT_CSS = """
    TextBox { border: none; padding: 0; background: $panel; }
    TextBox:focus { border: none; }
    """

    class Submitted(Message):
        """It is to be taken."""

    class Left(Message):
        """It is to be left as it was."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(text, id=id, highlight_cursor_line=False)
        self.cursor_blink = False

    def action_submit(self) -> None:
        """Done."""
        self.post_message(self.Submitted())

    def action_leave(self) -> None:
        """Back."""
        self.post_message(self.Left())
