"""Meter values that a running transaction keeps for its end: each a row of the memory of its own (E06.FR.11)."""

from collections.abc import Iterable

from evtui.sim.memory import Memory
from evtui.sim.messages import MeterValue

MOST = 500
"""Beyond it every other one in between is dropped (E06.FR.13)."""


class KeptValues:
    """Those of one EVSE, in the order they were taken; `prefix` begins their keys."""

    __slots__ = ("_memory", "_number", "_prefix", "_values")

    def __init__(self, memory: Memory, prefix: str) -> None:
        self._memory = memory
        self._prefix = prefix
        rows = memory.recall_all(prefix, MeterValue)
        self._values = dict(sorted((int(key.removeprefix(prefix)), value) for key, value in rows.items()))
        self._number = max(self._values, default=0)

    @property
    def all(self) -> tuple[MeterValue, ...]:
        """What has been kept."""
        return tuple(self._values.values())

    def add(self, meter_values: Iterable[MeterValue]) -> None:
        """Keeps more; the first and the newest always stay."""
        for value in meter_values:
            self._number += 1
            self._values[self._number] = value
            self._memory.keep(f"{self._prefix}{self._number}", value)
        if len(self._values) > MOST:
            self._drop(tuple(self._values)[1:-1:2])

    def clear(self) -> None:
        """Nothing is kept any more."""
        self._drop(tuple(self._values))
        self._number = 0

    def _drop(self, numbers: tuple[int, ...]) -> None:
        for number in numbers:
            del self._values[number]
            self._memory.forget(f"{self._prefix}{number}")
