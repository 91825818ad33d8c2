"""Rules on the wire, and the frames that they hold, station by station."""

from typing import NamedTuple

from evtui.engine.door import HeldRow, RuledRow, RuleRow
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas


class Entry(NamedTuple):
    """A line: a rule, or a held frame."""

    station: RuledRow
    what: RuleRow | HeldRow

    @property
    def key(self) -> tuple[str, str | int]:
        """What it stays the same by."""
        return self.station.station_id, self.what.name if isinstance(self.what, RuleRow) else self.what.number


class RuleTable(Canvas, can_focus=True):
    """Held frames first: somebody waits for them."""

    HELP = "Rules on the wire, and the frames they hold, of every station that has any."
    DEFAULT_CSS = """
    RuleTable { height: 1fr; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._entries: list[Entry] = []
        self._at = 0.0
        self._here = 0
        self._top = 0
        self.hint = ""

    def show(self, ruled: tuple[RuledRow, ...], at: float) -> None:
        """As they stand at Unix time `at`; the cursor stays where it was, if that is still there."""
        here = self.here
        held = [Entry(station, frame) for station in ruled for frame in station.held]
        self._entries = [*held, *(Entry(station, rule) for station in ruled for rule in station.rules)]
        self._at = at
        if here is not None:
            keys = [entry.key for entry in self._entries]
            self._here = keys.index(here.key) if here.key in keys else self._here
        self.move(0)

    @property
    def here(self) -> Entry | None:
        """What is under the cursor."""
        return self._entries[self._here] if self._here < len(self._entries) else None

    @property
    def room(self) -> int:
        """Lines of a screen."""
        return max(1, self.size.height - 1)

    def move(self, by: int) -> None:
        """Moves the cursor by lines."""
        self._here = max(0, min(self._here + by, len(self._entries) - 1))
        self._top = max(min(self._top, self._here), self._here - self.room + 1, 0)
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title that counts, then a line for each."""
        across = self.glyphs.box[4]
        frame = "here" if self.has_focus else "border"
        held = sum(isinstance(entry.what, HeldRow) for entry in self._entries)
        rules = len(self._entries) - held
        left: Line = [
            (across, frame),
            (f" {figures.count(rules, 'rule')}", "title"),
            (f" {self.glyphs.dot} {figures.count(held, 'held frame')} ", "warn" if held else "dim"),
        ]
        lines = [between(left, [(across, frame)], width, across, frame)]
        if not self._entries:
            return [*lines, [], [(f"  {self.hint}", "hint")]]
        station = max(len(entry.station.station_id) for entry in self._entries)
        shown = self._entries[self._top : self._top + max(1, height - 1)]
        for number, entry in enumerate(shown, self._top):
            lines.append(self._line(entry, min(station, 16), width, here=number == self._here))
        return lines

    def _line(self, entry: Entry, station: int, width: int, *, here: bool) -> Line:
        glyphs, what = self.glyphs, entry.what
        head: Line = [
            (f"{glyphs.cursor if here else ' '} ", "here"),
            (f"{figures.fit(figures.safe(entry.station.station_id, glyphs), station, glyphs)} ", "title"),
        ]
        if isinstance(what, RuleRow):
            left = f", {what.left} left" if what.left else ""
            end: Line = [(f" {what.met} met{left} ", "text" if what.met else "dim")]
            body: Line = [
                (f"{figures.fit(what.name, 10, glyphs)} ", "key"),
                (figures.safe(what.text, glyphs), "here" if here else "text"),
            ]
        else:
            way = glyphs.sent if what.direction == "SENT" else glyphs.received
            end = [(f" {figures.duration(self._at - what.since)} ", "warn")]
            body = [
                (f"held {what.number} ", "warn"),
                (f"{way} {what.type} {figures.safe(what.action, glyphs)} ", "here" if here else "text"),
                (figures.safe(what.text[:400], glyphs), "dim"),
            ]
        room = width - sum(len(text) for text, _ in end)
        cut: Line = []
        for text, role in [*head, *body]:
            left_over = room - sum(len(each) for each, _ in cut)
            if left_over > 0:
                cut.append((text if len(text) <= left_over else figures.fit(text, left_over, glyphs), role))
        return between(cut, end, width)

    def on_focus(self) -> None:
        """Drawn as the place that keys go to."""
        self.repaint()

    def on_blur(self) -> None:
        """Drawn as any other."""
        self.repaint()
