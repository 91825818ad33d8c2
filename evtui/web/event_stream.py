"""Events as server-sent events: each client reads by its own cursor, nobody waits for a slow one."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from secrets import token_hex
from typing import Protocol

import msgspec

from evtui.errors import BusyError, EvtuiError

MOST_STREAMS = 50
QUIET_S = 15.0
"""After so long without an event a comment goes out, so that nobody in between cuts the connection."""


class Event(Protocol):
    """A record with a number that counts up, and a kind."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...


Source = Callable[[int], Awaitable[Sequence[Event]]]
"""Waits until there are events numbered above one, then gives the oldest of those that are still kept."""


class EventStreams:
    """Tells events until `closing` is set. Ids are of this run: one of another run is nothing to go on from."""

    def __init__(self, source: Source, closing: asyncio.Event) -> None:
        self._source = source
        self._closing = closing
        self._run = token_hex(4)
        self.open = 0

    def after(self, last_event_id: str) -> int:
        """The cursor that a Last-Event-ID means; 0 if it is none of this run."""
        match = re.fullmatch(rf"{self._run}-([0-9]{{1,15}})", last_event_id)
        return int(match[1]) if match else 0

    async def tell(self, after: int) -> AsyncIterator[bytes]:
        """The events numbered above `after`, as they come; "missed" stands where some are kept no longer."""
        self.open += 1
        try:
            yield b": evtui\n\n"
            while (events := await self._next(after)) is not None:
                yield self._text(after, events) if events else b": quiet\n\n"
                after = events[-1].number if events else after
        finally:
            self.open -= 1

    def admit(self) -> None:
        """BusyError: so many streams are open that there is no room for one more."""
        if self.open >= MOST_STREAMS:
            raise BusyError(f"{MOST_STREAMS} event streams are open already")

    async def _next(self, after: int) -> Sequence[Event] | None:
        """The next events, none after QUIET_S, None at the end."""
        gone = False
        try:
            async with asyncio.TaskGroup() as group:
                coming = group.create_task(_ask(self._source, after))
                closing = group.create_task(self._closing.wait())
                await asyncio.wait((coming, closing), timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
                coming.cancel()
                closing.cancel()
        except* EvtuiError:
            gone = True
        if gone:
            return None
        if not coming.cancelled():
            return coming.result()
        return () if closing.cancelled() else None

    def _text(self, after: int, events: Sequence[Event]) -> bytes:
        first = events[0].number
        missed = (
            b'event: missed\ndata: {"first":%d,"last":%d}\n\n' % (after + 1, first - 1) if first > after + 1 else b""
        )
        return missed + b"".join(
            b"id: %s-%d\nevent: %s\ndata: %s\n\n"
            % (self._run.encode(), each.number, each.kind.encode(), msgspec.json.encode(each))
            for each in events
        )


async def _ask(source: Source, after: int) -> Sequence[Event]:
    return await source(after)
