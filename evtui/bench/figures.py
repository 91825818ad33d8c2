"""What a measurement gives, and how it is told: a table, JSON, a chart."""

from collections.abc import Sequence

import msgspec

from evtui.web.svg import drawing, text


class Figures(msgspec.Struct, frozen=True):
    """One run of `stations` for `seconds` at a sample a second. CPU is that of the measured processes, user and system;
    a CALL counts with its answer. Times in seconds or milliseconds as named, memory in KB (1,024 bytes)."""

    name: str
    stations: int
    seconds: float
    booted_s: float  # from the first BootNotification (of a load: connection) to the last station accepted
    calls: int
    cpu_s: float
    cpu_per_1000_calls_s: float
    rtt_ms: tuple[float, float]  # median, 99th percentile
    late_ms: tuple[float, float]  # a sample: when it was due, and when it left
    rss_kb: int
    kb_a_station: float  # all that the process has beyond an empty one, for each station
    faults: int  # CALLERRORs, schema violations, unanswered
    missing: int = 0  # samples that were due, and never left
    marginal_kb: float | None = None  # for each station more than in the run before
    marginal_cpu_per_1000_calls_s: float | None = None  # for each thousand CALLs more than there

    @property
    def core(self) -> float:
        """The share of one core."""
        return self.cpu_s / self.seconds


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of them are, to three decimals; 0 of nothing. `ordered` is ascending."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else 0.0


def table(rows: Sequence[Figures]) -> str:
    """For people."""
    return "\n".join([_HEAD, *(_row(each) for each in rows), *_ratios(rows)])


_HEAD = (
    "              stations  booted   calls/s  core  cpu-s/1000   more    rtt p50/p99    late p50/p99 missing"
    "  KB/station  faults\n"
    "(more: for each thousand CALLs beyond those of the row above; KB/station with a +: for each station beyond those)"
)


def _row(each: Figures) -> str:
    kb = each.kb_a_station if each.marginal_kb is None else each.marginal_kb
    cpu_s = each.marginal_cpu_per_1000_calls_s
    return (
        f"{each.name:<14}{each.stations:>8,} {each.booted_s:>6.2f}s {each.calls / each.seconds:>9,.0f} "
        f"{each.core:>5.0%} {each.cpu_per_1000_calls_s:>10.3f} {'' if cpu_s is None else f'{cpu_s:.3f}':>6}  "
        f"{_pair(each.rtt_ms)} {_pair(each.late_ms)} {each.missing:>7,} "
        f"{kb:>10.1f}{'+' if each.marginal_kb is not None else ' '} {each.faults:>7,}"
    )


def _pair(two: tuple[float, float]) -> str:
    if not any(two):
        return f"{'none':>15}"
    return f"{two[0]:>5.1f} /{two[1]:>6,.1f}ms"


def _ratios(rows: Sequence[Figures]) -> list[str]:
    """What the plain library costs in the same run, as a multiple of what evtui does."""
    ours = {each.stations: each.cpu_per_1000_calls_s for each in rows if each.name.startswith("evtui")}
    return [
        f"at {each.stations:,} stations {each.name} costs "
        f"{each.cpu_per_1000_calls_s / ours[each.stations]:.1f} times as much CPU for a CALL"
        for each in rows
        if not each.name.startswith("evtui") and ours.get(each.stations)
    ]


def chart(rows: Sequence[Figures]) -> str:
    """CPU for 1,000 CALLs as bars, an SVG that loads nothing."""
    most = max((each.cpu_per_1000_calls_s for each in rows), default=1.0)
    height, bars = 40 + 28 * len(rows), [text(4, 18, _TITLE, 'font-weight="bold"')]
    for number, each in enumerate(rows):
        y, width = 34 + 28 * number, 380 * each.cpu_per_1000_calls_s / most
        colour = "#2aa198" if each.name.startswith("evtui") else "#93a1a1"
        bars.append(
            f"{text(4, y + 14, f'{each.name} {each.stations:,}')}"
            f'<rect x="150" y="{y}" width="{width:.1f}" height="18" fill="{colour}"/>'
            f"{text(round(156 + width, 1), y + 14, f'{each.cpu_per_1000_calls_s:.3f}')}"
        )
    return drawing(620, height, "".join(bars))


_TITLE = "CPU seconds for 1,000 CALLs with their answers"
