"""How the coordinator adds up what shards say, over all their spells."""

from importlib.util import find_spec
from typing import Any

import pytest

from evtui.cluster.lease import Terms
from evtui.cluster.messages import End, Order, Word, line
from evtui.config import FleetConfig, GroupConfig
from evtui.engine.door import FleetEvent, RoundTripCounts, Totals
from evtui.engine.round_trips import RoundTrips
from evtui.headless.verdict import Tally

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="pip install 'evtui[cluster]'")
TERMS = Terms()


class _Client:
    """Has no cluster."""

    status = "running"


def _order(shard: int) -> Order:
    fleet = FleetConfig(groups=(GroupConfig(count=3, first=3 * shard - 2),))
    return Order("run", shard, 0, fleet, 4, 30.0, None, 10.0, 30.0, 0.0, 1 << 20, TERMS)


def _coordinator(shards: int = 2) -> Any:
    from evtui.cluster.coordinator import Coordinator

    coordinator = Coordinator(_Client(), [_order(number) for number in range(1, shards + 1)], TERMS)
    for part in coordinator.parts:
        part.tenure.appoint(0.0)
    return coordinator


def _trips(*times_s: float) -> RoundTripCounts:
    trips = RoundTrips()
    for each in times_s:
        trips.answered(each)
    return RoundTripCounts(tuple(trips.counts), (), trips.longest_s, trips.unanswered)


def _word(shard: int = 1, epoch: int = 1, asked_s: float = 1.0, **fields: Any) -> Word:
    return Word(shard, epoch, f"{shard}/{epoch}", asked_s, "host", 7, **fields)


def _says(coordinator: Any, word: Word, run: str = "run") -> None:
    coordinator._hear((0.0, (run, line(word))))


def test_totals_are_those_of_all_shards() -> None:
    coordinator = _coordinator()
    _says(coordinator, _word(1, totals=Totals(3, 3, 2, 100.0, 10.0, frames=5, errors=1)))
    _says(coordinator, _word(2, totals=Totals(3, 2, 1, 50.0, 20.0, frames=6)))
    totals = coordinator.totals()
    assert (totals.stations, totals.online, totals.transactions, totals.power_w) == (6, 5, 3, 150.0)
    assert (totals.energy_wh, totals.frames, totals.errors) == (30.0, 11, 1)


def test_percentiles_are_as_if_one_had_counted_all() -> None:
    coordinator, one = _coordinator(), RoundTrips()
    _says(coordinator, _word(1, trips=_trips(0.1, 0.2)))
    _says(coordinator, _word(2, trips=_trips(0.3, 5.0)))
    for time_s in (0.1, 0.2, 0.3, 5.0):
        one.answered(time_s)
    assert coordinator.trips().counts == tuple(one.counts)
    assert coordinator.trips().longest_s == 5.0
    coordinator.beat()
    assert coordinator.totals().rtt_p50_s == one.percentile(0.5)


def test_what_a_lost_spell_had_done_still_counts_and_what_stood_does_not() -> None:
    coordinator = _coordinator(1)
    [part] = coordinator.parts
    said = _word(totals=Totals(3, 3, 2, 100.0, 10.0, 5, 4), sessions=7, failed=1, energy_wh=9.0, trips=_trips(0.1))
    _says(coordinator, said)
    coordinator._lose(part, "gone")
    totals = coordinator.totals()
    assert (totals.stations, totals.online, totals.transactions, totals.frames, totals.energy_wh) == (3, 0, 0, 5, 10.0)
    assert coordinator.tally() == Tally(7, 3, 9.0)  # the two that ran have failed
    assert sum(coordinator.trips().counts) == 1
    [loss] = coordinator.lost
    assert (loss.shard, loss.epoch, loss.transactions, loss.undelivered, loss.host) == (1, 1, 2, 4, "host")


def test_a_shard_that_is_over_keeps_its_last_state_and_counts_once() -> None:
    coordinator = _coordinator(1)
    [part] = coordinator.parts
    last = _word(asked_s=2.0, totals=Totals(3, 3, frames=5), sessions=12, end="done", trips=_trips(0.1))
    _says(coordinator, _word(totals=Totals(3, 3, frames=4)))
    coordinator._finish(part, End(0, "1/1", last))
    assert part.over
    assert (coordinator.totals().online, coordinator.totals().frames) == (3, 5)
    assert coordinator.tally().sessions == 12
    assert sum(coordinator.trips().counts) == 1
    assert coordinator.lost == []


def test_stations_go_on_with_the_sessions_that_are_left() -> None:
    coordinator = _coordinator(1)
    [part] = coordinator.parts
    _says(coordinator, _word(finished=(2, 1, 0)))
    coordinator._lose(part, "gone")
    assert part.order.finished == (2, 1, 0)


@pytest.mark.parametrize(("code", "end"), [(0, "it heard nothing more from the coordinator"), (70, ""), (-9, "")])
def test_an_end_before_the_work_is_done_is_a_loss_and_makes_room_at_once(code: int, end: str) -> None:
    coordinator = _coordinator(1)
    [part] = coordinator.parts
    _says(coordinator, _word())
    coordinator._finish(part, End(code, "1/1", _word(asked_s=2.0, end=end)))
    assert not part.over
    assert len(coordinator.lost) == 1
    assert part.tenure.appoint(0.0) == 2


def test_who_has_no_lease_is_not_listened_to() -> None:
    coordinator = _coordinator(1)
    _says(coordinator, _word(totals=Totals(online=1)))
    coordinator._hear((0.0, ("run", line(Word(1, 1, "again", 5.0, "host", 8, totals=Totals(online=3))))))
    _says(coordinator, _word(epoch=0, asked_s=9.0, totals=Totals(online=2)))
    _says(coordinator, _word(asked_s=9.0, totals=Totals(online=3)), run="another")
    assert coordinator.totals().online == 1


def test_a_warning_of_the_whole_fleet_is_told_once() -> None:
    coordinator = _coordinator()
    warning = FleetEvent(1, 0.0, "warning", "", 0, "physics is fast")
    for shard in (1, 2):
        _says(coordinator, _word(shard, events=(warning,)))
    assert [event.text for event in coordinator.feed._events] == ["physics is fast"]


def test_a_refusal_ends_the_run() -> None:
    coordinator = _coordinator()
    part = coordinator.parts[0]
    _says(coordinator, _word())
    coordinator._finish(part, End(0, "1/1", _word(asked_s=2.0, end="refused", refused="no password")))
    assert coordinator._refused == "shard 1 on : no password"
    assert coordinator._stop


def test_the_end_of_a_task_that_dask_has_run_again_says_nothing_of_the_first() -> None:
    coordinator = _coordinator(1)
    [part] = coordinator.parts
    _says(coordinator, _word(totals=Totals(3, 3)))
    assert not coordinator._finish(
        part, End(0, "again", Word(1, 1, "again", 5.0, "host", 8, end="another one runs it"))
    )
    assert coordinator.totals().online == 3
    assert coordinator.lost == []


def test_a_word_that_comes_after_the_loss_changes_nothing() -> None:
    coordinator = _coordinator(1)
    [part] = coordinator.parts
    _says(coordinator, _word(totals=Totals(3, 3)))
    part.tenure.ended(1, "1/1")
    coordinator._lose(part, "gone")
    _says(coordinator, _word(asked_s=2.0, totals=Totals(3, 3)))
    assert coordinator.totals().online == 0
    assert part.tenure.appoint(0.0) == 2
