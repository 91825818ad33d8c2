"""The workers of a fleet, each a process with a share of the stations, as their lead sees them: one door, one feed."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from msgspec.structs import replace

from evtui.config import FleetConfig
from evtui.engine.clock import Clock, sleep_until
from evtui.engine.door import SpoolInfo
from evtui.engine.merged import MergedDoor
from evtui.engine.part import Part
from evtui.engine.supervisor import Supervisor
from evtui.engine.tap import Tap
from evtui.errors import ConfigError, DoorClosedError, EvtuiError
from evtui.host.process import WORKER, HostProcess
from evtui.host.remote import RemoteDoor
from evtui.host.shutdown import EXIT_S
from evtui.host.start import WorkerConfig
from evtui.host.wire import Role
from evtui.ocppj.frame import Direction
from evtui.ocppj.spool import SpoolWriter
from evtui.shards import keeping, shards

MOST_WORKERS = 64
LEAST_FRAME_BYTES = 1 << 20
END_S = 1.5
"""How long workers that have settled may take to close their links and end; they promise 1 s."""

_SETTINGS = {
    "add-rule": ("rule on the wire", "rules on the wire"),
    "cut-network": ("cut network", "cut networks"),
    "set-variable": ("variable", "variables"),
    "limit": ("limit", "limits"),
}
_GONE_S = 1.0
_TOLD_S = 0.5
_BEAT_S = 1.0


class Lost(NamedTuple):
    """What a worker without state took along when it died, in its so manyth `spell`: as it was last `seen` (Unix
    time)."""

    worker: str
    spell: int
    seen: float
    at: float
    why: str
    stations: int
    transactions: int
    undelivered: int

    @property
    def words(self) -> str:
        """The same for people."""
        ran = _count(self.transactions, "transaction", "transactions")
        return f"{ran} and {_count(self.undelivered, 'owed message', 'owed messages')}"


class Worker:
    """One of them: a ward of the supervisor, which starts it again when it has crashed. `lost` is what was lost by
    that."""

    def __init__(self, config: WorkerConfig, process: HostProcess, door: MergedDoor, part: Part) -> None:
        self.name = config.name
        self.part = part
        self.remote: RemoteDoor | None = None
        self.lost: list[Lost] = []
        self._config = config
        self._process = process
        self._hangs = False
        self._spells = 0  # of its processes that were told what to run
        self._door = door

    async def start(self) -> None:
        """Waits until its stations are there. ConfigError: it refuses, or failed."""
        config = self._config
        if self._spells:
            await asyncio.to_thread(self._process.end, EXIT_S)  # no station runs twice
            settings = self.part.settings(kept=config.state is not None)
            config = replace(config, fleet=keeping(config.fleet, tuple(self.part.rows)), settings=settings)
            self._process = HostProcess(WORKER)
        self._spells += 1
        process = self._process
        process.name = self.name

        def ready() -> str:
            Path(config.socket).unlink(missing_ok=True)  # of one that was killed before it was found
            process.configure(config)
            return process.ready()

        socket = await asyncio.to_thread(ready)
        remote = await RemoteDoor.connect(socket, Role.LEAD)
        await asyncio.to_thread(Path(socket).unlink, missing_ok=True)  # nobody else has to find it
        await self.part.rise(remote)
        self.remote = remote
        if self._spells > 1:
            self._tell(f"{self.name} is back (process {process.pid}): {self._return(config)}")
            self._door.changed()

    def _return(self, config: WorkerConfig) -> str:
        """How its stations go on."""
        count = len(self.part.rows)
        how = "going on from what was kept" if config.state is not None else "like new"
        over = f", over {config.ramp_s:g} s" if config.ramp_s else ""
        counts = Counter(each.name for each in config.settings for _ in each.targets)
        what = [_count(n, *_SETTINGS[name]) for name, n in counts.items()]
        again = f", with what was set on {'it' if count == 1 else 'them'}: {', '.join(what)}" if what else ""
        return f"{_its_stations(count)} {'starts' if count == 1 else 'start'} {how}{over}{again}"

    def _tell(self, text: str) -> None:
        self._door.feed.publish(time.time(), "warning", "", text=text)

    async def run(self) -> None:
        """Follows it until it is gone, which is an error."""
        if self.remote is None:
            await self.start()
        try:
            await self._door.follow(self.part)
        except DoorClosedError:
            how = await asyncio.to_thread(self._process.fate, _GONE_S)
            raise DoorClosedError(f"{self._called} {how}") from None

    @property
    def _called(self) -> str:
        return f"{self.name} (process {self._process.pid})"

    def crashed(self, error: Exception) -> None:
        """Its stations are shown as crashed until it is back."""
        first = self.remote is not None  # and not one more try that failed
        self.leave()
        reason = f"{error}; it is started again"
        self.part.fall(reason)
        count = len(self.part.rows)
        whose = f"{_its_stations(count)} {'is' if count == 1 else 'are'}"
        self._tell(f"{reason}, and {whose} gone until then{self._lose(str(error)) if first else ''}")
        if first:
            at = time.time()
            for station_id in self.part.rows:
                self._door.feed.publish(at, "crashed", station_id, text=reason)
        self._door.changed()

    def _lose(self, why: str) -> str:
        """Takes down what its process took along, and says it: what is kept goes on later."""
        part = self.part
        if self._config.state is not None or not (part.charging or part.owed):
            return ""
        how = why.removeprefix(f"{self._called} ")
        count, ran = len(part.rows), len(part.charging)
        lost = Lost(self._called, self._spells, part.seen, time.time(), how, count, ran, part.owed)
        self.lost.append(lost)
        part.owed = 0
        part.charging.clear()
        return f"; with it went {lost.words}, as last seen, for no state is kept"

    def look(self) -> None:
        """Tells when it hangs, and when it does no more."""
        if self.part.silent is self._hangs:
            return
        self._hangs = self.part.silent
        if self._hangs:
            whose = _its_stations(len(self.part.rows))
            silent_s = self.part.silent_s
            self._tell(f"{self._called} has not answered for {silent_s:g} s: nothing is known of {whose} until it does")
        elif not self.part.fallen:
            self._tell(f"{self._called} answers again")

    def leave(self) -> None:
        """Lets go of its door."""
        if self.remote is not None:
            self.remote.close()
            self.remote = None

    async def settle(self, drain_s: float) -> dict[str, int]:
        """Ends all transactions; what each station still owes after so long. Of one that is gone, or hangs, it is known
        what all of them owed when it was last looked at; and what went with one before, nobody delivers any more."""
        owed: dict[str, int] | None = None
        try:
            if self.remote is not None and not self.part.silent:
                async with asyncio.timeout(drain_s + _TOLD_S):
                    owed = await self.remote.settle(drain_s)
                    await self.part.told_all()
        except DoorClosedError:
            pass
        except TimeoutError:
            self.part.hangs()
        if owed is None:
            owed = {f"all of {self.name}": self.part.owed}
        owed[f"{self.name} before it died"] = sum(lost.undelivered for lost in self.lost)
        return {who: count for who, count in owed.items() if count}

    def hang_up(self) -> None:
        """It ends by itself now, in order."""
        self.leave()
        self._process.hang_up()
        Path(self._config.socket).unlink(missing_ok=True)  # it may have been about to open it

    def end(self, by_s: float) -> None:
        """Waits for that, and makes an end of it when it takes too long."""
        self._process.end(max(0.0, by_s - time.monotonic()))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _its_stations(count: int) -> str:
    return "its station" if count == 1 else f"its {count} stations"


class Crew:
    """Runs the workers as long as its context lasts; what it offers is that of a Fleet. ConfigError on entering: one of
    them refuses. `processes` have been started by then, as they take their time to load; `house` takes the frames of
    the ECHONET Lite node."""

    def __init__(
        self,
        configs: Sequence[WorkerConfig],
        processes: Sequence[HostProcess],
        clock: Clock,
        house: SpoolWriter | None = None,
    ) -> None:
        self.door = MergedDoor([Part(config.name) for config in configs], clock)
        self.feed = self.door.feed
        self._clock = clock
        self._supervisor = Supervisor(clock)
        self._workers = [
            Worker(config, process, self.door, part)
            for config, process, part in zip(configs, processes, self.door.parts, strict=True)
        ]
        self._house = None if house is None else Tap(house, clock)
        if house is not None:
            self.door.own_spools = (SpoolInfo("house", str(house.directory)),)
            self.door.own_frames = lambda: self._house.frames if self._house is not None else 0

    @property
    def lost(self) -> list[Lost]:
        """What went with workers that died, in order."""
        return sorted((each for worker in self._workers for each in worker.lost), key=lambda each: each.at)

    @property
    def web_url(self) -> str:
        """See Fleet."""
        return self.door.web_url

    @web_url.setter
    def web_url(self, url: str) -> None:
        self.door.web_url = url

    async def __aenter__(self) -> Self:
        starts = await asyncio.gather(*[worker.start() for worker in self._workers], return_exceptions=True)
        if failed := next((each for each in starts if isinstance(each, BaseException)), None):
            await self._end()
            raise ConfigError(str(failed)) if isinstance(failed, EvtuiError) else failed
        for worker in self._workers:
            self._supervisor.start(worker)
        self._supervisor.start(_Beat(self.door, self._workers, self._clock))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        names = [_Beat.name, *(worker.name for worker in self._workers)]
        await self._supervisor.stop(names, self._clock.now().elapsed_s)
        await self._end()
        if self._house is not None:
            self._house.close()

    async def _end(self) -> None:
        by_s = time.monotonic() + END_S
        for worker in self._workers:
            worker.hang_up()

        def wait() -> None:
            for worker in self._workers:
                worker.end(by_s)

        await asyncio.to_thread(wait)

    async def shutdown(self, drain_s: float) -> dict[str, int]:
        """See Fleet."""
        owed: dict[str, int] = {}
        for each in await asyncio.gather(*[worker.settle(drain_s) for worker in self._workers]):
            owed |= each
        self.feed.publish(time.time(), "stopped", "")
        return owed

    def record_echonet(self, station_id: str, direction: Direction, service: str, text: str, fault: str) -> None:
        """See Fleet."""
        if self._house is not None:
            self._house.record_echonet(self._clock.now(), station_id, direction, service, text, fault)


class _Beat:
    """The beat of the door, once a second."""

    name = "beat"

    def __init__(self, door: MergedDoor, workers: Sequence[Worker], clock: Clock) -> None:
        self._door = door
        self._workers = workers
        self._clock = clock

    async def run(self) -> None:
        due_s = self._clock.now().elapsed_s
        while True:
            due_s = max(due_s + _BEAT_S, self._clock.now().elapsed_s)
            await sleep_until(self._clock, due_s)
            await self._door.beat()
            for worker in self._workers:
                worker.look()

    def crashed(self, error: Exception) -> None:
        """It beats again soon."""


def worker_configs(
    config: FleetConfig,
    workers: int,
    csms_url: str,
    frames: Path,
    socket: Path,
    frame_bytes: int,
    *,
    log: str | None = None,
    state: str | None = None,
    ramp_s: float = 0.0,
    steady_ids: bool = False,
) -> tuple[WorkerConfig, ...]:
    """What each of so many workers runs, fewer where there are fewer stations. ConfigError: too little room for
    frames."""
    shares = shards(config, workers)
    room = frame_bytes // (len(shares) + config.echonet.enabled)
    if room < LEAST_FRAME_BYTES:
        need = (len(shares) + config.echonet.enabled) * LEAST_FRAME_BYTES >> 20
        raise ConfigError(f"--log-max: {len(shares)} workers need {need}M at least, 1M each")
    others = tuple(group for share in shares[:-1] for group in share.groups)
    return tuple(
        WorkerConfig(
            f"worker {number}",
            share,
            csms_url,
            str(frames / f"worker-{number}"),
            f"{socket}-{number}",
            room,
            log,
            state,
            ramp_s,
            steady_ids,
            others if number == len(shares) else (),
        )
        for number, share in enumerate(shares, 1)
    )
