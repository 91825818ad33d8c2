"""The command palette: every command of the registry and every key of the window, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.markup import escape

from evtui.engine.commands import COMMANDS, Scope
from evtui.tui import figures
from evtui.tui.keys import KEYS, KeySpec, Where, shown_key
from evtui.tui.screens.base import EvtuiScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from evtui.tui.app import EvtuiApp

_NOUNS = {Scope.EVSE: "EVSE", Scope.STATION: "Station", Scope.FLEET: "Fleet"}


class EvtuiCommands(Provider):
    """Entries read "Noun: verb" and say their key."""

    def _entries(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        window = cast("EvtuiApp", self.app)
        screen = self.screen
        if not isinstance(screen, EvtuiScreen):
            return
        keys = {spec.command: spec for spec in reversed(KEYS) if spec.command and spec.where in screen.places()}
        for name, command in COMMANDS.items():
            key = keys.get(name)  # one of another screen does not work here: then the command is filled in
            run = partial(self._press, key) if key else partial(window.orders.with_arguments, name)
            yield f"{_NOUNS[command.scope]}: {command.title}", self._help(command.help, key), run
        for spec in KEYS:
            shown = spec.where in (Where.EVERYWHERE, Where.WINDOW, *screen.places())
            if shown and not spec.command and (spec.title or spec.where is Where.EVERYWHERE):
                noun, _, name = spec.id.partition(".")
                title = spec.title or name.replace("-", " ").capitalize()
                yield f"{noun.capitalize()}: {title}", self._help(spec.help, spec), partial(self._press, spec)
        yield (
            "Window: Theme",
            "Another look, shown while you choose; settings.toml keeps it",
            window.action_change_theme,
        )

    def _messages(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """Those that can be sent from here; found by their names alone, as what is said of them is all alike."""
        window = cast("EvtuiApp", self.app)
        for title, text, run in window.composer.offered():
            # textual reads what is said of an entry as markup, and a station may be named so
            yield title, escape(figures.safe(text, window.glyphs)), run

    def _help(self, text: str, spec: KeySpec | None) -> str:
        window = cast("EvtuiApp", self.app)
        return f"{text} ({shown_key(spec, window.keymap)})" if spec else text

    def _press(self, spec: KeySpec) -> None:
        window = cast("EvtuiApp", self.app)
        window.simulate_key(window.keymap.get(spec.id, spec.keys).split(",")[0].strip())

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        screen = cast("EvtuiApp", self.app).shown_screen()
        entries, messages = tuple(self._entries()), tuple(self._messages())
        for title, text, run in (*messages, *entries) if screen.is_csms else (*entries, *messages):
            yield DiscoveryHit(title, run, help=text)

    async def search(self, query: str) -> Hits:
        """Those whose name or help is near."""
        matcher = self.matcher(query)
        for title, text, run in self._entries():
            score = max(matcher.match(title), matcher.match(text) * 0.5)
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=text)
        for title, text, run in self._messages():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run, help=text)
