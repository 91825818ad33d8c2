"""The line in which a filter is written: what it finds shows behind it while it is typed."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from evtui.ocppj.filter import FilterError
from evtui.tui.bindings import bindings, keyed
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.paint import Line
from evtui.tui.screens.dialog import Dialog
from evtui.tui.screens.help import HelpScreen
from evtui.tui.widgets.field import Field

_HINT = "`field.submit` keeps it, `filter.complete` goes on with it, `filter.help` tells the language, "
_HINT += "`filter.back` goes back"
_MOST = 40  # completions told at once


class Tongue(NamedTuple):
    """A filter language as it is typed: `parse` raises FilterError, `complete` gives what a text could go on as."""

    parse: Callable[[str], object]
    complete: Callable[[str], list[str]]
    help_rows: Callable[[], list[tuple[str, str]]]
    title: str


class FilterPrompt(Dialog[str | None]):
    """Answers the filter, None to keep the one there was. `preview` is called with each text that is a filter;
    `history` holds the older ones, newest last."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FILTER)
    CSS = """
    FilterPrompt { align: left bottom; background: transparent; }
    FilterPrompt Vertical { height: 2; background: $surface; }
    FilterPrompt Horizontal { height: 1; }
    FilterPrompt Label { width: 1fr; height: 1; color: $text-muted; padding: 0 1; }
    FilterPrompt #slash { width: 3; color: $accent; text-style: bold; }
    FilterPrompt #said.-wrong { color: $error; }
    FilterPrompt Input { border: none; height: 1; padding: 0; width: 1fr; background: $surface; }
    """

    def __init__(
        self,
        glyphs: Glyphs,
        text: str,
        history: Sequence[str],
        tongue: Tongue,
        preview: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._text = text
        self._history = [*history, *([text] if [text] != history[-1:] else [])]
        self._at = len(self._history) - 1
        self._tongue = tongue
        self._preview = preview
        self._offered: list[str] = []

    def compose(self) -> ComposeResult:
        """What is said of the text, and the text."""
        with Vertical():
            yield Label("", id="said", markup=False)
            with Horizontal():
                yield Label("/", id="slash")
                yield Field(self._text, select_on_focus=False, id="filter")

    def on_mount(self) -> None:
        """Says what can be done."""
        self._say(self._text)

    @property
    def _field(self) -> Input:
        return self.query_one("#filter", Input)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows what it finds, or says what is wrong with it."""
        if event.value not in self._offered:
            self._offered = []
        self._say(event.value)

    def _say(self, text: str) -> None:
        said, wrong = keyed(self, _HINT), False
        try:
            self._tongue.parse(text)
        except FilterError as error:
            said, wrong = str(error), True
        else:
            self._preview(text)
        found = self._tongue.complete(text)
        if found and (wrong or self._offered):
            said, wrong = "  ".join(each.split(" ")[-1] for each in found[:_MOST]), False
        label = self.query_one("#said", Label)
        label.set_class(wrong, "-wrong")
        label.update(said)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps it, if it is a filter."""
        try:
            self._tongue.parse(event.value)
        except FilterError:
            self._say(event.value)
            return
        self.close(event.value.strip())

    # -- keys -------------------------------------------------------------------------------------

    def action_complete(self) -> None:
        """Goes on with the first thing there is; again, with the next."""
        field = self._field
        if field.value not in self._offered:
            self._offered = self._tongue.complete(field.value)
        if not self._offered:
            self.say("there is nothing that it could go on with")
            return
        here = self._offered.index(field.value) if field.value in self._offered else -1
        self._put(self._offered[(here + 1) % len(self._offered)])

    def action_recall(self, step: int) -> None:
        """An older filter, or a newer one."""
        self._history[self._at] = self._field.value
        self._at = max(0, min(self._at + step, len(self._history) - 1))
        self._put(self._history[self._at])

    def _put(self, text: str) -> None:
        self._field.value = text
        self._field.cursor_position = len(text)

    def action_show_help(self) -> None:
        """The language, a line each."""
        rows = self._tongue.help_rows()
        lines: list[Line] = [[], *([(f" {how:<12}", "key"), (f" {what}", "text")] for how, what in rows), []]
        self.app.push_screen(HelpScreen(self._glyphs, self._tongue.title, lines))

    def action_back(self) -> None:
        """The filter there was."""
        self.close(None)
