"""A fleet as a dense list, one line an EVSE: a pure function from rows to lines."""

import msgspec

from evtui.engine.door import EvseRow, LinkState, StationRow
from evtui.tui import figures
from evtui.tui.paint import Line, width_of
from evtui.tui.palette import LINK_ROLES
from evtui.tui.panel import Look, condition_piece, elapsed, meddled_piece, state_piece, waits
from evtui.tui.sparkline import nice_top, sparkline


class Columns(msgspec.Struct, frozen=True):
    """Widths of the columns that depend on that of the screen, which is `width`; 0 leaves one out."""

    width: int
    station: int
    queue: int
    version: int
    power_trace: int
    energy_trace: int
    transaction: int


_FIXED = 2 + 4 + 10 + 16 + 9 + 9 + 7 + 7  # marks, EVSE, link, state, kW, kWh, SoC, elapsed


def columns(width: int, longest: int, *, queue: bool = False) -> Columns:
    """What fits `width` cells when the `longest` station id has that many: the ids first, then what waits to be
    delivered if a `queue` is to be seen, power, transaction, version and energy."""
    station = max(9, min(longest, width - _FIXED - 4, 24))
    queued = 6 if queue else 0
    left = width - _FIXED - station - queued
    transaction = 8 if left >= 24 else 0
    version = 6 if left >= 36 else 0
    left -= transaction + version
    power = max(0, left if left < 24 else left * 3 // 5)
    return Columns(width, station, queued, version, power, max(0, left - power), transaction)


def heading(shape: Columns, width: int, look: Look, place: str) -> Line:
    """The names of the columns; `place` says which part of the fleet is in view."""
    glyphs = look.glyphs
    text = (
        f"  {figures.fit(place, shape.station, glyphs)} {'#':>2} {'LINK':<9} {'STATE':<15} "
        f"{figures.fit('QUEUE', shape.queue, glyphs)}{figures.fit('VER', shape.version, glyphs)}{'kW':>8} "
        f"{figures.fit('', shape.power_trace, glyphs)}"
        f"{'kWh':>8} {figures.fit('', shape.energy_trace, glyphs)}{'SoC':>6} "
        f"{figures.fit('TX', shape.transaction, glyphs)}{'TIME':>7}"
    )
    return [(figures.fit(text, width, glyphs), "dim")]


def dense_line(
    row: StationRow, evse: EvseRow, shape: Columns, look: Look, *, here: bool, marked: bool, first: bool
) -> Line:
    """An EVSE; the `first` of a station says the station's id and link."""
    glyphs = look.glyphs
    running = evse.transaction_id is not None
    state, state_role = state_piece(evse, glyphs)
    link, link_role = _link(row, look) if first else ("", "dim")
    trouble = f" {figures.safe(row.trouble, glyphs)}" if first and row.link is not LinkState.ONLINE else ""
    condition = condition_piece(evse, glyphs)
    if first and not condition[0]:
        word, role = meddled_piece(row)
        condition = word.strip(), role
    charge = figures.soc(evse.soc_percent)
    traces = "power" if running else "idle"
    powers = "".join(sparkline(evse.power_trace, shape.power_trace, 1, evse.rated_w, glyphs))
    energies = "".join(sparkline(evse.energy_trace, shape.energy_trace, 1, nice_top(evse.energy_wh), glyphs))
    identity = figures.safe(figures.short_id(evse.transaction_id, max(0, shape.transaction - 1)), glyphs)
    line: Line = [
        (glyphs.cursor if here else " ", "here"),
        (glyphs.mark if marked else " ", "mark"),
        (
            figures.fit(figures.safe(row.id, glyphs) if first else "", shape.station, glyphs),
            "here" if here else "title",
        ),
        (f" {evse.evse_id:>2} ", "here" if here else "dim"),
        (f"{figures.fit(link, 9, glyphs)} ", link_role),
        (f"{figures.fit(state, 15, glyphs)} ", state_role),
        (figures.fit(f"{row.queued:>5}" if first and waits(row) else "", shape.queue, glyphs), "warn"),
        (figures.fit(row.version if first else "", shape.version, glyphs), "dim"),
    ]
    if condition[0] and not running and not trouble:
        return _ending(line, f" {condition[0]}", condition[1], shape, look)
    if here and not running and not evse.authorized and not evse.energy_wh and not trouble:
        return _ending(line, f"  {look.start_key} starts a session", "hint", shape, look)
    if trouble and not running:
        return _ending(line, trouble, "bad" if row.link is LinkState.CRASHED else "warn", shape, look)
    return [
        *line,
        (f"{figures.power(evse.power_w):>8} {powers}", traces),
        (f"{figures.energy(evse.energy_wh):>8} {energies}", "energy" if running or evse.energy_wh else "idle"),
        (f" {charge} ", "text"),
        (figures.fit(identity, shape.transaction, glyphs), "dim"),
        (f"{elapsed(evse, look):>7}", "text"),
    ]


def _ending(line: Line, text: str, role: str, shape: Columns, look: Look) -> Line:
    """A line that ends with a text, as much of it as there is room for."""
    room = shape.width - width_of(line)
    return [*line, (figures.fit(text, room, look.glyphs) if width_of([(text, role)]) > room else text, role)]


def _link(row: StationRow, look: Look) -> tuple[str, str]:
    """`↻ 12 s` for one that waits, `≠ cut` for one that is cut off: the list has no room for the sentence."""
    if row.link is LinkState.DARK:
        return f"{look.glyphs.links[row.link]} dark", LINK_ROLES[row.link]
    if row.network_cut:
        return f"{look.glyphs.cut} cut", "bad"
    waiting = row.link is LinkState.WAITING and row.retry_at is not None
    word = figures.countdown(row.retry_at, look.at) if waiting else str(row.link)
    return f"{look.glyphs.links[row.link]} {word}", LINK_ROLES[row.link]
