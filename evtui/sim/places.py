"""Who can have which place, when each needs one and not every place will do. Pure; places are numbers."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet


def place(wishes: Sequence[AbstractSet[int]]) -> dict[int, int]:
    """As many wishes as can be fulfilled together, earlier ones before later ones: place -> index of the wish that gets
    it. `wishes` are the places that would do for each."""
    given: dict[int, int] = {}
    has: dict[int, int] = {}
    for wish in range(len(wishes)):
        _make_room(wish, wishes, given, has)
    return given


def _make_room(wish: int, wishes: Sequence[AbstractSet[int]], given: dict[int, int], has: dict[int, int]) -> None:
    """Gives the wish a place, moving others if that helps (an augmenting path, breadth first)."""
    reached: dict[int, int] = {}
    waiting = deque([wish])
    while waiting:
        one = waiting.popleft()
        for each in sorted(wishes[one]):
            if each in reached:
                continue
            reached[each] = one
            if each in given:
                waiting.append(given[each])
                continue
            _move_up(each, reached, given, has)
            return


def _move_up(free: int, reached: Mapping[int, int], given: dict[int, int], has: dict[int, int]) -> None:
    """Each wish on the way gets the place that comes free, and gives its own to the one before."""
    while True:
        mover = reached[free]
        left = has.get(mover)
        given[free], has[mover] = mover, free
        if left is None:
            return
        free = left


def spare(wishes: Sequence[AbstractSet[int]], given: Mapping[int, int], places: Collection[int]) -> set[int]:
    """Those of the places that may be taken away, one of them, with every wish in `given` still fulfilled."""
    found = {each for each in places if each not in given}
    waiting = deque(found)
    while waiting:
        free = waiting.popleft()
        for each, wish in given.items():
            if each not in found and free in wishes[wish]:  # the wish can move over: its place comes free
                found.add(each)
                waiting.append(each)
    return found
