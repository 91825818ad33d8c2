"""Availability: which parts of a station a CSMS has taken out of operation (G03, G04)."""

import msgspec

from evtui.sim.memory import Memory

STATION = 0
"""In place of an EVSE: all of them. In place of a connector: the EVSE as a whole."""


KEY = "availability"


class AvailabilityRecord(msgspec.Struct, frozen=True):
    """The parts that are Inoperative, as EVSE and connector; what outlasts a power cut (B01.FR.07, G03.FR.06)."""

    inoperative: tuple[tuple[int, int], ...] = ()


class Availability:
    """Each part keeps its own word: when the whole is Operative again, a part is as it was before (G03.FR.06 to 08).
    It outlasts a reset (B01.FR.07)."""

    __slots__ = ("_inoperative", "_memory")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.recall(KEY, AvailabilityRecord) or AvailabilityRecord()
        self._inoperative = kept.inoperative

    def change(self, evse_id: int, connector_id: int, operative: bool) -> None:
        """A connector, an EVSE, or the station: 0 for what is not named."""
        place = evse_id, connector_id
        others = [each for each in self._inoperative if each != place]
        self._inoperative = tuple(sorted(others if operative else [*others, place]))
        self._memory.keep(KEY, AvailabilityRecord(self._inoperative))

    def operative(self, evse_id: int, connector_id: int) -> bool:
        """The connector, and all that it is a part of."""
        return {(STATION, STATION), (evse_id, STATION), (evse_id, connector_id)}.isdisjoint(self._inoperative)
