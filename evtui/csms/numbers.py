"""The numbers that the CSMS gives to transactions of OCPP 1.6 stations."""

from typing import NamedTuple

from evtui.csms.journal import Journal

MOST = 5_000  # starts remembered


class Start(NamedTuple):
    """A StartTransaction as it is recognised when it comes again: its answer may have been lost."""

    station_id: str
    connector_id: int
    id_tag: str
    meter_start: int
    timestamp: str


class Numbers:
    """Counted up from the Unix time of the first, so that after a restart no station gets one that it has."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Journal()
        self._newest = 0
        self._given: dict[Start, int] = {}

    def of(self, start: Start, now: float) -> int:
        """The number of a transaction that starts so: the same as before if it is told again."""
        number = self._given.get(start)
        if number is not None:
            return number
        self._newest = max(self._newest + 1, int(now))
        self._give(start, self._newest)
        self._journal.start(self._newest, start)
        return self._newest

    def restore(self, number: int, start: Start) -> None:
        """A number that was given before, in the order of giving."""
        self._newest = max(self._newest, number)
        self._give(start, number)

    def _give(self, start: Start, number: int) -> None:
        self._given[start] = number
        if len(self._given) > MOST:
            del self._given[next(iter(self._given))]
