"""Sequence numbers as a set: what is there, what is missing."""

from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.seqnos import SeqNos


@given(st.lists(st.integers(0, 60)))
def test_it_is_a_set_of_numbers_in_any_order(numbers: list[int]) -> None:
    kept, seen = SeqNos(), set[int]()
    for number in numbers:
        assert kept.add(number) == (number not in seen)
        seen.add(number)
    assert len(kept) == len(seen)
    assert kept.highest == max(seen, default=None)
    assert [n for n in range(70) if n in kept] == sorted(seen)


@given(st.sets(st.integers(0, 60)), st.integers(0, 30))
def test_gaps_are_what_is_missing_below_the_highest(numbers: set[int], first: int) -> None:
    kept = SeqNos()
    for number in numbers:
        kept.add(number)
    missing = {n for begin, end in kept.gaps(first) for n in range(begin, end + 1)}
    assert missing == set(range(first, max(numbers, default=0))) - numbers


def test_neighbouring_gaps_are_one_range() -> None:
    kept = SeqNos()
    for number in (0, 1, 5, 9):
        kept.add(number)
    assert kept.gaps() == ((2, 4), (6, 8))


def test_a_station_that_leaves_endless_gaps_does_not_fill_the_memory() -> None:
    kept = SeqNos()
    for number in range(0, 100_000, 2):
        kept.add(number)
    assert len(kept.gaps()) < 1000
    assert kept.highest == 99_998
    assert not kept.add(99_998)
