"""A fleet as a summary, a line for what EVSEs have in common: a pure function from rows to lines."""

from collections.abc import Sequence

from evtui.engine.door import SummaryRow
from evtui.ocppj.filter.language import quoted
from evtui.tui import figures
from evtui.tui.paint import Line
from evtui.tui.palette import LINK_ROLES, STATE_ROLES
from evtui.tui.panel import Look

_TITLES = {"state": "STATE", "link": "LINK", "version": "OCPP", "group": "GROUP"}
_SIGNS = {"state": "~state", "link": "~link", "version": "~v", "group": "~group"}
_FIXED = 2 + 8 + 8 + 8 + 12 + 12 + 8  # marks, stations, EVSEs, transactions, power, energy, errors


def filter_of(row: SummaryRow, within: str) -> str:
    """The filter that finds the stations of a row among those that another one lets through."""
    term = f"{_SIGNS[row.by]} {quoted(row.name)}"
    return f"({within}) {term}" if within.strip() else term


def worth_showing(rows: Sequence[SummaryRow]) -> list[SummaryRow]:
    """Rows that say something: that all stations are online is said at the top."""
    links = [row.name for row in rows if row.by == "link"]
    return [row for row in rows if row.by != "link" or links != ["online"]]


def summary_height(rows: Sequence[SummaryRow]) -> int:
    """Lines of all of it, with the name of each kind."""
    shown = worth_showing(rows)
    return len(shown) + len({row.by for row in shown})


def summary_lines(
    rows: Sequence[SummaryRow], width: int, look: Look, cursor: int
) -> tuple[list[Line], list[int | None]]:
    """The lines, and which row each is (None: the name of a kind)."""
    glyphs = look.glyphs
    name_width = max(12, min(24, width - _FIXED - 10))
    bar_width = max(0, width - _FIXED - name_width - 1)
    lines: list[Line] = []
    numbers: list[int | None] = []
    whole = {by: sum(row.evses for row in rows if row.by == by) for by in _TITLES}
    by = ""
    for number, row in enumerate(rows):
        if row.by != by:
            by = row.by
            heading = (
                f"  {figures.fit(_TITLES[by], name_width, glyphs)}{'STATIONS':>8}{'EVSES':>8}{'TX':>8}{'POWER':>12}"
                f"{'ENERGY':>12}{'ERRORS':>8} {'SHARE':<{bar_width}}"
            )
            lines.append([(figures.fit(heading, width, glyphs), "dim")])
            numbers.append(None)
        here = number == cursor
        sign, role = _name(row, look)
        running, errors = (f"{count:,}" if count else "" for count in (row.transactions, row.errors))
        lines.append(
            [
                (f"{glyphs.cursor if here else ' '} ", "here"),
                (figures.fit(f"{sign}{figures.safe(row.name, glyphs) or '-'}", name_width, glyphs), role),
                (f"{row.stations:>8,}{row.evses:>8,}", "here" if here else "text"),
                (
                    f"{running:>8}",
                    "charging" if row.transactions else "dim",
                ),
                (f"{figures.scaled(row.power_w, 'W'):>12}", "power" if row.power_w else "dim"),
                (f"{figures.scaled(row.energy_wh, 'Wh'):>12}", "energy" if row.energy_wh else "dim"),
                (f"{errors:>8}", "bad" if row.errors else "dim"),
                (" " + bar(row.evses / max(1, whole[by]), bar_width, look), role),
            ]
        )
        numbers.append(number)
    return lines, numbers


def bar(share: float, width: int, look: Look) -> str:
    """A share of 1 as a bar of `width` cells: whoever is there has an eighth of a cell at least."""
    ramp = " " if look.glyphs.ascii else " ▏▎▍▌▋▊▉"
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    if share > 0:
        eighths = max(1 if len(ramp) > 1 else 8, eighths)
    full, rest = divmod(eighths, 8)
    text = look.glyphs.full * full + (ramp[rest] if len(ramp) > 1 and full < width else "")
    return f"{text:<{width}}"[:width]


def _name(row: SummaryRow, look: Look) -> tuple[str, str]:
    if row.by == "state":
        return f"{look.glyphs.states.get(row.name, '?')} ", STATE_ROLES.get(row.name, "text")
    if row.by == "link":
        signs = {link.value: sign for link, sign in look.glyphs.links.items()}
        return f"{signs.get(row.name, '?')} ", LINK_ROLES.get(row.name, "text")
    return "", "text"
