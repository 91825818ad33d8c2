"""`evtui run`: sessions without a screen, in one process with the fleet."""

import asyncio
import math
import os
import signal
import sys
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TextIO, TypeVar

from evtui import __version__
from evtui.config import ApiConfig, FleetConfig, station_specs
from evtui.engine.door import Command, FleetView, RoundTripCounts, Target, View
from evtui.engine.round_trips import RoundTrips
from evtui.headless.fail_if import TIMES, FailIf, fail_if, shown
from evtui.headless.keyboard import on_key
from evtui.headless.load import load_of, tell_progress
from evtui.headless.sessions import Sessions
from evtui.headless.story import JsonLines, PlainStory, Plan, Story
from evtui.headless.teller import Teller
from evtui.headless.words import Line, harmless, kwh
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.runtime import RunPlace
from evtui.host.shutdown import end_within
from evtui.host.site import CrewConfig, Site, open_site
from evtui.options import Options, api_of, fleet_of, frame_bytes_of, state_of, workers_of

DONE, FAILED, NO_CSMS, FAIL_IF = 0, 1, 3, 4
DEMO_STATIONS = 4
STOP_DRAIN_S = 2.0
"""How long a run that was told to stop waits for its last messages."""

STOP_EXIT_S = 3.0
"""From the order to stop to the end of the process, whatever hangs."""

TELL_S = 0.5
"""How long the end of the story may take: a stalled terminal gets no more."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
T = TypeVar("T")


def run_demo(options: Options) -> int:
    """Runs a fleet with cars at its cables and starts nothing: that is for home-energy controllers to do."""
    ephemeral = options.ephemeral or options.state is None
    return run_sessions(
        replace(options, hold=True, echonet=True, ephemeral=ephemeral), stations=DEMO_STATIONS, plug_in=True
    )


def run_sessions(options: Options, stations: int = 1, plug_in: bool = False) -> int:
    """Runs what the options ask for and gives the exit code. ConfigError: they cannot be used. `stations` where they do
    not say how many; `plug_in`: with --hold, cars come."""
    config, api = fleet_of(options, stations), api_of(options)
    state = state_of(options, durable=options.hold)
    frame_bytes_of(options)  # refused before anything runs
    ids = tuple(spec.id for spec in station_specs(config))
    plan = Plan(ids, options.sessions, options.duration, options.hold, load_of(options, config.seed))
    judge = None if options.fail_if is None else fail_if(options.fail_if)
    write_diagnostics(options.log)
    place = RunPlace.claim()
    try:
        code = run(_Run(options, config, api, state, plan, plug_in, judge).main(place))
    finally:
        place.clear()
    end_within(TELL_S, code)  # a thread that still writes to a stalled terminal would be waited for
    return code


class _Run:
    """One run: its sessions, its story, and what may cut it short."""

    def __init__(
        self,
        options: Options,
        config: FleetConfig,
        api: ApiConfig | None,
        state: str | None,
        plan: Plan,
        plug_in: bool,
        judge: FailIf | None,
    ) -> None:
        self._options = options
        self._config = config
        self._api = api
        self._state = state
        self._plan = plan
        self._plug_in = plug_in
        self._judge = judge
        self._stopped = asyncio.Event()
        self._stop_code = DONE

    async def main(self, place: RunPlace) -> int:
        """The exit code."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._stop, 128 + number)
        workers = workers_of(self._options, self._config)
        with on_key(sys.stdin, "q", lambda: self._stop(DONE)):
            async with open_site(
                self._config,
                place.frames,
                web=self._options.hold,
                api=self._api,
                state=self._state,
                frame_bytes=frame_bytes_of(self._options),
                ramp_s=self._options.ramp,
                crew=CrewConfig(workers, place.socket, self._options.log) if workers > 1 else None,
            ) as site:
                return await self._tell(site)

    async def _tell(self, site: Site) -> int:
        streams = [sys.stderr, sys.stdout] if self._options.json else [sys.stdout]
        stories: list[Story] = [_story(streams[0], self._options, self._plan), *map(JsonLines, streams[1:])]
        tellers = [
            Teller(site.door, story, partial(self._lost, stream))
            for story, stream in zip(stories, streams, strict=True)
        ]
        async with asyncio.TaskGroup() as group:
            greeting = group.create_task(tellers[0].say(*await self._greeting(site)))
            telling = [group.create_task(teller.run()) for teller in tellers]
            if self._plan.load is not None:
                telling.append(group.create_task(tell_progress(site.door, self._plan.load, site.clock, tellers[0].say)))
            code, last_words = await self._drive(site)
            with suppress(TimeoutError):
                async with asyncio.timeout(TELL_S):
                    last = site.stations.feed.last
                    await asyncio.gather(*(teller.until(last) for teller in tellers))
                    for task in telling:
                        task.cancel()
                    await tellers[0].close(*last_words)
            for task in (greeting, *telling):
                task.cancel()
        return code

    async def _drive(self, site: Site) -> tuple[int, list[Line]]:
        """Runs the sessions, then delivers what is owed. The exit code, and what is to be said at the end."""
        sessions = Sessions(
            site.door, self._plan, self._options.connect_timeout + self._options.ramp, site.note, site.clock
        )
        words: list[Line] = []
        code = DONE
        if self._plan.hold:
            if self._plug_in:
                await site.door.submit(Command("plug-in", tuple(Target(each) for each in self._plan.stations)))
            await self._stopped.wait()
        else:
            await self._unless_stopped(sessions.run())
            if sessions.no_csms is not None:
                code = NO_CSMS
                words.append(Line("❌", "bold red", harmless(f"No CSMS: {sessions.no_csms}")))
        undelivered = await self._unless_stopped(site.stations.shutdown(self._options.drain))
        if self._stopped.is_set():
            undelivered = await site.stations.shutdown(STOP_DRAIN_S)
        if undelivered:
            owed = ", ".join(f"{station} {count}" for station, count in undelivered.items())
            until = "" if self._state is None else "; they are kept for the next time"
            words.append(Line("❌", "bold red", harmless(f"Messages not delivered: {owed}{until}")))
        view = await site.door.fleet(View(count=0, addable=True))
        figures = _figures(view, sessions, sum((undelivered or {}).values()))
        if sessions.failed or sessions.done > 1:
            words.append(_summary(sessions))
        if self._judge is not None or sessions.done > 1:
            words.append(_pace(figures))
        if self._stopped.is_set() and self._stop_code != DONE:
            return self._stop_code, words
        if code == DONE and (sessions.failed or undelivered):
            code = FAILED
        why = None if self._judge is None else self._judge.why(figures)
        if why is not None:
            words.append(Line("❌", "bold red", f"--fail-if came true: {why}"))
            code = FAIL_IF if code in (DONE, FAILED) else code
        return code, words

    async def _unless_stopped(self, work: Coroutine[None, None, T]) -> T | None:
        """What the work gives; None when an order to stop came before."""
        if self._stopped.is_set():
            work.close()
            return None
        async with asyncio.TaskGroup() as group:
            working = group.create_task(work)
            stopped = group.create_task(self._stopped.wait())
            await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            stopped.cancel()
        return None if working.cancelled() else working.result()

    def _stop(self, code: int) -> None:
        """An order to stop: transactions end first. Ctrl-C again means at once."""
        if self._stopped.is_set() and code == 128 + signal.SIGINT:
            end_within(0, code)
        if not self._stopped.is_set():
            self._stop_code = code
            self._stopped.set()
            end_within(STOP_EXIT_S, code)

    def _lost(self, stream: TextIO) -> None:
        """Whoever listened is gone, as with a closed pipe: what is still buffered goes nowhere."""
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        self._stop(128 + signal.SIGPIPE)

    async def _greeting(self, site: Site) -> list[Line]:
        stations, speed = self._plan.stations, self._config.speed
        first = await site.door.station(stations[0]) if stations else None
        url = first.url if first else site.csms_url
        if len(stations) == 1:
            who = f"Station ID: {stations[0]}"
        else:
            who = f"Stations: {len(stations)}" + (f", {stations[0]} to {stations[-1]}" if stations else "")
            url += ", and so on" if stations else ""
        pace = "at the pace of life" if speed == 1 else f"{speed:g} times faster than life"
        banner = (await site.door.fleet(View(count=0))).banner
        return [
            *([Line("❗", "bold red", banner)] if banner else []),
            Line("🚀", "bold", f"evtui {__version__}: physics runs {pace}"),
            Line("📡", "cyan", harmless(who)),
            Line("🌐", "cyan", harmless(f"CSMS URL: {url}")),
            *([Line("📊", "cyan", harmless(f"Dashboard: {site.stations.web_url}"))] if site.stations.web_url else []),
            *([Line("🔌", "cyan", harmless(f"API: {site.api_url}/docs"))] if site.api_url else []),
            *([Line("🏠", "cyan", f"ECHONET Lite: UDP 3610 of {site.house.address}")] if site.house else []),
            Line("🔋", "cyan", self._work()),
        ]

    def _work(self) -> str:
        if self._plan.load is not None:
            return f"Load: {self._plan.load.words}"
        return f"Sessions: {'none, --hold; q or Ctrl-C ends it' if self._plan.hold else self._plan.sessions}"


