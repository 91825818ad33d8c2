"""A shard at work, in a process of its own: signals, event loop and memory are not shared with a Dask worker, and
whatever hangs here, the worker can make an end of it.

It reads its Order and then Hints from stdin, and writes Words to stdout, a line of JSON each. Connections are open only
while it holds its lease: a thread that does nothing else ends the process before the lease does. The end of stdin is
that of the worker, and ends it at once, too.
"""

import asyncio
import os
import secrets
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from evtui.cluster.clock import now_s
from evtui.cluster.lease import Lease
from evtui.cluster.messages import Hint, Order, Word, line, read
from evtui.config import station_specs
from evtui.engine.door import FleetEvent, RoundTripCounts, View
from evtui.errors import EvtuiError
from evtui.headless.report import frames_in, host
from evtui.headless.sessions import Sessions
from evtui.headless.stopping import unless
from evtui.headless.story import TROUBLE, Plan
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.runtime import RunPlace
from evtui.host.site import Site, open_site

NO_LEASE, NO_WORKER = 70, 71
"""Exit codes of a process that dropped everything: its lease ended, its worker is gone."""

STOP_DRAIN_S = 2.0
"""How long a shard that was told to stop waits for its last messages."""

MOST_EVENTS = 500
"""Told in one word; what is more is counted."""

_EARLY_S = 0.25
_LOOK_S = 0.1


