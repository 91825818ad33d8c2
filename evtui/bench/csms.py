"""`evtui bench csms`: what a CALL costs the embedded CSMS, in a process of its own, under a load of light stations.

The CSMS is as `evtui` starts it: validation both ways, linter, dashboard, everything kept on disk. Run as
`python -m evtui.bench.csms DIRECTORY` it is the measured process: it prints where it listens, and what it has used so
far for each line on its stdin; without a directory it keeps nothing.
"""

import asyncio
import gc
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import msgspec

from evtui.bench.figures import Figures, percentile
from evtui.bench.fleet import SETTLE_S, cpu_used_s, rss_kb
from evtui.bench.load import Load, booted
from evtui.bench.run import marginal, sizes_of, tell
from evtui.csms.server import Csms
from evtui.errors import ConfigError
from evtui.host.garbage import UP_AFTER_S
from evtui.host.limits import raise_open_files, shortfall
from evtui.host.loop import run
from evtui.options import Options

KEEPING, FORGETTING = "evtui csms", "csms, no store"


class Used(msgspec.Struct, frozen=True):
    """What the measured process has used so far, holds now, and has found wrong with the stations."""

    cpu_s: float
    rss_kb: int
    findings: int


def run_csms_bench(options: Options) -> int:
    """Measures, prints the table on stdout (the story goes to stderr), and writes what was asked for. The exit code: 1
    if a frame was wrong."""
    if options.workers > 1:
        raise ConfigError("--workers: is not for `bench csms`: a CSMS is one process")
    sizes = sizes_of(options.sizes)
    if problem := shortfall(max(sizes), raise_open_files()):
        raise ConfigError(f"--sizes: {problem}")
    rows: list[Figures] = []
    for stations in sizes:
        rows.append(marginal(_measured(KEEPING, stations, options.seconds), rows))
    if options.compare:
        rows.append(_measured(FORGETTING, max(sizes), options.seconds))
    tell(rows, options.report, options.svg)
    return 1 if any(each.faults for each in rows) else 0


def _measured(name: str, stations: int, seconds: float) -> Figures:
    print(f"{name}: {stations:,} stations for {seconds:g} s ...", file=sys.stderr, flush=True)
    try:
        return run(measure(name, stations, seconds))
    except (RuntimeError, TimeoutError, OSError) as error:
        raise ConfigError(f"{stations} stations could not be measured: {str(error) or 'they do not boot'}") from None


async def measure(name: str, stations: int, seconds: float) -> Figures:
    """Lets so many stations boot and send a sample a second each, and watches the CSMS for so long. RuntimeError: it
    refuses them; TimeoutError: they do not boot."""
    load = Load()
    with _csms_process(name == KEEPING) as (process, url):
        empty = await _used(process)
        made, booted_s = await booted(url, stations, load)
        try:
            for station in made:
                station.begin(time.monotonic())
            await asyncio.sleep(SETTLE_S)
            gc.collect()
            gc.freeze()  # here, too: a load that pauses would be late
            before, began = await _used(process), time.monotonic()
            load.counting = True
            await asyncio.sleep(seconds)
            load.counting = False
            after, lasted_s = await _used(process), time.monotonic() - began
        finally:
            for station in made:
                station.end()
    cpu_s = after.cpu_s - before.cpu_s
    load.rtts_ms.sort()
    load.late_ms.sort()
    return Figures(
        name,
        stations,
        round(lasted_s, 3),
        round(booted_s, 3),
        load.calls,
        round(cpu_s, 3),
        round(1000 * cpu_s / max(1, load.calls), 4),
        (percentile(load.rtts_ms, 0.5), percentile(load.rtts_ms, 0.99)),
        (percentile(load.late_ms, 0.5), percentile(load.late_ms, 0.99)),
        after.rss_kb,
        round((after.rss_kb - empty.rss_kb) / stations, 1),
        load.faults + after.findings,
    )


# -- the measured process -------------------------------------------------------------------------


@contextmanager
def _csms_process(keeping: bool) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A CSMS, and where it listens, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="evtui-bench-", dir="/tmp") as directory:
        command = [sys.executable, "-m", "evtui.bench.csms", *([directory] if keeping else [])]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().strip()
                if not url:
                    raise RuntimeError("the CSMS did not start")
                yield process, url
            finally:
                process.communicate()


async def _used(process: "subprocess.Popen[str]") -> Used:
    def ask() -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        return process.stdout.readline()

    return msgspec.json.decode(await asyncio.to_thread(ask), type=Used)


async def _serve(directory: str | None) -> int:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    import_module("evtui.csms.http.app")  # it belongs to an empty one
    keep_in = None if directory is None else Path(directory) / "csms.db"
    db = None if keep_in is None else lambda port: keep_in
    async with Csms(port=0, web_port=0, db=db) as csms:

        def told() -> None:
            for _ in sys.stdin:
                used = Used(cpu_used_s(), rss_kb(), csms.linter.count)
                print(msgspec.json.encode(used).decode(), flush=True)
            loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=told, daemon=True).start()
        freezing = loop.call_later(UP_AFTER_S, gc.freeze)
        print(csms.url, flush=True)
        await ended.wait()
        freezing.cancel()
    return 0


def main(arguments: Sequence[str]) -> int:
    """The measured process."""
    raise_open_files()
    return run(_serve(arguments[0] if arguments else None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
