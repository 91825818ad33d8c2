"""The numbers that the CSMS gives to transactions of OCPP 1.6 stations."""

from typing import NamedTuple

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

    def __init__(self) -> None:
        self._newest = 0
        self._given: dict[Start, int] = {}

    def of(self, start: Start, now: float) -> int:
        """The number of a transaction that starts so: the same as before if it is told again."""
        number = self._given.get(start)
        if number is not None:
            return number
        self._newest = max(self._newest + 1, int(now))
        self._given[start] = self._newest
        if len(self._given) > MOST:
            del self._given[next(iter(self._given))]
        return self._newest
