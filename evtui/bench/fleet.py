"""Measures a fleet of evtui's: run as `python -m evtui.bench.fleet URL STATIONS SECONDS`, prints Figures as JSON.

Everything is on that is on in the console: validation both ways, physics, the frame spool, state that is kept.
"""

import asyncio
import gc
import resource
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import msgspec

from evtui.bench.figures import Figures, percentile
from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.engine.store import Store
from evtui.host.limits import raise_open_files
from evtui.host.loop import run
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool import SpoolReader, SpoolWriter

SETTLE_S = 3.0
"""Between the last session's start and the window that is measured."""

BOOT_TIMEOUT_S = 120.0
_EVERY_SECOND = {"SampledDataCtrlr.TxUpdatedInterval": "1"}


async def measure(url: str, stations: int, seconds: float) -> Figures:
    """Boots so many stations, starts a session on each, and watches them for so long. TimeoutError: they do not
    boot."""
    empty_kb = rss_kb()
    config = FleetConfig(
        groups=(GroupConfig(count=stations, id="BENCH{n:05d}", variables=_EVERY_SECOND),), csms=CsmsConfig(url=url)
    )
    with tempfile.TemporaryDirectory(prefix="evtui-bench-") as directory, SpoolWriter(Path(directory)) as spool:
        clock = SystemClock(config.speed)
        async with (
            Store(Path(directory) / "state", url) as store,
            Fleet(config, clock=clock, frames=spool, csms_url=url, store=store) as fleet,
        ):
            door = LocalDoor(fleet)
            booted_s = await _boot(door, stations)
            targets = tuple(Target(f"BENCH{number:05d}") for number in range(1, stations + 1))
            started = await door.submit(Command("start", targets))
            if not started.done:
                raise SystemExit(f"not every session started: {started.text}")
            await asyncio.sleep(SETTLE_S)
            gc.collect()
            gc.freeze()
            began, first, cpu_s = time.monotonic(), fleet.board.tap.frames, cpu_used_s()
            await asyncio.sleep(seconds)
            cpu_s = cpu_used_s() - cpu_s
            lasted_s, last, full_kb = time.monotonic() - began, fleet.board.tap.frames, rss_kb()
            spool.flush()
            calls, rtts_ms, late_ms, faults = _read(Path(directory), first, last)
    return Figures(
        "evtui",
        stations,
        round(lasted_s, 3),
        round(booted_s, 3),
        calls,
        round(cpu_s, 3),
        round(1000 * cpu_s / max(1, calls), 4),
        (percentile(rtts_ms, 0.5), percentile(rtts_ms, 0.99)),
        (percentile(late_ms, 0.5), percentile(late_ms, 0.99)),
        full_kb,
        round((full_kb - empty_kb) / stations, 1),
        faults,
    )


async def _boot(door: LocalDoor, stations: int) -> float:
    began = time.monotonic()
    async with asyncio.timeout(BOOT_TIMEOUT_S):
        while (await door.fleet(View(count=0))).totals.online < stations:  # noqa: ASYNC110 (a bench looks, nobody tells)
            await asyncio.sleep(0.01)
    return time.monotonic() - began


def rss_kb() -> int:
    """What this process has in memory."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # macOS tells only the most it ever had, in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return pages * resource.getpagesize() // 1024


def cpu_used_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _read(directory: Path, first: int, last: int) -> tuple[int, list[float], list[float], int]:
    """CALLs in the window, round trips and lateness in ms (ascending), and what went wrong."""
    calls = faults = 0
    rtts_ms: list[float] = []
    late_ms: list[float] = []
    with SpoolReader(directory) as reader:
        reader.refresh()
        begins = _begins(reader)
        for number in range(first, last):
            frame = reader.frame(number)
            if frame.fault or frame.type in (FrameType.CALLERROR, FrameType.UNREADABLE):
                faults += 1
            if frame.rtt_s is not None:
                rtts_ms.append(frame.rtt_s * 1000.0)
            if frame.type is not FrameType.CALL or frame.direction is not Direction.SENT:
                continue
            calls += 1
            event = msgspec.json.decode(frame.text, type=_Call)[3]
            began_s = begins.get(event.transaction_info.transaction_id) if event.transaction_info else None
            if began_s is not None and event.timestamp is not None:
                due_s = began_s + int(event.timestamp.timestamp() - began_s + 0.002)
                late_ms.append((frame.at - due_s) * 1000.0)
    rtts_ms.sort()
    late_ms.sort()
    return calls, rtts_ms, late_ms, faults


class _Info(msgspec.Struct, rename="camel"):
    transaction_id: str


class _Event(msgspec.Struct, rename="camel"):
    timestamp: datetime | None = None
    event_type: str = ""
    transaction_info: _Info | None = None


def _begins(reader: SpoolReader) -> dict[str, float]:
    """When each transaction began, in Unix time: its samples are due whole seconds later."""
    begins: dict[str, float] = {}
    for number in range(reader.first, reader.count):
        head = reader.head(number)
        if head.action != "TransactionEvent" or head.type is not FrameType.CALL:
            continue
        event = msgspec.json.decode(reader.frame(number).text, type=_Call)[3]
        if event.event_type == "Started" and event.transaction_info and event.timestamp:
            begins[event.transaction_info.transaction_id] = event.timestamp.timestamp()
    return begins


_Call = tuple[int, str, str, _Event]


async def _main(url: str, stations: str, seconds: str) -> int:
    print(msgspec.json.encode(await measure(url, int(stations), float(seconds))).decode())
    return 0


if __name__ == "__main__":
    raise_open_files()
    sys.exit(run(_main(*sys.argv[1:])))
