"""A fleet without a network and without waiting: links in memory, a clock that moves when told, a disk that writes in
the loop. What it does depends on nothing but the code."""

import asyncio
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from evtui.bench.fleet import EVERY_SECOND
from evtui.bench.sink import answer
from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.disk.group_commit import GroupCommit
from evtui.engine.clock import ManualClock
from evtui.engine.door import Command, Target
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.engine.store import Rows, Store
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.spool import SpoolWriter

URL = "ws://csms.invalid"
_START_S = 1.0
_TURNS = 30  # of the loop, after which all have done what there was to do: a CALL with its answer takes about ten


class MemoryLink:
    """The station's end of a link to a CSMS that accepts everything; answers come in a later turn of the loop."""

    subprotocol = "ocpp2.0.1"

    def __init__(self) -> None:
        self.calls = 0
        self.gone = False
        self._coming: deque[str] = deque()
        self._ring: Callable[[], None] = lambda: None

    def offer(self, text: str) -> bool:
        reply = answer(text)
        if reply is not None:
            self.calls += 1
            asyncio.get_running_loop().call_soon(self._come, reply)
        return True

    async def send(self, text: str) -> None:
        self.offer(text)

    def _come(self, reply: str) -> None:
        self._coming.append(reply)
        self._ring()

    def attend(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    @property
    def ready(self) -> bool:
        return bool(self._coming)

    def take(self) -> str | bytes:
        return self._coming.popleft()  # nobody asks before it is ready

    def ping_every(self, interval_s: float) -> None:
        pass

    async def close(self) -> None:
        self.gone = True

    def abort(self) -> None:
        self.gone = True

    def shut(self) -> None:
        pass

    def open(self) -> None:
        pass


class LoopCommits(GroupCommit[Rows]):
    """Writes in a later turn of the loop, not in a thread: for whoever needs every run to be the same."""

    _due = False

    def put(self, changes: Rows) -> int:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._write_soon)
        return super().put(changes)

    def _write_soon(self) -> None:
        self._due = False
        self.write_now()


class LoopStore(Store):
    """The stations' state, written so."""

    def __init__(self, directory: Path, csms_url: str) -> None:
        super().__init__(directory, csms_url, LoopCommits)

    def close(self) -> None:
        """Writes what there is, and closes the file."""
        self._commits.write_now()
        self._file.close()


class MemoryFleet:
    """The fleet, and what moves it."""

    def __init__(self, fleet: Fleet, clock: ManualClock, spool: SpoolWriter, links: list[MemoryLink]) -> None:
        self.fleet = fleet
        self.clock = clock
        self._spool = spool
        self._links = links

    @property
    def calls(self) -> int:
        """CALLs of all stations so far; each has its answer."""
        return sum(link.calls for link in self._links)

    @property
    def frames(self) -> Path:
        """The directory of the frames, as far as they are written."""
        return self._spool.directory

    async def start(self, first: int, last: int) -> None:
        """Starts a session on these stations, counted from 1. RuntimeError: one of them starts none."""
        targets = tuple(Target(f"BENCH{number:05d}") for number in range(first, last + 1))
        task = asyncio.get_running_loop().create_task(LocalDoor(self.fleet).submit(Command("start", targets)))
        await self.clock.advance(_START_S)
        if not task.done() or not task.result().done:
            raise RuntimeError("not every session started in memory")

    async def advance(self, seconds: float) -> None:
        """So many seconds pass; frames are written to the disk as by the window's look."""
        await self.clock.advance(seconds)
        self._spool.flush()


@asynccontextmanager
async def fleet_in_memory(stations: int) -> AsyncIterator[MemoryFleet]:
    """So many stations, booted: OCPP 2.0.1, validation both ways, frame spool and durable state on, a sample a second
    once they charge."""
    clock, links = ManualClock(speed=1.0, turns=_TURNS), list[MemoryLink]()

    async def connect(
        endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> MemoryLink:
        links.append(MemoryLink())
        return links[-1]

    group = GroupConfig(count=stations, id="BENCH{n:05d}", variables=EVERY_SECOND)
    config = FleetConfig(groups=(group,), csms=CsmsConfig(url=URL), speed=1.0)
    with tempfile.TemporaryDirectory(prefix="evtui-bench-") as directory, SpoolWriter(Path(directory)) as spool:
        store = LoopStore(Path(directory) / "state", URL)
        try:
            async with Fleet(config, clock=clock, frames=spool, csms_url=URL, connect=connect, store=store) as fleet:
                await clock.advance(0.0)
                yield MemoryFleet(fleet, clock, spool, links)
        finally:
            store.close()
