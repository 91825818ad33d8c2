"""Load on a CSMS: how stations come, how cars come to them, and when all connections break at once."""

import math
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from evtui.engine.clock import Clock, sleep_until
from evtui.engine.door import Command, Door, FleetEvent, Target, Totals, View
from evtui.errors import ConfigError
from evtui.headless.words import Line
from evtui.options import Options
from evtui.sim.chance import Chance

TELL_EVERY_S = 5.0
"""Between two lines of progress."""


class Load(msgspec.Struct, frozen=True):
    """Goes on for `for_s`. Stations are switched on evenly over `ramp_s`. Cars come at random, `arrivals_per_h` to each
    free EVSE (None: as soon as the one before has left). Every `storm_s` all connections break (None: never)."""

    for_s: float
    ramp_s: float = 0.0
    arrivals_per_h: float | None = None
    storm_s: float | None = None
    seed: int = 0

    @property
    def words(self) -> str:
        """What it does, for people."""
        parts = [f"{self.for_s:g} s"]
        if self.ramp_s:
            parts.append(f"stations come over {self.ramp_s:g} s")
        rate = self.arrivals_per_h
        parts.append("one car after the other" if rate is None else f"{rate:g} cars an hour at each EVSE")
        if self.storm_s is not None:
            parts.append(f"all connections break every {self.storm_s:g} s")
        return "; ".join(parts)


def load_of(options: Options, seed: int) -> Load | None:
    """What the options ask for; None without --for. ConfigError for what means nothing without it."""
    if options.for_s is None:
        for flag, value in (("--arrivals", options.arrivals), ("--storm", options.storm)):
            if value is not None:
                raise ConfigError(f"{flag}: for how long? Name it with --for SECONDS")
        return None
    if options.hold:
        raise ConfigError("--for: --hold starts no sessions; leave one of the two out")
    return Load(options.for_s, options.ramp, options.arrivals, options.storm, seed)


class Arrivals:
    """When the next car comes to an EVSE: a Poisson process, the same for the same seed whatever other stations there
    are; at once when no rate is given."""

    def __init__(self, load: Load, evse: Target) -> None:
        self._per_h = load.arrivals_per_h
        self._chance = Chance(load.seed, evse.station_id, f"arrivals at EVSE {evse.evse_id}")

    def wait_s(self) -> float:
        """Seconds from when the EVSE is free."""
        if self._per_h is None:
            return 0.0
        return -math.log(1.0 - self._chance.uniform()) * 3600.0 / self._per_h


class Storms:
    """Breaks all connections at once, as a CSMS that restarts does, and tells how long it took until all were back."""

    def __init__(self, door: Door, stations: tuple[str, ...], clock: Clock, note: Callable[[str, str], None]) -> None:
        self._door = door
        self._targets = tuple(Target(station) for station in stations)
        self._clock = clock
        self._note = note
        self._away: set[str] = set()
        self._began_s = 0.0
        self._number = 0

    async def run(self, every_s: float) -> None:
        """Until it is cancelled."""
        due_s = self._clock.now().elapsed_s
        while True:
            due_s += every_s
            await sleep_until(self._clock, due_s)
            if self._away:
                self._note("", f"storm {self._number}: {len(self._away)} stations were not back before the next one")
            self._number += 1
            self._began_s = self._clock.now().elapsed_s
            self._away = {target.station_id for target in self._targets}
            await self._door.submit(Command("close-connection", self._targets))

    def follow(self, event: FleetEvent) -> None:
        """A station may be back."""
        if event.kind == "online" and event.station_id in self._away:
            self._away.remove(event.station_id)
            if not self._away:
                took_s = self._clock.now().elapsed_s - self._began_s
                self._note("", f"storm {self._number}: all {len(self._targets)} stations were back in {took_s:.1f} s")


async def tell_progress(door: Door, load: Load, clock: Clock, say: Callable[[Line], Coroutine[Any, Any, None]]) -> None:
    """Says every few seconds how the load stands, until it is cancelled."""
    began_s = clock.now().elapsed_s
    while True:
        await sleep_until(clock, clock.now().elapsed_s + TELL_EVERY_S)
        totals = (await door.fleet(View(count=0))).totals
        await say(progress(totals, max(load.for_s - (clock.now().elapsed_s - began_s), 0.0)))


def progress(totals: Totals, left_s: float | None) -> Line:
    """How it stands; `left_s` where it is known how long it goes on."""
    p99 = "no answers yet" if totals.rtt_p99_s is None else f"p99 {totals.rtt_p99_s * 1000:.0f} ms"
    left = "" if left_s is None else f"; {_spelt(left_s)} left"
    return Line(
        "📈",
        "cyan",
        f"{totals.online:,} of {totals.stations:,} stations online, {totals.transactions:,} charging, "
        f"{totals.frames_per_s:,.0f} frames/s, {p99}, {totals.errors:,} errors{left}",
    )


def _spelt(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
