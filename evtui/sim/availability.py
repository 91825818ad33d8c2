"""Availability: which parts of a station a CSMS has taken out of operation (G03, G04)."""

STATION = 0
"""In place of an EVSE: all of them. In place of a connector: the EVSE as a whole."""


class Availability:
    """Each part keeps its own word: when the whole is Operative again, a part is as it was before (G03.FR.06 to 08).
    It outlasts a reset (B01.FR.07)."""

    def __init__(self) -> None:
        self._inoperative: set[tuple[int, int]] = set()

    def change(self, evse_id: int, connector_id: int, operative: bool) -> None:
        """A connector, an EVSE, or the station: 0 for what is not named."""
        if operative:
            self._inoperative.discard((evse_id, connector_id))
        else:
            self._inoperative.add((evse_id, connector_id))

    def operative(self, evse_id: int, connector_id: int) -> bool:
        """The connector, and all that it is a part of."""
        return self._inoperative.isdisjoint({(STATION, STATION), (evse_id, STATION), (evse_id, connector_id)})
