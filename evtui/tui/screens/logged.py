"""What the screens with a log of frames share: opening, filtering, copying and writing frames."""

from pathlib import Path

from evtui.ocppj.filter import complete, help_rows, parse
from evtui.tui.frame_file import LogFile
from evtui.tui.frames import Frames
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.widgets.frame_log import FrameLog


class LoggedScreen(EvtuiScreen):
    """A screen whose log has the id `log`."""

    @property
    def frame_log(self) -> FrameLog:
        """The log."""
        return self.query_one("#log", FrameLog)

    def sync_log(self) -> None:
        """Shows what arrived."""
        view = self.window.scene.view
        self.frame_log.at = view.at if view else 0.0
        self.frame_log.sync()

    def on_frame_log_opened(self, message: FrameLog.Opened) -> None:
        """Opens a frame."""
        if self.frame_log.frames:
            self.window.ways.frame(self.frame_log.frames, message.number)

    def on_frame_log_says(self, message: FrameLog.Says) -> None:
        """Tells."""
        self.window.tell(message.text, bad=message.bad)

    def on_frame_log_copies(self, message: FrameLog.Copies) -> None:
        """Copies a frame as it was on the wire."""
        self.window.copy_frame(message.frame, message.frame.text)

    def on_frame_log_resends(self, message: FrameLog.Resends) -> None:
        """Sends a frame again."""
        self.window.composer.resend(message.frame)

    def on_frame_log_asks(self) -> None:
        """Lets the user write a filter: what it finds shows while it is typed."""
        log = self.frame_log
        if log.frames is None:
            self.window.tell("there are no frames yet")
            return
        before = log.filter_text
        window = self.window

        def answered(text: str | None) -> None:
            log.ask(before if text is None else text)
            if text and text not in window.filter_history[-1:]:
                window.filter_history.append(text)
            log.focus()

        from evtui.tui.screens.filter_prompt import FilterPrompt, Tongue

        frames = log.frames
        tongue = Tongue(parse, lambda text: complete(text, frames.stations, frames.actions), help_rows, "filters")
        window.push_screen(FilterPrompt(window.glyphs, before, window.filter_history, tongue, log.ask), answered)

    def on_frame_log_writes(self) -> None:
        """Writes what is shown into a new file."""
        frames = self.frame_log.frames
        if frames is None or not frames.rows:
            self.window.tell("there is nothing to write")
            return
        self.run_worker(self._write(frames), group="write", exclusive=True, exit_on_error=False)

    async def _write(self, frames: Frames) -> None:
        log, numbers = self.frame_log, list(frames.matches if frames.filtered else frames.rows)
        try:
            with LogFile(Path.cwd()) as file:
                for done in range(0, len(numbers), _TOGETHER):
                    file.write(frames.frame(number) for number in numbers[done : done + _TOGETHER])
                    log.busy = f"writing {done / len(numbers):.0%}"
                    await self.window.breathe()
            self.window.tell(f"{file.written:,} frames written to {file.path}")
        except OSError as error:
            self.window.tell(f"cannot write to {Path.cwd()}: {error.strerror or error}", bad=True)
        finally:
            log.busy = ""


_TOGETHER = 500
"""Frames written before the window has its turn."""
