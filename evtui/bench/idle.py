"""`evtui bench --idle N`: how many stations one process holds that only send heartbeats, and what they cost.

Run as `python -m evtui.bench.idle URL STATIONS SECONDS HEARTBEAT_S`, prints IdleFigures as JSON.
"""

import asyncio
import gc
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec

from evtui.bench.fleet import SETTLE_S, cpu_used_s, rss_kb, running
from evtui.bench.run import measured_by, sink_process, written
from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.door import Door, View
from evtui.errors import ConfigError
from evtui.host.limits import NEEDED_BESIDES, raise_open_files
from evtui.host.loop import run
from evtui.options import Options

HEARTBEAT_S = 60
"""What the sink tells the stations. They are watched at least for so long, from when the first heartbeats are due: each
sends one meanwhile, however close together they have booted."""

STALLED_S = 30.0
"""When for so long not one station more came online, the others will not."""

KB_EACH = 100
"""What a station takes, a fair guess: here, in the sink, and in the kernel for both ends of the connection."""

_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_MEMORY = Path("/proc/meminfo")


class IdleFigures(msgspec.Struct, frozen=True):
    """`wanted` stations, of which so many were held: `least` of them at the worst moment of the watch. Times in
    seconds, CPU is user and system, memory in KB (1,024 bytes); `short` says why they are fewer."""

    wanted: int
    stations: int
    made_s: float  # until they were there, before the first one dialled
    booted_s: float  # from then on, until the last one was accepted
    boot_cpu_s: float  # of both
    seconds: float
    cpu_s: float
    frames: int
    heartbeat_s: int
    least: int
    rss_kb: int
    kb_a_station: float  # all that the process has beyond an empty one
    short: tuple[str, ...] = ()

    @property
    def core(self) -> float:
        """The share of one core while idle."""
        return self.cpu_s / self.seconds


def run_idle_bench(options: Options) -> int:
    """Measures, prints what came of it on stdout, and writes --report. The exit code: 1 if fewer are held than were
    asked for, or one was lost."""
    for name in ("sizes", "compare", "svg"):
        if getattr(options, name):
            raise ConfigError(f"--{name}: is not for --idle")
    if options.workers > 1:
        raise ConfigError("--workers: is not for --idle, which measures one process")
    wanted = options.idle or 0
    count, short = holdable(wanted, raise_open_files(), _source_ports(), _available_kb())
    with sink_process(heartbeat_s=HEARTBEAT_S) as url:
        seconds = max(options.seconds, HEARTBEAT_S)
        figures = measured_by("evtui.bench.idle", url, count, seconds, IdleFigures, str(HEARTBEAT_S))
    figures = msgspec.structs.replace(figures, wanted=wanted, short=(*short, *figures.short))
    print("\n".join(lines(figures)))
    written(options.report, figures)
    return 1 if figures.least < wanted else 0


