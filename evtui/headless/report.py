"""The report of a run: what was run, by whom, what came of it second by second, and what was lost; as JSON or HTML."""

import os
import platform
import socket
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from evtui import __version__
from evtui.config import FleetConfig
from evtui.csms.moment import to_wire
from evtui.engine.clock import Clock, sleep_until
from evtui.engine.door import Door, RoundTripCounts, Totals, View
from evtui.engine.history import Columns
from evtui.engine.round_trips import RoundTrips, bounds, percentile
from evtui.errors import ConfigError
from evtui.headless.verdict import Tally

SUFFIXES = (".json", ".html")
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0}


class Versions(msgspec.Struct, frozen=True):
    """What it was run with."""

    evtui: str
    python: str
    websockets: str


class Percentiles(msgspec.Struct, frozen=True):
    """Round trips of a whole run. `counts` are pairs of an upper bound in s and how many took at most that, and more
    than the bound before: they add up over runs exactly. `shares_s` are p50 to max, None while nothing was answered."""

    shares_s: dict[str, float | None]
    answered: int
    unanswered: int
    counts: tuple[tuple[float, int], ...]


class RunSeries(msgspec.Struct, frozen=True):
    """One point a second, thinned when long: `t` in s since the start; round trips are those of the CALLs that were
    answered since the point before, 0 where there were none; frames and errors are counted from the start."""

    t: tuple[float, ...]
    online: tuple[float, ...]
    transactions: tuple[float, ...]
    power_w: tuple[float, ...]
    frames_per_s: tuple[float, ...]
    p50_ms: tuple[float, ...]
    p99_ms: tuple[float, ...]
    errors: tuple[float, ...]


class Spell(msgspec.Struct, frozen=True):
    """A time that a shard ran on one process: where, from when to when (RFC 3339), how it ended, what it did. `spool`
    is the directory on that host where its frames are, empty if they are not kept."""

    epoch: int
    worker: str
    host: str
    pid: int
    began_at: str
    ended_at: str
    end: str
    sessions: int
    failed: int
    energy_wh: float
    frames: int
    errors: int
    spool: str


class ShardReport(msgspec.Struct, frozen=True):
    """A share of the stations, and all that was done with it."""

    number: int
    stations: int
    first: str
    last: str
    sessions: int
    failed: int
    energy_wh: float
    frames: int
    errors: int
    spells: tuple[Spell, ...]


class Loss(msgspec.Struct, frozen=True):
    """A process that went without a word. `heard_at` is when it last said something: what it did between that and `at`,
    when its lease had run out for certain, nobody knows. Then its stations ran `transactions`, whose ends were never
    told, and owed `undelivered` messages."""

    shard: int
    epoch: int
    worker: str
    host: str
    heard_at: str
    at: str
    why: str
    stations: int
    transactions: int
    undelivered: int
    spool: str


class RunReport(msgspec.Struct, frozen=True):
    """Everything. Times are RFC 3339; `configuration` is a digest: the same one, the same fleet. `figures` are those
    that --fail-if knows, None for times of a run in which nothing was answered."""

    versions: Versions
    began_at: str
    ended_at: str
    seconds: float
    exit_code: int
    verdict: str
    csms_url: str
    configuration: str
    work: str
    cluster: str
    stations: int
    totals: Totals
    figures: dict[str, float]
    round_trips: Percentiles
    series: RunSeries
    shards: tuple[ShardReport, ...]
    lost: tuple[Loss, ...] = ()


class Recorder:
    """Takes the figures of a run in, once a second."""

    def __init__(self, now_s: float) -> None:
        self.began = time.time()
        self._start_s = now_s
        self._points = Columns(8, stands=(0, 7))
        self._counts: Sequence[int] = ()

    def record(self, now_s: float, totals: Totals, trips: RoundTripCounts) -> None:
        """Adds a point; `now_s` is elapsed time."""
        counts = trips.counts
        before = self._counts if len(self._counts) == len(counts) else (0,) * len(counts)
        new = [count - old for count, old in zip(counts, before, strict=True)]
        self._counts = counts
        p50_s, p99_s = percentile(new, 0.5) or 0.0, percentile(new, 0.99) or 0.0
        self._points.add(
            [
                now_s - self._start_s,
                totals.online,
                totals.transactions,
                totals.power_w,
                totals.frames_per_s,
                p50_s * 1000.0,
                p99_s * 1000.0,
                totals.errors,
            ]
        )

    def series(self) -> RunSeries:
        """What was taken in."""
        return RunSeries(*self._points.read())


