"""`evtui bench`: each measurement in a process of its own, against one sink; told as it goes on."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from evtui.bench.figures import Figures, chart, table
from evtui.bench.sink import HEARTBEAT_S
from evtui.errors import ConfigError
from evtui.host.limits import raise_open_files, shortfall
from evtui.options import Options

SIZES = (100, 500, 1000)
_PATIENCE_S = 300.0

T = TypeVar("T")


def run_bench(options: Options) -> int:
    """Measures, prints the table on stdout (the story goes to stderr), and writes what was asked for. The exit code: 1
    if a measurement failed or a frame was wrong."""
    if options.idle is not None:
        from evtui.bench.idle import run_idle_bench  # not needed otherwise

        return run_idle_bench(options)
    sizes = sizes_of(options.sizes)
    seconds = options.seconds
    workers = options.workers
    if workers > 1 and sys.platform != "linux":
        raise ConfigError("--workers: what other processes cost is known on Linux only")
    if problem := shortfall(-(-max(sizes) // workers), raise_open_files()):
        raise ConfigError(f"--sizes: {problem}")
    rows: list[Figures] = []
    with sink_process(workers) as url:
        for stations in sizes:
            measured = _measure("evtui.bench.fleet", url, stations, seconds, str(min(workers, stations)))
            rows.append(marginal(measured, rows))
        if options.compare:
            rows.append(_measure("evtui.bench.plain", url, _comparable(sizes), seconds))
    tell(rows, options.report, options.svg)
    return 1 if any(each.faults for each in rows) else 0


def tell(rows: Sequence[Figures], report: str | None, svg: str | None) -> None:
    """Prints the table on stdout, and writes figures and chart where they are wanted."""
    print(table(rows))
    written(report, rows)
    if svg is not None:
        Path(svg).write_text(chart(rows), encoding="utf-8")


def written(report: str | None, figures: object) -> None:
    """Writes figures as JSON where they are wanted."""
    if report is not None:
        Path(report).write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")


def sizes_of(text: str | None) -> tuple[int, ...]:
    """Of --sizes: numbers of stations, ascending. ConfigError: it is no list of them."""
    if text is None:
        return SIZES
    parts = text.split(",")
    if not all(part.strip().isdecimal() and 0 < int(part) <= 100_000 for part in parts):
        raise ConfigError(f"--sizes: {text!r} is no list of numbers of stations, such as 100,500,1000")
    return tuple(sorted({int(part) for part in parts}))


def _comparable(sizes: tuple[int, ...]) -> int:
    """The plain library ends near 700 stations: the largest size below that."""
    return max((size for size in sizes if size <= 500), default=min(sizes))


@contextmanager
def sink_process(count: int = 1, heartbeat_s: int = HEARTBEAT_S) -> Iterator[str]:
    """The URL of a sink in a process of its own, or in several that share a port, for as long as the context lasts."""
    with ExitStack() as stack:
        port = "0"
        for _ in range(count):
            command = [sys.executable, "-m", "evtui.bench.sink", port, str(heartbeat_s)]
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.communicate)
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                raise ConfigError("the sink did not start")
        yield f"ws://127.0.0.1:{port}"


def _measure(module: str, url: str, stations: int, seconds: float, *more: str) -> Figures:
    return measured_by(module, url, stations, seconds, Figures, *more)


def measured_by(module: str, url: str, stations: int, seconds: float, kind: type[T], *more: str) -> T:
    """What a process that runs a module of this room prints as JSON. ConfigError: it fails, and why."""
    print(f"{module.rpartition('.')[2]}: {stations:,} stations for {seconds:g} s ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", module, url, str(stations), str(seconds), *more]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S + seconds, check=True)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise ConfigError(
            f"{stations} stations could not be measured: {lines[-1] if lines else 'no reason given'}"
        ) from None
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{stations} stations could not be measured: no end after {_PATIENCE_S:.0f} s") from None
    return msgspec.json.decode(done.stdout, type=kind)


def marginal(new: Figures, before: Sequence[Figures]) -> Figures:
    """With what each station more took, and each thousand CALLs more, where there is a smaller run to compare with."""
    if not before:
        return new
    last = before[-1]
    more_kb = (new.rss_kb - last.rss_kb) / (new.stations - last.stations)
    calls_a_s = new.calls / new.seconds - last.calls / last.seconds
    more_cpu_s = 1000 * (new.core - last.core) / calls_a_s if calls_a_s > 0 else None
    return msgspec.structs.replace(
        new,
        marginal_kb=round(more_kb, 1),
        marginal_cpu_per_1000_calls_s=None if more_cpu_s is None else round(more_cpu_s, 4),
    )
