"""Where the panels go: pure arithmetic over the size of the screen and what the fleet looks like."""

from collections.abc import Sequence
from math import ceil

import msgspec

PANEL_WIDTH = 38
"""Cells below which a panel cannot say what it has to."""

LOG_HEIGHT = 6
"""Lines that the log keeps, its title included, however many stations there are."""

LEVELS = ((6, 4), (4, 3), (2, 2), (1, 1))
"""Lines for the power and for the energy of an EVSE, from roomy to tight."""

_GRID_SHARE = 0.55


class Plan(msgspec.Struct, frozen=True):
    """How the fleet is drawn in `height` lines: as panels in `columns`, or as a dense list (`columns` 0).
    `level` gives the lines for power and for energy."""

    columns: int
    level: tuple[int, int]
    height: int

    @property
    def dense(self) -> bool:
        """Whether it is the list."""
        return self.columns == 0


def plan(width: int, height: int, *, log: bool, evses: Sequence[int], stations: int) -> Plan:
    """The plan for `height` lines that the fleet and the log share. `evses` counts the EVSEs of the known stations; the
    rest of `stations` is not known yet, and is too many for panels."""
    ceiling = height - LOG_HEIGHT if log else height
    share = min(ceiling, round(height * _GRID_SHARE)) if log else height
    dense = Plan(0, (1, 1), max(3, min(share, _list_height(evses, stations) if log else height)))
    if not evses or len(evses) < stations:
        return dense
    most = max(1, width // PANEL_WIDTH)
    columns = ceil(len(evses) / ceil(len(evses) / most))
    for level in LEVELS:
        need = panels_height(evses, columns, level)
        if need <= (ceiling if level == LEVELS[-1] else share):
            return Plan(columns, level, need if log else height)
    return dense


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
