"""Chance that repeats: a small generator for each (seed, station, purpose), and hashes for noise at any moment."""

from collections.abc import Sequence
from hashlib import blake2b

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = 0x9E37_79B9_7F4A_7C15
_BELL_MEAN = 2 * 65_535.0
_BELL_SIGMA = 65_536.0 / 3.0**0.5  # of the sum of four uniform 16-bit numbers


def derive(seed: int, station_id: str, purpose: str) -> int:
    """A 64-bit key; any change of seed, station or purpose gives an unrelated one."""
    text = f"{seed}\x1f{station_id}\x1f{purpose}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def scatter(key: int, index: int) -> int:
    """64 well-mixed bits for the `index`-th draw of `key` (SplitMix64's finaliser)."""
    z = (key + index * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return z ^ (z >> 31)


def bell(bits: int) -> float:
    """64 bits as a nearly normal number of mean 0 and sigma 1, never beyond 3.47."""
    total = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48)
    return (total - _BELL_MEAN) / _BELL_SIGMA


class Chance:
    """A stream of draws. `purpose` keeps streams apart, so that one more draw for one thing moves no other."""

    __slots__ = ("_index", "_key")

    def __init__(self, seed: int, station_id: str, purpose: str) -> None:
        self._key = derive(seed, station_id, purpose)
        self._index = 0

    @property
    def drawn(self) -> int:
        """How many draws there have been."""
        return self._index

    def skip(self, draws: int) -> None:
        """Goes on after so many draws, as if they had been made."""
        self._index = draws

    def _bits(self) -> int:
        self._index += 1
        return scatter(self._key, self._index)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from `low` up to `high`."""
        return low + (high - low) * (self._bits() >> 11) / (1 << 53)

    def gauss(self, mean: float = 0.0, sigma: float = 1.0) -> float:
        """A nearly normal number, never more than 3.47 sigma from the mean."""
        return mean + sigma * bell(self._bits())

    def weighted(self, weights: Sequence[float]) -> int:
        """An index, as often as its weight says; the first one when all weigh nothing."""
        mark = self.uniform(0.0, sum(weights))
        for index, weight in enumerate(weights):
            mark -= weight
            if mark < 0.0:
                return index
        return 0
