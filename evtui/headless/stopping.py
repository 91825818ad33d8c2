"""Work that an order to stop cuts short."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def unless(stopped: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """What the work gives; None when the order came before."""
    if stopped.is_set():
        work.close()
        return None
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work)
        stopping = group.create_task(stopped.wait())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        stopping.cancel()
    return None if working.cancelled() else working.result()
