"""The variables of a station, a line each under the heading of their component."""

from textual import events
from textual.message import Message

from evtui.engine.door import StationDetail, VariableRow
from evtui.tui import figures
from evtui.tui.bindings import keyed
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.variables import SHORT_ACCESS, Entry, entries, shown_value
from evtui.tui.widgets.canvas import Canvas

_NAME = 43
_UNIT = 8


class VariableTable(Canvas, can_focus=True):
    """A cursor walks over the variables; headings are passed by."""

    HELP = "The device model: what the CSMS can ask and set, as it stands now."

    class Chosen(Message):
        """The user wants to change the variable under the cursor."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.search = ""
        self._detail: StationDetail | None = None
        self._entries: list[Entry] = []
        self._name = ""  # of the variable under the cursor
        self._top = 0

    def show(self, detail: StationDetail | None) -> None:
        """The station as it stands now."""
        self._detail = detail
        self._refresh()

    def find(self, search: str) -> None:
        """Shows only what has these words in it."""
        self.search = search
        self._top = 0
        self._refresh()

    def _refresh(self) -> None:
        detail = self._detail
        self._entries = entries(detail.definitions, detail.variables, self.search) if detail else []
        self.repaint()

    # -- the cursor -------------------------------------------------------------------------------

    @property
    def row(self) -> VariableRow | None:
        """The variable under the cursor."""
        index = self._index
        return self._entries[index].row if index is not None else None

    @property
    def value(self) -> str:
        """Its value."""
        return self._detail.variables.get(self.row.name, "") if self._detail and self.row else ""

    @property
    def _index(self) -> int | None:
        """Where the cursor is: on the variable that it was on, or else on the first."""
        variables = [index for index, entry in enumerate(self._entries) if entry.row]
        here = next((index for index in variables if self._name == self._row(index).name), None)
        return here if here is not None else next(iter(variables), None)

    def _row(self, index: int) -> VariableRow:
        row = self._entries[index].row
        assert row is not None
        return row

    def _go(self, index: int) -> None:
        self._name = self._row(index).name
        self.repaint()

    def move(self, step: int) -> None:
        """By so many variables, as far as there are any."""
        variables = [index for index, entry in enumerate(self._entries) if entry.row]
        here = self._index
        if here is not None:
            self._go(variables[max(0, min(variables.index(here) + step, len(variables) - 1))])

    def jump(self, step: int) -> bool:
        """To the first variable of another component; says whether there is one."""
        headings = [index for index, entry in enumerate(self._entries) if entry.row is None]
        here = self._index
        if here is None:
            return False
        current = sum(index < here for index in headings) - 1
        if not 0 <= current + step < len(headings):
            return False
        self._go(headings[current + step] + 1)
        return True

    @property
    def room(self) -> int:
        """Lines for entries."""
        return max(1, self.size.height - 1)

    # -- lines ------------------------------------------------------------------------------------

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A heading that counts, then the entries around the cursor."""
        here = self._index
        if here is not None:
            begin = here - 1 if here and self._entries[here - 1].row is None else here
            self._top = max(here - max(1, height - 1) + 1, min(self._top, begin))
        self._top = max(0, min(self._top, len(self._entries) - max(1, height - 1)))
        lines = [self._heading(width)]
        for index, entry in enumerate(self._entries[self._top : self._top + height - 1], self._top):
            lines.append(self._line(entry, width, index == here))
        if not self._entries:
            none = "nothing has these words in it: `model.all` shows everything" if self.search else "no variables"
            lines.append([(keyed(self, f"  {none}"), "hint")])
        return lines

    def _heading(self, width: int) -> Line:
        frame = "here" if self.has_focus else "border"
        across = self.glyphs.box[4]
        total = len(self._detail.definitions) if self._detail else 0
        found = sum(entry.row is not None for entry in self._entries)
        search = figures.safe(self.search, self.glyphs)
        left: Line = [(across, frame), (" device model ", "here" if self.has_focus else "title")]
        if self.search:
            left.append((f"/{search} ", "mark"))
        count = f" {found} of {total} " if self.search else f" {figures.count(total, 'variable')} "
        return between(left, [(count, "dim"), (across, frame)], width, across, frame)

    def _line(self, entry: Entry, width: int, here: bool) -> Line:
        glyphs, row = self.glyphs, entry.row
        if row is None:
            return [(f" {entry.component}", "key")]
        value = self._detail.variables.get(row.name, "") if self._detail else ""
        text = figures.safe(shown_value(row, value), glyphs)
        room = max(10, width - 3 - _NAME - 1 - _UNIT - 3)
        role = "hint" if text.startswith("(") else "title" if row.mutability == "ReadWrite" else "text"
        line: Line = [
            (f"  {figures.fit(entry.variable, _NAME, glyphs)} ", "text"),
            (figures.fit(text, room, glyphs), role),
            (f" {figures.fit(row.unit, _UNIT, glyphs)}", "dim"),
            (SHORT_ACCESS.get(row.mutability, "  "), "dim"),
        ]
        if not here:
            return [(" ", "text"), *line]
        return [(glyphs.cursor, "here"), *((piece, "cursor" if self.has_focus else kind) for piece, kind in line)]

    # -- events -----------------------------------------------------------------------------------

    def on_focus(self) -> None:
        """Drawn as the place that keys go to."""
        self.repaint()

    def on_blur(self) -> None:
        """Drawn as any other."""
        self.repaint()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up by three variables."""
        self.move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down by three variables."""
        self.move(3)

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor on a variable; a second click changes it."""
        index = self._top + event.y - 1
        if event.y >= 1 and index < len(self._entries) and self._entries[index].row:
            self._go(index)
            if event.chain > 1:
                self.post_message(self.Chosen())
