"""Decides when a host ends: nobody may be left behind by a window that went away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Lifeline:
    """Counts the windows. The host ends when the last one goes without having asked it to stay, when its starter goes
    before a window came, on a signal, and when a window says stop. Readers are counted and keep nothing up."""

    def __init__(self, stay: bool = False) -> None:
        self.stay = stay
        self.windows = 0
        self.readers = 0
        self.reason = ""
        self._ends = asyncio.Event()

    @contextmanager
    def window(self) -> Iterator[None]:
        """A window is open for as long as the context is."""
        self.windows += 1
        try:
            yield
        finally:
            self.windows -= 1
            if not self.windows and not self.stay:
                self.end("the last window is gone")

    @contextmanager
    def reader(self) -> Iterator[None]:
        """A window that may only read is open for as long as the context is."""
        self.readers += 1
        try:
            yield
        finally:
            self.readers -= 1

    def detach(self) -> None:
        """A window goes and leaves the fleet running: from now on the host stays, whoever goes."""
        self.stay = True

    def starter_gone(self) -> None:
        """The program that started the host is gone."""
        if not self.windows and not self.stay:
            self.end("the program that started it is gone")

    def end(self, reason: str) -> None:
        """The host ends, for the first reason given."""
        if not self._ends.is_set():
            self.reason = reason
            self._ends.set()

    async def ended(self) -> str:
        """Waits for the end and tells its reason."""
        await self._ends.wait()
        return self.reason
