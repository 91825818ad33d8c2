"""What a window knows of the fleet: the newest view, the cursor, the marks, what is asked for. No textual here."""

from collections.abc import Iterator

from evtui.engine.door import EvseRow, FleetView, Sort, StationRow, Target


class Scene:
    """The rows in view by their number among those that `filter` lets through, the EVSE under the cursor, the marked
    EVSEs."""

    def __init__(self) -> None:
        self.view: FleetView | None = None
        self.rows: dict[int, StationRow] = {}
        self.index = 0
        self.evse_id = 1
        self.marks: set[Target] = set()
        self.filter = ""
        self.sort: Sort | None = None
        self.descending = False
        self._station_id = ""

    @property
    def shown(self) -> int:
        """How many stations the filter lets through."""
        return self.view.shown if self.view else 0

    @property
    def at(self) -> float:
        """The host's Unix time of the newest view."""
        return self.view.at if self.view else 0.0

    @property
    def stations(self) -> int:
        """How many there are."""
        return self.view.totals.stations if self.view else 0

    def absorb(self, view: FleetView) -> None:
        """Takes a newer view in; the cursor stays on its station, wherever that is now."""
        self.view = view
        self.rows = dict(enumerate(view.rows, view.first))
        row = self.rows.get(self.index)
        if row is not None and self._station_id and row.id != self._station_id:
            self.index = next((i for i, each in self.rows.items() if each.id == self._station_id), self.index)
        if view.first == 0 and len(view.rows) == view.totals.stations:
            self.marks &= {Target(row.id, evse.evse_id) for row in view.rows for evse in row.evses}
        self._settle()

    def under_cursor(self) -> tuple[StationRow, EvseRow] | None:
        """The station and EVSE under the cursor, None while there is none in view."""
        row = self.rows.get(self.index)
        if row is None or not row.evses:
            return None
        return row, next((evse for evse in row.evses if evse.evse_id == self.evse_id), row.evses[0])

    def target(self) -> Target | None:
        """The EVSE under the cursor."""
        here = self.under_cursor()
        return Target(here[0].id, here[1].evse_id) if here else None

    def targets(self) -> tuple[Target, ...]:
        """What a command acts on: the marked EVSEs, or the one under the cursor."""
        if self.marks:
            return tuple(sorted(self.marks, key=lambda each: (each.station_id, each.evse_id)))
        here = self.target()
        return (here,) if here else ()

    def look_up(self, target: Target) -> tuple[StationRow, EvseRow] | None:
        """The rows of a target, None if it is not in view."""
        for row in self.rows.values():
            if row.id == target.station_id:
                for evse in row.evses:
                    if evse.evse_id == target.evse_id:
                        return row, evse
        return None

    def go(self, index: int, evse_id: int | None = None, *, last: bool = False) -> None:
        """Moves the cursor to a station, to its first (or `last`) EVSE unless one is named."""
        self.index = max(0, min(index, self.shown - 1))
        row = self.rows.get(self.index)
        evses = [evse.evse_id for evse in row.evses] if row else []
        self._station_id = row.id if row else ""
        self.evse_id = evse_id if evse_id is not None else evses[-1 if last else 0] if evses else 1

    def sort_by(self, sort: Sort | None) -> None:
        """Another order; figures begin with the largest."""
        self.sort = sort
        self.descending = sort in (Sort.POWER, Sort.ENERGY, Sort.ERRORS)

    def toggle_mark(self) -> None:
        """Marks the EVSE under the cursor, or takes the mark away."""
        if target := self.target():
            self.marks ^= {target}

    def visible(self) -> Iterator[tuple[int, StationRow]]:
        """The rows in view, in order."""
        yield from sorted(self.rows.items())

    def _settle(self) -> None:
        if self.index >= self.shown:
            self.go(self.shown - 1)
        row = self.rows.get(self.index)
        if row is not None:
            self._station_id = row.id
            if row.evses and all(evse.evse_id != self.evse_id for evse in row.evses):
                self.evse_id = row.evses[0].evse_id
