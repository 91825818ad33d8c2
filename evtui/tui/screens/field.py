"""A value for a field of a message: what the schema has against it is said while it is typed."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from evtui.ocppj.forms import Row, limits, written
from evtui.tui import figures
from evtui.tui.bindings import bindings, keyed
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.field import Field


class FieldPrompt(Dialog[str | None]):
    """Answers the text, None to keep what there was. `against` says what is wrong with a text."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LINE)
    CSS = """
    FieldPrompt { align: left bottom; background: transparent; }
    FieldPrompt Vertical { height: 3; background: $surface; }
    FieldPrompt Horizontal { height: 1; }
    FieldPrompt Label { width: 1fr; height: 1; color: $text-muted; padding: 0 1; }
    FieldPrompt #name { width: auto; max-width: 50%; color: $accent; text-style: bold; }
    FieldPrompt #said.-wrong { color: $error; }
    FieldPrompt Input { border: none; height: 1; padding: 0; width: 1fr; background: $panel; }
    """

    def __init__(self, glyphs: Glyphs, row: Row, against: Callable[[str], str]) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._row = row
        self._against = against
        self._offered: list[str] = []

    def compose(self) -> ComposeResult:
        """What it takes, what is said of the text, and the text."""
        row, glyphs = self._row, self._glyphs
        value = "" if not row.there or row.value is None else written(row.value)
        tab = ", `line.complete` goes on with what there is" if self._choices else ""
        with Vertical():
            hint = keyed(self, f": `field.submit` keeps it{tab}")
            yield Label(figures.safe(f"{limits(row.field)}{hint}", glyphs), markup=False)
            yield Label("", id="said", markup=False)
            with Horizontal():
                yield Label(figures.safe(row.place or "payload", glyphs), id="name", markup=False)
                # a field would let control characters through to the terminal
                yield Field(value if value.isprintable() else "", select_on_focus=True, id="value")

    @property
    def _choices(self) -> tuple[str, ...]:
        return self._row.field.choices or (("false", "true") if self._row.field.kind == "boolean" else ())

    @property
    def _field(self) -> Input:
        return self.query_one("#value", Input)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What the schema says of it."""
        if event.value not in self._offered:
            self._offered = []
        wrong = self._against(event.value)
        label = self.query_one("#said", Label)
        label.set_class(bool(wrong), "-wrong")
        label.update(figures.safe(f"{self._glyphs.fault} {wrong}" if wrong else self._glyphs.valid, self._glyphs))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps it, wrong or not: what is wrong shows at the field."""
        self.close(event.value)

    def action_complete(self) -> None:
        """Goes on with the first value that begins so; again, with the next."""
        field = self._field
        if field.value not in self._offered:
            typed = field.value.lower()
            near = [each for each in self._choices if each.lower().startswith(typed)]
            self._offered = near or [each for each in self._choices if typed in each.lower()] or list(self._choices)
        if not self._offered:
            self.say("there is nothing that it could go on with")
            return
        here = self._offered.index(field.value) if field.value in self._offered else -1
        field.value = self._offered[(here + 1) % len(self._offered)]
        field.cursor_position = len(field.value)

    def action_back(self) -> None:
        """What there was."""
        self.close(None)
