"""The window: a client of a door. One timer pulls what is in view; what changed is drawn."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.filter import LineFilter

from evtui.engine.beside import CsmsAnswer, CsmsQuery, CsmsRequest, CsmsView, HostDoor, NodeView
from evtui.engine.door import FleetView, StationDetail, View
from evtui.errors import EvtuiError, LocalError, said
from evtui.ocppj.frame import Frame
from evtui.settings import Settings
from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.colourless import Colourless
from evtui.tui.farewell import Farewell, WindowResult
from evtui.tui.frames import FrameReader, Frames, ReaderFactory, open_spools
from evtui.tui.glyphs import glyphs
from evtui.tui.keys import BY_ID, Where, shown_key, with_keys
from evtui.tui.news import News
from evtui.tui.orders import Orders
from evtui.tui.pace import Pace
from evtui.tui.paint import Line
from evtui.tui.palette_commands import EvtuiCommands
from evtui.tui.patience import PATIENCE_S
from evtui.tui.recorder import Recorder
from evtui.tui.scene import Scene
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.screens.fleet import FleetScreen
from evtui.tui.stylesheet import ParsedOnce
from evtui.tui.themes import OWN, check_theme, theme_names
from evtui.tui.ways import Ways

if TYPE_CHECKING:
    from evtui.tui.composing import Composer

DoorFactory = Callable[[], Awaitable[HostDoor]]
"""Opens the door, inside the window's event loop."""

CLIPBOARD = 65_536
"""Characters that terminals take through OSC 52 without loss."""

_TOAST_S = 5.0
_TOASTS = 3  # at once: more would cover what they speak of
_COLOURLESS = Colourless()
_GLANCE_S = 0.5
_OFFERED = 1_000  # stations that a filter is completed with


