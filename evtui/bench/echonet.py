"""`evtui bench echonet`: what a request costs the ECHONET Lite node, in a process of its own, under a controller that
asks at a rate.

The node is as `evtui` starts it, with a charging station for each instance; every frame is recorded. Run as
`python -m evtui.bench.echonet URL INSTANCES ADDRESS` it is the measured process: it prints what it has used so far once
before it opens the node, and then for each line on its stdin.
"""

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from evtui.bench.controller import Controller
from evtui.bench.figures import percentile
from evtui.bench.fleet import SETTLE_S, boot, cpu_used_s, rss_kb, running
from evtui.bench.run import sink_process, sizes_of, written
from evtui.config import CsmsConfig, EchonetConfig, FleetConfig, GroupConfig
from evtui.echonet.open import open_node
from evtui.echonet.profile import MOST_INSTANCES
from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, Target
from evtui.errors import ConfigError
from evtui.host.limits import raise_open_files
from evtui.host.loop import run
from evtui.options import Options

SIZES = (1, 10, MOST_INSTANCES)

RATE = 500.0
"""Requests a second."""

ANSWERS_S = 1.0
"""How long answers are waited for after the last request; what comes later is none."""

_QUIET = {"SampledDataCtrlr.TxUpdatedInterval": "0"}


class Used(msgspec.Struct, frozen=True):
    """What the measured process has used so far, and holds now."""

    cpu_s: float
    rss_kb: int


class EchonetFigures(msgspec.Struct, frozen=True):
    """`requests` in so many seconds, one after the other to each of the instances. CPU is that of the node's process,
    user and system, beyond what its stations take anyway; times in seconds or milliseconds as named, memory in KB
    (1,024 bytes)."""

    instances: int
    seconds: float
    requests: int
    answered: int
    faults: int  # answers that refuse
    cpu_s: float
    cpu_per_1000_answered_s: float
    answer_ms: tuple[float, float]  # median, 99th percentile
    notifications: int  # INFs of what was set
    notified_ms: tuple[float, float]  # from the Set to its INF, as above
    rss_kb: int
    kb_an_instance: float  # what the process takes more with the node, under load


def run_echonet_bench(options: Options) -> int:
    """Measures, prints the table on stdout (the story goes to stderr), and writes --report. The exit code: 1 if a
    request was refused, or not answered."""
    if sys.platform != "linux":
        raise ConfigError("bench echonet: two nodes need two loopback addresses, which only Linux has")
    for name in ("compare", "svg"):
        if getattr(options, name):
            raise ConfigError(f"--{name}: is not for `bench echonet`")
    if options.workers > 1:
        raise ConfigError("--workers: is not for `bench echonet`: a node is one process")
    sizes = SIZES if options.sizes is None else sizes_of(options.sizes)
    if sizes[-1] > MOST_INSTANCES:
        raise ConfigError(f"--sizes: a node has {MOST_INSTANCES} instances at most, as its instance list does")
    rate = RATE if options.rate is None else options.rate
    rows = []
    with sink_process() as url:
        for instances in sizes:
            text = f"{instances} instances, {rate:g} requests/s for {options.seconds:g} s"
            print(f"echonet: {text} ...", file=sys.stderr, flush=True)
            try:
                rows.append(run(measure(url, instances, rate, options.seconds)))
            except (RuntimeError, TimeoutError, OSError) as error:
                raise ConfigError(f"{instances} instances could not be measured: {error or 'no answer'}") from None
    print(echonet_table(rows))
    written(options.report, rows)
    return 1 if any(each.faults or each.answered < each.requests for each in rows) else 0


def echonet_table(rows: Sequence[EchonetFigures]) -> str:
    """For people."""
    head = "instances  answered/s  unanswered  core  cpu-s/1000  answer p50/p99    INFs/s  INF p50/p99      KB/instance"
    return "\n".join([head, *map(_row, rows)])


def _row(each: EchonetFigures) -> str:
    return (
        f"{each.instances:>9}{each.answered / each.seconds:>12,.0f}{each.requests - each.answered:>12,}"
        f"{each.cpu_s / each.seconds:>6.0%}{each.cpu_per_1000_answered_s:>12.3f}  {_pair(each.answer_ms)}"
        f"{each.notifications / each.seconds:>9,.0f}  {_pair(each.notified_ms)}{each.kb_an_instance:>13.1f}"
    )


