"""`evtui run --cluster`: the shards of a fleet on the workers of a Dask cluster, told as one run."""

import asyncio
import logging
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

import msgspec

from evtui import __version__
from evtui.cluster.clock import now_s
from evtui.cluster.lease import Terms
from evtui.cluster.messages import Order
from evtui.config import FleetConfig, check_written, station_specs
from evtui.engine.door import FleetEvent, Totals
from evtui.engine.feed import Feed
from evtui.errors import ConfigError
from evtui.headless.fail_if import FailIf, fail_if
from evtui.headless.kept_frames import where_to_read
from evtui.headless.keyboard import on_key
from evtui.headless.load import TELL_EVERY_S, Load, load_of, progress
from evtui.headless.report import SUFFIXES, Recorder, report_of, write_report
from evtui.headless.stopping import Stopping
from evtui.headless.story import JsonLines, PlainStory, Plan, Story
from evtui.headless.teller import Teller
from evtui.headless.verdict import DONE, FAILED, Verdict, verdict_of
from evtui.headless.words import Line, harmless
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.shutdown import end_within
from evtui.options import Options, api_of, fleet_of, frame_bytes_of
from evtui.shards import shards

if TYPE_CHECKING:
    from evtui.cluster.coordinator import Coordinator

STOP_S = 5.0
"""How long shards that were told to stop may take to say that they have ended."""

EXIT_S = 7.0
"""From the order to stop to the end of the process, whatever hangs."""

TELL_S = 0.5
_SCHEMES = ("tcp", "tls", "ws", "wss")
_EXTRA = "--cluster needs Dask, which is not installed: pip install 'evtui[cluster]'"


def run_cluster(options: Options) -> int:
    """Runs what the options ask for and gives the exit code. ConfigError: they cannot be used."""
    assert options.cluster is not None
    config = fleet_of(options, 1)
    _refuse(options, config)
    judge = None if options.fail_if is None else fail_if(options.fail_if)
    if options.report is not None:
        check_written(options.report, SUFFIXES, "--report")
    frame_bytes_of(options)
    if options.frames == "":
        raise ConfigError("--frames: is empty; name a directory, which will be one of the workers")
    load = load_of(options, config.seed)
    try:
        import distributed  # noqa: F401 (an extra)
    except ImportError:
        raise ConfigError(_EXTRA) from None
    _quiet()
    write_diagnostics(options.log)
    code = run(_Run(options, config, load, judge).main())
    end_within(TELL_S, code)
    return code


def _refuse(options: Options, config: FleetConfig) -> None:
    """What makes no sense on a cluster."""
    if not _is_scheduler(options.cluster or ""):
        raise ConfigError(f"--cluster: {options.cluster!r} is no scheduler; give one such as tcp://scheduler:8786")
    if config.csms.url is None:
        raise ConfigError("--cluster: which CSMS? Workers cannot reach an embedded one; name yours with --csms-url URL")
    if api_of(options) is not None:
        raise ConfigError("--api: the stations of a --cluster are on its workers; leave one of the two out")
    if config.echonet.enabled:
        raise ConfigError("--echonet: a node shows the whole fleet, a --cluster spreads it; leave one of the two out")
    if options.hold:
        raise ConfigError("--hold: a --cluster is for sessions and load; leave one of the two out")
    if options.workers > 1:
        raise ConfigError("--workers: a --cluster has its own; say in how many parts with --shards")
    if options.state is not None:
        raise ConfigError("--state: a shard may go on elsewhere, where its state is not; leave it out with --cluster")


def _is_scheduler(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        return False


def _quiet() -> None:
    """Dask's own log goes where diagnostics go."""
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] == "distributed":
            log = logging.getLogger(name)
            log.handlers.clear()
            log.propagate = True


class _Events:
    """The events of all shards, as a teller reads them."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        return await self._feed.after(after)


class _TotalsToo(JsonLines):
    """Events as JSON lines, and totals among them."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._out = stream

    def say(self, line: Line) -> None:
        if line.style == _TOTALS:
            self._out.write(f"{line.text}\n")
            self._out.flush()


_TOTALS = "totals"


