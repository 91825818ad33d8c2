"""Who can have which place: compared with trying everything."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.places import place, spare

PLACES = range(4)
some_wishes = st.lists(st.frozensets(st.sampled_from(PLACES)), max_size=4)


def fulfilled(wishes: list[frozenset[int]], places: frozenset[int]) -> bool:
    """All at once, with these places alone."""
    wanted = len(wishes)
    return any(
        all(each in wish for each, wish in zip(order, wishes, strict=True)) for order in permutations(places, wanted)
    )


@given(some_wishes)
def test_as_many_as_possible_get_a_place_that_will_do(wishes: list[frozenset[int]]) -> None:
    everywhere = frozenset(PLACES)
    at = place(wishes)
    assert all(where in wishes[wish] for where, wish in at.items())
    assert len(set(at.values())) == len(at)
    kept: list[frozenset[int]] = []
    for number, wish in enumerate(wishes):
        fits = fulfilled([*kept, wish], everywhere)
        assert (number in at.values()) is fits, "earlier ones go before later ones, and nothing else counts"
        if fits:
            kept.append(wish)


@given(some_wishes)
def test_a_place_is_spare_if_all_can_be_placed_without_it(wishes: list[frozenset[int]]) -> None:
    at = place(wishes)
    placed = [wishes[number] for number in sorted(at.values())]
    everywhere = frozenset(PLACES)
    assert spare(wishes, at, PLACES) == {each for each in PLACES if fulfilled(placed, everywhere - {each})}
