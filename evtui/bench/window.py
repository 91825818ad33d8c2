"""`evtui bench tui`: what the window costs on the line and in CPU, and how soon a key is painted; through a real
terminal, against a sink, with the program as it is."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from evtui.bench.pseudo_terminal import PseudoTerminal
from evtui.bench.run import sink_process
from evtui.engine.door import Command, Target, View
from evtui.errors import ConfigError
from evtui.host.limits import raise_open_files, shortfall
from evtui.host.remote import RemoteDoor
from evtui.host.runtime import FleetRecord
from evtui.options import Options

MANY, MOST = 1_000, 4_000
"""Stations of the cases with many, and with most."""

_PATIENCE_S = 90.0
_SETTLE_S = 2.0
_KEYS = 200
_STARTS = 5
_CURSOR = "▶"
_DOWN, _UP = "\x1b[B", "\x1b[A"


class WindowFigure(msgspec.Struct, frozen=True):
    """A figure of the window, and what it may be at most. `waiting` is the part of a time in which the window could
    have run and others had the cores: it is the machine's, not the window's."""

    case: str
    what: str
    value: float
    unit: str
    budget: float
    waiting: float = 0.0

    @property
    def kept(self) -> bool:
        """It stays within its budget."""
        return self.value <= self.budget


def run_window_bench(options: Options) -> int:
    """Measures, prints the table on stdout, and writes --report. The exit code is 0 also beyond a budget: times depend
    on what else the machine does."""
    for name in ("sizes", "compare", "svg"):
        if getattr(options, name):
            raise ConfigError(f"--{name}: is not for `bench tui`")
    allowed = raise_open_files()
    figures: list[WindowFigure] = []
    with sink_process() as url:
        figures += measure_panels(url, options.seconds)
        figures += measure_many(url, options.seconds, MANY)
        if problem := shortfall(MOST, allowed):
            _tell(f"without {MOST:,} stations: {problem}")
        else:
            figures += measure_most(url, options.seconds, MOST)
    print(window_table(figures))
    if options.report is not None:
        Path(options.report).write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    return 0


def window_table(figures: Sequence[WindowFigure]) -> str:
    """For people."""
    head = f"{'case':<44}{'what':<24}{'measured':>12}{'budget':>10}"
    return "\n".join([head, *map(_row, figures)])


def _row(each: WindowFigure) -> str:
    figure = f"{each.case:<44}{each.what:<24}{each.value:>12,.1f}{each.budget:>10,.0f} {each.unit:<4}"
    if each.kept:
        return figure.rstrip()
    return f"{figure} beyond" + (f", {each.waiting:.1f} of it waiting for a core" if each.waiting else "")


# -- cases ----------------------------------------------------------------------------------------


def measure_panels(url: str, seconds: float) -> list[WindowFigure]:
    """Eight stations as panels, the log hidden: first idle, then charging."""
    case = "8 panels at 2 Hz, 80x24, log hidden"
    _tell(f"{case} ...")
    first = _median([_first_paint(url) for _ in range(_STARTS)])
    with _program(url, 8, 80, 24) as (terminal, home):
        _ready(terminal, home, 8)
        terminal.press("f")
        terminal.watch(_SETTLE_S)
        terminal.watch(70.0 if seconds >= 10 else 6.0)  # until the round-trip times of the boot are forgotten
        idle = _bytes_a_second(terminal, seconds)
        _order(home, Command("start", tuple(Target(f"CP{n:03d}") for n in range(1, 9))))
        terminal.watch(_SETTLE_S)
        busy = _bytes_a_second(terminal, seconds)
    return [
        WindowFigure("8 stations", "first paint", first.ms, "ms", 300, first.waiting_ms),
        WindowFigure(case, "bytes/s, all idle", idle, "B/s", 0),
        WindowFigure(case, "bytes/s, all charging", busy, "B/s", 4_096),
    ]


def measure_many(url: str, seconds: float, stations: int) -> list[WindowFigure]:
    """So many stations of which half send a sample a second, so that as many frames arrive: bytes and keys."""
    figures = []
    with _program(url, stations, 80, 24) as (terminal, home):
        _ready(terminal, home, stations)
        _order(home, Command("start", tuple(Target(f"CP{n:03d}") for n in range(1, stations // 2 + 1))))
        terminal.watch(_SETTLE_S)
        for columns, lines, budget in ((80, 24, 12_288), (200, 50, 102_400)):
            case = f"{stations:,} stations, {stations:,} frames/s, {columns}x{lines}"
            _tell(f"{case} ...")
            terminal.resize(columns, lines)
            terminal.watch(_SETTLE_S)
            figures.append(
                WindowFigure(case, "bytes/s, log following", _bytes_a_second(terminal, seconds), "B/s", budget)
            )
            paints = _paints(terminal)
            for name, share, limit in (("p50", 0.5, 10), ("p99", 0.99, 50)):
                paint = paints[min(len(paints) - 1, int(share * len(paints)))]
                figures.append(WindowFigure(case, f"key to paint {name}", paint.ms, "ms", limit, paint.waiting_ms))
    return figures


def measure_most(url: str, seconds: float, stations: int) -> list[WindowFigure]:
    """Thousands of stations of which a quarter charges: CPU of the window, as a summary and as a list."""
    figures = []
    with _program(url, stations, 120, 36) as (terminal, home):
        _ready(terminal, home, stations)
        _order(home, Command("start", tuple(Target(f"CP{n:03d}") for n in range(1, stations // 4 + 1))))
        terminal.watch(_SETTLE_S)
        for form, keys in (("summary", ""), ("list", "vv")):
            case = f"{stations:,} stations, {form}, 120x36"
            _tell(f"{case} ...")
            terminal.press(keys)
            terminal.watch(_SETTLE_S)
            before_s, began = _cpu_s(terminal.process.pid), time.perf_counter()
            terminal.watch(seconds)
            core = (_cpu_s(terminal.process.pid) - before_s) / (time.perf_counter() - began)
            figures.append(WindowFigure(case, "core of the window", round(core * 100, 1), "%", 15))
    return figures


# -- inside ---------------------------------------------------------------------------------------


@contextmanager
def _program(url: str, stations: int, columns: int, lines: int) -> Iterator[tuple[PseudoTerminal, Path]]:
    with tempfile.TemporaryDirectory(prefix="evtui-bench-") as directory:
        homes = {f"XDG_{name}": directory for name in ("RUNTIME_DIR", "STATE_HOME", "DATA_HOME", "CONFIG_HOME")}
        argv = [sys.executable, "-m", "evtui", "--stations", str(stations), "--csms-url", url, "--ephemeral"]
        argv += ["--refresh", "2", "--set", "SampledDataCtrlr.TxUpdatedInterval=1", "--speed", "1"]
        with PseudoTerminal(argv, {**os.environ, **homes}, columns, lines) as terminal:
            yield terminal, Path(directory)


def _ready(terminal: PseudoTerminal, home: Path, stations: int) -> None:
    """Waits until every station was accepted; for the window first, as a host ends when its last guest goes."""
    terminal.wait_for("kW", _PATIENCE_S)
    by = time.monotonic() + _PATIENCE_S
    while time.monotonic() < by:
        terminal.watch(0.2)
        if terminal.process.poll() is not None:
            raise ConfigError("the window ended before it could be measured")
        if next(home.rglob("fleet.json"), None) is not None and asyncio.run(_online(home)) >= stations:
            return
    raise ConfigError(f"{stations} stations did not come up within {_PATIENCE_S:.0f} s")


def _door_of(home: Path) -> str:
    return msgspec.json.decode(next(home.rglob("fleet.json")).read_bytes(), type=FleetRecord).socket


async def _online(home: Path) -> int:
    door = await RemoteDoor.connect(_door_of(home))
    try:
        return (await door.fleet(View(count=0))).totals.online
    finally:
        door.close()


def _order(home: Path, command: Command) -> None:
    async def submit() -> None:
        door = await RemoteDoor.connect(_door_of(home))
        try:
            outcome = await door.submit(command)
        finally:
            door.close()
        if not outcome.done:
            raise ConfigError(f"not every session started: {outcome.text}")

    asyncio.run(submit())


def _bytes_a_second(terminal: PseudoTerminal, seconds: float) -> float:
    before, began = terminal.written, time.perf_counter()
    terminal.watch(seconds)
    return round((terminal.written - before) / (time.perf_counter() - began), 1)


class _Paint(NamedTuple):
    """How long something took to be painted, and how much of that the program waited for a core."""

    ms: float
    waiting_ms: float


def _timed(terminal: PseudoTerminal, text: str, seconds: float, waited_s: float) -> _Paint:
    """How long it takes until a text is painted; the program had waited so long before."""
    took_s = terminal.wait_for(text, seconds) or seconds
    return _Paint(round(1000 * took_s, 1), round(1000 * max(0.0, _waited_s(terminal.process.pid) - waited_s), 1))


def _median(paints: list[_Paint]) -> _Paint:
    return sorted(paints)[len(paints) // 2]


def _first_paint(url: str) -> _Paint:
    with _program(url, 8, 80, 24) as (terminal, _):
        return _timed(terminal, "evtui", _PATIENCE_S, 0.0)


def _paints(terminal: PseudoTerminal) -> list[_Paint]:
    """How long each of many keys took until the cursor stood elsewhere; ascending."""
    paints = []
    for number in range(_KEYS):
        waited_s = _waited_s(terminal.process.pid)
        terminal.press(_DOWN if number % 6 < 3 else _UP)
        paints.append(_timed(terminal, _CURSOR, 2.0, waited_s))
        terminal.watch(0.02 + 0.0013 * (number % 30))
    return sorted(paints)


def _waited_s(pid: int) -> float:
    """How long the threads of a process were ready to run and had no core; 0 where the system does not tell."""
    waited_ns = 0
    for each in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has ended meanwhile
            waited_ns += int(each.read_text(encoding="ascii").split()[1])
    return waited_ns / 1e9


def _cpu_s(pid: int) -> float:
    """CPU that a process has used, user and system; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _tell(text: str) -> None:
    print(f"window: {text}", file=sys.stderr, flush=True)
