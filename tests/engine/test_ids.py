"""Ids that are the same in every run."""

from uuid import UUID

from evtui.engine.ids import steady_ids


def test_seed_and_station_decide_and_none_comes_twice() -> None:
    one, same, other = steady_ids(7, "CP001"), steady_ids(7, "CP001"), steady_ids(7, "CP002")
    first = [one() for _ in range(1_000)]
    assert first == [same() for _ in range(1_000)]
    assert len({*first, *(other() for _ in range(1_000))}) == 2_000
    assert all(str(UUID(each)) == each and UUID(each).version == 4 for each in first)
