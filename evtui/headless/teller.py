"""Brings events to a story, in a thread of its own: who stalls the terminal stalls the story, never a session."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from evtui.engine.door import FleetEvent
from evtui.headless.story import Story
from evtui.headless.words import Line


class Events(Protocol):
    """What a teller needs of a door."""

    async def events(self, after: int) -> tuple[FleetEvent, ...]: ...


class Teller:
    """Reads events at the pace of its story. `lost` is called when the stream is gone (a closed pipe or terminal)."""

    def __init__(self, door: Events, story: Story, lost: Callable[[], None]) -> None:
        self._door = door
        self._story = story
        self._lost = lost
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="story")
        self._told = 0
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Tells until it is cancelled, or the stream is gone."""
        while True:
            events = await self._door.events(self._told)
            if not await self._write(self._story.tell, events):
                return
            self._told = events[-1].number
            self._news.set()

    async def say(self, *lines: Line) -> None:
        """Tells lines that are no event."""
        await self._write(self._say, lines)

    async def until(self, number: int) -> None:
        """Waits until the event of that number is told."""
        while self._told < number:
            self._news.clear()
            await self._news.wait()

    async def close(self, *last_words: Line) -> None:
        """Ends the story: the terminal is put in order, then the last words are said."""
        await self._write(self._story.close)
        await self.say(*last_words)
        self._thread.shutdown(wait=False)

    def _say(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            self._story.say(line)

    async def _write(self, tell: Callable[..., None], *arguments: Any) -> bool:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, tell, *arguments)
        except OSError:
            self._told = sys.maxsize
            self._news.set()
            self._lost()
            return False
        return True