class EvtuiApp(App[WindowResult], inherit_bindings=False):
    """Everything on screen comes from the door; every key goes to it as a command."""

    TITLE = "evtui"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {EvtuiCommands}
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.WINDOW)
    CSS = """
    Screen { layers: base; }
    Toast { max-width: 60; padding: 0 1; }
    EvtuiApp.-ascii * { scrollbar-size: 0 0; }
    EvtuiApp.-ascii Toast { border: ascii $primary; padding: 0; }
    EvtuiApp.-ascii CommandPalette > Vertical #--input { border: ascii $primary; }
    EvtuiApp.-ascii CommandPalette CommandList { border: none; }
    EvtuiApp.-ascii CommandPalette LoadingIndicator { display: none; }
    EvtuiApp.-ascii Arguments Vertical { border: ascii $primary; }
    EvtuiApp.-ascii ValuePrompt Vertical { border: ascii $primary; }
    EvtuiApp.-ascii FrameEditor Vertical { border: ascii $primary; }
    CommandPalette:ansi #--input { border: hkey $primary; }
    CommandPalette:ansi #--input.--list-visible { border-bottom: none; }
    CommandPalette:ansi CommandInput { border: blank $primary; }
    CommandPalette:ansi CommandList { border-top: blank $primary; border-bottom: hkey $primary; }
    CommandPalette:ansi LoadingIndicator { display: none; }
    CommandPalette #--input Input { margin-left: 1; }
    """

    def __init__(
        self,
        connect: DoorFactory,
        settings: Settings | None = None,
        *,
        open_reader: ReaderFactory = open_spools,
        settings_path: Path | None = None,
        ascii: bool = False,
        refresh_hz: float | None = None,
        marker: str = "quadrant",
        read_only: bool = False,
        banner: str = "",
        record_dir: Path | None = None,
    ) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall"), (46, "-tallest")]
        self.settings_file = settings or Settings()
        self._settings_path = settings_path
        self.glyphs = glyphs(ascii, marker)
        self.keymap = dict(self.settings_file.keys)
        self.scene = Scene()
        self.read_only = read_only
        self.reader: FrameReader | None = None
        self.host_trouble = ""
        self.filter_history: list[str] = []
        self.fleet_filter_history: list[str] = []
        self.embedded = False  # there is a CSMS in here that can be told to ask
        self.fleet_screen = FleetScreen()
        self.record_dir = Path.cwd() if record_dir is None else record_dir
        self._banner = banner
        self._connect = connect
        self._open_reader = open_reader
        self.refresh_hz = self.settings_file.refresh if refresh_hz is None else refresh_hz
        self.door: HostDoor | None = None
        self.pace = Pace(self.refresh_hz)
        self.leaving = False
        self.orders = Orders(self)
        self.ways = Ways(self)
        self.recorder = Recorder(self)
        self.farewell = Farewell(self)
        self.set_class(ascii, "-ascii")
        for theme in OWN:
            self.register_theme(theme)
        theme_name = check_theme(self.settings_file.theme, "settings.toml: theme", self.available_themes)
        self.theme = theme_name  # before anything is painted in another
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())

    # -- life -------------------------------------------------------------------------------------

    def get_default_screen(self) -> FleetScreen:
        """Nothing is below the fleet."""
        return self.fleet_screen

    async def on_mount(self) -> None:
        """Paints first, then opens the door."""
        self.set_keymap(self.keymap)
        self.run_worker(self._live(), group="live", exit_on_error=True)

    async def _live(self) -> None:
        """Opens the door, then pulls whenever the timer or a key asks for it."""
        try:
            self.door = await self._connect()
            spools = await self.door.frames()
            if spools:
                self.reader = self._open_reader([spool.directory for spool in spools])
                self.fleet_screen.open_log(Frames(self.reader))
            self.embedded = await self.door.csms(CsmsQuery(count=0)) is not None
            await self.pull()
        except (EvtuiError, OSError, EOFError) as error:
            self.end(WindowResult(1, f"evtui: {said(error)}"))
            return
        self.run_worker(News(self).watch(self.door), group="live", exit_on_error=True)
        while not self.leaving:
            await self.pace.turn()
            try:
                await self.pull()
            except LocalError as error:
                self.tell(said(error), bad=True)
            except (EvtuiError, OSError, EOFError) as error:
                self.host_gone(error)
                return

    async def pull(self) -> None:
        """Fetches what is in view, once, and shows it. OSError or EvtuiError when the host is gone."""
        door = self.door
        if door is None:
            return
        screen = self.shown_screen()
        try:
            async with asyncio.timeout(PATIENCE_S):
                view = await door.fleet(self.fleet_screen.wanted())
                self.scene.absorb(view)
                await screen.pull()
        except TimeoutError:
            self.host_trouble = "the host does not answer"
        else:
            self.host_trouble = ""
        if self.recorder.full:
            self.recorder.stop()
        screen.show()
        self.farewell.show()

    def pull_soon(self) -> None:
        """Pulls at once instead of at the next tick."""
        self.pace.soon()

    def shown_screen(self) -> EvtuiScreen:
        """The topmost screen that is no dialog."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, EvtuiScreen)), self.fleet_screen)

    def host_gone(self, error: BaseException) -> None:
        if not self.leaving:
            self.host_trouble = "the host is gone"
            self.shown_screen().show()
            self.end(WindowResult(1, f"evtui: the host is gone: {said(error)}"))

    def end(self, result: WindowResult) -> None:
        self.leaving = True
        self.recorder.close()
        self.exit(result, return_code=result.code)

    # -- what screens ask -------------------------------------------------------------------------

    @cached_property
    def composer(self) -> "Composer":
        """What messages can be written from here; not needed for the first paint."""
        from evtui.tui.composing import Composer

        return Composer(self)

    @property
    def banner(self) -> str:
        """The permanent warning."""
        return self.scene.view.banner if self.scene.view and self.scene.view.banner else self._banner

    @property
    def badges(self) -> Line:
        """What is true of the whole window."""
        badges = ((" REC ", self.recorder.runs), (" read-only ", self.read_only))
        return [(text, "banner") for text, holds in badges if holds]

    def key_of(self, binding_id: str) -> str:
        """The key of a binding as people call it."""
        return shown_key(BY_ID[binding_id], self.keymap)

    async def view(self, view: View) -> FleetView | None:
        """Another look at the fleet than the fleet screen's."""
        return await self.door.fleet(view) if self.door else None

    async def fleet_series(self) -> FleetView | None:
        """The figures of the whole fleet over time."""
        return await self.door.fleet(View(count=0, series=True)) if self.door else None

    async def station_detail(self, station_id: str) -> StationDetail | None:
        """Everything about a station."""
        return await self.door.station(station_id) if self.door else None

    def refusal(self) -> str:
        """Why the fleet cannot be changed from here now; empty if it can."""
        if self.read_only:
            return "this window is read-only"
        return "the fleet is still starting" if self.door is None else ""

    def tell(self, text: str, *, bad: bool = False) -> None:
        """A toast; the text may come from anywhere."""
        text = with_keys(text, self.keymap)
        shown = figures.safe(text if len(text) <= 300 else text[:299] + self.glyphs.ellipsis, self.glyphs)
        self.notify(shown, severity="warning" if bad else "information", timeout=_TOAST_S, markup=False)

    def _refresh_notifications(self) -> None:
        """The newest toasts take the place of the oldest."""
        for old in list(self._notifications)[:-_TOASTS]:
            self._unnotify(old, refresh=False)
        super()._refresh_notifications()

    async def overview(self) -> FleetView | None:
        """What stations there are, for the completion of a filter; the newest view if the host is slow."""
        if self.door is None:
            return None
        try:
            async with asyncio.timeout(_GLANCE_S):
                return await self.door.fleet(View(0, _OFFERED, 0, summary=True))
        except (EvtuiError, OSError, EOFError):
            return self.scene.view

    async def node(self) -> NodeView | None:
        """The ECHONET Lite node as it stands now."""
        return await self.door.node() if self.door else None

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        """The embedded CSMS as it stands now."""
        return await self.door.csms(query) if self.door else None

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        """What comes of a request of the embedded CSMS, also when it could not be sent."""
        if (reason := self.refusal()) or self.door is None:
            return CsmsAnswer(False, reason)
        try:
            return await self.door.ask(request)
        except (EvtuiError, OSError, EOFError) as error:
            return CsmsAnswer(False, said(error))

    def copy_frame(self, frame: Frame, text: str) -> None:
        """Copies a frame, written as `text`, or says why not."""
        if len(text) > CLIPBOARD:
            self.tell(
                f"too long for a terminal's clipboard: {self.key_of('frame.write')} writes it to a file", bad=True
            )
            return
        self.copy_to_clipboard(text)
        self.tell(f"copied {len(text):,} characters of {frame.action or 'a frame'}")

    async def breathe(self) -> None:
        """Lets everything else have its turn."""
        await asyncio.sleep(0)

    # -- keys that work everywhere ----------------------------------------------------------------

    def action_show_help(self) -> None:
        """What every key does, where the focus is."""
        from evtui.tui.screens.help import HelpScreen

        screen = self.shown_screen()
        about = with_keys((screen.focused.HELP if screen.focused else screen.HELP) or "", self.keymap)
        places, beneath = screen.places(), screen.beneath()
        self.push_screen(HelpScreen.of_keys(self.glyphs, places, self.keymap, about, self.size.width, beneath))

    def action_change_theme(self) -> None:
        """Another look, shown while it is chosen, and kept in settings.toml."""
        from evtui.tui.screens.theme import ThemeChoice

        self.push_screen(ThemeChoice(self.glyphs, theme_names(), self.theme), self._keep_theme)

    def _keep_theme(self, name: str | None) -> None:
        if name is None:
            return
        if self._settings_path is None:
            self.tell(f"{name}, until the window closes")
            return
        from evtui.keep_theme import keep_theme

        try:
            keep_theme(self._settings_path, name)
        except LocalError as error:
            self.tell(f"{name}, until the window closes: {error}", bad=True)
            return
        self.tell(f"{name} is kept in {self._settings_path}")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """With NO_COLOR, no colour at all."""
        return (_COLOURLESS,) if self.no_color else super().get_line_filters()

    async def on_event(self, event: events.Event) -> None:
        """What is pasted is text: no escape sequence in it reaches the terminal."""
        if isinstance(event, events.Paste):
            event.text = figures.pasted(event.text)
        await super().on_event(event)

    def action_hint_quit(self) -> None:
        """Ctrl+C never quits by accident: it says what does."""
        everywhere = isinstance(self.screen, EvtuiScreen)
        self.tell(f"{self.key_of('window.quit' if everywhere else 'window.quit-anywhere')} quits")

    def action_command_palette(self) -> None:
        """Every command by its name."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            from evtui.tui.screens.commands import Palette

            self.push_screen(Palette())

    async def action_quit(self) -> None:
        """As `q`."""
        self.farewell.ask_quit()

    def action_ask_quit(self) -> None:
        """Quits; asks only if transactions run, or others count on the fleet."""
        self.farewell.ask_quit()

    def action_detach(self) -> None:
        """Closes the window and leaves the fleet running."""
        self.farewell.detach()

    def action_picture(self) -> None:
        """Saves the screen as SVG."""
        self.recorder.picture()

    def action_record(self) -> None:
        """Starts recording the screen, or stops it."""
        self.recorder.toggle()
