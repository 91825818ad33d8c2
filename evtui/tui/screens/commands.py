"""The command palette: textual's, with keys that settings.toml can re-map."""

from contextlib import suppress
from inspect import unwrap
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import CommandInput, CommandList, CommandPalette
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.widgets import LoadingIndicator

from evtui.tui.bindings import bindings
from evtui.tui.keys import Where


class PaletteField(CommandInput, inherit_bindings=False):
    """What is looked for."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FIELD)


class PaletteList(CommandList, inherit_bindings=False, can_focus=False):
    """What was found. The keys are those of the palette: the focus stays in its field."""


class Palette(CommandPalette, inherit_bindings=False):
    """Runs what is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PALETTE)

    def __init__(self) -> None:
        super().__init__(placeholder="a command, an OCPP message or a key", id="--command-palette")

    def compose(self) -> ComposeResult:
        """As textual has it, but for the icon and the classes."""
        with Vertical(id="--container"):
            with Horizontal(id="--input"):
                yield PaletteField(placeholder=self._placeholder, select_on_focus=False)
            with Vertical(id="--results"):
                yield PaletteList()
                yield LoadingIndicator()

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        """As textual has it, but that a window which closes meanwhile, and has taken the list away, is no error."""
        with suppress(NoMatches):
            await unwrap(CommandPalette._gather_commands)(self, search_value)

    def action_go(self, step: str) -> None:
        """Moves the choice, by an action of the list."""
        if self.query_one(CommandList).size:  # textual's has no pages without a line
            self._action_command_list(step)

    def action_down(self) -> None:
        """To the next, or opens the list."""
        self._action_cursor_down()

    def action_back(self) -> None:
        """Closes it; nothing is done."""
        self._action_escape()
