"""A new value for a variable: what the station has against one is said, and another may be tried."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from evtui.engine.door import Outcome, VariableRow
from evtui.tui import figures
from evtui.tui.bindings import bindings, keyed
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.screens.dialog import Dialog
from evtui.tui.variables import choices, completions, described
from evtui.tui.widgets.field import Field

SetTo = Callable[[str], Awaitable[Outcome]]
"""Sets the variable, and tells what came of it."""


class ValuePrompt(Dialog[str | None]):
    """Answers what was done, None when nothing was."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LINE)
    CSS = """
    ValuePrompt { align: center middle; background: $background 60%; }
    ValuePrompt Vertical { width: 70; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; }
    ValuePrompt Vertical { background: $surface; border: round $primary; border-title-style: bold; }
    ValuePrompt Label { width: 1fr; color: $foreground; }
    ValuePrompt #said { color: $text-muted; }
    ValuePrompt #said.-wrong { color: $error; }
    ValuePrompt Input { border: none; height: 1; padding: 0; background: $panel; margin: 1 0; }
    """

    def __init__(self, glyphs: Glyphs, row: VariableRow, value: str, set_to: SetTo) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._row = row
        self._value = value
        self._set_to = set_to
        self._offered: list[str] = []
        self._busy = False  # a value is being set, or was

    def compose(self) -> ComposeResult:
        """What it is, its value, and what is said of that."""
        row, glyphs = self._row, self._glyphs
        with Vertical() as box:
            box.border_title = figures.safe(row.name, glyphs)
            yield Label(figures.safe(described(row), glyphs), markup=False)
            if row.values:
                yield Label(figures.safe(choices(row), glyphs), markup=False)
            hidden = row.mutability == "WriteOnly"
            value = self._value if self._value.isprintable() else ""  # a field would let it through to the terminal
            yield Field(value, password=hidden, select_on_focus=False, id="value")
            yield Label("", id="said", markup=False)

    def on_mount(self) -> None:
        """Says what can be done."""
        tab = ", `line.complete` goes on with what there is" if completions(self._row, "") else ""
        self._say(keyed(self, f"`field.submit` sets it{tab}, `line.back` goes back"))

    @property
    def _field(self) -> Input:
        return self.query_one("#value", Input)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        label = self.query_one("#said", Label)
        label.set_class(wrong, "-wrong")
        label.update(figures.safe(text, self._glyphs))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter sets it."""
        if not self._busy:
            self._busy = True
            self.run_worker(self._set(event.value), group="set", exit_on_error=False)

    async def _set(self, value: str) -> None:
        outcome = await self._set_to(value)
        if outcome.done:
            self.close(outcome.text)
        elif self.is_mounted:
            self._say(outcome.text, wrong=True)
            self._busy = False

    def action_complete(self) -> None:
        """Goes on with the first value there is; again, with the next."""
        field = self._field
        if field.value not in self._offered:
            self._offered = completions(self._row, field.value)
        if not self._offered:
            self.say("there is nothing that it could go on with")
            return
        here = self._offered.index(field.value) if field.value in self._offered else -1
        field.value = self._offered[(here + 1) % len(self._offered)]
        field.cursor_position = len(field.value)

    def action_back(self) -> None:
        """Nothing is changed."""
        self.close(None)