class _Run:
    """One run."""

    def __init__(self, options: Options, config: FleetConfig, load: Load | None, judge: FailIf | None) -> None:
        self._options = options
        self._config = config
        self._load = load
        self._judge = judge
        self._terms = Terms() if options.lease is None else Terms(options.lease, min(1.0, options.lease / 4.0))
        self._ids = tuple(spec.id for spec in station_specs(config))
        self._stopping = Stopping(EXIT_S)

    async def main(self) -> int:
        """The exit code."""
        self._stopping.heed_signals()
        with on_key(sys.stdin, "q", self._stopping.order):
            async with self._client() as client:
                threads = await self._workers(client)
                return await self._tell(client, threads)

    # -- the cluster ------------------------------------------------------------------------------

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        import distributed

        dask: Any = distributed  # most of it has no types
        url, timeout_s = self._options.cluster, self._options.connect_timeout
        try:
            client = await dask.Client(url, asynchronous=True, set_as_default=False, timeout=timeout_s)
        except (OSError, ValueError) as error:
            why = " ".join(str(error).split())
            raise ConfigError(f"--cluster: no scheduler answers at {url}: {why}") from None
        try:
            yield client
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await client.close()

    async def _workers(self, client: Any) -> int:
        """How many threads the workers have together. ConfigError: there are none, or they have another evtui."""
        from evtui.cluster.task import installed

        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.connect_timeout):
                await client.wait_for_workers(1)
        try:
            async with asyncio.timeout(self._options.connect_timeout):
                found = await client.run(installed, on_error="return")
        except TimeoutError:
            waited = f"{self._options.connect_timeout:g} s"
            raise ConfigError(
                f"--cluster: some worker of {self._options.cluster} does not answer in {waited}"
            ) from None
        if not found:
            raise ConfigError(f"--cluster: {self._options.cluster} has no workers; start one with `dask worker`")
        for worker, version in found.items():
            if isinstance(version, BaseException):
                raise ConfigError(f"--cluster: {worker} cannot load evtui: {version}; pip install 'evtui[cluster]'")
            if version != __version__:
                raise ConfigError(f"--cluster: {worker} has evtui {version}, this is {__version__}; install the same")
        identity = await client.scheduler.identity(n_workers=-1)
        return sum(each["nthreads"] for each in identity["workers"].values())

    def _orders(self, run_id: str, threads: int) -> list[Order]:
        options = self._options
        fleets = shards(self._config, threads if options.shards is None else options.shards)
        return [
            Order(
                run_id,
                number,
                0,
                fleet,
                options.sessions,
                options.duration,
                self._load,
                options.connect_timeout,
                options.drain,
                options.ramp,
                frame_bytes_of(options),
                self._terms,
                options.frames,
                options.json,
            )
            for number, fleet in enumerate(fleets, 1)
        ]

    # -- the story --------------------------------------------------------------------------------

    async def _tell(self, client: Any, threads: int) -> int:
        from evtui.cluster.coordinator import Coordinator

        run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        coordinator = Coordinator(client, self._orders(run_id, threads), self._terms)
        streams = [sys.stderr, sys.stdout] if self._options.json else [sys.stdout]
        stories: list[Story] = [self._story(streams[0]), *map(_TotalsToo, streams[1:])]
        events = _Events(coordinator.feed)
        tellers = [
            Teller(events, story, partial(self._stopping.lost, stream))
            for story, stream in zip(stories, streams, strict=True)
        ]
        recorder = Recorder(coordinator.began_s)
        async with asyncio.TaskGroup() as group:
            await tellers[0].say(*self._greeting(coordinator))
            telling = [group.create_task(teller.run()) for teller in tellers]
            telling.append(group.create_task(self._count(coordinator, recorder, tellers)))
            trouble = await self._drive(coordinator)
            verdict = self._verdict(coordinator)
            trouble = trouble or self._report(coordinator, recorder, verdict)
            with suppress(TimeoutError):
                async with asyncio.timeout(TELL_S):
                    await asyncio.gather(*(teller.until(coordinator.feed.last) for teller in tellers))
                    for task in telling:
                        task.cancel()
                    await tellers[0].close(*verdict.words)
            for task in telling:
                task.cancel()
        if trouble is not None:
            raise trouble
        return verdict.code

    async def _drive(self, coordinator: "Coordinator") -> ConfigError | None:
        """Until all shards have ended, or have had time to; why one was refused."""
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self._refusable(coordinator))
            stopped = group.create_task(self._stopping.ordered.wait())
            await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if self._stopping.ordered.is_set() and not running.done():
                coordinator.stop()
                await asyncio.wait((running,), timeout=STOP_S)
                coordinator.give_up()
                running.cancel()
        return None if running.cancelled() else running.result()

    async def _refusable(self, coordinator: "Coordinator") -> ConfigError | None:
        try:
            await coordinator.run()
        except ConfigError as error:
            return error
        return None

    async def _count(self, coordinator: "Coordinator", recorder: Recorder, tellers: list[Teller]) -> None:
        """Live totals: each second for programs, every few for people."""
        loop = asyncio.get_running_loop()
        due_s = told_s = loop.time()
        while True:
            due_s += 1.0
            await asyncio.sleep(max(due_s - loop.time(), 0.0))
            coordinator.beat()
            totals = coordinator.totals()
            recorder.record(now_s(), totals, coordinator.trips())
            for teller in tellers[1:]:
                await teller.say(Line("", _TOTALS, _json(totals)))
            if loop.time() - told_s >= TELL_EVERY_S - 0.1:
                told_s = loop.time()
                await tellers[0].say(progress(totals, coordinator.left_s))

    def _story(self, stream: TextIO) -> Story:
        options = self._options
        plan = Plan(self._ids, options.sessions, options.duration, load=self._load, summary=True)
        if not stream.isatty():
            return PlainStory(stream, plan)
        from evtui.headless.terminal_story import TerminalStory  # rich, only where there is colour

        return TerminalStory(stream, plan, options.ascii)

    def _greeting(self, coordinator: "Coordinator") -> list[Line]:
        speed, ids = self._config.speed, self._ids
        pace = "at the pace of life" if speed == 1 else f"{speed:g} times faster than life"
        which = f", {ids[0]} to {ids[-1]}" if len(ids) > 1 else "".join(f", {each}" for each in ids)
        return [
            *([Line("❗", "bold red", _INSECURE)] if self._config.csms.insecure else []),
            Line("🚀", "bold", f"evtui {__version__}: physics runs {pace}"),
            Line("📡", "cyan", harmless(f"Stations: {len(ids)}{which}, in {len(coordinator.parts)} shards")),
            Line("🌐", "cyan", harmless(f"CSMS URL: {self._config.csms.url}")),
            Line("🔗", "cyan", harmless(f"Cluster: {self._options.cluster}")),
            Line("🔋", "cyan", self._work()),
        ]

    def _work(self) -> str:
        return f"Sessions: {self._options.sessions}" if self._load is None else f"Load: {self._load.words}"

    # -- the end ----------------------------------------------------------------------------------

    def _verdict(self, coordinator: "Coordinator") -> Verdict:
        verdict = verdict_of(
            coordinator.totals(),
            coordinator.trips(),
            coordinator.tally(),
            coordinator.undelivered(),
            no_csms=coordinator.no_csms,
            judge=self._judge,
            stop_code=self._stopping.code,
        )
        lost = coordinator.lost
        if lost:
            transactions = sum(each.transactions for each in lost)
            more = "" if self._options.report is not None else "; --report tells more"
            what = "A shard was lost" if len(lost) == 1 else f"Shards were lost {len(lost)} times"
            words = f"{what}, with {transactions} transactions that ran{more}"
            verdict.words.append(Line("❌", "bold red", words))
            if verdict.code == DONE and not self._stopping.ordered.is_set():
                verdict = verdict._replace(code=FAILED)
        if kept := coordinator.kept:
            verdict.words.append(where_to_read(kept))
        return verdict

    def _report(self, coordinator: "Coordinator", recorder: Recorder, verdict: Verdict) -> ConfigError | None:
        """Why it cannot be written, if so."""
        path = self._options.report
        if path is None:
            return None
        totals, trips = coordinator.totals(), coordinator.trips()
        recorder.record(now_s(), totals, trips)
        report = report_of(
            recorder,
            config=self._config,
            csms_url=self._config.csms.url or "",
            work=self._work(),
            code=verdict.code,
            verdict=verdict.text,
            totals=totals,
            trips=trips,
            figures=verdict.figures,
            shards=coordinator.reports(),
            lost=coordinator.lost,
            cluster=self._options.cluster or "",
        )
        return write_report(path, report)


_INSECURE = "INSECURE: any certificate of the CSMS is accepted"


def _json(totals: Totals) -> str:
    return msgspec.json.encode({"kind": "totals", "at": time.time(), **msgspec.structs.asdict(totals)}).decode()
