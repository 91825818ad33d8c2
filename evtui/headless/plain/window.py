"""The window without a screen: a client of a door, as the one that draws is."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from textwrap import wrap

import msgspec

from evtui import __version__
from evtui.engine.beside import Attendance, HostDoor
from evtui.engine.door import Command, FleetEvent, Outcome, Sort, StationRow, View
from evtui.engine.station_filter import FilterError, parse
from evtui.errors import DoorClosedError, EvtuiError, LocalError, said
from evtui.headless.plain import pages
from evtui.headless.plain.errand import MOST_NAMES, errand_of, row_of, transactions
from evtui.headless.plain.order import Order, brief, read_order, spec_of
from evtui.headless.plain.tale import Tale

TICK_S = 1.0
GATHER_S = 0.3
"""Changes of so short a time are told together: of a fleet that starts, a line for all of it."""

PATIENCE_S = 5.0
STOP_PATIENCE_S = 15.0
MOST_ERRING = 20
INTERRUPTED = 130
_ALARMS = frozenset(
    {"fault", "crashed", "stalled", "warning", "refused", "impossible", "discarded", "dark", "rejected"}
)
_YES, _NO = ("yes", "y"), ("no", "n")
HOST_GONE = (EvtuiError, OSError, EOFError)
"""What a door raises when its host is gone."""


class PlainResult(msgspec.Struct, frozen=True):
    """How it ended: `code` for the shell; `detached` says that the fleet runs on."""

    code: int = 0
    detached: bool = False


class _Question(msgspec.Struct, frozen=True):
    """What the next line answers; `otherwise` is the answer when there is no next line."""

    text: str
    answers: tuple[tuple[tuple[str, ...], Callable[[], Awaitable[None]]], ...]
    otherwise: Callable[[], Awaitable[None]]


class PlainWindow:
    """Tells what changes and does what is typed. `patient`: somebody types, so what takes time holds up nothing else;
    otherwise a line is read when the one before has been carried out."""

    def __init__(
        self, door: HostDoor, say: Callable[..., None], *, read_only: bool = False, patient: bool = True
    ) -> None:
        self._door = door
        self._say = say
        self._read_only = read_only
        self._patient = patient
        self._tale = Tale()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._over: asyncio.Future[PlainResult] = asyncio.get_running_loop().create_future()
        self._question: _Question | None = None
        self._filter = ""
        self._about: frozenset[str] | None = None
        self._quiet = False
        self._errors = 0
        self._leaving = asyncio.Event()
        self._interrupted = False
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # -- from outside -----------------------------------------------------------------------------

    def hear(self, line: str | None) -> None:
        """Somebody typed this; None: there will be no more."""
        self._lines.put_nowait(line)

    def end(self, code: int) -> None:
        """Leaves at once, and stops the fleet."""
        self._leave_with(code)

    def interrupt(self) -> None:
        """Ctrl+C: as `quit`; again, before anything came of it: leaves at once."""
        if self._interrupted:
            self._leave_with(INTERRUPTED)
        else:
            self._interrupted = True
            self.hear("quit")

    def lost(self) -> None:
        """Nobody listens any more."""
        self._finish(PlainResult(128 + signal.SIGPIPE))

    async def run(self) -> PlainResult:
        """Greets, then tells and acts until somebody quits or the host is gone."""
        view = await self._door.fleet(View(count=2))
        begin = view.at
        self._errors = view.totals.errors
        self._tale.errors(await self._erring())
        first = f" The first is {view.rows[0].id}: list tells all." if len(view.rows) > 1 else ""
        pace = "at the pace of life" if view.speed == 1 else f"{view.speed:g} times faster than life"
        self._say(
            *([view.banner] if view.banner else []),
            f"evtui {__version__}{', read-only' if self._read_only else ''}. CSMS: {view.csms_url}. "
            f"Physics runs {pace}.",
            f"{pages.totals_line(view)}.{first}",
            "Type help for what can be typed, quit to leave.",
        )
        async with asyncio.TaskGroup() as group:
            self._group = group
            for work in (self._telling(begin), self._ticking(), self._obeying()):
                self._spawn(work)
            result = await asyncio.shield(self._over)
            for task in self._tasks:
                task.cancel()
        return result

    # -- telling ----------------------------------------------------------------------------------

    async def _telling(self, begin: float) -> None:
        after = 0
        while True:
            events = await self._door.events(after)
            after = events[-1].number
            news = [event for event in events if event.at >= begin]
            if news:
                await self._tell(news)
                with suppress(TimeoutError):  # not so long when this ends: what ends with it is told, too
                    async with asyncio.timeout(GATHER_S):
                        await self._leaving.wait()

    async def _tell(self, events: list[FleetEvent]) -> None:
        about = self._about
        if about is not None:
            self._about = await self._matching()
            about |= self._about  # also those that have just left the filter, or come under it
        self._say(*self._tale.tell(events, about, _ALARMS if self._quiet else None))

    async def _ticking(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S)
            async with asyncio.timeout(PATIENCE_S):
                totals = (await self._door.fleet(View(count=0))).totals
            if totals.errors != self._errors:
                self._errors = totals.errors
                self._say(*self._tale.errors(await self._erring()))
            if not self._quiet:
                self._say(*self._tale.energy(loop.time()))

    async def _erring(self) -> tuple[StationRow, ...]:
        """The stations with the most errors."""
        return (await self._door.fleet(View(count=MOST_ERRING, sort=Sort.ERRORS, descending=True))).rows

    async def _matching(self) -> frozenset[str]:
        view = await self._door.fleet(View(count=MOST_NAMES, filter=self._filter))
        return frozenset(row.id for row in view.rows)

    # -- what is typed ----------------------------------------------------------------------------

    async def _obeying(self) -> None:
        while True:
            line = await self._lines.get()
            if self._question is not None:
                await self._answer(self._question, line)
            elif line is None:
                await (self._ask_quit() if self._patient else self._stop(0))
            elif line:
                await self._obey(line)

    async def _obey(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        try:
            match name:
                case "list":
                    await self._list(rest)
                case "show":
                    await self._show(rest)
                case "filter":
                    await self._set_filter(rest)
                case "quiet":
                    self._quiet = not self._quiet
                    self._say("only answers, faults and errors now" if self._quiet else "everything is told again")
                case "help":
                    self._say(*_help(rest))
                case "detach":
                    await self._detach()
                case "quit" | "q" | "exit":
                    await self._ask_quit()
                case _:
                    await self._order(read_order(spec_of(name, pages.WORDS), rest))
        except DoorClosedError:
            raise
        except LocalError as error:
            self._say(str(error))

    async def _list(self, text: str) -> None:
        if text and not (text.isdecimal() and len(text) < 8 and int(text) > 0):
            raise LocalError(f"list: {brief(text)} is no number of a station; filter chooses which are listed")
        first = int(text) - 1 if text else 0
        view = await self._door.fleet(View(first=first, count=pages.PAGE, filter=self._filter))
        self._say(*pages.listing(view, self._filter))

    async def _show(self, text: str) -> None:
        if not text:
            raise LocalError("show: which station? Write show CP001")
        row = await row_of(self._door, text)
        detail = await self._door.station(row.id)
        if detail is None:
            raise LocalError(f"{row.id} has just gone")
        self._say(*pages.station_page(detail))

    async def _set_filter(self, text: str) -> None:
        try:
            parse(text)
        except FilterError as error:
            raise LocalError(f"filter: {error}; such as ~state charging, ~s CP00*, ~link waiting, ~e") from None
        self._filter = text
        self._about = None
        if not text:
            self._say("no filter: all stations are told of")
            return
        self._about = await self._matching()
        self._say(f"filter {text}: {len(self._about)} stations now")

    # -- commands ---------------------------------------------------------------------------------

    async def _order(self, order: Order) -> None:
        if self._read_only:
            raise LocalError("this window is read-only")
        errand = await errand_of(self._door, order, self._filter)
        if errand.question is None:
            await self._submit(errand.command)
        else:
            await self._ask_first(errand.question, errand.command)

    async def _submit(self, command: Command) -> None:
        if self._patient:
            self._spawn(self._carry_out(command))
        else:
            await self._carry_out(command)

    async def _carry_out(self, command: Command) -> None:
        try:
            outcome = await self._door.submit(command)
        except DoorClosedError:
            raise
        except LocalError as error:
            outcome = Outcome(False, str(error))
        how = "" if outcome.done else "In part: " if any(each.done for each in outcome.results) else "Not done: "
        self._say(f"{how}{outcome.text}")
        for result in outcome.results:
            if result.answer and result.answer not in outcome.text:
                self._say(f"Answer: {result.answer}")

    # -- questions --------------------------------------------------------------------------------

    def _ask(self, question: _Question) -> None:
        self._question = question
        self._say(question.text)

    async def _ask_first(self, text: str, command: Command) -> None:
        async def do() -> None:
            await self._submit(command)

        async def leave_it() -> None:
            self._say("Nothing is done.")

        self._ask(_Question(f"{text} Type yes or no.", ((_YES, do), (_NO, leave_it)), leave_it))

    async def _answer(self, question: _Question, line: str | None) -> None:
        if line is None:
            self._question = None
            await question.otherwise()
            return
        word = line.strip().lower()
        for words, act in question.answers:
            if word in words:
                self._question = None
                await act()
                return
        self._say(f"Answer with {' or '.join(words[0] for words, _ in question.answers)}.")

    # -- leaving ----------------------------------------------------------------------------------

    async def _ask_quit(self) -> None:
        if self._read_only:
            self._finish(PlainResult(detached=True))
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                running = (await self._door.fleet(View(count=0))).totals.transactions
                others = await self._door.attendance()
        except TimeoutError:
            running, others = 0, Attendance()  # stopping tells what is wrong
        lookers = others.windows + others.readers - 1
        reasons = [
            *([f"{transactions(running)} {'is' if running == 1 else 'are'} running."] if running else []),
            *(["The fleet was told to stay."] if others.stays and not running else []),
            *(["Others look on."] if lookers > 0 else []),
        ]

        async def stop() -> None:
            await self._stop(INTERRUPTED if self._interrupted else 0)

        async def go_back() -> None:
            self._interrupted = False
            self._say("Nothing is done.")

        if not reasons:
            await stop()
            return
        them = "them" if running > 1 else "it" if running else "the fleet"
        text = f"stop: stop {them} and quit; leave: quit and leave the fleet running; back: go on."
        answers = ((("stop", *_YES), stop), (("leave", "detach"), self._detach), (("back", *_NO), go_back))
        self._ask(_Question(f"{' '.join(reasons)} Type {text}", answers, stop))

    async def _detach(self) -> None:
        if not self._read_only:
            await self._door.stop("detach")
            self._say("the fleet runs on: evtui attach comes back to it")
        self._finish(PlainResult(detached=True))

    def _leave_with(self, code: int) -> None:
        if self._group is None:
            self._finish(PlainResult(code))
        else:
            self._spawn(self._stop(code))

    async def _stop(self, code: int) -> None:
        if self._read_only:
            self._finish(PlainResult(code, detached=True))
            return
        if self._leaving.is_set():
            return
        self._leaving.set()
        self._say("stopping ...")
        try:
            async with asyncio.timeout(STOP_PATIENCE_S):
                await self._door.stop("quit")
        except TimeoutError:
            self._say("the host did not stop in time")
            code = code or 1
        except HOST_GONE:
            pass  # it has closed the door behind itself: that is what stopping looks like from here
        self._finish(PlainResult(code))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        assert self._group is not None
        task = self._group.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        """Whatever runs here ends when the host is gone."""
        try:
            await work
        except TimeoutError:
            self._gone("it does not answer")
        except HOST_GONE as error:
            self._gone(said(error))

    def _gone(self, why: str) -> None:
        if not self._leaving.is_set() and not self._over.done():
            self._say(f"the host is gone: {why}")
            self._finish(PlainResult(1))

    def _finish(self, result: PlainResult) -> None:
        if not self._over.done():
            self._over.set_result(result)


def _help(about: str) -> list[str]:
    if not about:
        lines = pages.help_page()
    else:
        lines = [pages.WORDS[about]] if about in pages.WORDS else pages.command_page(spec_of(about, pages.WORDS))
    if not os.isatty(1):
        return lines
    width = os.get_terminal_size(1).columns
    return [part for line in lines for part in wrap(line, max(width, 20), subsequent_indent="  ")]
