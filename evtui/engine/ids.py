"""Ids of messages and transactions that are the same in every run."""

from collections.abc import Callable
from uuid import UUID

from evtui.sim.chance import Chance


def steady_ids(seed: int, station_id: str) -> Callable[[], str]:
    """Makes UUIDs that only seed and station decide: no two are the same within a run."""
    chance = Chance(seed, station_id, "ids")

    def next_id() -> str:
        high, low = (int(chance.uniform() * 2**53) << 11 for _ in range(2))
        return str(UUID(int=high << 64 | low, version=4))

    return next_id
