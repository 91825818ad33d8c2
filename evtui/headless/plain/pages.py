"""What is told when asked: the stations, one of them, and what can be typed."""

from collections.abc import Mapping

from evtui.engine.commands import COMMANDS, CommandSpec
from evtui.engine.door import EvseDetail, EvseRow, FleetView, LinkState, StationDetail, StationRow
from evtui.engine.station_filter import state_of
from evtui.headless.plain.order import SHORT, usage
from evtui.headless.words import kwh

WORDS: Mapping[str, str] = {
    "list": "list [N]: the stations, from number N on",
    "show": "show STATION: everything about one",
    "filter": "filter [TEXT]: tell, list and act on these stations only, such as ~state charging or ~s CP00*; without"
    " text: all of them",
    "quiet": "quiet: tell only answers, faults and errors; again: tell everything",
    "help": "help [COMMAND]: what can be typed; how one command is written",
    "detach": "detach: leave, and the fleet runs on",
    "quit": "quit: leave; asks while transactions run",
}
"""What can be typed besides commands of the registry."""

PAGE = 50
_LOG_LINES = 5


def listing(view: FleetView, filter: str) -> list[str]:
    """The stations of a view, a line each, and the sums."""
    lines = [row_line(row, view.at) for row in view.rows]
    rest = view.shown - view.first - len(view.rows)
    if rest > 0:
        lines.append(f"{rest} more: list {view.first + len(view.rows) + 1}")
    return [
        *lines,
        *([f"filter {filter}: {view.shown} of {_count(view.totals.stations, 'station')}"] if filter else []),
        totals_line(view),
    ]


def totals_line(view: FleetView) -> str:
    """The whole fleet in a line."""
    totals = view.totals
    parts = [
        f"{_count(totals.stations, 'station')}, {totals.online} online",
        _count(totals.transactions, "transaction"),
        f"{totals.power_w / 1000:.2f} kW",
        kwh(totals.energy_wh),
        *([f"{totals.queued} messages queued"] if totals.queued else []),
        *([f"{totals.errors} frames with errors"] if totals.errors else []),
        *([f"{totals.held} frames held by rules"] if totals.held else []),
    ]
    return f"In all: {', '.join(parts)}"


def row_line(row: StationRow, at: float) -> str:
    """A station in a line."""
    link = row.link.value
    if row.link is LinkState.WAITING and row.retry_at is not None:
        link += f", tries again in {max(0.0, row.retry_at - at):.0f} s"
    parts = [
        link,
        *([f"OCPP {row.version}"] if row.version else []),
        *(["network cut"] if row.network_cut else []),
        *([f"{row.queued} queued"] if row.queued else []),
        *([_count(row.errors, "error")] if row.errors else []),
        *([_count(row.rules, "rule")] if row.rules else []),
        *([f"{row.held} held"] if row.held else []),
        *([row.trouble] if row.trouble else []),
    ]
    return ". ".join([f"{row.id}: {', '.join(parts)}", *(_evse(evse) for evse in row.evses)])


def _evse(evse: EvseRow) -> str:
    parts = [state_of(evse)]
    if evse.transaction_id is not None:
        parts += [f"{evse.power_w / 1000:.2f} kW", kwh(evse.energy_wh)]
    if evse.soc_percent is not None:
        parts.append(f"{evse.soc_percent:.0f} %")
    if evse.lock == "jammed":
        parts.append("lock fails")
    return f"EVSE {evse.evse_id}: {', '.join([*parts, *evse.faults])}"


def station_page(detail: StationDetail) -> list[str]:
    """Everything about a station that is worth a line."""
    row = detail.row
    lines = [
        row_line(row, detail.at),
        f"{detail.vendor} {detail.model}, {detail.url}" + (f", group {row.group}" if row.group else ""),
        *(line for evse in detail.evses for line in _evse_page(evse, detail.at)),
        *(f"Rule {rule.name}: {rule.text}, met {rule.met}" for rule in detail.rules),
        *(f"Held frame {held.number}: {held.direction} {held.type} {held.action}" for held in detail.held),
    ]
    ended = [each for each in detail.transactions if each.ended_at is not None]
    if ended:
        last = ended[-1]
        lines.append(
            f"{_count(len(ended), 'ended transaction')}, the last on EVSE {last.evse_id}: "
            f"{kwh(last.energy_wh)}, {last.stopped_reason or 'no reason'}"
        )
    return [*lines, *(f"Log: {line}" for line in detail.log[-_LOG_LINES:])]


def _evse_page(evse: EvseDetail, at: float) -> list[str]:
    row = evse.row
    lines = [
        f"EVSE {row.evse_id}: {row.rated_w / 1000:g} kW {evse.connector_type}, car: {evse.ev or 'none'}, "
        f"meter {kwh(evse.register_wh)}"
    ]
    if row.transaction_id is not None:
        since = "" if row.started_at is None else f" for {max(0.0, at - row.started_at):.0f} s"
        lines.append(f"EVSE {row.evse_id}: transaction {row.transaction_id}{since}")
    wins = next((limit for limit in evse.limits if limit.wins), None)
    if wins is not None:
        lines.append(f"EVSE {row.evse_id}: limited by {wins.name}, {wins.power_w / 1000:.2f} kW")
    return lines


def help_page() -> list[str]:
    """All that can be typed."""
    short = ", ".join(f"{key} is {name}" for key, name in SHORT.items())
    return [
        *WORDS.values(),
        f"Commands act on STATION: an id, a pattern such as CP00*, or all; {short}:",
        *(f"{usage(spec)}: {spec.help}" for spec in COMMANDS.values()),
    ]


def command_page(spec: CommandSpec) -> list[str]:
    """How a command is written."""
    lines = [f"{usage(spec)}: {spec.help}"]
    for argument in spec.arguments:
        if argument.default is None:
            default = ", must be there"
        else:
            default = f" ({argument.default} when left out)" if argument.default else ""
        choices = ", ".join(f"{name} ({means})" for name, means in argument.choices)
        lines.append(f"{argument.name}: {argument.help}{default}{f'; one of {choices}' if choices else ''}")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
