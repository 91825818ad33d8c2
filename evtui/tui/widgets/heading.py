"""What the lines at the top share: what is true of the whole window stands before everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evtui.tui.paint import Line, width_of
from evtui.tui.widgets.canvas import Canvas

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp


class Heading(Canvas):
    """One line, behind the window's badges: that it records, that it is read-only."""

    def heading(self, width: int) -> Line:
        """What it says in so many cells."""
        raise NotImplementedError

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """Badges and heading."""
        badges = cast("EvtuiApp", self.app).badges
        return [[*badges, *self.heading(width - width_of(badges))]]
