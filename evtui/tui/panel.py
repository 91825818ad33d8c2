"""A station as a panel: a pure function from a row to lines."""

from collections.abc import Collection

import msgspec

from evtui.engine.door import EvseRow, LinkState, StationRow
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between, width_of
from evtui.tui.palette import LINK_ROLES, STATE_ROLES
from evtui.tui.sparkline import nice_top, sparkline

_OUT = ("Unavailable", "Faulted")
_LABEL = 12  # cells of the figures left of the sparklines


class Look(msgspec.Struct, frozen=True):
    """How rows are to be drawn now: `at` is the host's Unix time, `start_key` the key that starts a session,
    `open_key` the one that opens a station."""

    glyphs: Glyphs
    at: float
    start_key: str = "s"
    open_key: str = "enter"


def state_piece(evse: EvseRow, glyphs: Glyphs) -> tuple[str, str]:
    """`● Charging`: in a transaction its chargingState, otherwise the connector's status."""
    word = figures.safe(evse.charging_state or evse.status, glyphs)
    return f"{glyphs.states.get(word, '?')} {word}", STATE_ROLES.get(word, "text")


def condition_piece(evse: EvseRow, glyphs: Glyphs) -> tuple[str, str]:
    """What else is the matter with an EVSE: `ground fault`, `lock fails`; blank when nothing is."""
    if evse.faults:
        more = f" +{len(evse.faults) - 1}" if len(evse.faults) > 1 else ""
        return f"{figures.safe(evse.faults[0], glyphs).replace('-', ' ')}{more}", "fault"
    if evse.lock == "jammed":
        return "lock fails", "fault"
    if evse.ev_paused:
        return "EV waits", "suspended"
    return ("in the bay" if evse.in_bay and not evse.plugged else ""), "dim"


def link_piece(row: StationRow, look: Look) -> tuple[str, str]:
    """`● online`, `↻ retry in 12 s`, `≠ cut, online` behind a network that is cut."""
    word = _LINK_WORDS.get(row.link, str(row.link))
    if row.link is LinkState.WAITING and row.retry_at is not None:
        word = f"retry in {figures.countdown(row.retry_at, look.at)}"
    if row.network_cut and row.link is not LinkState.DARK:
        return f"{look.glyphs.cut} cut, {word}", "bad"
    return f"{look.glyphs.links[row.link]} {word}", LINK_ROLES[row.link]


_LINK_WORDS = {LinkState.DARK: "no power"}


def waits(row: StationRow) -> bool:
    """Whether messages wait to be delivered: one or two of a station that is online are simply under way."""
    return row.queued > (2 if row.link is LinkState.ONLINE else 0)


def meddled_piece(row: StationRow) -> tuple[str, str]:
    """What rules on the wire do at a station: ` 1 held `, ` 2 rules `; blank without any."""
    if row.held:
        return f" {row.held} held ", "warn"
    return (f" {figures.count(row.rules, 'rule')} " if row.rules else ""), "mark"


def elapsed(evse: EvseRow, look: Look) -> str:
    """How long the transaction runs; blank without one."""
    return "" if evse.started_at is None or evse.transaction_id is None else figures.duration(look.at - evse.started_at)


def panel(
    row: StationRow,
    width: int,
    height: int,
    level: tuple[int, int],
    look: Look,
    *,
    cursor: int | None = None,
    marks: Collection[int] = (),
) -> list[Line]:
    """The panel of a station, `width` x `height` cells; `cursor` and `marks` are ids of EVSEs."""
    top_left, top_right, bottom_left, bottom_right, across, down = look.glyphs.box
    frame = "border" if cursor is None else "here"
    inner = width - 2
    link = link_piece(row, look)
    title: Line = [
        (top_left + across, frame),
        (f" {figures.safe(row.id, look.glyphs)} ", "title" if cursor is None else "here"),
    ]
    version = [(f" {row.version}", "dim")] if row.version else []
    ending: Line = [*version, (f" {link[0]} ", link[1]), (top_right, frame)]
    if width_of(title) + width_of(ending) > width:
        ending = [(f" {link[0]} ", link[1]), (top_right, frame)]
    lines = [between(title, ending, width, across, frame)]
    for evse in row.evses:
        body = evse_lines(evse, inner, level, look, here=evse.evse_id == cursor, marked=evse.evse_id in marks)
        lines += [[(down, frame), *between(line, [], inner), (down, frame)] for line in body]
    if len(lines) > height - 1:
        lines = [
            *lines[: height - 2],
            [(down, frame), (figures.fit(f" more: {look.open_key}", inner, look.glyphs), "hint"), (down, frame)],
        ]
    lines += [[(down, frame), (" " * inner, "text"), (down, frame)]] * (height - 1 - len(lines))
    lines.append(_bottom(row, width, look, (bottom_left, across, bottom_right), frame))
    return lines


