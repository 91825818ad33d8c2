"""Takes pictures of the window and records it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evtui.tui.recording import Cast, Tap, save_picture

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp


class Recorder:
    """At most one recording at a time; the window shows that it runs."""

    def __init__(self, window: EvtuiApp) -> None:
        self._window = window
        self._tap: Tap | None = None

    @property
    def runs(self) -> bool:
        """The screen is being recorded."""
        return self._tap is not None

    @property
    def full(self) -> bool:
        """The recording has ended by itself, and nobody has been told."""
        return self._tap is not None and not self._tap.cast.open

    def picture(self) -> None:
        """Saves the screen as SVG."""
        try:
            path = save_picture(self._window.record_dir, self._window.export_screenshot(title="evtui"))
        except OSError as error:
            self._refused(error)
            return
        self._window.tell(f"the screen is in {path}")

    def toggle(self) -> None:
        """Starts recording the screen, or stops it."""
        if self._tap is not None:
            self.stop()
            return
        window = self._window
        driver = window._driver
        assert driver is not None
        try:
            cast = Cast(window.record_dir, window.size)
        except OSError as error:
            self._refused(error)
            return
        self._tap = Tap(driver, cast, lambda: window.size)
        window.shown_screen().show()
        screen = window.screen
        whole = screen._compositor.render_update(full=True, screen_stack=window._background_screens)
        window._display(screen, whole)
        window.tell(f"recording to {cast.path}; {window.key_of('window.record')} stops")

    def stop(self) -> None:
        """Completes the recording and says where it is, or what ended it."""
        tap, self._tap = self._tap, None
        if tap is None:
            return
        tap.close()
        self._window.shown_screen().show()
        self._window.tell(tap.cast.trouble or f"recorded: asciinema play {tap.cast.path}", bad=bool(tap.cast.trouble))

    def close(self) -> None:
        """Completes what is being recorded; the window is closing."""
        tap, self._tap = self._tap, None
        if tap is not None:
            tap.close()

    def _refused(self, error: OSError) -> None:
        self._window.tell(f"cannot write to {self._window.record_dir}: {error.strerror or error}", bad=True)
