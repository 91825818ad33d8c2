"""The log of frames: every raw message, newest at the end, texts read when they are shown."""

from functools import lru_cache
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import BindingType
from textual.message import Message

from evtui.ocppj.filter import parse
from evtui.ocppj.frame import Frame, FrameType
from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.frames import Frames, Tail, is_sent
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas

TYPE_WORDS = {
    FrameType.CALL: ("CALL", "CALL"),
    FrameType.CALLRESULT: ("CALLRESULT", "RESULT"),
    FrameType.CALLERROR: ("CALLERROR", "ERROR"),
    FrameType.CALLRESULTERROR: ("RESULTERROR", "RESERR"),
    FrameType.SEND: ("SEND", "SEND"),
    FrameType.UNREADABLE: ("UNREADABLE", "????"),
    FrameType.ECHONET: ("ECHONET", "ECHO"),
}

LATE_S = 5.0
GIVEN_UP_S = 60.0
"""When a CALL without an answer turns red, and from when on its age is not told any more."""

_PREVIEW = 400  # characters of the text that any line could show
_WIDEST = 160  # cells from which on there is room for the whole envelope
_WIDE = 110  # cells from which on words are written in full


def payload_of(frame: Frame) -> str:
    """The beginning of what a frame says, without the envelope that the other columns repeat."""
    text = frame.text[:_PREVIEW]
    for word in (f'"{frame.action}",', f'"{frame.message_id}",'):
        _, found, rest = text.partition(word)
        if found and frame.type in (FrameType.CALL, FrameType.SEND, FrameType.CALLRESULT, FrameType.CALLERROR):
            return rest.rstrip().removesuffix("]")
    return text


def _waits(frame: Frame) -> bool:
    """A CALL without an answer."""
    return frame.type is FrameType.CALL and frame.pair is None


def waited(frame: Frame, at: float) -> tuple[str, str]:
    """The round-trip time of an answer; how long a CALL has been waiting for its own, until nobody waits any more."""
    if not _waits(frame) or at <= 0.0:
        return figures.round_trip(frame.rtt_s), "dim"
    seconds = at - frame.at
    if seconds >= GIVEN_UP_S:
        return "no ans.", "bad"
    return (f"{seconds:.0f} s ?", "bad" if seconds >= LATE_S else "warn") if seconds >= 1.0 else ("", "dim")


def frame_line(frame: Frame, width: int, glyphs: Glyphs, station_width: int, at: float = 0.0) -> Line:
    """Time, station, direction, type, action, round-trip time, fault and the beginning of the JSON. `at` is Unix time
    now, for CALLs that wait."""
    wide = width >= _WIDE
    sent = is_sent(frame)
    way = "sent" if sent else "received"
    wrong = frame.type in (FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE)
    word = TYPE_WORDS.get(FrameType(frame.type), ("?", "?"))[0 if wide else 1]
    mark = glyphs.meddled if frame.note else glyphs.fault if frame.fault else "*" if frame.masked else " "
    body = frame.text[:_PREVIEW] if width >= _WIDEST else payload_of(frame)
    text = figures.safe(f"{frame.fault}: {body}" if frame.fault else body, glyphs)
    note = f"{figures.safe(frame.note, glyphs)} " if frame.note else ""
    action = figures.fit(figures.safe(frame.action or "-", glyphs), 26 if wide else 18, glyphs)
    took, took_role = waited(frame, at)
    station = figures.fit(figures.safe(frame.station, glyphs), station_width, glyphs)
    return [
        (f"{figures.clock(frame.at, milliseconds=wide)} ", "dim"),
        (f"{station} ", "text"),
        (f"{glyphs.sent if sent else glyphs.received} {word:<{11 if wide else 6}} {action} ", "bad" if wrong else way),
        (f"{figures.fit_right(took, 7, glyphs)} ", took_role),
        (f"{mark} ", "bad" if frame.fault else "mark"),
        (note, "warn"),
        (text, "bad" if frame.fault else "dim"),
    ]


