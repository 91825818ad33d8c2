"""A fleet in a few rows: what the EVSEs that have something in common add up to."""

from collections.abc import Iterable, Sequence

from evtui.engine.door import EvseRow, StationRow, SummaryRow
from evtui.engine.station_filter import STATES, state_of

MOST = 40
"""Rows of a kind; the smallest beyond are taken together."""

OTHERS = "(others)"


class _Sum:
    __slots__ = ("energy_wh", "errors", "evses", "power_w", "rated_w", "stations", "transactions")

    def __init__(self) -> None:
        self.stations = self.evses = self.transactions = self.errors = 0
        self.power_w = self.rated_w = self.energy_wh = 0.0

    def add(self, evse: EvseRow, energy_wh: float) -> None:
        self.evses += 1
        self.transactions += evse.transaction_id is not None
        self.power_w += evse.power_w
        self.rated_w += evse.rated_w
        self.energy_wh += energy_wh

    def take(self, other: "_Sum | SummaryRow") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def summarize(
    stations: Iterable[tuple[StationRow, Sequence[float]]], most: int | None = MOST
) -> tuple[SummaryRow, ...]:
    """The rows by state, link, version and group, `most` of a kind if it is given. Each station comes with what the
    meter of each EVSE has counted."""
    sums: dict[tuple[str, str], _Sum] = {}
    for row, energies_wh in stations:
        seen: set[tuple[str, str]] = set()
        for evse, energy_wh in zip(row.evses, energies_wh, strict=True):
            keys = (("state", state_of(evse)), ("link", row.link.value), ("version", row.version), ("group", row.group))
            for key in keys:
                total = sums.get(key)
                if total is None:
                    total = sums[key] = _Sum()
                total.add(evse, energy_wh)
            seen.update(keys)
        for key in seen:
            sums[key].stations += 1
            sums[key].errors += row.errors
    return _rows(sums, most)


def add_up(rows: Iterable[SummaryRow], most: int | None = MOST) -> tuple[SummaryRow, ...]:
    """One summary from the whole ones of several fleets."""
    sums: dict[tuple[str, str], _Sum] = {}
    for row in rows:
        sums.setdefault((row.by, row.name), _Sum()).take(row)
    return _rows(sums, most)


def _rows(sums: dict[tuple[str, str], _Sum], most: int | None) -> tuple[SummaryRow, ...]:
    return tuple(
        SummaryRow(
            by,
            name,
            total.stations,
            total.evses,
            total.transactions,
            round(total.power_w, 3),
            round(total.rated_w, 3),
            round(total.energy_wh, 3),
            total.errors,
        )
        for by in ("state", "link", "version", "group")
        for name, total in _ordered(by, {name: total for (kind, name), total in sums.items() if kind == by}, most)
    )


def _ordered(by: str, sums: dict[str, _Sum], most: int | None) -> list[tuple[str, _Sum]]:
    """States in their order, all else by size; not more than `most`."""
    if by == "state":
        rank = {name: number for number, name in enumerate(STATES)}
        return sorted(sums.items(), key=lambda each: rank.get(each[0], len(rank)))
    ordered = sorted(sums.items(), key=lambda each: (-each[1].stations, each[0]))
    if most is None or len(ordered) <= most:
        return ordered
    others = _Sum()
    for _, total in ordered[most - 1 :]:
        others.take(total)
    return [*ordered[: most - 1], (OTHERS, others)]
