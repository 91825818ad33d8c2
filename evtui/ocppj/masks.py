"""The masks of WebSocket frames that clients send (RFC 6455, 5.3)."""

from collections.abc import Iterator
from secrets import token_bytes

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform that the library has no compiled part for
    from websockets.utils import apply_mask

__all__ = ["apply_mask", "new_mask"]

_CHANCE_BYTES = 4_096  # asked of the system at once


def _masks() -> Iterator[bytes]:
    while True:
        chance = token_bytes(_CHANCE_BYTES)
        for at in range(0, _CHANCE_BYTES, 4):
            yield chance[at : at + 4]


new_mask = _masks().__next__
"""Gives four bytes that nobody can foretell."""
