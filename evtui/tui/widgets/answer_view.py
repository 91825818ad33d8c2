"""What came back for a message, as highlighted JSON."""

from evtui.tui import figures
from evtui.tui.ends import Answer
from evtui.tui.glyphs import Glyphs
from evtui.tui.json_text import pretty_lines, wrapped
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas


class AnswerView(Canvas, can_focus=True):
    """A line that says what came of it, then the JSON; scrolls when that is long."""

    HELP = "What came back for the message: CALLRESULT, CALLERROR, or why there is none."

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.answer: Answer | None = None
        self._waiting = ""
        self._top = 0

    def wait(self, text: str) -> None:
        """There is no answer yet."""
        self._waiting, self.answer, self._top = text, None, 0
        self.repaint()

    def show(self, answer: Answer) -> None:
        """The answer."""
        self._waiting, self.answer, self._top = "", answer, 0
        self.repaint()

    @property
    def room(self) -> int:
        """Lines of a screen."""
        return max(1, self.size.height - 2)

    def scroll_lines(self, step: int) -> None:
        """Scrolls by lines; far beyond either end is fine."""
        self._top = max(0, self._top + step)
        self.repaint()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title, then what was told."""
        across, frame = self.glyphs.box[4], "here" if self.has_focus else "border"
        lines = list(self._body(width - 2))
        room = max(1, height - 1)
        self._top = max(0, min(self._top, len(lines) - room))
        place = f" {self._top + 1}-{min(len(lines), self._top + room)} of {len(lines)} " if len(lines) > room else ""
        left: Line = [(across, frame), (" answer ", "here" if self.has_focus else "title")]
        return [
            between(left, [(place, "dim"), (across, frame)], width, across, frame),
            *([(" ", "text"), *line] for line in lines[self._top : self._top + room]),
        ]

    def _body(self, width: int) -> list[Line]:
        answer, glyphs = self.answer, self.glyphs
        if answer is None:
            return [[(figures.safe(self._waiting, glyphs), "hint")]]
        sign, role = (glyphs.valid, "good") if answer.done else (glyphs.fault, "bad")
        said = answer.text if not answer.body else answer.text.partition(" {")[0]
        lines = list(wrapped([(f"{sign} {figures.safe(said, glyphs)}", role)], width))
        if answer.body:
            for line in pretty_lines(answer.body, lambda token: figures.safe(token, glyphs)):
                lines += wrapped(line, width)
        return lines

    def on_focus(self) -> None:
        """The title shows it."""
        self.repaint()

    def on_blur(self) -> None:
        """The title shows it."""
        self.repaint()
