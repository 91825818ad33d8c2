"""Styles that are parsed once.

Textual 8.2.8 parses all that it has read whenever a screen brings styles of its own, or the theme is looked at again:
thirty milliseconds around the first paint, and before each screen that is opened. It keeps what it has parsed; here
that is used. Textual is pinned.
"""

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES = 1_000  # widgets and screens with styles: all of them


class ParsedOnce(Stylesheet):
    """Parses a source again only when variables, which are the theme, have changed."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Other colours, if they are others."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Takes up what was added; what cannot be read leaves everything as it was."""
        self.parse()
