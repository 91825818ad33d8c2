"""The fleet: panels while they fit, a list when they do not, a summary of thousands; one widget, however many."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from evtui.engine.door import FleetView, SummaryRow, Target, View
from evtui.tui import dense
from evtui.tui.bindings import bindings
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.layout import Form, Plan, panel_height
from evtui.tui.paint import Line
from evtui.tui.panel import Look, panel, waits
from evtui.tui.scene import Scene
from evtui.tui.summary import summary_lines, worth_showing
from evtui.tui.widgets.canvas import Canvas

_MARGIN = 4  # rows pulled beyond the screen, so that a step over its edge has something to show


class FleetGrid(Canvas, can_focus=True):
    """Draws the scene's rows by a plan; the cursor stands on an EVSE, or on a row of the summary."""

    HELP = (
        "The fleet. The cursor stands on an EVSE; start, stop and plug act on it, or on all that are marked. Under a "
        "filter they act on all that are shown, in the summary on all that a row counts, and ask first."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.GRID)

    class Moved(Message):
        """The cursor moved; `pull` when rows are missing."""

        def __init__(self, pull: bool) -> None:
            super().__init__()
            self.pull = pull

    class Opened(Message):
        """The user wants to see the station under the cursor."""

    class Narrowed(Message):
        """The user wants to see the stations of a row of the summary."""

        def __init__(self, row: SummaryRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, glyphs: Glyphs, scene: Scene, key_of: Callable[[str], str], *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.scene = scene
        self.plan = Plan(Form.LIST, 1, (1, 1), 0)
        self.top = 0
        self._line = 0  # the row of the summary under the cursor
        self._scroll = 0  # the first line of the summary on screen
        self._longest = 0
        self._key_of = key_of
        self._drawn: dict[object, list[Line]] = {}  # lines of `_drawn_view`, by all else that makes them
        self._drawn_view: FleetView | None = None
        self._where: list[tuple[int, int, int, int, int, int]] = []  # x, y, width, height, station, EVSE

    def wanted(self) -> View:
        """The rows to pull, with as many points as the widest sparkline has cells."""
        scene = self.scene
        if self.plan.form is Form.SUMMARY:
            return View(scene.index, 1, 0, scene.filter, scene.sort, scene.descending, True)
        width, height = max(80, self.size.width), max(24, self.size.height)
        trace = max(dense.columns(width, 0).power_trace, width // (2 if self.plan.dense else self.plan.columns))
        first, count = 0, height + 2 * _MARGIN
        if scene.view is not None:
            margin = _MARGIN if self.plan.dense else self.plan.columns
            first = max(0, self.top - margin)
            count = height + 2 * _MARGIN if self.plan.dense else self.plan.columns * (height // 5 + 3)
        return View(first, count, trace, scene.filter, scene.sort, scene.descending)

    @property
    def summary_row(self) -> SummaryRow | None:
        """The row of the summary under the cursor, None in the other forms."""
        rows = self._summary if self.plan.form is Form.SUMMARY else []
        return rows[min(self._line, len(rows) - 1)] if rows else None

    @property
    def _summary(self) -> list[SummaryRow]:
        return worth_showing(self.scene.view.summary) if self.scene.view else []

    # -- drawing ----------------------------------------------------------------------------------

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """All of the widget."""
        look = Look(self.glyphs, self.scene.at, self._key_of("evse.start"), self._key_of("fleet.open"))
        self._where = []
        if self.scene.view is not self._drawn_view:
            self._drawn_view = self.scene.view
            self._drawn = {}
        if self.scene.view is None:
            return [[], [("  starting the fleet ...", "hint")]]
        if not self.scene.stations:
            return [[], [(f"  no stations: {self._key_of('fleet.add')} adds one", "hint")]]
        if not self.scene.shown:
            text = f"  the filter lets no station through: {self._key_of('fleet.all')} shows all"
            return [[], [(text, "hint")]]
        match self.plan.form:
            case Form.SUMMARY:
                return self._sums(width, height, look)
            case Form.LIST:
                return self._list(width, height, look)
            case _:
                return self._panels(width, height, look)

    def _panels(self, width: int, height: int, look: Look) -> list[Line]:
        lines: list[Line] = []
        columns = self.plan.columns
        edges = [width * column // columns for column in range(columns + 1)]
        for first in range(self.top, self.scene.shown, columns):
            group = [(n, row) for n in range(first, first + columns) if (row := self.scene.rows.get(n)) is not None]
            if not group or len(lines) >= height:
                break
            tall = max(panel_height(len(row.evses), self.plan.level) for _, row in group)
            made_of: list[object] = [first, columns, width, tall, self.plan.level]
            looks = []
            for number, row in group:
                column = number - first
                cells = edges[column + 1] - edges[column]
                marks = {evse.evse_id for evse in row.evses if Target(row.id, evse.evse_id) in self.scene.marks}
                cursor = self.scene.evse_id if number == self.scene.index else None
                looks.append((row, cells, cursor, marks))
                made_of += [cursor, *sorted(marks), None]
                for place, evse in enumerate(row.evses):
                    lower = 1 + sum(self.plan.level)
                    y = len(lines) + (1 + place * lower if place else 0)
                    self._where.append((edges[column], y, cells, lower + (0 if place else 1), number, evse.evse_id))
            key = tuple(made_of)
            if key not in self._drawn:
                parts = [
                    panel(row, cells, tall, self.plan.level, look, cursor=cursor, marks=marks)
                    for row, cells, cursor, marks in looks
                ]
                self._drawn[key] = [[piece for part in parts for piece in part[y]] for y in range(tall)]
            lines += self._drawn[key]
        return lines[:height]

    def _list(self, width: int, height: int, look: Look) -> list[Line]:
        longest = max((len(row.id) for row in self.scene.rows.values()), default=0)
        self._longest = max(self._longest, longest)
        shape = dense.columns(width, self._longest, queue=any(waits(row) for row in self.scene.rows.values()))
        lines: list[Line] = [[]]
        number = self.top
        while len(lines) < height and number < self.scene.shown:
            row = self.scene.rows.get(number)
            if row is None:
                lines.append([])
                number += 1
                continue
            for nth, evse in enumerate(row.evses):
                here = number == self.scene.index and evse.evse_id == self.scene.evse_id
                marked = Target(row.id, evse.evse_id) in self.scene.marks
                self._where.append((0, len(lines), width, 1, number, evse.evse_id))
                key = (number, nth, here, marked, shape)
                if key not in self._drawn:
                    line = dense.dense_line(row, evse, shape, look, here=here, marked=marked, first=not nth)
                    self._drawn[key] = [line]
                lines += self._drawn[key]
            number += 1
        place = f"{self.top + 1}-{number}"
        lines[0] = dense.heading(shape, width, look, place)
        return lines[:height]

    def _sums(self, width: int, height: int, look: Look) -> list[Line]:
        rows = self._summary
        if not rows:
            return [[], [("  counting ...", "hint")]]
        self._line = min(self._line, len(rows) - 1)
        lines, numbers = summary_lines(rows, width, look, self._line)
        at = numbers.index(self._line)
        self._scroll = max(at - height + 1, min(self._scroll, max(0, at - 1)), 0)
        for y, number in enumerate(numbers[self._scroll : self._scroll + height]):
            if number is not None:
                self._where.append((0, y, width, 1, number, 0))
        return lines[self._scroll : self._scroll + height]

    # -- moving -----------------------------------------------------------------------------------

    def action_move(self, way: str) -> None:
        """Moves the cursor over the EVSEs, or over the rows of the summary."""
        scene = self.scene
        if self.plan.form is Form.SUMMARY:
            self._move_line(way)
            return
        if not scene.shown:
            return
        columns = self.plan.columns
        page = max(1, self.size.height - 2)
        if not self.plan.dense:
            page = columns * max(1, self.size.height // panel_height(1, self.plan.level))
        match way:
            case "home":
                scene.go(0)
            case "end":
                scene.go(scene.shown - 1, last=True)
            case "page-up":
                scene.go(scene.index - page)
            case "page-down":
                scene.go(scene.index + page)
            case "left" | "right" if not self.plan.dense:
                step = 1 if way == "right" else -1
                if 0 <= scene.index + step < scene.shown:
                    scene.go(scene.index + step)
            case "left" | "up" | "right" | "down":
                self._vertical(-1 if way in ("left", "up") else 1, columns)
        self.keep_in_view()

    def _move_line(self, way: str) -> None:
        last = max(0, len(self._summary) - 1)
        page = max(1, self.size.height - 2)
        steps = {"home": -last, "end": last, "page-up": -page, "page-down": page, "left": -1, "up": -1}
        self._line = max(0, min(self._line + steps.get(way, 1), last))
        self.repaint()
        self.post_message(self.Moved(False))

    def _vertical(self, step: int, columns: int) -> None:
        scene = self.scene
        here = scene.under_cursor()
        ids = [evse.evse_id for evse in here[0].evses] if here else []
        place = ids.index(here[1].evse_id) + step if here else -1
        if 0 <= place < len(ids):
            scene.go(scene.index, ids[place])
        elif 0 <= scene.index + step * columns < scene.shown:
            scene.go(scene.index + step * columns, last=step < 0)

    def keep_in_view(self) -> None:
        """Scrolls so that the cursor is on screen, and says whether rows are missing."""
        scene, columns = self.scene, self.plan.columns
        match self.plan.form:
            case Form.LIST:
                self._show_cursor(1, 1)
            case Form.PANELS:
                self.top -= self.top % columns
                self._show_cursor(columns, 0)
            case Form.SUMMARY:
                self.top = 0
        room = self.size.height if self.plan.dense else columns * (self.size.height // 5 + 1)
        missing = self.plan.form is not Form.SUMMARY and any(
            number not in scene.rows for number in range(self.top, min(scene.shown, self.top + room))
        )
        self.repaint()
        self.post_message(self.Moved(missing))

    def _show_cursor(self, columns: int, heading: int) -> None:
        """Moves `top`, by rows of so many columns, until the cursor is below it and on screen."""
        scene = self.scene
        room = max(1, self.size.height - heading)
        row = scene.index // columns
        top = max(0, min(self.top // columns, row, (scene.shown - 1) // columns))
        ends = list(accumulate(self._tall(each, columns) for each in range(top, row + 1)))
        if ends and ends[-1] > room:
            top += bisect_right(ends, ends[-1] - room - 1) + 1
        self.top = min(top, row) * columns

    def _tall(self, line: int, columns: int) -> int:
        """Lines of a row of the list, or of a row of panels."""
        rows = [self.scene.rows.get(number) for number in range(line * columns, (line + 1) * columns)]
        evses = max([len(row.evses) for row in rows if row is not None], default=1)
        return evses if self.plan.dense else panel_height(evses, self.plan.level)

    def action_open_station(self) -> None:
        """Opens the station under the cursor, or shows the stations of the row of the summary."""
        row = self.summary_row
        self.post_message(self.Narrowed(row) if row else self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor where the mouse is; a second click opens."""
        for x, y, width, height, number, evse_id in self._where:
            if x <= event.x < x + width and y <= event.y < y + height:
                if self.plan.form is Form.SUMMARY:
                    self._line = number
                    self.repaint()
                    self.post_message(self.Moved(False))
                else:
                    self.scene.go(number, evse_id)
                    self.keep_in_view()
                if event.chain > 1:
                    self.action_open_station()
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Moves the cursor down."""
        self.action_move("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Moves the cursor up."""
        self.action_move("up")
