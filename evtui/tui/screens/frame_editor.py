"""A frame edited as text: what the standard has against it is said while it is typed."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label

from evtui.tui import figures
from evtui.tui.bindings import keyed
from evtui.tui.frame_text import shown_text, wire_text
from evtui.tui.glyphs import Glyphs
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.text_box import TextBox


class FrameEditor(Dialog[str | None]):
    """Answers what goes over the wire, None to go back; what was not edited letter by letter as it was. `against` says
    what is wrong with a text. LocalError when the text cannot be edited on a screen."""

    AUTO_FOCUS: ClassVar[str] = "#text"
    CSS = """
    FrameEditor { align: center middle; background: $background 60%; }
    FrameEditor Vertical { width: 100; max-width: 100%; height: 90%; padding: 0 1; background: $surface; }
    FrameEditor Vertical { border: round $primary; border-title-style: bold; }
    FrameEditor TextBox { height: 1fr; }
    FrameEditor Label { width: 1fr; color: $text-muted; }
    FrameEditor #said { max-height: 3; color: $foreground; }
    FrameEditor #said.-wrong { color: $error; }
    """

    def __init__(self, glyphs: Glyphs, title: str, text: str, against: Callable[[str], str]) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._title = title
        self._text = text
        self._shown = shown_text(text, glyphs)
        self._against = against
        self._wrong = ""
        self._sure: str | None = None  # what the next press of the same key does all the same

    def compose(self) -> ComposeResult:
        """The text, what is said of it, and the keys."""
        with Vertical() as box:
            box.border_title = figures.brief(self._title, self._glyphs, 60)
            yield TextBox(self._shown, id="text")
            yield Label("", id="said", markup=False)
            yield Label(keyed(self, "`text.submit` sends it, `text.leave` goes back"), id="hint", markup=False)

    @property
    def box(self) -> TextBox:
        """The text."""
        return self.query_one("#text", TextBox)

    def on_mount(self) -> None:
        """What is wrong with it from the beginning."""
        self._judge()

    def on_text_area_changed(self) -> None:
        """What is wrong with it now."""
        self._sure = None
        self._judge()

    def _judge(self) -> None:
        text = self.box.text
        self._wrong = self._against(self._text if text == self._shown else wire_text(text))
        glyphs = self._glyphs
        self._say(f"{glyphs.fault} {self._wrong}" if self._wrong else glyphs.valid, wrong=bool(self._wrong))

    def _say(self, text: str, *, wrong: bool) -> None:
        label = self.query_one("#said", Label)
        label.set_class(wrong, "-wrong")
        label.update(figures.safe(text, self._glyphs))

    def _asks(self, what: str, text: str) -> bool:
        """Whether it is the first time that this is asked for; then the text says what a second press does."""
        if self._sure == what:
            return False
        self._sure = what
        self._say(keyed(self, text), wrong=True)
        return True

    def on_text_box_submitted(self) -> None:
        """It goes; what is wrong and was edited only when that is meant."""
        text = self.box.text
        if text == self._shown:
            self.close(self._text)
        elif not (written := wire_text(text)):
            self._say("there is nothing to send", wrong=True)
        elif not self._wrong or not self._asks("send", f"{self._wrong}; `text.submit` again sends it all the same"):
            self.close(written)

    def on_text_box_left(self) -> None:
        """What was written is dropped only when that is meant."""
        if self.box.text == self._shown or not self._asks("leave", "`text.leave` again drops what was written"):
            self.close(None)
