"""A book of the embedded CSMS: its stations, transactions, tokens or findings, a line each."""

from collections.abc import Callable
from typing import Any

from textual import events
from textual.message import Message

from evtui.engine.beside import Book, CsmsFinding, CsmsStation, CsmsToken, CsmsTransaction, CsmsView
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas

Row = CsmsStation | CsmsTransaction | CsmsToken | CsmsFinding

_NOTHING = {
    Book.STATIONS: "no station has come yet",
    Book.TRANSACTIONS: "no transaction was told of yet",
    Book.TOKENS: "no token is listed",
    Book.FINDINGS: "nothing was found against the standard",
}
_HEADS = {
    Book.STATIONS: ("station", "OCPP    registered connectors and what runs"),
    Book.TRANSACTIONS: ("station", "EVSE  token         state            energy    transaction"),
    Book.TOKENS: ("token", "type        status        group"),
    Book.FINDINGS: ("station", "severity  times  requirement and what was found"),
}


class CsmsTable(Canvas, can_focus=True):
    """A cursor walks over the rows; only those in view are asked for."""

    HELP = "What the embedded CSMS knows, a line each."

    class Chosen(Message):
        """The user wants something of the row under the cursor."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.book = Book.STATIONS
        self.here = 0
        self.top = 0
        self._view: CsmsView | None = None

    @property
    def room(self) -> int:
        """Lines for rows."""
        return max(1, self.size.height - 2)

    @property
    def total(self) -> int:
        """All rows of the book."""
        return self._view.counts.get(self.book, 0) if self._view else 0

    @property
    def row(self) -> Row | None:
        """The row under the cursor, None while it is not there."""
        view = self._view
        if view is None or view.book is not self.book or not 0 <= self.here - view.first < len(view.rows):
            return None
        return view.rows[self.here - view.first]

    def row_of(self, station_id: str) -> CsmsStation | None:
        """The row of a station, if it is in view."""
        rows = self._view.rows if self._view else ()
        return next((row for row in rows if isinstance(row, CsmsStation) and row.station_id == station_id), None)

    def show(self, view: CsmsView | None) -> None:
        """The CSMS as it stands now."""
        self._view = view
        self.move(0)

    def turn_to(self, book: Book) -> None:
        """Another book, from its beginning."""
        self.book, self.here, self.top = book, 0, 0
        self.repaint()

    def move(self, step: int) -> None:
        """By rows, as far as there are any."""
        self.here = max(0, min(self.here + step, self.total - 1))
        self.top = max(self.here - self.room + 1, min(self.top, self.here))
        self.top = max(0, min(self.top, self.total - self.room))
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The books, a heading, and the rows of one."""
        view, glyphs = self._view, self.glyphs
        frame, across = "here" if self.has_focus else "border", glyphs.box[4]
        tabs: Line = [(across, frame)]
        for number, book in enumerate(Book, 1):
            count = view.counts.get(book, 0) if view else 0
            tabs += [(f" {number}", "key"), (f" {book.value} {count:,} ", "here" if book is self.book else "dim")]
        lines = [between(tabs, [(across, frame)], width, across, frame)]
        name, rest = _HEADS[self.book]
        lines.append([(f"   {name:<{_NAME}} {rest}", "dim")])
        if view is None or view.book is not self.book:
            return [*lines, [("  ...", "hint")]]
        if not self.total:
            more = f"; what is not listed is {view.unlisted}" if self.book is Book.TOKENS else ""
            return [*lines, [(f"  {_NOTHING[self.book]}{more}", "hint")]]
        for index, row in enumerate(view.rows, view.first):
            if self.top <= index < self.top + self.room:
                lines.append(self._line(row, index == self.here))
        return lines

    def _line(self, row: Row, here: bool) -> Line:
        words = _WORDS[type(row)](row, self.glyphs)
        line: Line = [(figures.safe(text, self.glyphs), role) for text, role in words]
        if not here:
            return [("   ", "text"), *line]
        return [(f" {self.glyphs.cursor} ", "here"), *((t, "cursor" if self.has_focus else role) for t, role in line)]

    # -- events -----------------------------------------------------------------------------------

    def on_focus(self) -> None:
        """Drawn as the place that keys go to."""
        self.repaint()

    def on_blur(self) -> None:
        """Drawn as any other."""
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor on a row; a second click asks."""
        index = self.top + event.y - 2
        if event.y >= 2 and index < self.total:
            self.here = index
            self.repaint()
            if event.chain > 1:
                self.post_message(self.Chosen())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up by three rows."""
        self.move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down by three rows."""
        self.move(3)


_NAME = 12


def _cell(text: str, width: int, glyphs: Glyphs) -> str:
    return figures.fit(figures.safe(text, glyphs), width, glyphs)


def _station(row: CsmsStation, glyphs: Glyphs) -> Line:
    link = (glyphs.states["Charging"], "good") if row.connected else (glyphs.states["Available"], "dim")
    runs = f"  {row.running} running {row.power_w / 1000:.3f} kW" if row.running else ""
    found = [(f"  {figures.count(row.findings, 'finding')}", "warn")] if row.findings else []
    return [
        (_cell(row.station_id, _NAME, glyphs), "title" if row.connected else "dim"),
        (f" {_cell(row.version, 5, glyphs)} ", "dim"),
        link,
        (f" {_cell(row.registration or '-', 8, glyphs)}", "text" if row.registration == "Accepted" else "warn"),
        (f"  {', '.join(row.connectors)}", "text"),
        (runs, "power"),
        *found,
    ]


def _transaction(row: CsmsTransaction, glyphs: Glyphs) -> Line:
    state = "ended" if row.ended_at is not None else row.state or "running"
    energy = f"{row.energy_wh / 1000:8.3f} kWh" if row.energy_wh is not None else " " * 12
    missing = [(f" {row.missing} missing", "bad")] if row.missing else []
    return [
        (_cell(row.station_id, _NAME, glyphs), "title"),
        (f" {row.evse_id if row.evse_id is not None else '?':>4} ", "text"),
        (f" {_cell(row.id_token, 13, glyphs)}", "text"),
        (f" {_cell(state, 13, glyphs)}", "dim" if row.ended_at is not None else "charging"),
        (f"{energy} ", "energy"),
        *missing,
        (f" {row.transaction_id}", "dim"),
    ]


def _token(row: CsmsToken, glyphs: Glyphs) -> Line:
    evses = f"  EVSE {', '.join(map(str, row.evse_ids))}" if row.evse_ids else ""
    return [
        (_cell(row.id_token, _NAME, glyphs), "title"),
        (f" {_cell(row.type, 11, glyphs)}", "text"),
        (f" {_cell(row.status, 13, glyphs)}", "good" if row.status == "Accepted" else "warn"),
        (f" {row.group}{evses}", "dim"),
    ]


def _finding(row: CsmsFinding, glyphs: Glyphs) -> Line:
    return [
        (_cell(row.station_id, _NAME, glyphs), "title"),
        (f" {_cell(row.severity, 9, glyphs)}", "bad" if row.severity == "error" else "warn"),
        (f"{row.count:>5,}  ", "text"),
        (f"{row.requirement}  ", "dim"),
        (row.text, "text"),
    ]


_WORDS: dict[type, Callable[[Any, Glyphs], Line]] = {
    CsmsStation: _station,
    CsmsTransaction: _transaction,
    CsmsToken: _token,
    CsmsFinding: _finding,
}
