"""A message as a form: a line for each field, with what it holds and what is wrong with it."""

from textual import events
from textual.message import Message

from evtui.ocppj.forms import Row, written
from evtui.tui import figures
from evtui.tui.bindings import keyed
from evtui.tui.draft import Draft
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas


class FormTable(Canvas, can_focus=True):
    """A cursor walks over the lines."""

    HELP = (
        "A message, made from its schema: * is required, `message.add` adds what has a +, and what is wrong stands at "
        "its field."
    )

    class Chosen(Message):
        """The user wants to change the line under the cursor."""

    def __init__(self, glyphs: Glyphs, draft: Draft, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._draft = draft
        self._top = 0

    @property
    def room(self) -> int:
        """Lines for fields."""
        return max(1, self.size.height - 1)

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """What is wrong with all of it, then the lines around the cursor."""
        draft, room = self._draft, max(1, height - 1)
        self._top = max(draft.here - room + 1, min(self._top, draft.here))
        self._top = max(0, min(self._top, len(draft.rows) - room))
        lines = [self._heading(width)]
        for index, row in enumerate(draft.rows[self._top : self._top + room], self._top):
            lines.append(self._line(row, width, index == draft.here))
        if not draft.rows:
            lines.append([(keyed(self, "  it has no fields: `message.send` sends it as it is"), "hint")])
        return lines

    def _heading(self, width: int) -> Line:
        draft, glyphs = self._draft, self.glyphs
        frame, across = "here" if self.has_focus else "border", self.glyphs.box[4]
        faults = len(draft.faults)
        verdict = (f" {glyphs.fault} {figures.count(faults, 'fault')} ", "bad")
        if not faults:
            verdict = (f" {glyphs.valid} valid against the schema ", "good")
        whole = figures.safe(draft.faults.get("", ""), glyphs)
        left: Line = [(across, frame), (f" {draft.form.name} ", "here" if self.has_focus else "title")]
        if whole:
            left.append((figures.fit(f"{whole} ", max(0, width - 50), glyphs).rstrip() + " ", "bad"))
        place = f" {draft.here + 1} of {len(draft.rows)} " if len(draft.rows) > self.room else ""
        return between(left, [verdict, (place, "dim"), (across, frame)], width, across, frame)

    def _line(self, row: Row, width: int, here: bool) -> Line:
        glyphs, fault = self.glyphs, self._draft.fault(row)
        mark, role = (glyphs.fault, "bad") if fault else ("*", "key") if row.field.required else (" ", "text")
        if not row.there and not fault:
            mark, role = "+", "dim"
        name_width = max(16, min(38, width // 2 - 6))
        step = row.path[-1] if row.path else "payload"
        name = f"[{step}]" if isinstance(step, int) else step
        indent = "  " * min(row.depth, 8)
        sign = ""
        if row.holds:
            sign = f"{glyphs.cursor if row.folded else glyphs.newer} "
        label = figures.fit(figures.safe(f"{indent}{sign}{name}", glyphs), name_width, glyphs)
        value, kind = self._value(row)
        if fault:
            value, kind = f"{value}  {glyphs.fault} {fault}" if value else f"{glyphs.fault} {fault}", "bad"
        elif not row.known:
            value += "  (no field of this message)"
        value = figures.fit(figures.safe(value, glyphs), max(8, width - name_width - 5), glyphs)
        line: Line = [
            (f"{mark} ", role),
            (f"{label} ", "text" if row.there else "dim"),
            (value, kind),
        ]
        if not here:
            return [("  ", "text"), *line]
        return [
            (f"{glyphs.cursor} ", "here"),
            *((text, "cursor" if self.has_focus and style != "bad" else style) for text, style in line),
        ]

    def _value(self, row: Row) -> tuple[str, str]:
        if not row.there:
            return row.field.kind if not row.field.choices else "choice", "dim"
        if isinstance(row.value, list):
            return figures.count(len(row.value), "item"), "dim"
        if isinstance(row.value, dict):
            return "" if row.value else "{}", "dim"
        if row.value == "":
            return '""', "dim"
        text = written(row.value)[:2_000]
        if row.field.choices and row.value in row.field.choices:
            return f"{text}  ({row.field.choices.index(row.value) + 1}/{len(row.field.choices)})", "title"
        return text, "title"

    # -- events -----------------------------------------------------------------------------------

    def on_focus(self) -> None:
        """Drawn as the place that keys go to."""
        self.repaint()

    def on_blur(self) -> None:
        """Drawn as any other."""
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor on a line; a second click changes it."""
        index = self._top + event.y - 1
        if event.y >= 1 and index < len(self._draft.rows):
            self._draft.here = index
            self.repaint()
            if event.chain > 1:
                self.post_message(self.Chosen())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up by three lines."""
        self._draft.move(-3)
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down by three lines."""
        self._draft.move(3)
        self.repaint()
