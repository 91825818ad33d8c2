"""The door of stations whose process is gone: they can be looked at, and do nothing."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from evtui.engine.commands import Scope
from evtui.engine.door import (
    Command,
    EvseDetail,
    FleetEvent,
    FleetView,
    LinkState,
    Outcome,
    SpoolInfo,
    StationDetail,
    StationRow,
    Target,
    TargetOutcome,
    Totals,
    View,
)
from evtui.engine.history import NO_SERIES
from evtui.engine.orders import nobody, spec_of, summary_of
from evtui.engine.selection import places_of, sort_rows
from evtui.engine.station_filter import parse
from evtui.engine.summary import MOST, summarize


class FallenDoor:
    """Shows each of the stations as crashed, for that reason; what it knew of their figures is no more true. `like` is
    the last view of them, `spools` are where their frames are."""

    def __init__(
        self, rows: Sequence[StationRow], reason: str, like: FleetView | None = None, spools: Sequence[SpoolInfo] = ()
    ) -> None:
        self._rows = {row.id: _crashed(row, reason) for row in rows}
        self._reason = reason
        self._like = like or FleetView(1, 0.0, 1.0, "", "", 0, (), Totals())
        self._spools = tuple(spools)

    async def fleet(self, view: View) -> FleetView:
        filter = parse(view.filter.strip())
        rows = [row for row in self._rows.values() if filter.lets(row)]
        sort_rows(rows, lambda row: row, view)
        first = min(max(view.first, 0), len(rows))
        shown = rows[first : first + max(view.count, 0)]
        if view.ids is not None:
            first, shown = 0, [self._rows[each] for each in view.ids if each in self._rows]
        energies = ((row, [0.0] * len(row.evses)) for row in rows)
        return FleetView(
            1,
            time.time(),
            self._like.speed,
            self._like.csms_url,
            self._like.banner,
            first,
            tuple(shown),
            Totals(stations=len(self._rows)),
            len(rows),
            summarize(energies, None if view.addable else MOST) if view.summary else (),
            order=places_of(rows, view) if view.order else (),
        )

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        row = self._rows.get(station_id)
        if row is None:
            return None
        evses = tuple(
            [
                EvseDetail(each, "", 0, None, 0.0, 0.0, (), (), 0.0, (), (), None, False, *NO_SERIES)
                for each in row.evses
            ]
        )
        return StationDetail(1, time.time(), row, "", "", "", None, None, evses, (), {})

    async def frames(self) -> tuple[SpoolInfo, ...]:
        return self._spools

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        """Nothing happens here any more."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def submit(self, command: Command) -> Outcome:
        spec = spec_of(command.name)
        targets = command.targets
        if command.filter is not None and not targets:
            let = parse(command.filter.strip()).lets
            targets = tuple([Target(row.id) for row in self._rows.values() if let(row)])
            if not targets:
                return Outcome(False, nobody(spec))
        if spec.scope is Scope.FLEET or not targets:
            return Outcome(False, self._reason)
        return summary_of(spec, [TargetOutcome(each, False, self._reason) for each in targets])

    async def stop(self, reason: str) -> None:
        """Nothing is left to stop."""


def _crashed(row: StationRow, reason: str) -> StationRow:
    evses = [
        msgspec.structs.replace(
            each,
            status="Unavailable",
            charging_state=None,
            authorized=False,
            power_w=0.0,
            energy_wh=0.0,
            transaction_id=None,
            started_at=None,
            power_trace=(),
            energy_trace=(),
        )
        for each in row.evses
    ]
    return msgspec.structs.replace(
        row,
        version="",
        link=LinkState.CRASHED,
        retry_at=None,
        trouble=reason,
        evses=tuple(evses),
        rules=0,
        held=0,
        queued=0,
    )
