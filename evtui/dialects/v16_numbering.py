"""Connector numbers of OCPP 1.6: one row from 1 over all EVSEs of a station, without gaps (S16 3.8)."""

from collections.abc import Sequence

from evtui.sim.spec import EvseSpec
from evtui.sim.variables.reports import EvseRef

WHOLE = 0
"""In place of a connector's number: the charge point as a whole, or its main controller."""

NOWHERE = EvseRef(0, 0)
"""In place of a connector that there is not."""


class Numbering:
    """The connectors of one station, in the order of its EVSEs."""

    __slots__ = ("_numbers", "_places")

    def __init__(self, evses: Sequence[EvseSpec]) -> None:
        self._places = [
            (evse_id, connector_id)
            for evse_id, evse in enumerate(evses, 1)
            for connector_id, _ in enumerate(evse.connectors, 1)
        ]
        self._numbers = {place: number for number, place in enumerate(self._places, 1)}

    def __len__(self) -> int:
        return len(self._places)

    def number(self, evse_id: int, connector_id: int | None = None) -> int:
        """A connector's number; without one that of the EVSE's first. EVSE 0 is the whole."""
        return self._numbers.get((evse_id, connector_id or 1), WHOLE)

    def place(self, number: int) -> EvseRef:
        """Where that connector is; NOWHERE for a number that none has."""
        return EvseRef(*self._places[number - 1]) if 1 <= number <= len(self._places) else NOWHERE
