"""The fleet: panels while they fit, a dense list when they do not; one widget, however many stations."""

from bisect import bisect_right
from itertools import accumulate
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from evtui.engine.door import Target, View
from evtui.tui import dense
from evtui.tui.bindings import bindings
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.layout import Plan, panel_height
from evtui.tui.paint import Line
from evtui.tui.panel import Look, panel, waits
from evtui.tui.scene import Scene
from evtui.tui.widgets.canvas import Canvas

_MARGIN = 4  # rows pulled beyond the screen, so that a step over its edge has something to show


class FleetGrid(Canvas, can_focus=True):
    """Draws the scene's rows by a plan; the cursor stands on an EVSE."""

    HELP = "The fleet. The cursor stands on an EVSE; start, stop and plug act on it, or on all that are marked."
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.GRID)

    class Moved(Message):
        """The cursor moved; `pull` when rows are missing."""

        def __init__(self, pull: bool) -> None:
            super().__init__()
            self.pull = pull

    class Opened(Message):
        """The user wants to see the station under the cursor."""

    def __init__(self, glyphs: Glyphs, scene: Scene, start_key: str, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.scene = scene
        self.plan = Plan(0, (1, 1), 0)
        self.top = 0
        self._longest = 0
        self._start_key = start_key
        self._where: list[tuple[int, int, int, int, int, int]] = []  # x, y, width, height, station, EVSE

    def wanted(self) -> View:
        """The rows to pull, with as many points as the widest sparkline has cells."""
        width, height = max(80, self.size.width), max(24, self.size.height)
        trace = max(dense.columns(width, 0).power_trace, width // max(1, self.plan.columns or 2))
        if self.plan.dense and self.scene.view is not None:
            first = max(0, self.top - _MARGIN)
            return View(first, height + 2 * _MARGIN, trace)
        return View(0, height + 2 * _MARGIN, trace)

    # -- drawing ----------------------------------------------------------------------------------

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """All of the widget."""
        look = Look(self.glyphs, self.scene.at, self._start_key)
        self._where = []
        if self.scene.view is None:
            return [[], [("  starting the fleet ...", "hint")]]
        if not self.scene.stations:
            return [[], [("  no stations: + adds one", "hint")]]
        return self._list(width, height, look) if self.plan.dense else self._panels(width, look)

    def _panels(self, width: int, look: Look) -> list[Line]:
        lines: list[Line] = []
        rows = list(self.scene.visible())
        columns = self.plan.columns
        edges = [width * column // columns for column in range(columns + 1)]
        for first in range(0, len(rows), columns):
            group = rows[first : first + columns]
            height = max(panel_height(len(row.evses), self.plan.level) for _, row in group)
            parts = []
            for column, (number, row) in enumerate(group):
                cells = edges[column + 1] - edges[column]
                marks = {evse.evse_id for evse in row.evses if Target(row.id, evse.evse_id) in self.scene.marks}
                cursor = self.scene.evse_id if number == self.scene.index else None
                parts.append(panel(row, cells, height, self.plan.level, look, cursor=cursor, marks=marks))
                for place, evse in enumerate(row.evses):
                    tall = 1 + sum(self.plan.level)
                    y = len(lines) + (1 + place * tall if place else 0)
                    self._where.append((edges[column], y, cells, tall + (0 if place else 1), number, evse.evse_id))
            lines += [[piece for part in parts for piece in part[y]] for y in range(height)]
        return lines

    def _list(self, width: int, height: int, look: Look) -> list[Line]:
        longest = max((len(row.id) for row in self.scene.rows.values()), default=0)
        self._longest = max(self._longest, longest)
        shape = dense.columns(width, self._longest, queue=any(waits(row) for row in self.scene.rows.values()))
        lines: list[Line] = [[]]
        number = self.top
        while len(lines) < height and number < self.scene.stations:
            row = self.scene.rows.get(number)
            if row is None:
                lines.append([])
                number += 1
                continue
            for nth, evse in enumerate(row.evses):
                here = number == self.scene.index and evse.evse_id == self.scene.evse_id
                marked = Target(row.id, evse.evse_id) in self.scene.marks
                self._where.append((0, len(lines), width, 1, number, evse.evse_id))
                lines.append(dense.dense_line(row, evse, shape, look, here=here, marked=marked, first=not nth))
            number += 1
        place = f"{self.top + 1}-{number}"
        lines[0] = dense.heading(shape, width, look, place)
        return lines[:height]

    # -- moving -----------------------------------------------------------------------------------

    def action_move(self, way: str) -> None:
        """Moves the cursor over the EVSEs."""
        scene = self.scene
        if not scene.stations:
            return
        page = max(1, self.size.height - 2)
        columns = max(1, self.plan.columns)
        match way:
            case "home":
                scene.go(0)
            case "end":
                scene.go(scene.stations - 1, last=True)
            case "page-up":
                scene.go(scene.index - page)
            case "page-down":
                scene.go(scene.index + page)
            case "left" | "right" if not self.plan.dense:
                step = 1 if way == "right" else -1
                if 0 <= scene.index + step < scene.stations:
                    scene.go(scene.index + step)
            case "left" | "up" | "right" | "down":
                self._vertical(-1 if way in ("left", "up") else 1, columns)
        self.keep_in_view()

    def _vertical(self, step: int, columns: int) -> None:
        scene = self.scene
        here = scene.under_cursor()
        ids = [evse.evse_id for evse in here[0].evses] if here else []
        place = ids.index(here[1].evse_id) + step if here else -1
        if 0 <= place < len(ids):
            scene.go(scene.index, ids[place])
        elif 0 <= scene.index + step * columns < scene.stations:
            scene.go(scene.index + step * columns, last=step < 0)

    def keep_in_view(self) -> None:
        """Scrolls the list so that the cursor is on screen, and says whether rows are missing."""
        if self.plan.dense:
            room = max(1, self.size.height - 1)
            self.top = min(self.top, self.scene.index)
            sizes = [
                len(row.evses) if (row := self.scene.rows.get(i)) else 1 for i in range(self.top, self.scene.index + 1)
            ]
            ends = list(accumulate(sizes))
            if ends and ends[-1] > room:
                self.top += bisect_right(ends, ends[-1] - room - 1) + 1
            self.top = max(0, min(self.top, self.scene.stations - 1))
        else:
            self.top = 0
        missing = any(
            number not in self.scene.rows
            for number in range(self.top, min(self.scene.stations, self.top + self.size.height))
        )
        self.repaint()
        self.post_message(self.Moved(missing))

    def action_open_station(self) -> None:
        """Opens the station under the cursor."""
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor where the mouse is; a second click opens."""
        for x, y, width, height, number, evse_id in self._where:
            if x <= event.x < x + width and y <= event.y < y + height:
                self.scene.go(number, evse_id)
                self.keep_in_view()
                if event.chain > 1:
                    self.post_message(self.Opened())
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Moves the cursor down."""
        self.action_move("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Moves the cursor up."""
        self.action_move("up")
