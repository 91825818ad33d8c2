"""Measures a fleet of evtui's; `python -m evtui.bench.fleet URL STATIONS SECONDS WORKERS` prints Figures as JSON.

Everything is on that is on in the console: validation both ways, physics, the frame spool, state that is kept.
"""

import asyncio
import gc
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from evtui.bench.figures import Figures, percentile
from evtui.bench.lateness import Sample, lateness
from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, Door, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.engine.store import Store
from evtui.host.crew import Crew, worker_configs
from evtui.host.garbage import coming_up
from evtui.host.limits import raise_open_files
from evtui.host.loop import run
from evtui.host.process import hired
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool import DEFAULT_MAX_BYTES, SpoolWriter
from evtui.ocppj.spool_merged import reader_of

SETTLE_S = 3.0
"""Between the last session's start and the window that is measured, at least."""

LONGEST_SETTLE_S = 30.0
"""At most: until what the start of all of them has left to be delivered is out of the way."""

WRITTEN_S = 0.5
"""After the window, until its frames can be read."""

BOOT_TIMEOUT_S = 120.0
_LOOK_S = 0.1
_NOT_FULL_S = 600.0  # of physics: no car is full by then, so that every station charges through

EVERY_SECOND = {"SampledDataCtrlr.TxUpdatedInterval": "1", "ClockCtrlr.TimeSource": "RealTimeClock"}
"""A sample a second, with the time at which it was taken: not the one that an answer told which came late itself."""


class Subject(NamedTuple):
    """What is measured: the door of a fleet, and the processes that its stations run in, this one among them."""

    door: Door
    pids: tuple[int, ...]
    fleet: Fleet | None = None  # where it is in this process


async def measure(url: str, stations: int, seconds: float, workers: int = 1) -> Figures:
    """Boots so many stations, starts a session on each, and watches them for so long. TimeoutError: they do not
    boot."""
    config = FleetConfig(
        groups=(GroupConfig(count=stations, id="BENCH{n:05d}", variables=EVERY_SECOND),),
        csms=CsmsConfig(url=url),
        speed=min(1.0, _NOT_FULL_S / seconds),
    )
    with tempfile.TemporaryDirectory(prefix="evtui-bench-", dir="/tmp") as directory:
        empty_kb = rss_kb() * (1 if workers == 1 else workers + 1)
        async with running(config, Path(directory), workers) as (door, pids, _):
            await boot(door, stations)
            targets = tuple(Target(f"BENCH{number:05d}") for number in range(1, stations + 1))
            started = await door.submit(Command("start", targets))
            if not started.done:
                raise SystemExit(f"not every session started: {started.text}")
            gc.collect()
            gc.freeze()
            gc.enable()
            await settle(door, stations)  # after the collector, too, which holds a large fleet up for a second
            began, began_at, cpu_s = time.monotonic(), time.time(), sum(map(cpu_used_s, pids))
            await asyncio.sleep(seconds)
            cpu_s = sum(map(cpu_used_s, pids)) - cpu_s
            lasted_s, ended_at, full_kb = time.monotonic() - began, time.time(), sum(map(rss_kb, pids))
            spools = [spool.directory for spool in await door.frames()]
            await asyncio.sleep(WRITTEN_S)
            seen = read_frames(spools, began_at, ended_at)
    return Figures(
        "evtui" if workers == 1 else f"evtui x{workers}",
        stations,
        round(lasted_s, 3),
        round(seen.booted_s, 3),
        seen.calls,
        round(cpu_s, 3),
        round(1000 * cpu_s / max(1, seen.calls), 4),
        (percentile(seen.rtts_ms, 0.5), percentile(seen.rtts_ms, 0.99)),
        (percentile(seen.late_ms, 0.5), percentile(seen.late_ms, 0.99)),
        full_kb,
        round((full_kb - empty_kb) / stations, 1),
        seen.faults,
        seen.missing,
    )


