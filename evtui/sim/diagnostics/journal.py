"""The diagnostics log of a station: what happened to it, in a bounded room that costs an idle one nothing.

The newest lines stand on sheets, a few on each, as a sheet is written anew for each of its lines. Several full sheets
become a page, which is compressed. All of it outlasts a power cut.
"""

import zlib
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from evtui.sim.diagnostics.lines import line
from evtui.sim.memory import Memory

SHEET = 8
"""Lines of a sheet."""

PAGE = 4
"""Sheets that become a page; a second time as many stay, so that the newest lines are at hand."""

MOST_PAGES = 30

_SHEETS, _PAGES = "journal/sheet/", "journal/page/"


class Sheet(msgspec.Struct, frozen=True):
    """A few lines, as they are kept."""

    number: int
    lines: tuple[str, ...]


class Page(msgspec.Struct, frozen=True):
    """Older lines, compressed."""

    number: int
    data: bytes

    def lines(self) -> list[str]:
        return zlib.decompress(self.data).decode().split("\n")


class Journal:
    """Some thousand lines."""

    __slots__ = ("_last", "_memory", "_pages", "_sheets")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._pages = sorted(memory.recall_all(_PAGES, Page).values(), key=lambda page: page.number)
        sheets = sorted(memory.recall_all(_SHEETS, Sheet).values(), key=lambda sheet: sheet.number)
        self._sheets = {sheet.number: list(sheet.lines) for sheet in sheets}
        self._last = sheets[-1].number if sheets else 0  # the sheet that is written on

    def add(self, at: datetime, text: str) -> None:
        """Writes a line."""
        if len(self._sheets.get(self._last, ())) >= SHEET:
            self._last += 1
            if len(self._sheets) >= 2 * PAGE:
                self._bind()
        self._sheets.setdefault(self._last, []).append(line(at, text))
        self._keep_sheet(self._last)

    def lines(self) -> Iterator[str]:
        """All that is kept, oldest first."""
        for page in self._pages:
            yield from page.lines()
        yield from self._newest()

    def tail(self, count: int) -> tuple[str, ...]:
        """The newest lines, oldest of them first; no more than some thirty, so that looking costs nothing."""
        newest = self._newest()
        if len(newest) < count and self._pages:
            newest = [*self._pages[-1].lines(), *newest]
        return tuple(newest[-count:]) if count > 0 else ()

    def strike(self, unwanted: Callable[[str], bool]) -> None:
        """Takes lines out for good (N10)."""
        for number, lines in tuple(self._sheets.items()):
            stay = [each for each in lines if not unwanted(each)]
            if len(stay) < len(lines):
                self._sheets[number] = stay
                self._keep_sheet(number)
        pages, self._pages = self._pages, []
        for page in pages:
            lines = page.lines()
            stay = [each for each in lines if not unwanted(each)]
            if not stay:
                self._memory.forget(f"{_PAGES}{page.number}")
            elif len(stay) < len(lines):
                self._keep_page(page.number, stay)
            else:
                self._pages.append(page)

    def _newest(self) -> list[str]:
        return [each for lines in self._sheets.values() for each in lines]

    def _bind(self) -> None:
        """Makes a page of the oldest sheets."""
        lines: list[str] = []
        for number in tuple(self._sheets)[:PAGE]:
            lines += self._sheets.pop(number)
            self._memory.forget(f"{_SHEETS}{number}")
        if lines:
            self._keep_page(self._pages[-1].number + 1 if self._pages else 0, lines)
        if len(self._pages) > MOST_PAGES:
            self._memory.forget(f"{_PAGES}{self._pages.pop(0).number}")

    def _keep_sheet(self, number: int) -> None:
        lines = self._sheets[number]
        self._memory.touch(f"{_SHEETS}{number}", lambda: Sheet(number, tuple(lines)))

    def _keep_page(self, number: int, lines: list[str]) -> None:
        page = Page(number, zlib.compress("\n".join(lines).encode("utf-8", "backslashreplace")))
        self._pages.append(page)
        self._memory.keep(f"{_PAGES}{number}", page)
