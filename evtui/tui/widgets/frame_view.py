"""One frame, open: what is known about it, then its text as highlighted JSON."""

from evtui.ocppj.frame import Frame, FrameType
from evtui.tui import figures
from evtui.tui.bindings import keyed
from evtui.tui.frames import is_sent
from evtui.tui.glyphs import Glyphs
from evtui.tui.json_text import pretty_lines, wrapped
from evtui.tui.paint import Line, between, flowed
from evtui.tui.widgets.canvas import Canvas
from evtui.tui.widgets.frame_log import TYPE_WORDS

SHOWN = 65_536
"""Characters of a frame that are shown; a longer one says so, and `w` writes all of it."""


def frame_lines(frame: Frame, width: int, glyphs: Glyphs, write_key: str = "w") -> list[Line]:
    """Facts, verdict and JSON of a frame, each line at most `width` cells."""
    sent = is_sent(frame)
    facts: Line = [
        (f"{glyphs.sent if sent else glyphs.received} ", "sent" if sent else "received"),
        (TYPE_WORDS.get(FrameType(frame.type), ("?", "?"))[0], "sent" if sent else "received"),
        (f" {figures.safe(frame.action, glyphs)}" if frame.action else "", "title"),
        (f" {figures.clock(frame.at, milliseconds=True)}", "text"),
        (f" {figures.count(len(frame.text), 'char')}", "dim"),
        (f" {figures.round_trip(frame.rtt_s)}" if frame.rtt_s is not None else "", "text"),
    ]
    lines: list[Line] = [part for line in flowed(facts, width) for part in wrapped(line, width)]
    if frame.fault:
        lines += wrapped([(f"{glyphs.fault} {figures.safe(frame.fault[:2000], glyphs)}", "bad")], width)
    else:
        judged = frame.action and frame.type != FrameType.ECHONET
        lines.append([(f"{glyphs.valid} {'valid against the schema' if judged else 'well-formed'}", "good")])
    if frame.note:
        lines += wrapped([(f"{glyphs.meddled} a rule: {figures.safe(frame.note, glyphs)}", "warn")], width)
    if frame.masked:
        lines += wrapped([("* a secret in it was masked before it was stored", "mark")], width)
    for line in pretty_lines(frame.text[:SHOWN], lambda token: figures.safe(token, glyphs)):
        lines += wrapped(line, width)
    if frame.original:
        lines += [[], [("before the rule, it was:", "hint")]]
        for line in pretty_lines(frame.original[:SHOWN], lambda token: figures.safe(token, glyphs)):
            lines += wrapped(line, width)
    if len(frame.text) > SHOWN:
        note = f"{glyphs.ellipsis} {SHOWN:,} of {len(frame.text):,} characters shown: {write_key} writes all of it"
        lines += [[], *wrapped([(note, "mark")], width)]
    return lines


class FrameView(Canvas, can_focus=True):
    """A pane with a frame, or with the reason why there is none."""

    HELP = "A frame as it was on the wire, indented; control characters are shown as signs."
    DEFAULT_CSS = """
    FrameView { height: 1fr; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.frame: Frame | None = None
        self.top = 0
        self._title = ""
        self._why = ""
        self._cache: tuple[int, list[Line]] = (0, [])

    def show(self, title: str, frame: Frame | None, why: str = "") -> None:
        """Shows another frame; `why` stands there when there is none."""
        self.frame, self._title, self._why = frame, title, why
        self.top = 0
        self._cache = (0, [])
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title that says how far one has scrolled, then the frame."""
        lines = self._body(width - 2)
        room = max(1, height - 1)
        self.top = max(0, min(self.top, len(lines) - room))
        role = "here" if self.has_focus else "border"
        across = self.glyphs.box[4]
        left: Line = [(across, role), (f" {self._title} ", "here" if self.has_focus else "title")]
        end = min(len(lines), self.top + room)
        place = f" {self.top + 1}-{end} of {len(lines)} " if len(lines) > room else ""
        return [
            between(left, [(place, "dim"), (across, role)], width, across, role),
            *([(" ", "text"), *line] for line in lines[self.top : end]),
        ]

    def scroll_lines(self, step: int) -> None:
        """Scrolls by lines; far beyond either end is fine."""
        self.top = max(0, self.top + step)
        self.repaint()

    @property
    def needed(self) -> int:
        """Lines that would show all of it, its title included."""
        return 1 + len(self._body(max(8, self.size.width - 2)))

    @property
    def room(self) -> int:
        """Lines of a screen."""
        return max(1, self.size.height - 2)

    def _body(self, width: int) -> list[Line]:
        if self.frame is None:
            return [[(self._why, "hint")]]
        if self._cache[0] != width:
            self._cache = (width, frame_lines(self.frame, max(8, width), self.glyphs, keyed(self, "`frame.write`")))
        return self._cache[1]

    def on_focus(self) -> None:
        """The title shows it."""
        self.call_later(self.repaint)  # textual notes the focus after this

    def on_blur(self) -> None:
        """The title shows it."""
        self.call_later(self.repaint)