def holdable(wanted: int, files: int, ports: int | None, available_kb: int | None) -> tuple[int, tuple[str, ...]]:
    """How many of the wanted stations this machine can hold in one process, and what to raise for the others. Of
    `files` a process may have so many open, of source `ports` there are so many to one address of a CSMS; None where
    that is not known. ConfigError: it can hold none."""
    short = []
    count = wanted
    if (room := files - NEEDED_BESIDES) < wanted:
        count = min(count, room)
        short.append(f"open files are enough for {max(0, room):,}: ulimit -Hn {wanted + NEEDED_BESIDES}")
    if ports is not None and ports < wanted:
        count = min(count, ports)
        short.append(
            f"source ports to one address are enough for {ports:,}: sysctl net.ipv4.ip_local_port_range='1024 65535', "
            "or a CSMS with several addresses"
        )
    if available_kb is not None and (room := available_kb // KB_EACH) < wanted:
        count = min(count, room)
        short.append(f"memory is enough for some {room:,}: {wanted * KB_EACH // 1024:,} MB are needed in all")
    if count < 1:
        raise ConfigError(f"--idle: {'; '.join(short)}")
    return count, tuple(short)


def lines(it: IdleFigures) -> list[str]:
    """For people."""
    out = [
        f"{it.stations:,} idle stations in one process, a heartbeat every {it.heartbeat_s} s each",
        f"  all online     {it.made_s + it.booted_s:>8.2f} s   {it.made_s:.2f} s to make them, {it.booted_s:.2f} s to "
        f"boot; {it.boot_cpu_s:.2f} s of CPU",
        f"  core           {it.core:>8.1%}     over {it.seconds:.0f} s, {it.frames / it.seconds:,.0f} frames/s",
        f"  memory         {it.rss_kb / 1024:>8,.0f} MB  {it.kb_a_station:.1f} KB a station",
        f"  lost           {it.stations - it.least:>8,}",
    ]
    if it.stations < it.wanted:
        out.append(f"{it.wanted:,} were asked for, and {it.stations:,} could be held:")
    return [*out, *(f"  {each}" for each in it.short)]


def _source_ports() -> int | None:
    try:
        first, last = _PORTS.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return int(last) - int(first) + 1


def _available_kb() -> int | None:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB$", _MEMORY.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None


# -- the measured process -------------------------------------------------------------------------


async def measure(url: str, stations: int, seconds: float, heartbeat_s: int) -> IdleFigures:
    """Boots so many stations, or as many as come online, and watches them for so long."""
    config = FleetConfig(groups=(GroupConfig(count=stations, id="IDLE{n:05d}"),), csms=CsmsConfig(url=url), speed=1.0)
    empty_kb, began, cpu_s = rss_kb(), time.monotonic(), cpu_used_s()
    with tempfile.TemporaryDirectory(prefix="evtui-bench-", dir="/tmp") as directory:
        async with running(config, Path(directory), 1) as (door, _, _):
            made = time.monotonic()
            online = await _boot(door, stations)
            booted, boot_cpu_s = time.monotonic(), cpu_used_s() - cpu_s
            short = () if online == stations else await _troubles(door)
            await asyncio.sleep(max(SETTLE_S, made + heartbeat_s - time.monotonic()))
            gc.collect()
            gc.freeze()
            gc.enable()
            watched, cpu_s, frames = time.monotonic(), cpu_used_s(), await _frames(door)
            least = online
            while (left_s := watched + seconds - time.monotonic()) > 0:
                await asyncio.sleep(min(1.0, left_s))
                least = min(least, await _online(door))
            lasted_s, cpu_s, full_kb = time.monotonic() - watched, cpu_used_s() - cpu_s, rss_kb()
            return IdleFigures(
                stations,
                online,
                round(made - began, 3),
                round(booted - made, 3),
                round(boot_cpu_s, 3),
                round(lasted_s, 3),
                round(cpu_s, 3),
                await _frames(door) - frames,
                heartbeat_s,
                least,
                full_kb,
                round((full_kb - empty_kb) / max(1, online), 1),
                short,
            )


async def _boot(door: Door, stations: int) -> int:
    """Waits until all are online, or no more come; how many are."""
    online, moved = 0, time.monotonic()
    while online < stations and time.monotonic() < moved + STALLED_S:
        await asyncio.sleep(0.02)
        before, online = online, await _online(door)
        if online != before:
            moved = time.monotonic()
    return online


async def _online(door: Door) -> int:
    return (await door.fleet(View(count=0))).totals.online


async def _frames(door: Door) -> int:
    return (await door.fleet(View(count=0))).totals.frames


async def _troubles(door: Door) -> tuple[str, ...]:
    """Why those that are not online are not, the most frequent reasons first."""
    rows = (await door.fleet(View(filter="!~link online", count=100_000))).rows
    counts = Counter(row.trouble or f"still {row.link}" for row in rows)
    return tuple(f"{count:,} of them: {trouble}" for trouble, count in counts.most_common(3))


async def _main(url: str, stations: str, seconds: str, heartbeat_s: str) -> int:
    print(msgspec.json.encode(await measure(url, int(stations), float(seconds), int(heartbeat_s))).decode())
    return 0


if __name__ == "__main__":
    raise_open_files()
    sys.exit(run(_main(*sys.argv[1:])))
