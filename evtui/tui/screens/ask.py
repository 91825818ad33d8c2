"""A question before something that destroys, and the notice that it is being done."""

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from evtui.tui.bindings import bindings
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import BY_ID, Where, shown_key
from evtui.tui.paint import Line
from evtui.tui.screens.dialog import Dialog
from evtui.tui.widgets.box import Box

_NARROWEST, _WIDEST = 20, 72


class Ask(Dialog[str]):
    """Answers "yes", "detach" or "one" where that is `offered`, or "" to go back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ASK)
    CSS = """
    Ask { align: center middle; background: $background 60%; }
    """

    def __init__(self, glyphs: Glyphs, keymap: dict[str, str], title: str, text: str, offered: dict[str, str]) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._title = title
        self._offered = offered
        answers: list[Line] = [
            [(f"  {shown_key(BY_ID[key], keymap):>4}", "key"), (f"  {label}", "text")] for key, label in offered.items()
        ]
        self._text = text
        self._answers = answers

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        reason: list[Line] = [
            [(f" {line}", "text")] for line in wrap(self._text, max(_NARROWEST, min(_WIDEST, self.app.size.width - 4)))
        ]
        yield Box(self._glyphs, self._title, [[], *reason, [], *self._answers, []])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is offered can be answered."""
        answer = f"ask.{parameters[0]}" if action == "answer" else ""
        return answer not in ("ask.detach", "ask.one") or answer in self._offered

    def action_answer(self, answer: str) -> None:
        """Closes with an answer."""
        self.close(answer)


class Notice(ModalScreen[None], inherit_bindings=False):
    """Says what is being done; closes with what it speaks of."""

    CSS = """
    Notice { align: center middle; background: $background 60%; }
    """

    def __init__(self, glyphs: Glyphs, text: str) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._text = text

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        yield Box(self._glyphs, "evtui", [[], [(f" {self._text}", "title")], []], id="notice")

    def say(self, text: str) -> None:
        """Something else from now on."""
        self.query_one("#notice", Box).say([[], [(f" {text}", "title")], []])