class FrameLog(Canvas, can_focus=True):
    """A pane over some frames: follows their end until the reader moves up, then stays and counts what arrives."""

    HELP = "The log of frames, as they were on the wire. It follows the newest until you move up."
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LOG)

    class Opened(Message):
        """The user wants to see a frame."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Asks(Message):
        """The user wants to write a filter."""

    class Says(Message):
        """Something to tell the user."""

        def __init__(self, text: str, *, bad: bool = False) -> None:
            super().__init__()
            self.text = text
            self.bad = bad

    class Copies(Message):
        """The user wants a frame on the clipboard, as one line."""

        def __init__(self, frame: Frame) -> None:
            super().__init__()
            self.frame = frame

    class Resends(Message):
        """The user wants a frame sent again."""

        def __init__(self, frame: Frame | None) -> None:
            super().__init__()
            self.frame = frame

    class Writes(Message):
        """The user wants the shown frames in a file."""

    class Left(Message):
        """The user wants the focus back where it was."""

    def __init__(self, glyphs: Glyphs, title: str, follow_key: str, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.tail = Tail()
        self.frames: Frames | None = None
        self._title = title
        self._follow_key = follow_key
        self.filter_text = ""
        self.at = 0.0  # Unix time in the fleet
        self.busy = ""  # what takes longer, and how far it is
        self._station_width = 6
        self._cached = lru_cache(maxsize=512)(self._read_frame)

    def show(self, frames: Frames, title: str | None = None) -> None:
        """Shows other frames from now on."""
        self.frames = frames
        self.tail = Tail()
        self.filter_text = ""
        self._title = self._title if title is None else title
        self._cached.cache_clear()
        self.sync()

    def sync(self) -> None:
        """Picks up what arrived; once a tick, never once a frame."""
        if self.frames is None:
            return
        if self.frames.refresh():
            self.call_later(self.sync)  # after the keys that wait
        if self.tail.rows and not self.tail.follow and self.tail.cursor < self.frames.first:
            self.post_message(
                self.Says(f"frames before {self.frames.first:,} made room for newer ones (--log-max)", bad=True)
            )
        self.tail.grow(self.frames.rows, self._room)
        self.repaint()

    def ask(self, text: str) -> None:
        """Shows what a filter lets through. FilterError: the text is none."""
        if self.frames is None or text == self.filter_text:
            return
        self.frames.ask(parse(text))
        self.filter_text = text
        self._settle()

    def _settle(self) -> None:
        """The rows are others now; the cursor stays where it was, as far as it can."""
        tail, follow, cursor = Tail(), self.tail.follow, self.tail.cursor
        self.tail = tail
        self.sync()
        if not follow and tail.rows:
            tail.select(cursor, self._room)
            self.repaint()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 1)

    def _read_frame(self, number: int) -> Frame | None:
        frame = self.frames.frame(number) if self.frames else None
        if frame is None or len(frame.text) <= _PREVIEW:
            return frame
        return replace(frame, text=frame.text[:_PREVIEW])  # what is kept of a megabyte is what a line can show

    def _read(self, number: int) -> Frame | None:
        """A CALL that had no answer when it was read may have one now."""
        frame = self._cached(number)
        if frame is None or not _waits(frame):
            return frame
        fresh = self.frames.frame(number) if self.frames else None
        if fresh is not None and fresh.pair is not None:
            self._cached.cache_clear()
            return self._cached(number)
        return frame

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title that counts, then the frames."""
        self.tail.grow(self.tail.rows, max(1, height - 1))
        frames = [self._read(number) for number in self.tail.shown(max(0, height - 1))]
        ids = [len(frame.station) for frame in frames if frame]
        self._station_width = max(self._station_width, min(14, max(ids, default=0)))
        lines = [self._heading(width)]
        under_cursor = self._cached(self.tail.cursor) if self.has_focus and self.tail.rows else None
        pair = under_cursor.pair if under_cursor is not None else None
        for number, frame in zip(self.tail.shown(max(0, height - 1)), frames, strict=True):
            if frame is None:
                lines.append([(f"  frame {number} was dropped to make room", "dim")])
                continue
            here = self.has_focus and number == self.tail.cursor
            line = frame_line(frame, width - 1, self.glyphs, self._station_width, self.at)
            if self.frames and self.frames.dimming and not self.frames.is_match(number):
                line = [(text, "dim") for text, _ in line]
            lines.append(
                [(self.glyphs.cursor, "here"), *((text, "cursor") for text, _ in line)]
                if here
                else [(self.glyphs.pair if number == pair else " ", "here"), *line]
            )
        if not frames:
            lines.append([("  no frame is let through" if self.filter_text else "  no frames yet", "hint")])
        return lines

    def _heading(self, width: int) -> Line:
        frame = "here" if self.has_focus else "border"
        across = self.glyphs.box[4]
        left: Line = [(across, frame), (f" {self._title} ", "here" if self.has_focus else "title")]
        if self.filter_text and self.frames:
            left.append((f"/{figures.safe(self.filter_text[:60], self.glyphs)} ", "mark"))
            if self.frames.searched < 1.0:
                left.append((f"{self.frames.searched:.0%} searched ", "warn"))
        if self.busy:
            left.append((f"{self.busy} ", "warn"))
        total = f"{len(self.frames.matches if self.frames and self.frames.filtered else self.tail.rows):,}"
        if self.tail.follow:
            right: Line = [(f" {total} {self.glyphs.dot} following ", "dim"), (across, frame)]
        else:
            news = f" {self.glyphs.newer} {self.tail.arrived:,} new {self.glyphs.dot} {self._follow_key} follows "
            place = f" {self.tail.cursor:,} of {total} "
            right = [(place, "dim"), (news, "mark" if self.tail.arrived else "dim"), (across, frame)]
        return between(left, right, width, across, frame)

    # -- keys -------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Moves the cursor by frames."""
        self.tail.move(step, self._room)
        self.repaint()

    def action_page(self, step: int) -> None:
        """Moves the cursor by screens."""
        self.action_move(step * max(1, self._room - 1))

    def action_first(self) -> None:
        """To the oldest frame."""
        self.tail.home(self._room)
        self.repaint()

    def action_follow(self) -> None:
        """To the newest frame, and on."""
        self.tail.end(self._room)
        self.repaint()

    def action_open_frame(self) -> None:
        """Opens the frame under the cursor."""
        if self.tail.rows:
            self.post_message(self.Opened(self.tail.cursor))
        else:
            self.post_message(self.Says("there is no frame here to open"))

    def action_filter(self) -> None:
        """Lets the user write a filter."""
        self.post_message(self.Asks())

    def action_show_all(self) -> None:
        """Takes the filter away."""
        if self.filter_text:
            self.ask("")
        else:
            self.post_message(self.Says("all frames are shown"))

    def action_dim(self) -> None:
        """Hides what does not match, or dims it."""
        if self.frames is None:
            return
        self.frames.dimming = not self.frames.dimming
        self.post_message(
            self.Says("what does not match is dimmed" if self.frames.dimming else "what does not match is hidden")
        )
        self._settle()

    def action_match(self, step: int) -> None:
        """To another match."""
        number = self.frames.match_beside(self.tail.cursor, step) if self.frames else None
        if number is None:
            self.post_message(self.Says("there is no match beyond"))
            return
        self.tail.select(number, self._room)
        self.repaint()

    def action_pair(self) -> None:
        """To the other frame of the pair."""
        frame = self._read(self.tail.cursor) if self.tail.rows else None
        if frame is None or frame.pair is None:
            self.post_message(self.Says("it has no answer, and answers nothing"))
        elif self.frames and self.frames.beside(frame.pair, 0) != frame.pair:
            self.post_message(self.Says("the filter does not let it through"))
        else:
            self.tail.select(frame.pair, self._room)
            self.repaint()

    def action_copy(self) -> None:
        """Copies the frame under the cursor as one line."""
        frame = self.frames.frame(self.tail.cursor) if self.frames and self.tail.rows else None
        if frame is None:
            self.post_message(self.Says("there is no frame here to copy"))
        else:
            self.post_message(self.Copies(frame))

    def action_resend(self) -> None:
        """Sends the frame under the cursor again."""
        frame = self.frames.frame(self.tail.cursor) if self.frames and self.tail.rows else None
        self.post_message(self.Resends(frame))

    def action_write(self) -> None:
        """Writes what is shown to a file."""
        self.post_message(self.Writes())

    def action_leave(self) -> None:
        """Gives the focus back."""
        self.post_message(self.Left())

    def on_focus(self) -> None:
        """The cursor becomes visible."""
        self.repaint()

    def on_blur(self) -> None:
        """The cursor goes."""
        self.repaint()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up by three frames."""
        self.action_move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down by three frames."""
        self.action_move(3)

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor on a frame; a second click opens it."""
        shown = self.tail.shown(self._room)
        if 1 <= event.y <= len(shown):
            self.tail.select(shown[event.y - 1], self._room)
            self.repaint()
            if event.chain > 1:
                self.action_open_frame()
