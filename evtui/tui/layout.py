"""Where the fleet goes: pure arithmetic over the size of the screen and what the fleet looks like."""

from collections.abc import Sequence
from enum import StrEnum
from math import ceil

import msgspec

PANEL_WIDTH = 38
"""Cells below which a panel cannot say what it has to."""

LOG_HEIGHT = 6
"""Lines that the log keeps, its title included, however many stations there are."""

LEVELS = ((6, 4), (4, 3), (2, 2), (1, 1))
"""Lines for the power and for the energy of an EVSE, from roomy to tight."""

SUMMED = 1_000
"""Stations beyond which nobody wants to scroll through a list: then the summary comes first."""

_GRID_SHARE = 0.55


class Form(StrEnum):
    """What the fleet can be drawn as."""

    PANELS = "panels"
    LIST = "list"
    SUMMARY = "summary"


class Plan(msgspec.Struct, frozen=True):
    """How the fleet is drawn in `height` lines. Panels stand in `columns`, and `level` gives their lines for power and
    for energy."""

    form: Form
    columns: int
    level: tuple[int, int]
    height: int

    @property
    def dense(self) -> bool:
        """Whether it is the list."""
        return self.form is Form.LIST


def plan(
    width: int,
    height: int,
    *,
    log: bool,
    evses: Sequence[int],
    stations: int,
    form: Form | None = None,
    summary: int = 0,
) -> Plan:
    """The plan for `height` lines that the fleet and the log share. `evses` counts the EVSEs of the known stations; the
    rest of `stations` is not known yet, and is too many for panels. `form` is the one that the user wants, else what
    fits best is taken; `summary` counts the lines of a summary."""
    ceiling = height - LOG_HEIGHT if log else height
    share = min(ceiling, round(height * _GRID_SHARE)) if log else height
    most = max(1, width // PANEL_WIDTH)
    if form is Form.SUMMARY or (form is None and stations > SUMMED):
        return Plan(Form.SUMMARY, 1, (1, 1), max(3, min(ceiling, summary or share)) if log else height)
    if form is not Form.LIST and evses and len(evses) >= stations:
        columns = ceil(len(evses) / ceil(len(evses) / most))
        for level in LEVELS:
            need = panels_height(evses, columns, level)
            if need <= (ceiling if level == LEVELS[-1] else share):
                return Plan(Form.PANELS, columns, level, need if log else height)
    if form is Form.PANELS:
        tall = panel_height(1, LEVELS[-1])
        return Plan(Form.PANELS, most, LEVELS[-1], max(1, share // tall) * tall if log else height)
    lines = min(share, _list_height(evses, stations)) if log else height
    return Plan(Form.LIST, 1, (1, 1), max(3, lines))


def panel_height(evses: int, level: tuple[int, int]) -> int:
    """Lines of a panel, its border included."""
    return 2 + max(1, evses) * (1 + sum(level))


def panels_height(evses: Sequence[int], columns: int, level: tuple[int, int]) -> int:
    """Lines of all panels: each row is as high as its highest."""
    return sum(
        max(panel_height(count, level) for count in evses[first : first + columns])
        for first in range(0, len(evses), columns)
    )


def _list_height(evses: Sequence[int], stations: int) -> int:
    return 1 + sum(evses) + max(0, stations - len(evses))
