"""A frame and its answer, side by side; one above the other where it is narrow."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from evtui.ocppj.frame import Frame
from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.frame_file import write_frames
from evtui.tui.frames import Frames, is_answer
from evtui.tui.json_text import pretty
from evtui.tui.keys import Where
from evtui.tui.paint import Line
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.widgets.frame_view import FrameView
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.title_bar import TitleBar


class FrameScreen(EvtuiScreen):
    """Opened on one frame of a log; left and right step through that log."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FRAME)
    CSS = """
    FrameScreen #panes { layout: horizontal; height: 1fr; }
    FrameScreen.-narrow #panes { layout: vertical; }
    FrameScreen #call { width: 3fr; }
    FrameScreen #answer { width: 2fr; margin-left: 1; }
    FrameScreen.-narrow FrameView { width: 1fr; }
    FrameScreen.-narrow #answer { margin-left: 0; }
    """

    def __init__(self, frames: Frames, number: int) -> None:
        super().__init__()
        self.frames = frames
        self.number = number
        self._call: Frame | None = None
        self._answer: Frame | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TitleBar(window.glyphs, id="title")
        with Container(id="panes"):
            yield FrameView(window.glyphs, id="call")
            yield FrameView(window.glyphs, id="answer")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def on_mount(self) -> None:
        """The frame that it was opened on."""
        self._load(focus=True)

    def places(self) -> tuple[Where, ...]:
        """The keys of a frame."""
        return (Where.FRAME,)

    def show(self) -> None:
        """An answer may have come since."""
        if not self.stands:
            return
        if self._answer is None:
            self._load(focus=False)
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    @property
    def pane(self) -> FrameView:
        """The pane with the focus."""
        focused = self.focused
        return focused if isinstance(focused, FrameView) else self.query_one("#call", FrameView)

    def _load(self, *, focus: bool) -> None:
        self.frames.refresh()
        frame = self.frames.frame(self.number)
        call, answer = self.query_one("#call", FrameView), self.query_one("#answer", FrameView)
        other = self.frames.frame(frame.pair) if frame is not None and frame.pair is not None else None
        opened_answer = frame is not None and is_answer(frame)
        first, second = (other, frame) if opened_answer else (frame, other)
        if focus or (first, second) != (self._call, self._answer):
            self._call, self._answer = first, second
            call.show(
                "the frame" if not opened_answer else "its CALL", first, "it is no longer kept, or was never seen"
            )
            answer.show("its answer" if not opened_answer else "the frame", second, "no answer yet")
            self.call_after_refresh(self._share)
        if focus:
            self.set_focus(answer if opened_answer else call)
        self.query_one("#title", TitleBar).show(self._title(frame))

    def _share(self) -> None:
        """One above the other, the answer gets what it needs, but never more than the frame leaves or a third."""
        call, answer = self.query_one("#call", FrameView), self.query_one("#answer", FrameView)
        height = self.size.height - 2
        if not self.has_class("-narrow") or height < 6:
            call.styles.height = answer.styles.height = "1fr"
            return
        second = max(2, min(answer.needed, max(height // 3, height - call.needed)))
        call.styles.height, answer.styles.height = height - second, second

    def on_resize(self) -> None:
        """Another size is another share."""
        self.call_after_refresh(self._share)

    def _title(self, frame: Frame | None) -> Line:
        glyphs = self.window.glyphs
        start: Line = [(" evtui ", "here"), (f"{glyphs.crumb} ", "dim"), (f"frame {self.number:,}", "title")]
        if frame is None:
            return start
        rtt = next((each.rtt_s for each in (self._answer, self._call) if each and each.rtt_s is not None), None)
        return [
            *start,
            (f" {glyphs.dot} {figures.safe(frame.station, glyphs)} {glyphs.dot} ", "text"),
            (figures.safe(frame.action or "unreadable", glyphs), "title"),
            (f" {glyphs.dot} answered in {figures.round_trip(rtt)}" if rtt is not None else "", "text"),
        ]

    # -- keys -------------------------------------------------------------------------------------

    def action_scroll(self, step: int) -> None:
        """Scrolls the pane with the focus."""
        self.pane.scroll_lines(step)

    def action_page(self, step: int) -> None:
        """Scrolls by a screen."""
        self.pane.scroll_lines(step * self.pane.room)

    def action_top(self) -> None:
        """To the beginning."""
        self.pane.scroll_lines(-self.pane.top)

    def action_bottom(self) -> None:
        """To the end."""
        self.pane.scroll_lines(1 << 30)

    def action_step(self, step: int) -> None:
        """The frame before or after in the log it came from."""
        self.frames.refresh()
        number = self.frames.beside(self.number, step)
        if number is None:
            self.window.tell("there is no frame beyond")
            return
        self.number = number
        self._load(focus=True)

    def action_resend(self) -> None:
        """Sends the frame with the focus again."""
        self.window.composer.resend(self.pane.frame)

    def action_copy(self) -> None:
        """Copies the frame with the focus, indented."""
        self._copy(pretty)

    def action_copy_line(self) -> None:
        """Copies the frame with the focus as it was on the wire."""
        self._copy(str)

    def _copy(self, written: Callable[[str], str]) -> None:
        frame = self.pane.frame
        if frame is None:
            self.window.tell("there is no frame here to copy")
        else:
            self.window.copy_frame(frame, written(frame.text))

    def action_write(self) -> None:
        """Writes the frame and its answer to a file that did not exist before."""
        frames = [frame for frame in (self._call, self._answer) if frame is not None]
        if not frames:
            self.window.tell("there is nothing to write")
            return
        try:
            path = write_frames(Path.cwd(), self.number, frames)
        except OSError as error:
            self.window.tell(f"cannot write to {Path.cwd()}: {error.strerror or error}", bad=True)
            return
        self.window.tell(f"written to {path}")

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.leave()
