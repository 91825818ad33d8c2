"""A shard as the coordinator knows it: what its running spell has said, and what the spells before add up to."""

import time

import msgspec

from evtui.cluster.lease import Tenure
from evtui.cluster.messages import Order, Word
from evtui.config import station_specs
from evtui.csms.moment import to_wire
from evtui.engine.door import RoundTripCounts, Totals
from evtui.engine.round_trips import RoundTrips
from evtui.headless.report import Spell
from evtui.headless.verdict import Tally

SILENT = 3
"""A shard of which so many words are missing counts as offline."""


class Part:
    """`word` is the newest of the running spell, None while there is none; `missed` counts sessions that nobody could
    run; `over`: nothing runs it any more."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.stations = tuple(spec.id for spec in station_specs(order.fleet))
        self.tenure = Tenure(order.terms)
        self.granted_s = 0.0
        self.word: Word | None = None  # of the running spell
        self.heard = time.time()
        self.heard_s = 0.0
        self.began = time.time()
        self.worker = ""
        self.spells: list[Spell] = []
        self.past = Totals()  # of the spells before: what is counted, and nothing of what stands
        self.past_trips = RoundTrips()
        self.undelivered: dict[str, int] = {}
        self.no_csms: str | None = None
        self.missed = 0  # sessions that nobody could run
        self.over = False

    @property
    def tally(self) -> Tally:
        """What it has done in all its spells."""
        word, spells = self.word, self.spells
        return Tally(
            sum(each.sessions for each in spells) + (word.sessions if word else 0),
            sum(each.failed for each in spells) + (word.failed if word else 0) + self.missed,
            sum(each.energy_wh for each in spells) + (word.energy_wh if word else 0.0),
        )

    def totals(self, now_s: float) -> Totals:
        """Its part of the figures."""
        now = self.word.totals if self.word else Totals()
        if not self.over and now_s - self.heard_s > SILENT * self.order.terms.renew_s:
            now = Totals(frames=now.frames, errors=now.errors, energy_wh=now.energy_wh)
        return msgspec.structs.replace(
            now,
            stations=len(self.stations),
            energy_wh=self.past.energy_wh + now.energy_wh,
            frames=self.past.frames + now.frames,
            errors=self.past.errors + now.errors,
        )

    def close(self, end: str, failed: int = 0) -> None:
        """The running spell is over."""
        word = self.word or Word(self.order.shard, self.tenure.epoch, "", 0.0, "", 0)
        self.spells.append(
            Spell(
                self.tenure.epoch,
                self.worker,
                word.host,
                word.pid,
                to_wire(self.began),
                to_wire(time.time()),
                end,
                word.sessions,
                word.failed + failed,
                word.energy_wh,
                word.totals.frames,
                word.totals.errors,
                word.spool,
            )
        )
        past, now = self.past, word.totals
        self.past = Totals(
            energy_wh=past.energy_wh + now.energy_wh,
            frames=past.frames + now.frames,
            errors=past.errors + now.errors,
        )
        self.past_trips.add(word.trips)
        if word.finished:
            self.order = msgspec.structs.replace(self.order, finished=word.finished)
        if self.over:  # what stands at its end goes on to stand
            self.word = msgspec.structs.replace(
                word,
                sessions=0,
                failed=0,
                energy_wh=0.0,
                trips=RoundTripCounts(),
                totals=msgspec.structs.replace(now, energy_wh=0.0, frames=0, errors=0),
            )
        else:
            self.word = None