def _story(stream: TextIO, options: Options, plan: Plan) -> Story:
    if not stream.isatty():
        return PlainStory(stream, plan)
    from evtui.headless.terminal_story import TerminalStory  # rich, only where there is colour

    return TerminalStory(stream, plan, options.ascii)


def _figures(view: FleetView, sessions: Sessions, undelivered: int) -> dict[str, float]:
    """Those that --fail-if knows."""
    totals, trips = view.totals, RoundTrips()
    trips.add(view.round_trips or RoundTripCounts())
    times_s = [trips.percentile(share) for share in (0.5, 0.9, 0.99, 1.0)]
    return {
        **{name: math.inf if time_s is None else time_s for name, time_s in zip(TIMES, times_s, strict=True)},
        "errors": totals.errors,
        "unanswered": trips.unanswered,
        "failed": sessions.failed,
        "sessions": sessions.done,
        "undelivered": undelivered,
        "offline": totals.stations - totals.online,
        "kwh": sessions.energy_wh / 1000.0,
    }


def _pace(figures: Mapping[str, float]) -> Line:
    times = ", ".join(f"{name} {shown(name, figures[name])}" for name in TIMES)
    counts = ", ".join(f"{figures[name]:.0f} {name}" for name in ("unanswered", "errors"))
    return Line("⏱", "dim", f"Round trips: {times}; {counts}")


def _summary(sessions: Sessions) -> Line:
    failed = f", {sessions.failed} failed" if sessions.failed else ""
    return Line("🏁", "bold", f"Sessions completed: {sessions.done}, {kwh(sessions.energy_wh)}{failed}")
