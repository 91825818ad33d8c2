"""Never two live incarnations of a shard."""

import heapq
import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evtui.cluster.lease import Lease, Tenure, Terms
from evtui.errors import LocalError

TERMS = Terms(lease_s=10.0)


def test_nothing_is_held_before_the_first_grant() -> None:
    assert not Lease(TERMS).held(0.0)
    assert not Lease(TERMS).runs_out(1e9)


def test_a_lease_counts_from_when_it_was_asked_for() -> None:
    lease = Lease(TERMS)
    lease.granted(100.0)
    assert lease.held(109.9)
    assert not lease.held(110.0)


def test_an_old_grant_takes_nothing_away() -> None:
    lease = Lease(TERMS)
    lease.granted(100.0)
    lease.granted(95.0)
    assert lease.held(109.9)


def test_what_is_not_renewed_ends_in_good_order_before_it_runs_out() -> None:
    lease = Lease(TERMS)
    lease.granted(100.0)
    assert not lease.runs_out(106.9)
    assert lease.runs_out(107.0)
    assert lease.held(107.0)


def test_nobody_follows_while_a_lease_may_last() -> None:
    tenure = Tenure(TERMS)
    assert tenure.appoint(0.0) == 1
    assert tenure.asks(1, "a", 1.0)
    with pytest.raises(LocalError, match="epoch 1 may still run"):
        tenure.appoint(11.0)
    assert tenure.appoint(1.0 + 10.0 + TERMS.margin_s) == 2


def test_a_holder_that_has_ended_is_followed_at_once() -> None:
    tenure = Tenure(TERMS)
    tenure.appoint(0.0)
    tenure.asks(1, "a", 1.0)
    tenure.ended(1, "b")
    assert not tenure.free(1.5)
    tenure.ended(1, "a")
    assert tenure.appoint(1.5) == 2


def test_an_epoch_in_which_nobody_has_asked_is_followed_at_once() -> None:
    tenure = Tenure(TERMS)
    tenure.appoint(0.0)
    assert tenure.appoint(0.0) == 2
    assert not tenure.asks(1, "a", 0.1)


def test_a_task_that_is_run_again_by_itself_is_refused() -> None:
    tenure = Tenure(TERMS)
    tenure.appoint(0.0)
    assert tenure.asks(1, "a", 1.0)
    assert not tenure.asks(1, "b", 2.0)
    assert not tenure.asks(1, "b", 1000.0)
    assert tenure.asks(1, "a", 2.0)


def test_a_lease_that_has_run_out_is_not_renewed() -> None:
    tenure = Tenure(TERMS)
    tenure.appoint(0.0)
    tenure.asks(1, "a", 1.0)
    assert not tenure.asks(1, "a", 20.0)
    assert tenure.free(20.0)


def test_who_has_ended_is_granted_nothing_more() -> None:
    tenure = Tenure(TERMS)
    tenure.appoint(0.0)
    tenure.asks(1, "a", 1.0)
    tenure.ended(1, "a")
    assert not tenure.asks(1, "a", 2.0)


Fate = tuple[float, ...]
"""What becomes of a message: when it arrives, after so many seconds each time; never, if there is none."""

_FATES = st.one_of(
    st.just((0.01,)),
    st.just((0.01,)),
    st.lists(st.floats(0.0, 25.0), max_size=2).map(tuple),
)


class Life(NamedTuple):
    """An incarnation: when its task begins, of which epoch (0: the newest, 1: the one before), how its clock runs, how
    long it asks, whether it ends then or just falls silent, and what becomes of what it asks and is granted."""

    begins_s: float
    back: int
    offset_s: float
    rate: float
    asks_for_s: float
    ends: bool
    fates: list[tuple[Fate, Fate]]


_LIVES = st.builds(
    Life,
    st.floats(0.0, 15.0),
    st.sampled_from((0, 1)),
    st.floats(-1e6, 1e6),
    st.sampled_from((0.95, 1.0, 1.05)),
    st.sampled_from((0.5, 2.5, 30.0)),
    st.booleans(),
    st.lists(st.tuples(_FATES, _FATES), min_size=1, max_size=6),
)


class _World:
    """Lets time pass event by event, and looks after each at who lives. Another one is appointed as soon as may be."""

    def __init__(self) -> None:
        self.tenure = Tenure(TERMS)
        self.alive: list[tuple[float, list[int]]] = []
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, Callable[[float], None]]] = []
        self._lives: list[Callable[[float], bool]] = []

    def at(self, time_s: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._agenda, (time_s, next(self._order), what))

    def run(self) -> None:
        for tick in range(600):
            self.at(tick / 5, lambda now_s: None)
        while self._agenda:
            now_s, _, what = heapq.heappop(self._agenda)
            if self.tenure.free(now_s) and (self.tenure.holder is not None or not self.tenure.epoch):
                self.tenure.appoint(now_s)
            what(now_s)
            self.alive.append((now_s, [who for who, lives in enumerate(self._lives) if lives(now_s)]))

    def live(self, life: Life, now_s: float) -> None:
        """A task begins."""
        name, epoch = str(len(self._lives)), max(self.tenure.epoch - life.back, 1)
        lease, over_s = Lease(TERMS), now_s + life.asks_for_s

        def clock_s(now_s: float) -> float:
            return life.offset_s + now_s * life.rate

        def ask(now_s: float, number: int = 0) -> None:
            asked_s, (there, back) = clock_s(now_s), life.fates[number % len(life.fates)]

            def arrive(now_s: float) -> None:
                if self.tenure.asks(epoch, name, now_s):
                    for delay_s in back:
                        self.at(now_s + delay_s, lambda now_s: lease.granted(asked_s))

            for delay_s in there:
                self.at(now_s + delay_s, arrive)
            if now_s + TERMS.renew_s < over_s:
                self.at(now_s + TERMS.renew_s, lambda now_s: ask(now_s, number + 1))

        self._lives.append(lambda now_s: lease.held(clock_s(now_s)) and not (life.ends and now_s >= over_s))
        if life.ends:
            self.at(over_s, lambda now_s: self.tenure.ended(epoch, name))
        ask(now_s)


@settings(max_examples=300)
@given(st.lists(_LIVES, min_size=3, max_size=8))
def test_never_two_live_whatever_the_network_does(lives: list[Life]) -> None:
    world = _World()
    for life in lives:
        world.at(life.begins_s, partial(world.live, life))
    world.run()
    assert all(len(alive) <= 1 for _, alive in world.alive)