@asynccontextmanager
async def running(config: FleetConfig, directory: Path, workers: int) -> AsyncIterator[Subject]:
    """Runs a fleet as `evtui` does, in this process or in workers."""
    url, clock = config.csms.url or "", SystemClock(config.speed)
    if workers == 1:
        with coming_up(config.stations), SpoolWriter(directory / "frames") as spool:
            async with (
                Store(directory / "state", url) as store,
                Fleet(config, clock=clock, frames=spool, csms_url=url, store=store) as fleet,
            ):
                yield Subject(LocalDoor(fleet), (os.getpid(),), fleet)
        return
    with hired(max(1, min(workers, config.stations))) as hands:
        configs = worker_configs(
            config,
            workers,
            url,
            directory / "frames",
            directory / "door",
            DEFAULT_MAX_BYTES,
            state=str(directory / "state"),
        )
        async with Crew(configs, hands, clock) as crew:
            yield Subject(crew.door, (os.getpid(), *[hand.pid for hand in hands]))


async def boot(door: Door, stations: int) -> None:
    """Waits until all stations are online. TimeoutError: they do not come."""
    async with asyncio.timeout(BOOT_TIMEOUT_S):
        while (await door.fleet(View(count=0))).totals.online < stations:  # noqa: ASYNC110 (a bench looks, nobody tells)
            await asyncio.sleep(0.01)


async def settle(door: Door, stations: int) -> None:
    """Until a tenth of the stations, at most, has something under way, as with a sample a second each."""
    by_s = time.monotonic() + LONGEST_SETTLE_S
    await asyncio.sleep(SETTLE_S)
    while time.monotonic() < by_s and (await door.fleet(View(count=0))).totals.queued > stations / 10:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_S)


def rss_kb(pid: int | None = None) -> int:
    """What a process has in memory; None: this one. Of others it is known on Linux."""
    try:
        pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # macOS tells only the most it ever had, in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return pages * resource.getpagesize() // 1024


def cpu_used_s(pid: int | None = None) -> float:
    """What a process has used so far, user and system; None: this one. Of others it is known on Linux, in ticks."""
    if pid in (None, os.getpid()):
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Seen(NamedTuple):
    """What frames tell of a time: CALLs, round trips and lateness of samples (ms, ascending), samples that never left,
    and what went wrong; and how long the stations took to boot, before it."""

    booted_s: float
    calls: int
    rtts_ms: list[float]
    late_ms: list[float]
    missing: int
    faults: int


def read_frames(spools: Sequence[str], began_at: float, ended_at: float) -> Seen:
    """Reads what was recorded, also shortly after the end of the time that is asked for."""
    calls = faults = missing = 0
    first_at = accepted_at = ended_at
    rtts_ms: list[float] = []
    late_ms: list[float] = []
    begins: dict[str, float] = {}
    samples = defaultdict[str, list[Sample]](list)
    with reader_of(spools) as reader:
        reader.refresh()
        for number in range(reader.first, reader.count):
            frame = reader.frame(number)
            first_at = min(first_at, frame.at)
            if frame.action == "BootNotification" and frame.direction is Direction.RECEIVED:
                accepted_at = frame.at
            watched = began_at <= frame.at < ended_at
            if watched and (frame.fault or frame.type in (FrameType.CALLERROR, FrameType.UNREADABLE)):
                faults += 1
            if watched and frame.rtt_s is not None:
                rtts_ms.append(frame.rtt_s * 1000.0)
            if frame.type is not FrameType.CALL or frame.direction is not Direction.SENT:
                continue
            calls += watched
            event = msgspec.json.decode(frame.text, type=_Call)[3]
            if event.transaction_info is None or event.timestamp is None:
                continue
            transaction_id, taken_s = event.transaction_info.transaction_id, event.timestamp.timestamp()
            begins.setdefault(transaction_id, taken_s)
            if event.trigger_reason == "MeterValuePeriodic":
                samples[transaction_id].append(Sample(taken_s, frame.at))
    for transaction_id, began_s in begins.items():
        late_s, never = lateness(began_s, samples[transaction_id], began_at, ended_at)
        late_ms += [each * 1000.0 for each in late_s]
        missing += never
    return Seen(accepted_at - first_at, calls, sorted(rtts_ms), sorted(late_ms), missing, faults)


class _Info(msgspec.Struct, rename="camel"):
    transaction_id: str


class _Event(msgspec.Struct, rename="camel"):
    timestamp: datetime | None = None
    trigger_reason: str | None = None
    transaction_info: _Info | None = None


_Call = tuple[int, str, str, _Event]


async def _main(url: str, stations: str, seconds: str, workers: str) -> int:
    print(msgspec.json.encode(await measure(url, int(stations), float(seconds), int(workers))).decode())
    return 0


if __name__ == "__main__":
    raise_open_files()
    sys.exit(run(_main(*sys.argv[1:])))
