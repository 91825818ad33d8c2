"""The log of frames: every raw message, newest at the end, texts read when they are shown."""

from functools import lru_cache
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import BindingType
from textual.message import Message

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

_PREVIEW = 400  # characters of the text that any line could show
_WIDEST = 160  # cells from which on there is room for the whole envelope
_WIDE = 110  # cells from which on words are written in full


def payload_of(frame: Frame) -> str:
    """The beginning of what a frame says, without the envelope that the other columns repeat."""
    text = frame.text[:_PREVIEW]
    for word in (f'"{frame.action}",', f'"{frame.message_id}",'):
        _, found, rest = text.partition(word)
        if found and frame.type in (FrameType.CALL, FrameType.SEND, FrameType.CALLRESULT, FrameType.CALLERROR):
            return rest
    return text


def frame_line(frame: Frame, width: int, glyphs: Glyphs, station_width: int) -> Line:
    """Time, station, direction, type, action, round-trip time, fault and the beginning of the JSON."""
    wide = width >= _WIDE
    sent = is_sent(frame)
    way = "sent" if sent else "received"
    wrong = frame.type in (FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE)
    word = TYPE_WORDS.get(FrameType(frame.type), ("?", "?"))[0 if wide else 1]
    mark = glyphs.fault if frame.fault else "*" if frame.masked else " "
    body = frame.text[:_PREVIEW] if width >= _WIDEST else payload_of(frame)
    text = figures.safe(f"{frame.fault}: {body}" if frame.fault else body, glyphs)
    action = figures.fit(figures.safe(frame.action or "-", glyphs), 26 if wide else 18, glyphs)
    station = figures.fit(figures.safe(frame.station, glyphs), station_width, glyphs)
    return [
        (f"{figures.clock(frame.at, milliseconds=wide)} ", "dim"),
        (f"{station} ", "text"),
        (f"{glyphs.sent if sent else glyphs.received} {word:<{11 if wide else 6}} {action} ", "bad" if wrong else way),
        (f"{figures.fit_right(figures.round_trip(frame.rtt_s), 7, glyphs)} ", "dim"),
        (f"{mark} ", "bad" if frame.fault else "mark"),
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

    class Left(Message):
        """The user wants the focus back where it was."""

    def __init__(self, glyphs: Glyphs, title: str, follow_key: str, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.tail = Tail()
        self.frames: Frames | None = None
        self._title = title
        self._follow_key = follow_key
        self._station_width = 6
        self._read = lru_cache(maxsize=512)(self._read_frame)

    def show(self, frames: Frames, title: str | None = None) -> None:
        """Shows other frames from now on."""
        self.frames = frames
        self.tail = Tail()
        self._title = self._title if title is None else title
        self._read.cache_clear()
        self.sync()

    def sync(self) -> None:
        """Picks up what arrived; once a tick, never once a frame."""
        if self.frames is None:
            return
        self.frames.refresh()
        self.tail.grow(self.frames.rows, self._room)
        self.repaint()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 1)

    def _read_frame(self, number: int) -> Frame | None:
        frame = self.frames.frame(number) if self.frames else None
        if frame is None or len(frame.text) <= _PREVIEW:
            return frame
        return replace(frame, text=frame.text[:_PREVIEW])  # what is kept of a megabyte is what a line can show

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title that counts, then the frames."""
        self.tail.grow(self.tail.rows, max(1, height - 1))
        frames = [self._read(number) for number in self.tail.shown(max(0, height - 1))]
        ids = [len(frame.station) for frame in frames if frame]
        self._station_width = max(self._station_width, min(14, max(ids, default=0)))
        lines = [self._heading(width)]
        for number, frame in zip(self.tail.shown(max(0, height - 1)), frames, strict=True):
            if frame is None:
                lines.append([(f"  frame {number} was dropped to make room", "dim")])
                continue
            here = self.has_focus and number == self.tail.cursor
            line = frame_line(frame, width - 1, self.glyphs, self._station_width)
            lines.append(
                [(self.glyphs.cursor, "here"), *((text, "cursor") for text, _ in line)]
                if here
                else [(" ", "text"), *line]
            )
        if not frames:
            lines.append([("  no frames yet", "hint")])
        return lines

    def _heading(self, width: int) -> Line:
        frame = "here" if self.has_focus else "border"
        across = self.glyphs.box[4]
        left: Line = [(across, frame), (f" {self._title} ", "here" if self.has_focus else "title")]
        total = f"{len(self.tail.rows):,}"
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
