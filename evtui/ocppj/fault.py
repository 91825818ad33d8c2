"""What is wrong with a frame, in words that are safe to show, log and send."""

from collections.abc import Sequence

import msgspec

REASON_LIMIT = 200


class Fault(msgspec.Struct, frozen=True):
    """`code` is the CALLERROR code that fits, `path` names the field ("" is the payload as a whole), `reason` says
    what is wrong with it. Reasons hold no values from the frame but those of enumerations: a value may be a secret."""

    code: str
    path: str
    reason: str

    def __str__(self) -> str:
        text = f"{self.path}: {self.reason}" if self.path else self.reason
        return printable(text)


def path_text(steps: Sequence[str | int]) -> str:
    """A place in a payload: `meterValue[0].sampledValue[2].value`"""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
    return printable(text, 100)


def printable(text: str, limit: int = REASON_LIMIT) -> str:
    """The text with everything that a terminal could act on written as an escape, at most `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return escaped if len(escaped) <= limit else escaped[: limit - 1] + "…"
