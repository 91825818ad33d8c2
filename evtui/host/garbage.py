"""When the garbage collector works: seldom; not while the stations come up, and never again on what is up by then."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

UP_AFTER_S = 3.0
"""When a fleet is up, what lives by then lives on."""

UP_EACH_S = 0.002
"""That it takes longer for each station, on a machine that has other things to do."""


_COLLECTIONS = (20_000, 5, 5)
"""Objects, and generations, between two looks for garbage. A CALL leaves none that only the collector would free, so
that the default (700 objects, a few CALLs) looks at living ones alone: a twentieth of all CPU time. A station that
boots again leaves its former self, which is gone after some thousand boots."""

UNDER_WAY = 25
"""Objects more for each station of a fleet: so many live from one sample to the next, or wait for disk and network.
When a large fleet falls behind, they add up, and are no garbage: a look through those of 4,000 stations takes 80 ms."""


def look_seldom() -> None:
    """For this process, from now on."""
    gc.set_threshold(*_COLLECTIONS)


@contextmanager
def coming_up(stations: int) -> Iterator[None]:
    """So many stations come up in this process from now on. What is made meanwhile stays: the garbage collector would
    look through all of it again and again, for half of the time that it takes, and find nothing. When they are up, or
    the context ends, it works again."""
    gc.disable()
    young, *older = _COLLECTIONS
    gc.set_threshold(young + stations * UNDER_WAY, *older)
    timer = asyncio.get_running_loop().call_later(UP_AFTER_S + stations * UP_EACH_S, _up)
    try:
        yield
    finally:
        timer.cancel()
        gc.enable()


def _up() -> None:
    gc.freeze()
    gc.enable()
