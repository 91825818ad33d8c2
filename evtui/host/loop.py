"""The event loop that hosts run on: uvloop, a third less CPU for each message, where the platform has it."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

_COLLECTIONS = (20_000, 5, 5)
"""Objects, and generations, between two looks for garbage. A CALL leaves none that only the collector would free, so
that the default (700 objects, a few CALLs) looks at living ones alone: a twentieth of all CPU time. A station that
boots again leaves its former self, which is gone after some thousand boots."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end."""
    gc.set_threshold(*_COLLECTIONS)
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as factory
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
