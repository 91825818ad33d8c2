"""A line of a log: when, and what, in plain text that no reader could take for two lines."""

from datetime import UTC, datetime

import msgspec

MOST_CHARACTERS = 400
"""Of what a line tells."""

_STAMP = 24  # "2026-05-04T12:00:00.250Z"


class Span(msgspec.Struct, frozen=True):
    """A time range, both ends included; None: no end on that side."""

    oldest: datetime | None = None
    latest: datetime | None = None

    def holds(self, line: str) -> bool:
        """The line tells of something in that time."""
        at = line[:_STAMP]
        return (self.oldest is None or at >= stamp(self.oldest)) and (self.latest is None or at <= stamp(self.latest))


def stamp(at: datetime) -> str:
    """A time as it stands in logs: UTC with milliseconds, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def line(at: datetime, text: str) -> str:
    """What happened, with its time; what a terminal or a reader could act on is escaped, what is too long is cut."""
    return f"{stamp(at)} {plain(text)}"


def plain(text: str) -> str:
    """One line of printable text."""
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
