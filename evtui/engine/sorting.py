"""What stations are sorted by."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
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

VALUES: Mapping[Sort, Callable[[StationRow], str | float]] = {
    Sort.ID: lambda row: row.id,
    Sort.STATE: lambda row: min([_RANK.get(state_of(evse), len(_RANK)) for evse in row.evses], default=len(_RANK)),
    Sort.POWER: power_w,
    Sort.ENERGY: energy_wh,
    Sort.VERSION: lambda row: row.version,
    Sort.ERRORS: lambda row: row.errors,
    Sort.GROUP: lambda row: row.group,
}
"""What a station is sorted by, as it is told to others."""

_ORDERS: Mapping[Sort, Callable[[Any], Any]] = {Sort.ID: _natural, Sort.GROUP: _natural}


def key_of(sort: Sort, value: str | float) -> Any:
    """What such a value is compared by."""
    return _ORDERS[sort](value) if sort in _ORDERS else value


def _key(sort: Sort, row: StationRow) -> Any:
    return key_of(sort, VALUES[sort](row))


KEYS: Mapping[Sort, Callable[[StationRow], Any]] = {sort: partial(_key, sort) for sort in Sort}
"""What rows are compared by."""
