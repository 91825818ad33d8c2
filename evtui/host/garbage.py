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


def look_seldom() -> None:
    """For this process, from now on."""
    gc.set_threshold(*_COLLECTIONS)


@contextmanager
def coming_up(stations: int) -> Iterator[None]:
    """So many stations come up in this process from now on. What is made meanwhile stays: the garbage collector would
    look through all of it again and again, for half of the time that it takes, and find nothing. When they are up, or
    the context ends, it works again."""
    gc.disable()
    timer = asyncio.get_running_loop().call_later(UP_AFTER_S + stations * UP_EACH_S, _up)
    try:
        yield
    finally:
        timer.cancel()
        gc.enable()


def _up() -> None:
    gc.freeze()
    gc.enable()