class Shard:
    """One incarnation."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._lease = Lease(order.terms)
        self._incarnation = secrets.token_hex(8)
        self._ids = tuple(spec.id for spec in station_specs(order.fleet))
        self._go = asyncio.Event()
        self._stopped = asyncio.Event()
        self._end = "stopped"
        self._loop = asyncio.get_running_loop()
        self._site: Site | None = None
        self._sessions: Sessions | None = None
        self._undelivered: dict[str, int] = {}
        self._told = 0
        self._spool = ""
        self._left_s: float | None = None

    async def run(self) -> None:
        """Waits for its lease, does what is ordered, and says how it was."""
        for work in (self._listen, self._guard):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()
        async with asyncio.TaskGroup() as group:
            saying = group.create_task(self._speak())
            watching = group.create_task(self._watch())
            await self._go.wait()
            end, refused = "done", ""
            try:
                if not self._stopped.is_set():
                    await self._work(saying)
                if self._stopped.is_set():
                    end = self._end
            except* EvtuiError as errors:
                end, refused = "refused", " ".join(str(errors.exceptions[0]).split())
            saying.cancel()
            watching.cancel()
        if refused:
            self._say(Word(*self._head(), end=end, refused=refused))

    # -- the lease --------------------------------------------------------------------------------

    def _listen(self) -> None:
        """In a thread: grants count also while the loop is busy."""
        for said in sys.stdin.buffer:
            hint = read(said, Hint)
            if hint.holder.epoch < self._order.epoch:
                continue  # it is late
            mine = (hint.holder.epoch, hint.holder.incarnation) == (self._order.epoch, self._incarnation)
            if mine:
                self._lease.granted(hint.holder.asked_s)
                if hint.go:
                    self._loop.call_soon_threadsafe(self._begin, hint.left_s)
            if hint.stop or not mine:
                self._loop.call_soon_threadsafe(self._stop, "stopped" if mine else "another one runs it")
        os._exit(NO_WORKER)

    def _guard(self) -> None:
        """In a thread: drops everything before the lease ends."""
        begun_s = now_s()
        while True:
            until_s = self._lease.until_s
            if until_s is None:
                until_s = begun_s + 3 * self._order.terms.lease_s  # nobody wants it
            if now_s() >= until_s - _EARLY_S:
                os._exit(NO_LEASE)
            time.sleep(_LOOK_S)

    async def _watch(self) -> None:
        """Ends in good order what is not renewed any more."""
        while not self._lease.runs_out(now_s()):  # noqa: ASYNC110 (time passes, which no event tells)
            await asyncio.sleep(_LOOK_S)
        self._stop("it heard nothing more from the coordinator")

    def _begin(self, left_s: float | None) -> None:
        if not self._go.is_set():
            self._left_s = left_s
            self._go.set()

    def _stop(self, why: str) -> None:
        if not self._stopped.is_set():
            self._end = why
            self._stopped.set()
            self._go.set()

    # -- the work ---------------------------------------------------------------------------------

    async def _work(self, saying: "asyncio.Task[None]") -> None:
        order = self._order
        load = order.load
        if load is not None and self._left_s is not None:
            load = msgspec.structs.replace(load, for_s=max(round(self._left_s, 1), 0.1))
        plan = Plan(self._ids, order.sessions, order.duration_s, load=load)
        async with _place(order) as frames:
            self._spool = str(frames) if order.frames else ""
            async with open_site(
                order.fleet, frames, web=False, frame_bytes=order.frame_bytes, ramp_s=order.ramp_s
            ) as site:
                self._site = site
                self._sessions = Sessions(
                    site.door, plan, order.connect_timeout_s + order.ramp_s, site.note, site.clock, order.finished
                )
                await unless(self._stopped, self._sessions.run())
                undelivered = await unless(self._stopped, site.stations.shutdown(order.drain_s))
                if self._stopped.is_set():
                    undelivered = await site.stations.shutdown(STOP_DRAIN_S)
                self._undelivered = undelivered or {}
                last = await self._word(self._end if self._stopped.is_set() else "done")
        saying.cancel()
        self._say(last)  # when all links are closed

    # -- what it says -----------------------------------------------------------------------------

    async def _speak(self) -> None:
        while True:
            self._say(await self._word(""))
            await asyncio.sleep(self._order.terms.renew_s)

    def _say(self, word: Word) -> None:
        sys.stdout.buffer.write(line(word))
        sys.stdout.buffer.flush()

    def _head(self) -> tuple[int, int, str, float, str, int]:
        return (self._order.shard, self._order.epoch, self._incarnation, now_s(), host(), os.getpid())

    async def _word(self, end: str) -> Word:
        head = self._head()
        if self._site is None or self._sessions is None:
            return Word(*head, end=end)
        view = await self._site.door.fleet(View(count=0, addable=True))
        trips = view.round_trips or RoundTripCounts()
        events, left_out = await self._events()
        return Word(
            *head,
            totals=view.totals,
            trips=RoundTripCounts(trips.counts, (), trips.longest_s, trips.unanswered),
            sessions=self._sessions.done,
            failed=self._sessions.failed,
            energy_wh=self._sessions.energy_wh,
            finished=() if self._order.load is not None else self._sessions.finished,
            events=events,
            left_out=left_out,
            spool=self._spool,
            no_csms=self._sessions.no_csms,
            undelivered=self._undelivered,
            end=end,
        )

    async def _events(self) -> tuple[tuple[FleetEvent, ...], int]:
        """Those since the last word."""
        assert self._site is not None
        found: list[FleetEvent] = []
        feed = self._site.stations.feed
        while feed.last > self._told:
            events = await self._site.door.events(self._told)
            self._told = events[-1].number
            found += [each for each in events if self._order.all_events or each.kind in TROUBLE]
        return tuple(found[:MOST_EVENTS]), max(0, len(found) - MOST_EVENTS)


@asynccontextmanager
async def _place(order: Order) -> AsyncIterator[Path]:
    """Where the frames go."""
    if order.frames is not None:
        yield frames_in(f"{order.frames}/{order.run}/shard-{order.shard}-{order.epoch}")
        return
    place = RunPlace.claim()
    try:
        yield place.frames
    finally:
        place.clear()


async def _main() -> None:
    await Shard(read(sys.stdin.buffer.readline(), Order)).run()


def main() -> None:
    """The process."""
    write_diagnostics(None)
    run(_main())
    sys.stdout.flush()
    os._exit(0)  # a thread still reads stdin
