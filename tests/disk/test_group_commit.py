"""One thread that writes: when it does, and what it waits for meanwhile."""

import asyncio
import queue
import threading
from unittest.mock import patch

from evtui.disk.group_commit import GroupCommit

AGES_S = 10_000.0


class Bench:
    """Numbers that are put are written as lists."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.commits = GroupCommit[list[int]](
            self.written.append,
            lambda older, newer: older + newer,
            name="notes",
            what="numbers",
            apart_s=AGES_S,
            tell=lambda text: None,
        )

    async def put(self, number: int) -> None:
        done = asyncio.Event()
        self.commits.call(self.commits.put([number]), done.set)
        async with asyncio.timeout(10):
            await done.wait()


async def test_the_first_is_written_at_once_and_what_comes_soon_after_it_together() -> None:
    it = Bench()
    it.commits.start()
    await it.put(1)
    it.commits.put([2])
    it.commits.put([3])
    async with asyncio.timeout(10):
        await it.commits.close()  # it waits for nothing any more
    assert it.written == [[1], [2, 3]]


async def test_while_nothing_comes_it_waits_for_no_clock() -> None:
    """Else each commit wakes it up once more, only to find nothing."""
    waits: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    wait = threading.Condition.wait

    def watched(change: threading.Condition, timeout: float | None = None) -> bool:
        if threading.current_thread().name == "disk":
            waits.put(timeout)
        return wait(change, timeout)

    it = Bench()
    it.commits.put([1])
    with patch.object(threading.Condition, "wait", watched):
        it.commits.start()
        assert await asyncio.to_thread(waits.get, timeout=10) is None
        it.commits.put([2])
        apart_s = await asyncio.to_thread(waits.get, timeout=10)
        assert apart_s is not None
        assert AGES_S / 2 < apart_s <= AGES_S
        await it.commits.close()
    assert it.written == [[1], [2]]