def report_of(
    recorder: Recorder,
    *,
    config: FleetConfig,
    csms_url: str,
    work: str,
    code: int,
    verdict: str,
    totals: Totals,
    trips: RoundTripCounts,
    figures: Mapping[str, float],
    shards: Sequence[ShardReport],
    lost: Sequence[Loss] = (),
    cluster: str = "",
) -> RunReport:
    """The report of a run that ends now."""
    ended = time.time()
    return RunReport(
        Versions(__version__, platform.python_version(), version("websockets")),
        to_wire(recorder.began),
        to_wire(ended),
        round(ended - recorder.began, 3),
        code,
        verdict,
        csms_url,
        digest(config),
        work,
        cluster,
        totals.stations,
        totals,
        dict(figures),
        percentiles(trips),
        recorder.series(),
        tuple(shards),
        tuple(lost),
    )


async def record(recorder: Recorder, door: Door, clock: Clock) -> None:
    """Takes the figures of a fleet in, each second, until it is cancelled."""
    while True:
        await sleep_until(clock, clock.now().elapsed_s + 1.0)
        view = await door.fleet(View(count=0, addable=True))
        recorder.record(clock.now().elapsed_s, view.totals, view.round_trips or RoundTripCounts())


def whole(stations: Sequence[str], recorder: Recorder, totals: Totals, tally: Tally, spool: str) -> ShardReport:
    """The one shard of a run that is not shared; it ends now."""
    spell = Spell(
        1,
        "",
        host(),
        os.getpid(),
        to_wire(recorder.began),
        to_wire(time.time()),
        "done",
        tally.sessions,
        tally.failed,
        tally.energy_wh,
        totals.frames,
        totals.errors,
        spool,
    )
    return shard_report(1, stations, (spell,))


def shard_report(number: int, stations: Sequence[str], spells: Sequence[Spell]) -> ShardReport:
    """A shard with what its spells add up to."""
    return ShardReport(
        number,
        len(stations),
        stations[0] if stations else "",
        stations[-1] if stations else "",
        sum(each.sessions for each in spells),
        sum(each.failed for each in spells),
        round(sum(each.energy_wh for each in spells), 3),
        sum(each.frames for each in spells),
        sum(each.errors for each in spells),
        tuple(spells),
    )


def percentiles(trips: RoundTripCounts) -> Percentiles:
    """Round trips as a report has them."""
    whole = RoundTrips()
    whole.add(trips)
    shares_s = {name: whole.percentile(share) for name, share in SHARES.items()}
    return Percentiles(shares_s, sum(whole.counts), whole.unanswered, bounds(whole.counts))


def digest(config: FleetConfig) -> str:
    """The same for the same fleet. Headers and proxy, which may hold secrets, are not in it."""
    csms = msgspec.structs.replace(config.csms, headers={}, proxy=None)
    text = msgspec.json.encode(msgspec.structs.replace(config, csms=csms), order="sorted")
    return f"sha256:{sha256(text).hexdigest()}"


def frames_in(directory: str) -> Path:
    """Where a run's frames are kept. ConfigError: it is no place for them."""
    if not directory:
        raise ConfigError("--frames: is empty; name a directory")
    place = Path(directory).absolute() / "frames"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--frames: {directory}: {error.strerror}") from None
    return place


def host() -> str:
    """What this machine is called."""
    return socket.gethostname()


def write_report(path: str, report: RunReport) -> ConfigError | None:
    """Writes JSON or HTML, by the suffix; gives the reason if it cannot be written."""
    try:
        if path.endswith(".html"):
            from evtui.headless.report_page import page

            Path(path).write_text(page(report), encoding="utf-8")
        else:
            Path(path).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    except OSError as error:
        return ConfigError(f"--report: {path} cannot be written: {error.strerror}")
    return None
