"""What stands before a screen and is answered once."""

from typing import TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], inherit_bindings=False):
    """A modal screen that closes once, however fast keys come: a second enter is on its way when the first is handled,
    and must not close what is below."""

    def say(self, text: str) -> None:
        """Why a key does nothing here."""
        self.notify(text, timeout=5.0, markup=False)

    def close(self, answer: Answer | None = None) -> None:
        """Closes with an answer."""
        if self.is_active:
            self.dismiss(answer)
