"""What stations are sorted by."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from evtui.engine.door import Sort, StationRow
from evtui.engine.station_filter import STATES, energy_wh, power_w, state_of


@lru_cache(maxsize=20_000)
def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """CP2 before CP10."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.findall(r"\d+|\D+", text)
    )


_RANK = {name: number for number, name in enumerate(STATES)}

KEYS: Mapping[Sort, Callable[[StationRow], Any]] = {
    Sort.ID: lambda row: _natural(row.id),
    Sort.STATE: lambda row: min([_RANK.get(state_of(evse), len(_RANK)) for evse in row.evses], default=len(_RANK)),
    Sort.POWER: power_w,
    Sort.ENERGY: energy_wh,
    Sort.VERSION: lambda row: row.version,
    Sort.ERRORS: lambda row: row.errors,
    Sort.GROUP: lambda row: _natural(row.group),
}
