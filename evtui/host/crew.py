"""The workers of a fleet, each a process with a share of the stations, as their lead sees them: one door, one feed."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from evtui.config import FleetConfig
from evtui.engine.clock import Clock, sleep_until
from evtui.engine.door import SpoolInfo
from evtui.engine.merged import MergedDoor
from evtui.engine.part import Part
from evtui.engine.supervisor import Supervisor
from evtui.engine.tap import Tap
from evtui.errors import ConfigError, DoorClosedError, EvtuiError
from evtui.host.process import HostProcess
from evtui.host.remote import RemoteDoor
from evtui.host.shutdown import EXIT_S
from evtui.host.start import WorkerConfig
from evtui.host.wire import Role
from evtui.ocppj.frame import Direction
from evtui.ocppj.spool import SpoolWriter
from evtui.shards import keeping, shards

MODULE = "evtui.host.worker"
MOST_WORKERS = 64
LEAST_FRAME_BYTES = 1 << 20
END_S = 1.5
"""How long workers that have settled may take to close their links and end; they promise 1 s."""

_GONE_S = 1.0
_TOLD_S = 1.0
_BEAT_S = 1.0


class Worker:
    """One of them: a ward of the supervisor, which starts it again when it has crashed."""

    def __init__(self, config: WorkerConfig, process: HostProcess, door: MergedDoor, part: Part) -> None:
        self.name = config.name
        self.part = part
        self.remote: RemoteDoor | None = None
        self._config = config
        self._process = process
        self._fresh = True  # nobody has told it yet what to run
        self._door = door

    async def start(self) -> None:
        """Waits until its stations are there. ConfigError: it refuses, or failed."""
        config = self._config
        if not self._fresh:
            await asyncio.to_thread(self._process.end, EXIT_S)  # no station runs twice
            config = replace(config, fleet=keeping(config.fleet, tuple(self.part.rows)), ramp_s=0.0)
            self._process = HostProcess(MODULE)
        self._fresh = False
        process = self._process

        def ready() -> str:
            Path(config.socket).unlink(missing_ok=True)  # of one that was killed before it was found
            process.configure(config)
            return process.ready()

        socket = await asyncio.to_thread(ready)
        remote = await RemoteDoor.connect(socket, Role.LEAD)
        await asyncio.to_thread(Path(socket).unlink, missing_ok=True)  # nobody else has to find it
        await self.part.rise(remote)
        self.remote = remote

    async def run(self) -> None:
        """Follows it until it is gone, which is an error."""
        if self.remote is None:
            await self.start()
        try:
            await self._door.follow(self.part)
        except DoorClosedError:
            raise DoorClosedError(await self._fate()) from None

    async def _fate(self) -> str:
        how = await asyncio.to_thread(self._process.fate, _GONE_S)
        return f"{self.name} (process {self._process.pid}) {how}"

    def crashed(self, error: Exception) -> None:
        """Its stations are shown as crashed until it is back."""
        first = self.remote is not None  # and not one more try that failed
        self.leave()
        reason = f"{error}; it is started again"
        self.part.fall(reason)
        at, feed = time.time(), self._door.feed
        if first:
            for station_id in self.part.rows:
                feed.publish(at, "crashed", station_id, text=reason)
        whose = "its station is" if len(self.part.rows) == 1 else f"its {len(self.part.rows)} stations are"
        feed.publish(at, "warning", "", text=f"{reason}, and {whose} gone until then")
        self._door.changed()

    def leave(self) -> None:
        """Lets go of its door."""
        if self.remote is not None:
            self.remote.close()
            self.remote = None

    async def settle(self, drain_s: float) -> dict[str, int]:
        """Ends all transactions; what each station still owes after so long. Of one that is gone, or hangs, it is known
        what all of them owed when it was last looked at."""
        try:
            if self.remote is not None:
                async with asyncio.timeout(drain_s + _TOLD_S):
                    owed = await self.remote.settle(drain_s)
                    await self.part.told_all()
                return owed
        except (DoorClosedError, TimeoutError):
            pass
        return {f"all of {self.name}": self.part.owed} if self.part.owed else {}

    def hang_up(self) -> None:
        """It ends by itself now, in order."""
        self.leave()
        self._process.hang_up()
        Path(self._config.socket).unlink(missing_ok=True)  # it may have been about to open it

    def end(self, by_s: float) -> None:
        """Waits for that, and makes an end of it when it takes too long."""
        self._process.end(max(0.0, by_s - time.monotonic()))


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
        self._supervisor.start(_Beat(self.door, self._clock))
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

    def __init__(self, door: MergedDoor, clock: Clock) -> None:
        self._door = door
        self._clock = clock

    async def run(self) -> None:
        due_s = self._clock.now().elapsed_s
        while True:
            due_s = max(due_s + _BEAT_S, self._clock.now().elapsed_s)
            await sleep_until(self._clock, due_s)
            await self._door.beat()

    def crashed(self, error: Exception) -> None:
        """It beats again soon."""


@contextmanager
def hired(config: FleetConfig, workers: int) -> Iterator[list[HostProcess]]:
    """Starts the processes of so many workers, fewer where there are fewer stations; none outlives the context."""
    processes: list[HostProcess] = []
    try:
        processes.extend(HostProcess(MODULE) for _ in shards(config, workers))
        yield processes
    finally:
        for process in processes:
            process.end(0.0)


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