def _pair(two: tuple[float, float]) -> str:
    return f"{two[0]:>5.1f} /{two[1]:>5.1f} ms"


async def measure(url: str, instances: int, rate: float, seconds: float) -> EchonetFigures:
    """Asks a node with so many instances for so long, `rate` times a second. RuntimeError: the node does not come up;
    TimeoutError: it does not answer."""
    home, ours = _addresses()
    with _node_process(url, instances, home) as (before, used), Controller(ours, home) as controller:
        await controller.find(instances)
        await asyncio.sleep(SETTLE_S)
        gc.collect()
        gc.freeze()  # here, too: a controller that pauses would see late answers
        quiet, began = await used(), time.monotonic()
        await asyncio.sleep(min(seconds, SETTLE_S))
        loaded = await used()
        idle_core = (loaded.cpu_s - quiet.cpu_s) / (time.monotonic() - began)
        began = time.monotonic()
        await controller.ask_for(seconds, rate)
        after, lasted_s = await used(), time.monotonic() - began
        await asyncio.sleep(ANSWERS_S)
    cpu_s = after.cpu_s - loaded.cpu_s - idle_core * lasted_s
    answers_ms, notified_ms = sorted(controller.answers_ms), sorted(controller.notified_ms)
    return EchonetFigures(
        instances,
        round(lasted_s, 3),
        controller.requests,
        len(answers_ms),
        controller.faults,
        round(cpu_s, 3),
        round(1000 * cpu_s / max(1, len(answers_ms)), 4),
        (percentile(answers_ms, 0.5), percentile(answers_ms, 0.99)),
        len(notified_ms),
        (percentile(notified_ms, 0.5), percentile(notified_ms, 0.99)),
        after.rss_kb,
        round((after.rss_kb - before.rss_kb) / instances, 1),
    )


def _addresses() -> tuple[str, str]:
    """Of the node, and of the controller: answers go to port 3610, which each needs for itself."""
    number = 2 * os.getpid()
    first, second = (f"127.{100 + n // 62_500 % 100}.{1 + n // 250 % 250}.{1 + n % 250}" for n in (number, number + 1))
    return first, second


# -- the measured process -------------------------------------------------------------------------


@contextmanager
def _node_process(url: str, instances: int, home: str) -> Iterator[tuple[Used, Callable[[], "asyncio.Future[Used]"]]]:
    """A node at an address, for as long as the context lasts: what its process had used before it, and what it uses."""
    command = [sys.executable, "-m", "evtui.bench.echonet", url, str(instances), home]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def ask() -> Used:
            stdin.write("\n")
            stdin.flush()
            return msgspec.json.decode(stdout.readline(), type=Used)

        try:
            line = stdout.readline()
            if not line:
                raise RuntimeError("the node did not start")
            yield (
                msgspec.json.decode(line, type=Used),
                lambda: asyncio.get_running_loop().run_in_executor(None, ask),
            )
        finally:
            process.communicate()


async def _serve(url: str, instances: int, home: str) -> int:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    config = FleetConfig(
        groups=(GroupConfig(count=instances, id="HOUSE{n:03d}", variables=_QUIET),),
        csms=CsmsConfig(url=url),
        speed=1.0,
    )
    with tempfile.TemporaryDirectory(prefix="evtui-bench-", dir="/tmp") as directory:
        async with running(config, Path(directory), 1) as subject:
            assert subject.fleet is not None
            await boot(subject.door, instances)
            started = await subject.door.submit(
                Command("start", tuple(Target(f"HOUSE{n:03d}") for n in range(1, instances + 1)))
            )
            if not started.done:
                raise SystemExit(f"not every session started: {started.text}")
            await asyncio.sleep(SETTLE_S)
            _tell()
            node = EchonetConfig(enabled=True, host=home)
            async with open_node(node, subject.door, SystemClock(1.0), _unnoted, subject.fleet.record_echonet):

                def told() -> None:
                    for _ in sys.stdin:
                        _tell()
                    loop.call_soon_threadsafe(ended.set)

                threading.Thread(target=told, daemon=True).start()
                await ended.wait()
    return 0


def _tell() -> None:
    print(msgspec.json.encode(Used(cpu_used_s(), rss_kb())).decode(), flush=True)


def _unnoted(station_id: str, text: str) -> None:
    """Nobody reads what the node notes."""


if __name__ == "__main__":
    raise_open_files()
    sys.exit(run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
