"""The coordinator: places shards on workers, grants their leases, and adds up what they say.

Each shard is pinned to a worker, so that Dask itself runs none again elsewhere; should it run one again on the same
worker, that one is a second incarnation of its epoch, and gets no lease.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from evtui.cluster.clock import now_s
from evtui.cluster.lease import Terms
from evtui.cluster.messages import ORDERS, WORDS, End, Holder, Order, Orders, Word, line, read
from evtui.cluster.part import Part
from evtui.cluster.task import Sealed, installed, run_shard
from evtui.csms.moment import to_wire
from evtui.engine.door import RoundTripCounts, Totals
from evtui.engine.feed import Feed
from evtui.engine.pace import Pace
from evtui.engine.round_trips import RoundTrips
from evtui.errors import ConfigError
from evtui.headless.report import Loss, ShardReport, shard_report
from evtui.headless.verdict import Tally

SPELLS = 5
"""A shard that was lost so often is not tried again."""

START_S = 30.0
"""How long a task may take to say its first word: its worker may be busy with other work."""

ANSWER_S = 2.0
"""How long a worker may take to answer at all."""

_LOOK_S = 0.2
_PUBLISH_S = 0.05

_log = logging.getLogger("evtui.cluster")
T = TypeVar("T")


class Coordinator:
    """Runs shards on the workers of a client (asynchronous). `feed` has their events; `lost` is what went without a
    word."""

    def __init__(self, client: Any, orders: Iterable[Order], terms: Terms) -> None:
        self.feed = Feed()
        self.pace = Pace()
        self.lost: list[Loss] = []
        self.parts = [Part(order) for order in orders]
        self.began_s = now_s()
        self._client = client
        self._terms = terms
        self._run = self.parts[0].order.run
        self._by_number = {part.order.shard: part for part in self.parts}
        self._go = False
        self._stop = False
        self._ended = asyncio.Event()
        self._wake = asyncio.Event()
        self._refused = ""
        self._said: set[str] = set()
        self._silent: set[str] = set()  # workers
        self._placing = asyncio.Lock()

    # -- figures ----------------------------------------------------------------------------------

    def totals(self) -> Totals:
        """Of all shards. Percentiles are those of the last minute, as of the last `beat`."""
        at = now_s()
        parts = [part.totals(at) for part in self.parts]
        names = ("stations", "online", "transactions", "power_w", "energy_wh", "frames", "queued", "errors")
        sums = {name: sum(getattr(each, name) for each in parts) for name in (*names, "rules", "held", "offered_w")}
        pace = self.pace
        return Totals(**sums, frames_per_s=pace.frames_per_s, rtt_p50_s=pace.rtt_p50_s, rtt_p99_s=pace.rtt_p99_s)

    def trips(self) -> RoundTripCounts:
        """All round trips there were: they add up exactly."""
        whole = RoundTrips()
        for part in self.parts:
            whole.add(RoundTripCounts(tuple(part.past_trips.counts), (), part.past_trips.longest_s))
            whole.unanswered += part.past_trips.unanswered
            if part.word is not None:
                whole.add(part.word.trips)
        return RoundTripCounts(tuple(whole.counts), (), whole.longest_s, whole.unanswered)

    def beat(self) -> None:
        """A second has passed."""
        self.pace.round_trips = RoundTrips()
        self.pace.round_trips.add(self.trips())
        self.pace.beat(now_s(), self.totals().frames)

    def tally(self) -> Tally:
        """The sessions of all."""
        each = [part.tally for part in self.parts]
        return Tally(sum(t.sessions for t in each), sum(t.failed for t in each), sum(t.energy_wh for t in each))

    def undelivered(self) -> dict[str, int]:
        """What stations still owed when their shard ended."""
        return {station: count for part in self.parts for station, count in part.undelivered.items()}

    @property
    def left_s(self) -> float | None:
        """How long the load goes on; None where there is no telling."""
        load = self.parts[0].order.load
        return None if load is None else max(load.for_s - (now_s() - self.began_s if self._go else 0.0), 0.0)

    @property
    def no_csms(self) -> str | None:
        """Why no station at all was accepted."""
        reasons = [part.no_csms for part in self.parts]
        return reasons[0] if all(reason is not None for reason in reasons) else None

    def reports(self) -> list[ShardReport]:
        """What each shard did."""
        return [shard_report(part.order.shard, part.stations, part.spells) for part in self.parts]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Where the frames of the run are, those of lost shards too: host and directory, each once."""
        spools = {(spell.host, spell.spool) for part in self.parts for spell in part.spells if spell.spool}
        return sorted({(host, str(Path(spool).parents[1])) for host, spool in spools})

    # -- the run ----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until all shards have ended. ConfigError: one was refused."""
        self._client.subscribe_topic(WORDS, self._hear)
        try:
            async with asyncio.TaskGroup() as group:
                publishing = group.create_task(self._publish())
                starting = group.create_task(self._start())
                keeping = [group.create_task(self._keep(part), name=f"shard {part.order.shard}") for part in self.parts]
                await asyncio.wait(keeping)
                publishing.cancel()
                starting.cancel()
        finally:
            with suppress(Exception):
                self._client.unsubscribe_topic(WORDS)
        if self._refused:
            raise ConfigError(self._refused)

    def stop(self) -> None:
        """Every shard ends in good order."""
        self._stop = True
        self._ended.set()
        self._wake.set()

    def give_up(self) -> None:
        """Whoever has not ended yet is taken for lost: its lease runs out by itself."""
        for part in self.parts:
            if not part.over:
                self._lose(part, "it did not say that it has ended; its lease runs out by itself")
                part.over = True

    async def _start(self) -> None:
        """All begin at the same time, or when it is clear that some will come late."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                while not all(part.word is not None or part.over for part in self.parts):  # noqa: ASYNC110
                    await asyncio.sleep(_PUBLISH_S)
        self._go = True
        self.began_s = now_s()
        self._wake.set()

    async def _keep(self, part: Part) -> None:
        """Sees to it that a shard runs somewhere until its work is done."""
        while not part.over and not self._refused:
            if self.left_s == 0.0 or self._stop:
                part.over = True
            elif len(part.spells) >= SPELLS:
                self._abandon(part, f"ended {SPELLS} times before its time: it is not tried again")
            elif (worker := await self._worker(part)) is None:
                self._abandon(part, "found no worker" if self._connected else "has lost the scheduler")
            else:
                await self._spell(part, worker)

    def _abandon(self, part: Part, why: str) -> None:
        """What it should have done counts as failed."""
        self._tell(part, why)
        left = len(part.stations) * part.order.sessions - sum(part.order.finished)
        part.missed = 1 if part.order.load is not None else left
        part.over = True

    async def _worker(self, part: Part) -> str | None:
        """A worker for it; None when there was none for a while."""
        for _ in range(round(START_S)):
            async with self._placing:  # one after the other: each counts those before it
                worker = await self._place(part)
                if worker is not None:
                    part.worker = worker
            if worker is not None or self._stop or not self._connected:
                return worker
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._ended.wait()
        return None

    @property
    def _connected(self) -> bool:
        """A client that has lost its scheduler tries for a while to find it again."""
        return self._client.status not in ("closed", "closing")

    async def _place(self, part: Part) -> str | None:
        """The worker with the fewest shards for its threads that answers; one that went silent, or where this shard
        was before, only if there is no other."""
        identity = await _asked(lambda: self._client.scheduler.identity(n_workers=-1), ANSWER_S)
        workers: dict[str, Any] = {} if identity is None else identity["workers"]
        running = [each.worker for each in self.parts if each is not part and not each.over]

        def rank(worker: str) -> tuple[bool, bool, float]:
            load = running.count(worker) / max(workers[worker]["nthreads"], 1)
            return (worker in self._silent, worker == part.worker, load)

        for worker in sorted(workers, key=rank):
            if await self._answers(worker):
                return worker
        return None

    async def _answers(self, worker: str) -> bool:
        """Whether a worker is there. A scheduler believes in one that is stopped or cut off for minutes."""
        if not await _asked(lambda: self._client.run(installed, workers=[worker], on_error="ignore"), ANSWER_S):
            self._silent.add(worker)
            return False
        self._silent.discard(worker)
        return True

    async def _spell(self, part: Part, worker: str) -> None:
        """Runs it on a worker, until it has ended there or is lost."""
        epoch = part.tenure.appoint(now_s())
        part.began, part.heard_s = time.time(), now_s()
        order = msgspec.structs.replace(part.order, epoch=epoch)
        future = self._client.submit(
            run_shard,
            Sealed(line(order)),
            key=f"evtui-{self._run}-shard-{part.order.shard}-{epoch}",
            workers=[worker],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        if epoch > 1:
            self._tell(part, f"boots afresh on {worker}")
        begun_s = now_s()
        try:
            while True:
                await asyncio.sleep(_LOOK_S)
                if part.over:
                    return
                end = await _asked(lambda: future, ANSWER_S) if future.status == "finished" else None
                if end is not None and self._finish(part, read(end, End)):
                    return
                if part.tenure.holder is not None and part.tenure.free(now_s()):
                    self._silent.add(worker)
                    self._lose(part, f"nothing was heard of it for {self._terms.lease_s + self._terms.margin_s:.1f} s")
                    return
                pointless = self._stop or self.left_s == 0.0
                failed = future.status in ("error", "cancelled", "lost") or now_s() - begun_s > START_S
                if part.tenure.holder is None and (pointless or failed):
                    self._tell(part, f"did not begin on {worker}")
                    part.close("did not begin")
                    return
        finally:
            future.release()

    def _finish(self, part: Part, end: End) -> bool:
        """A task has ended: its process is gone for certain. False if it is not that of the holder, but one that Dask
        has run again by itself."""
        if part.tenure.holder not in (None, end.incarnation):
            return False
        part.tenure.ended(part.tenure.epoch, end.incarnation)
        if end.word is not None:
            self._take(part, end.word)
        word = part.word
        if word is not None and word.refused:
            self._refused = f"shard {part.order.shard} on {part.worker}: {word.refused}"
            self.stop()
            part.over = True
            part.close(f"refused: {word.refused}")
        elif end.code == 0 and word is not None and word.end in ("done", "stopped"):
            part.over = True
            part.undelivered = word.undelivered
            part.no_csms = word.no_csms
            missing = 0
            if word.no_csms is not None and part.order.load is None:
                missing = len(part.stations) * part.order.sessions - sum(word.finished)
                self._tell(part, f"no CSMS: {word.no_csms}")
            part.close(word.end, missing)
        else:
            why = word.end if word is not None and word.end else f"its process ended with code {end.code}"
            self._lose(part, why)
        return True

    def _lose(self, part: Part, why: str) -> None:
        """A spell ended otherwise than it should."""
        word = part.word
        totals = word.totals if word is not None else Totals()
        self.lost.append(
            Loss(
                part.order.shard,
                part.tenure.epoch,
                part.worker,
                word.host if word is not None else "",
                to_wire(part.heard),
                to_wire(time.time()),
                why,
                len(part.stations),
                totals.transactions,
                totals.queued,
                word.spool if word is not None else "",
            )
        )
        self._tell(
            part,
            f"lost on {part.worker}: {why}; then {totals.transactions} transactions ran, and {totals.queued} messages "
            f"were owed",
        )
        part.close(f"lost: {why}", totals.transactions)

    # -- what is said -----------------------------------------------------------------------------

    def _hear(self, event: tuple[float, tuple[str, bytes]]) -> None:
        run, said = event[1]
        if run != self._run:
            return
        word = read(said, Word)
        part = self._by_number.get(word.shard)
        if part is None or part.over:
            return
        at = now_s()
        if part.tenure.asks(word.epoch, word.incarnation, at):
            part.heard, part.heard_s = time.time(), at
            part.granted_s = max(part.granted_s, word.asked_s) if part.word is not None else word.asked_s
            self._take(part, word)
            self._wake.set()

    def _take(self, part: Part, word: Word) -> None:
        if part.word is not None and word.asked_s <= part.word.asked_s:
            return
        part.word = word
        for event in word.events:
            if not event.station_id and event.text:
                if event.text in self._said:
                    continue  # each shard says it
                self._said.add(event.text)
            fields = msgspec.structs.asdict(event)
            del fields["number"]
            self.feed.publish(**fields)
        if word.left_out:
            self._tell(part, f"{word.left_out} events were too many to be told")

    async def _publish(self) -> None:
        """Says to all who holds what, whenever something is new."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._terms.renew_s):
                    await self._wake.wait()
            self._wake.clear()
            await _asked(self._say, 2 * self._terms.renew_s)
            await asyncio.sleep(_PUBLISH_S)

    async def _say(self) -> None:
        await self._client.log_event(ORDERS, [self._run, line(self._orders())])

    def _orders(self) -> Orders:
        holders = {
            part.order.shard: Holder(part.tenure.epoch, part.tenure.holder, part.granted_s)
            for part in self.parts
            if part.tenure.holder is not None and not part.over
        }
        return Orders(holders, self._go, self._stop, self.left_s)

    def _tell(self, part: Part, text: str) -> None:
        self.feed.publish(time.time(), "warning", "", text=f"shard {part.order.shard} {text}")


async def _asked(ask: Callable[[], Awaitable[T]], timeout_s: float) -> T | None:
    """What Dask answers; None when it does not, or fails: then the leases tell what becomes of the shards."""
    try:
        async with asyncio.timeout(timeout_s):
            return await ask()
    except Exception as error:  # noqa: BLE001 (it raises what its parts do, RuntimeError when it has lost its scheduler)
        _log.warning("Dask: %r", error)
        return None
