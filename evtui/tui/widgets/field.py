"""A line of text to be filled in."""

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from evtui.tui.bindings import bindings
from evtui.tui.keys import Where


class Field(Input, inherit_bindings=False):
    """Textual's, with keys that settings.toml can re-map."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FIELD)
