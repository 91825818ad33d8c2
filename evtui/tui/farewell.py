"""How the window is left: the fleet stops with it, or runs on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from evtui.engine.beside import Attendance, HostDoor
from evtui.errors import EvtuiError
from evtui.tui import figures
from evtui.tui.patience import PATIENCE_S, STOP_PATIENCE_S
from evtui.tui.screens.ask import Ask, Notice

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp


class WindowResult(msgspec.Struct, frozen=True):
    """How the window ended: `code` for the shell; `text` is a line to print once the terminal is restored;
    `detached` says that the fleet runs on."""

    code: int = 0
    text: str = ""
    detached: bool = False


class Farewell:
    """Asks if others would notice, stops the fleet or leaves it running, and ends the window."""

    def __init__(self, window: EvtuiApp) -> None:
        self._window = window

    def detach(self) -> None:
        """Closes the window and leaves the fleet running."""
        if self._window.leaving or isinstance(self._window.screen, Ask):
            return
        if self._window.read_only or self._window.door is None:
            self.ask_quit()
            return
        self.leave("detach")

    def ask_quit(self) -> None:
        """Quits; asks only if transactions run, or others count on the fleet."""
        if self._window.leaving or isinstance(self._window.screen, Ask):
            return
        if self._window.read_only or self._window.door is None:
            self._window.end(WindowResult(detached=self._window.read_only))
            return
        self._window.run_worker(self._ask_quit(self._window.door), group="leave", exclusive=True, exit_on_error=False)

    async def _ask_quit(self, door: HostDoor) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                others = await door.attendance()
        except (EvtuiError, OSError, EOFError, TimeoutError):
            others = Attendance()  # stopping tells what is wrong
        running = self._running()
        reasons = _why_ask(running, others)
        if not reasons:
            self.leave("quit")
            return
        offered = {
            "ask.yes": "stop them and quit" if running else "stop the fleet and quit",
            "ask.detach": "quit and leave the fleet running",
            "ask.no": "go back",
        }
        text = " ".join(reasons)

        def answered(answer: str | None) -> None:
            if answer:
                self.leave("detach" if answer == "detach" else "quit")

        window = self._window
        window.push_screen(Ask(window.glyphs, window.keymap, "Quit?", text, offered), answered)

    def leave(self, reason: str) -> None:
        """Leaves without asking: `reason` is "detach", or why the fleet stops."""
        running = self._running()
        if reason != "detach" and running:
            self._window.push_screen(Notice(self._window.glyphs, _stopping(running)))
        self._window.run_worker(self._stop(reason), group="leave", exit_on_error=True)

    def show(self) -> None:
        """Says how much is still to be stopped, if it is being said."""
        for notice in self._window.screen_stack:
            if isinstance(notice, Notice):
                notice.say(_stopping(self._running()))

    def _running(self) -> int:
        """How many transactions run."""
        view = self._window.scene.view
        return view.totals.transactions if view else 0

    async def _stop(self, reason: str) -> None:
        detach = reason == "detach"
        self._window.leaving = not detach and self._window.refresh_hz <= 0
        result = WindowResult(
            text="the fleet runs on: evtui attach comes back to it" if detach else "", detached=detach
        )
        try:
            async with asyncio.timeout(STOP_PATIENCE_S):
                if self._window.door is not None:
                    await self._window.door.stop(reason)
        except TimeoutError:
            result = WindowResult(1, "evtui: the host did not stop in time")
        except (EvtuiError, OSError, EOFError):
            pass  # the host has closed the door behind itself: that is what stopping looks like from here
        self._window.end(result)


def _why_ask(running: int, others: Attendance) -> list[str]:
    """What quitting would put an end to that is not this window's alone, as sentences."""
    reasons = []
    if running:
        reasons.append(f"{figures.count(running, 'transaction')} {'is' if running == 1 else 'are'} running.")
    elif others.stays:
        reasons.append("The fleet was told to stay.")
    if (more := others.windows + others.readers - 1) > 0:
        reasons.append("Another window looks on." if more == 1 else f"{more} other windows look on.")
    return reasons


def _stopping(transactions: int) -> str:
    if not transactions:
        return "stopping ..."
    return f"stopping, {figures.count(transactions, 'transaction')} {'ends' if transactions == 1 else 'end'} ..."
