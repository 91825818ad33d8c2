"""The report of a run as a page: one file that loads nothing."""

from collections.abc import Iterable, Sequence
from html import escape

from evtui.headless.fail_if import TIMES, shown
from evtui.headless.report import Loss, RunReport, ShardReport
from evtui.web.svg import Line, line_chart

_BLUE, _RED, _GREEN = "#268bd2", "#dc322f", "#2aa198"
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#222;"
    "background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}"
    "svg{display:block;max-width:100%;height:auto;margin:.8rem 0}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}th,td{padding:.2rem .8rem .2rem 0;text-align:left;"
    "vertical-align:top;font-variant-numeric:tabular-nums}th{font-weight:600}"
    ".good{color:#1a7f37}.bad{color:#c21f1f}code{font-size:.9em;word-break:break-all}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: RunReport) -> str:
    """The whole page."""
    good = report.exit_code == 0
    verdict = "Passed" if good else report.verdict or f"Ended with exit code {report.exit_code}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>evtui run, {escape(report.began_at)}</title><style>{_STYLE}</style></head><body>\n"
        f'<h1>evtui run</h1>\n<p class="{"good" if good else "bad"}">{escape(verdict)}</p>\n'
        f"{_facts(report)}{_lost(report.lost)}<h2>Course</h2>\n{_charts(report)}"
        f"<h2>Round trips</h2>\n{_round_trips(report)}<h2>Figures</h2>\n{_figures(report)}"
        f"<h2>Shards</h2>\n{_shards(report.shards)}</body></html>\n"
    )


def _facts(report: RunReport) -> str:
    rows = [
        ("CSMS", report.csms_url),
        ("Stations", f"{report.stations:,}"),
        ("Work", report.work),
        ("Time", f"{report.began_at} to {report.ended_at}, {report.seconds:,.1f} s"),
        ("Cluster", report.cluster),
        ("Versions", f"evtui {report.versions.evtui}, Python {report.versions.python}"),
        ("Configuration", report.configuration),
        ("Exit code", str(report.exit_code)),
    ]
    return _table((), [(name, value) for name, value in rows if value])


def _lost(lost: Sequence[Loss]) -> str:
    if not lost:
        return ""
    head = ("Shard", "Where", "Last heard", "Over for certain", "Stations", "Transactions", "Undelivered", "Why")
    rows = [
        (
            f"{each.shard}, spell {each.epoch}",
            f"{each.worker} ({each.host})",
            _time(each.heard_at),
            _time(each.at),
            f"{each.stations:,}",
            f"{each.transactions:,}",
            f"{each.undelivered:,}",
            each.why,
        )
        for each in lost
    ]
    return f'<h2 class="bad">Lost</h2>\n{_table(head, rows)}'


def _time(moment: str) -> str:
    """The time of a day that the page tells at its top."""
    return moment.partition("T")[2]


def _charts(report: RunReport) -> str:
    series = report.series
    kw = [value / 1000.0 for value in series.power_w]
    online = (Line("online", _BLUE, series.online), Line("charging", _GREEN, series.transactions))
    trips = (Line("median", _GREEN, series.p50_ms), Line("p99", _RED, series.p99_ms))
    return (
        line_chart("Stations", series.t, online)
        + line_chart("Power, kW", series.t, (Line("kW", _BLUE, kw),))
        + line_chart("Frames a second", series.t, (Line("frames/s", _BLUE, series.frames_per_s),))
        + line_chart("Round trips, ms", series.t, trips)
        + line_chart("Errors so far", series.t, (Line("errors", _RED, series.errors),))
    )


def _round_trips(report: RunReport) -> str:
    trips = report.round_trips
    shares = [
        (name, "no answer" if time_s is None else f"{time_s * 1000:,.1f} ms") for name, time_s in trips.shares_s.items()
    ]
    return _table((), [*shares, ("answered", f"{trips.answered:,}"), ("unanswered", f"{trips.unanswered:,}")])


def _figures(report: RunReport) -> str:
    return _table(
        (), [(name, shown(name, value)) for name, value in report.figures.items() if name not in (*TIMES, "unanswered")]
    )


def _shards(shards: Iterable[ShardReport]) -> str:
    head = (
        "Shard",
        "Stations",
        "Sessions",
        "Failed",
        "kWh",
        "Frames",
        "Errors",
        "Where, and how it ended",
        "Frames in",
    )
    rows = [
        (
            str(shard.number),
            f"{shard.stations:,}: {shard.first} to {shard.last}",
            f"{spell.sessions:,}",
            f"{spell.failed:,}",
            f"{spell.energy_wh / 1000:,.3f}",
            f"{spell.frames:,}",
            f"{spell.errors:,}",
            f"{spell.worker} {spell.host}, process {spell.pid}: {spell.end}",
            spell.spool,
        )
        for shard in shards
        for spell in shard.spells
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows with a head; without one, the first cell of each row is what it is about."""
    top = f"<tr>{''.join(f'<th>{escape(each)}</th>' for each in head)}</tr>" if head else ""
    body = "".join(_row(row, about=not head) for row in rows)
    return f"<table>{top}{body}</table>\n"


def _row(cells: Sequence[str], about: bool) -> str:
    first = f"<th>{escape(cells[0])}</th>" if about else f"<td>{escape(cells[0])}</td>"
    return f"<tr>{first}{''.join(f'<td>{escape(each)}</td>' for each in cells[1:])}</tr>\n"