def evse_lines(
    evse: EvseRow, width: int, level: tuple[int, int], look: Look, *, here: bool, marked: bool
) -> list[Line]:
    """An EVSE in a panel: a line of state, then power and energy with their sparklines."""
    power_lines, energy_lines = level
    running = evse.transaction_id is not None
    charge = figures.soc(evse.soc_percent)
    sign = look.glyphs.cursor if here else " "
    start: Line = [
        (sign, "here"),
        (look.glyphs.mark if marked else " ", "mark"),
        (f"{evse.evse_id} ", "here" if here else "dim"),
        state_piece(evse, look.glyphs),
    ]
    roomy = power_lines > 1
    identity = figures.safe(figures.short_id(evse.transaction_id, 13 if roomy else 6), look.glyphs)
    condition = condition_piece(evse, look.glyphs)
    end: Line = [
        *([] if roomy else [(charge.strip(), "text"), ("  ", "text")] if charge.strip() else []),
        (identity, "dim") if running else condition,
        (f" {elapsed(evse, look):>7} " if running else " ", "text"),
    ]
    trace = width - _LABEL - 1
    idle = not running and not any(evse.power_trace[-trace:])
    powers = sparkline(evse.power_trace, trace, power_lines, evse.rated_w, look.glyphs)
    energies = sparkline(evse.energy_trace, trace, energy_lines, nice_top(evse.energy_wh), look.glyphs)
    power_labels = (f"{figures.power(evse.power_w)} kW", f"{f'of {figures.short_power(evse.rated_w)}':>10}")
    energy_labels = (f"{figures.energy(evse.energy_wh)} kWh", f"  SoC {charge}" if charge.strip() else "")
    lines = [between(start, end, width)]
    lines += _with_trace(power_labels, powers, "idle" if idle else "power")
    if here and idle and not running and not evse.authorized and evse.status not in _OUT:
        hint = f" {look.start_key} starts a session"
        lines += _with_trace(
            energy_labels, (figures.fit(hint, trace, look.glyphs),) + (" " * trace,) * (energy_lines - 1), "hint"
        )
    else:
        lines += _with_trace(energy_labels, energies, "energy" if running or evse.energy_wh else "idle")
    return lines


def _with_trace(labels: tuple[str, ...], trace: tuple[str, ...], role: str) -> list[Line]:
    """Figures and trace share one style on the first line, so that a tick sends one run of cells."""
    lines: list[Line] = []
    for number, cells in enumerate(trace):
        label = f"{labels[number] if number < len(labels) else '':<{_LABEL}}"
        lines.append([(f"{label} {cells}", role)] if number == 0 else [(f"{label} ", "dim"), (cells, role)])
    return lines


def _bottom(row: StationRow, width: int, look: Look, box: tuple[str, str, str], frame: str) -> Line:
    left, across, right = box
    notes: Line = []
    if row.trouble and row.link is not LinkState.ONLINE:
        notes = [(f" {figures.safe(row.trouble, look.glyphs)} ", "bad" if row.link is LinkState.CRASHED else "warn")]
    queued: Line = [(f" {row.queued} queued ", "warn")] if waits(row) else []
    if row.rules or row.held:
        queued = [meddled_piece(row), *queued]
    room = width - 4 - width_of(queued)
    notes = [(figures.fit(text, room, look.glyphs) if width_of(notes) > room else text, role) for text, role in notes]
    return between([(left + across, frame), *notes], [*queued, (across + right, frame)], width, across, frame)
