"""The arguments of a command that has no key of its own: a line to fill in for each."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from evtui.engine.commands import CommandSpec
from evtui.tui.bindings import bindings, keyed
from evtui.tui.keys import Where
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.field import Field


class Arguments(Dialog[dict[str, str] | None]):
    """Answers what was filled in, None to go back. What is left empty has the command's default. `keep`: typing goes on
    with what stands in a line, rather than over it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FORM)
    CSS = """
    Arguments { align: center middle; background: $background 60%; }
    Arguments Vertical { width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; }
    Arguments Vertical { overflow-y: auto; background: $surface; border: round $primary; border-title-style: bold; }
    Arguments Label { width: 1fr; color: $foreground; }
    Arguments Input { border: none; height: 1; padding: 0; background: $panel; margin-bottom: 1; }
    """

    def __init__(self, spec: CommandSpec, *, keep: bool = False) -> None:
        super().__init__()
        self._keep = keep
        self._spec = spec

    def compose(self) -> ComposeResult:
        """What the command does, then a line for each argument."""
        with Vertical() as box:
            box.border_title = self._spec.title
            yield Label(self._spec.help, markup=False)
            yield Label("")
            for argument in self._spec.arguments:
                choices = ", ".join(value for value, _ in argument.choices)
                text = f"{argument.name}: {argument.help}{f' ({choices})' if choices else ''}"
                yield Label(text, markup=False)
                yield Field(argument.default or "", select_on_focus=not self._keep, id=argument.name)
            yield Label(keyed(self, "`field.submit` does it, `form.next` goes on, `form.back` goes back"), markup=False)

    def on_input_submitted(self) -> None:
        """Enter in any line does it."""
        filled = {field.id or "": field.value.strip() for field in self.query(Input)}
        self.close({name: value for name, value in filled.items() if value})

    def action_focus_other(self, step: int) -> None:
        """To the next line, or the one before."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_back(self) -> None:
        """Nothing is done."""
        self.close(None)
