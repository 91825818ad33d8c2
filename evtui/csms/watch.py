"""The watch: turns what changes in the books, and what goes over the wire, into events, so many and no more."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import TypeVar

import msgspec

from evtui.csms.books import Books
from evtui.csms.feed import Feed
from evtui.csms.journal import PartName
from evtui.csms.limits import Throttle
from evtui.csms.lint.findings import Finding
from evtui.csms.registry import StationRecord
from evtui.csms.transactions import Transaction
from evtui.csms.views.station import meters, station_row
from evtui.csms.views.status import Status, TracePoint
from evtui.csms.views.transaction import transaction_view
from evtui.ocppj.frame import Frame
from evtui.web.frame_record import frame_record

TICK_S = 0.5
FRAMES_PER_S = 20
"""So many frames become events; of more, these are a sample."""

BURST = 40
MOST_CHANGES = 50
"""Stations and transactions that a tick tells of; the others are told by the next ones."""

MOST_WAITING = 10_000
"""Transactions that wait to be told; the oldest go."""

ALONE_S = 60
"""After the last one has asked: till then, who comes back has missed nothing."""

MOST_CHARACTERS = 2_000
"""Of a frame's text in an event."""

TRACE_S = 900

T = TypeVar("T")


class Watch:
    """Publishes to `feed`: "frame" (sampled, its text cut), "station" (a StationRow), "transaction", "meter",
    "finding", and each second "status". What changes several times between two ticks is told once. While nobody has
    asked for long, stations, transactions and meters are not told: who goes on from before that has missed events.
    `status` gives the state of the server, in which the figures of this watch stand, too. It must be told of all, and
    tick."""

    def __init__(self, books: Books, clock: Callable[[], float], status: Callable[[], Status]) -> None:
        self.feed = Feed()
        self.trace: deque[TracePoint] = deque(maxlen=TRACE_S)
        self.messages_per_s = 0.0
        self.skipped = 0
        self.transactions = 0
        self.power_w = 0.0
        self._books = books
        self._clock = clock
        self._status = status
        self._throttle = Throttle(FRAMES_PER_S, BURST)
        self._frames = 0
        self._counted_at = clock()
        self._stations: dict[StationRecord, None] = {}
        self._meters: dict[StationRecord, None] = {}
        self._changed: dict[Transaction, None] = {}
        self._findings: dict[tuple[str, str, str], Finding] = {}
        self._alone = int(ALONE_S / TICK_S)  # ticks since somebody asked
        self._skipped = False

    # -- what is told to it -----------------------------------------------------------------------

    def frame(self, frame: Frame) -> None:
        """A frame has come or gone."""
        self._frames += 1
        if not self._throttle.admits(frame.at):
            self.skipped += 1
            return
        record = frame_record(frame)
        if len(record.text) > MOST_CHARACTERS:
            record = msgspec.structs.replace(record, text=record.text[:MOST_CHARACTERS])
        self.feed.publish(frame.at, "frame", frame.station, record)

    def station_changed(self, station: StationRecord, part: PartName) -> None:
        """A part of a station's record is another than it was."""
        (self._meters if part == "readings" else self._stations)[station] = None

    def transaction_changed(self, transaction: Transaction) -> None:
        """More is known of a transaction."""
        self._changed[transaction] = None
        if len(self._changed) > MOST_WAITING:
            del self._changed[next(iter(self._changed))]

    def finding(self, finding: Finding) -> None:
        """The linter has found something."""
        self._findings[finding.station_id, finding.rule, finding.subject] = finding

    # -- what it tells ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Ticks for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    def tick(self) -> None:
        """Tells what has changed since the last one."""
        now = self._clock()
        if self._is_heard():
            self._tell_changes(now)
        elif self._changed or self._meters or self._stations:
            for changed in (self._changed, self._meters, self._stations):
                changed.clear()
            if not self._skipped:
                self._skipped = True
                self.feed.skip()
        for key, finding in [*islice(self._findings.items(), MOST_CHANGES)]:
            del self._findings[key]
            self.feed.publish(now, "finding", finding.station_id, finding)
        if now - self._counted_at >= 2 * TICK_S - 0.1 or now < self._counted_at:
            self._count(now)

    def _is_heard(self) -> bool:
        """Whether somebody asks for events, or has of late."""
        if self.feed.asked:
            self.feed.asked = self._skipped = False
            self._alone = 0
        else:
            self._alone += 1
        return self._alone * TICK_S < ALONE_S

    def _tell_changes(self, now: float) -> None:
        for transaction in _taken(self._changed):
            record = transaction.record()
            self.feed.publish(now, "transaction", record.station_id, transaction_view(record))
            station = self._books.registry.get(record.station_id)
            if station is not None:  # what a transaction's events told of its meter is no change of the record
                self._stations[station] = self._meters[station] = None
        for station in _taken(self._meters):
            self.feed.publish(now, "meter", station.id, meters(station))
        for station in _taken(self._stations):
            self.feed.publish(now, "station", station.id, station_row(station, self._books))

    def _count(self, now: float) -> None:
        took_s = now - self._counted_at
        self.messages_per_s = round(self._frames / took_s, 1) if took_s > 0 else 0.0
        self._frames, self._counted_at = 0, now
        self.transactions, self.power_w = self._books.transactions.running()
        status = self._status()
        self.trace.append(
            TracePoint(now, self.power_w, self.messages_per_s, status.active_connections, self.transactions)
        )
        self.feed.publish(now, "status", "", status)


def _taken(changed: dict[T, None]) -> list[T]:
    """The oldest ones, which are told now."""
    found = list(islice(changed, MOST_CHANGES))
    for each in found:
        del changed[each]
    return found
