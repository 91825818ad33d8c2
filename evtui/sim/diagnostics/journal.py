"""The diagnostics log of a station: what happened to it, in a bounded room that costs an idle one nothing."""

import zlib
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from evtui.sim.diagnostics.lines import line
from evtui.sim.memory import Memory

PAGE = 32
"""Lines of a page: the newest lines are text, older ones are pages of a tenth of their size."""

MOST_PAGES = 30

_KEY = "journal/"


class Page(msgspec.Struct, frozen=True):
    """Older lines, compressed."""

    number: int
    data: bytes

    def lines(self) -> list[str]:
        return zlib.decompress(self.data).decode().split("\n")


class Journal:
    """Some thousand lines. Whole pages outlast a power cut."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.recall_all(_KEY, Page)
        self._pages = sorted(kept.values(), key=lambda page: page.number)
        self._newest: list[str] = []

    def add(self, at: datetime, text: str) -> None:
        """Writes a line."""
        self._newest.append(line(at, text))
        if len(self._newest) >= 2 * PAGE:
            number = self._pages[-1].number + 1 if self._pages else 0
            self._write(_page(number, self._newest[:PAGE]))
            del self._newest[:PAGE]

    def lines(self) -> Iterator[str]:
        """All that is kept, oldest first."""
        for page in self._pages:
            yield from page.lines()
        yield from self._newest

    def tail(self, count: int) -> tuple[str, ...]:
        """The newest lines, oldest of them first; at most as many as a page has, so that looking costs nothing."""
        newest = self._newest
        if len(newest) < count and self._pages:
            newest = [*self._pages[-1].lines(), *newest]
        return tuple(newest[-count:]) if count > 0 else ()

    def strike(self, unwanted: Callable[[str], bool]) -> int:
        """Takes lines out for good; says how many (N10)."""
        struck = len(self._newest)
        self._newest = [each for each in self._newest if not unwanted(each)]
        struck -= len(self._newest)
        for page in tuple(self._pages):
            lines = page.lines()
            stay = [each for each in lines if not unwanted(each)]
            if len(stay) == len(lines):
                continue
            struck += len(lines) - len(stay)
            self._drop(page)
            if stay:
                self._write(_page(page.number, stay))
        self._pages.sort(key=lambda page: page.number)
        return struck

    def _write(self, page: Page) -> None:
        self._pages.append(page)
        self._memory.keep(f"{_KEY}{page.number}", page)
        if len(self._pages) > MOST_PAGES:
            self._drop(self._pages[0])

    def _drop(self, page: Page) -> None:
        self._pages.remove(page)
        self._memory.forget(f"{_KEY}{page.number}")


def _page(number: int, lines: list[str]) -> Page:
    return Page(number, zlib.compress("\n".join(lines).encode("utf-8", "backslashreplace")))
