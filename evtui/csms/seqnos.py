"""Which sequence numbers have arrived: kept as ranges, so that a long transaction costs no more than a short one."""

from bisect import bisect_right
from collections.abc import Sequence

_MOST_RANGES = 512  # a station that leaves more gaps than this is not worth remembering each of them


class SeqNos:
    """A set of sequence numbers. The order in which they were added does not matter."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def add(self, number: int) -> bool:
        """Adds a number; False if it was there already."""
        firsts, lasts = self._firsts, self._lasts
        if lasts and number == lasts[-1] + 1:  # in order, as nearly always
            lasts[-1] = number
            return True
        at = bisect_right(firsts, number)
        if at and number <= lasts[at - 1]:
            return False
        joins_left = at > 0 and lasts[at - 1] == number - 1
        joins_right = at < len(firsts) and firsts[at] == number + 1
        match joins_left, joins_right:
            case True, True:
                lasts[at - 1] = lasts[at]
                del firsts[at], lasts[at]
            case True, False:
                lasts[at - 1] = number
            case False, True:
                firsts[at] = number
            case _:
                firsts.insert(at, number)
                lasts.insert(at, number)
                if len(firsts) > _MOST_RANGES:
                    del firsts[1], lasts[0]
        return True

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in zip(self._firsts, self._lasts, strict=True))

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number)
        return at > 0 and number <= self._lasts[at - 1]

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """All numbers, as inclusive ranges."""
        return tuple(zip(self._firsts, self._lasts, strict=True))

    def restore(self, ranges: Sequence[tuple[int, int]]) -> None:
        """The numbers in such ranges, and no others."""
        self._firsts = [first for first, _ in ranges]
        self._lasts = [last for _, last in ranges]

    @property
    def highest(self) -> int | None:
        """The highest number, None if there is none."""
        return self._lasts[-1] if self._lasts else None

    def gaps(self, first: int = 0) -> tuple[tuple[int, int], ...]:
        """What is missing between `first` and the highest number, as inclusive ranges."""
        found = []
        expected = first
        for begin, end in zip(self._firsts, self._lasts, strict=True):
            if begin > expected:
                found.append((expected, begin - 1))
            expected = max(expected, end + 1)
        return tuple(found)
