"""`evtui run`: sessions without a screen, in one process with the fleet."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TextIO

from evtui import __version__
from evtui.config import ApiConfig, FleetConfig, check_written, station_specs
from evtui.csms.moment import to_wire
from evtui.engine.door import Command, FleetView, RoundTripCounts, Target, View
from evtui.errors import ConfigError
from evtui.headless.fail_if import FailIf, fail_if
from evtui.headless.kept_frames import where_to_read
from evtui.headless.keyboard import on_key
from evtui.headless.load import load_of, tell_progress
from evtui.headless.report import (
    SUFFIXES,
    Loss,
    Recorder,
    frames_in,
    host,
    record,
    report_of,
    whole,
    write_report,
)
from evtui.headless.sessions import Sessions
from evtui.headless.stopping import Stopping, unless
from evtui.headless.story import JsonLines, PlainStory, Plan, Story
from evtui.headless.teller import Teller
from evtui.headless.verdict import Tally, Verdict, verdict_of
from evtui.headless.words import Line, harmless
from evtui.host.diagnostics import write_diagnostics
from evtui.host.lifeline import Lifeline
from evtui.host.loop import run
from evtui.host.opening import open_door
from evtui.host.runtime import RunPlace
from evtui.host.shutdown import end_within
from evtui.host.site import CrewConfig, Site, open_site
from evtui.options import Options, api_of, fleet_of, frame_bytes_of, state_of, workers_of

if TYPE_CHECKING:
    from evtui.host.crew import Lost
    from evtui.host.process import HostProcess

DEMO_STATIONS = 4
STOP_DRAIN_S = 2.0
"""How long a run that was told to stop waits for its last messages."""

STOP_EXIT_S = 3.0
"""From the order to stop to the end of the process, whatever hangs."""

TELL_S = 0.5
"""How long the end of the story may take: a stalled terminal gets no more."""


def run_demo(options: Options) -> int:
    """Runs a fleet with cars at its cables and starts nothing: that is for home-energy controllers to do."""
    ephemeral = options.ephemeral or options.state is None
    return run_sessions(
        replace(options, hold=True, echonet=True, ephemeral=ephemeral), stations=DEMO_STATIONS, plug_in=True
    )


def run_sessions(
    options: Options, stations: int = 1, plug_in: bool = False, hands: "Sequence[HostProcess]" = ()
) -> int:
    """Runs what the options ask for and gives the exit code. ConfigError: they cannot be used. `stations` where they do
    not say how many; `plug_in`: with --hold, cars come; `hands`: workers that were started already."""
    config, api = fleet_of(options, stations), api_of(options)
    state = state_of(options, durable=options.hold)
    frame_bytes_of(options)  # refused before anything runs
    ids = tuple(spec.id for spec in station_specs(config))
    plan = Plan(ids, options.sessions, options.duration, options.hold, load_of(options, config.seed))
    judge = None if options.fail_if is None else fail_if(options.fail_if)
    for flag, value in (("--shards", options.shards), ("--lease", options.lease)):
        if value is not None:
            raise ConfigError(f"{flag}: on which cluster? Name its scheduler with --cluster")
    if options.report is not None:
        check_written(options.report, SUFFIXES, "--report")
    write_diagnostics(options.log)
    place = RunPlace.claim()
    try:
        code = run(_Run(options, config, api, state, plan, plug_in, judge, hands).main(place))
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
        hands: "Sequence[HostProcess]",
    ) -> None:
        self._hands = hands
        self._options = options
        self._config = config
        self._api = api
        self._state = state
        self._plan = plan
        self._plug_in = plug_in
        self._judge = judge
        self._stopping = Stopping(STOP_EXIT_S)
        self._lifeline = Lifeline(stay=True)
        self._unwritten: ConfigError | None = None

    async def main(self, place: RunPlace) -> int:
        """The exit code."""
        self._stopping.heed_signals()
        workers = workers_of(self._options, self._config)
        with on_key(sys.stdin, "q", self._stopping.order):
            async with open_site(
                self._config,
                place.frames if self._options.frames is None else frames_in(self._options.frames),
                web=self._options.hold,
                api=self._api,
                state=self._state,
                frame_bytes=frame_bytes_of(self._options),
                ramp_s=self._options.ramp,
                crew=CrewConfig(workers, place.socket, self._options.log, self._hands) if workers > 1 else None,
            ) as site:
                if not self._options.hold:
                    return await self._tell(site)
                async with self._open_to_windows(site, place):
                    return await self._tell(site)

    @asynccontextmanager
    async def _open_to_windows(self, site: Site, place: RunPlace) -> AsyncIterator[None]:
        """A fleet that is held up is found by `evtui ls`; windows come and go, and any of them may end it."""
        server = await open_door(site, self._lifeline, place)
        try:
            yield
        finally:
            server.stopped()
            await server.close()

    async def _tell(self, site: Site) -> int:
        streams = [sys.stderr, sys.stdout] if self._options.json else [sys.stdout]
        stories: list[Story] = [_story(streams[0], self._options, self._plan), *map(JsonLines, streams[1:])]
        tellers = [
            Teller(site.door, story, partial(self._stopping.lost, stream))
            for story, stream in zip(stories, streams, strict=True)
        ]
        async with asyncio.TaskGroup() as group:
            greeting = group.create_task(tellers[0].say(*await self._greeting(site)))
            telling = [group.create_task(teller.run()) for teller in tellers]
            if self._plan.load is not None:
                telling.append(group.create_task(tell_progress(site.door, self._plan.load, site.clock, tellers[0].say)))
            recorder = Recorder(site.clock.now().elapsed_s)
            if self._options.report is not None:
                telling.append(group.create_task(record(recorder, site.door, site.clock)))
            code, last_words = await self._drive(site, recorder)
            with suppress(TimeoutError):
                async with asyncio.timeout(TELL_S):
                    last = site.stations.feed.last
                    await asyncio.gather(*(teller.until(last) for teller in tellers))
                    for task in telling:
                        task.cancel()
                    await tellers[0].close(*last_words)
            for task in (greeting, *telling):
                task.cancel()
        if self._unwritten is not None:
            raise self._unwritten
        return code

    async def _drive(self, site: Site, recorder: Recorder) -> tuple[int, list[Line]]:
        """Runs the sessions, then delivers what is owed. The exit code, and what is to be said at the end."""
        sessions = Sessions(
            site.door, self._plan, self._options.connect_timeout + self._options.ramp, site.note, site.clock
        )
        if self._plan.hold:
            if self._plug_in:
                await site.door.submit(Command("plug-in", tuple(Target(each) for each in self._plan.stations)))
            if await unless(self._stopping.ordered, self._lifeline.ended()) is not None:
                self._stopping.order()
        else:
            await unless(self._stopping.ordered, sessions.run())
        undelivered = await unless(self._stopping.ordered, site.stations.shutdown(self._options.drain))
        if self._stopping.ordered.is_set():
            undelivered = await site.stations.shutdown(STOP_DRAIN_S)
        view = await site.door.fleet(View(count=0, addable=True))
        verdict = verdict_of(
            view.totals,
            view.round_trips or RoundTripCounts(),
            sessions.tally,
            undelivered or {},
            no_csms=sessions.no_csms,
            judge=self._judge,
            stop_code=self._stopping.code,
            kept=self._state is not None,
        )
        if self._options.report is not None:
            recorder.record(site.clock.now().elapsed_s, view.totals, view.round_trips or RoundTripCounts())
            self._report(self._options.report, recorder, view, sessions.tally, verdict, site.lost)
        if self._options.frames is not None:
            verdict.words.append(where_to_read([("", self._options.frames)]))
        return verdict.code, verdict.words

    def _report(
        self, path: str, recorder: Recorder, view: FleetView, tally: Tally, verdict: Verdict, lost: "Sequence[Lost]"
    ) -> None:
        spool = "" if self._options.frames is None else str(frames_in(self._options.frames))
        report = report_of(
            recorder,
            config=self._config,
            csms_url=view.csms_url,
            work=self._work(),
            code=verdict.code,
            verdict=verdict.text,
            totals=view.totals,
            trips=view.round_trips or RoundTripCounts(),
            figures=verdict.figures,
            shards=(whole(self._plan.stations, recorder, view.totals, tally, spool),),
            lost=[
                Loss(
                    1,
                    each.spell,
                    each.worker,
                    host(),
                    to_wire(each.seen),
                    to_wire(each.at),
                    each.why,
                    each.stations,
                    each.transactions,
                    each.undelivered,
                    spool,
                )
                for each in lost
            ],
        )
        self._unwritten = write_report(path, report)

    async def _greeting(self, site: Site) -> list[Line]:
        stations, speed = self._plan.stations, self._config.speed
        first = await site.door.station(stations[0], whole=False) if stations else None
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
