"""The window: a client of a door. One timer pulls what is in view; what changed is drawn."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.filter import LineFilter

from evtui.engine.beside import Attendance, CsmsAnswer, CsmsQuery, CsmsRequest, CsmsView, HostDoor, NodeView
from evtui.engine.commands import COMMANDS, CommandSpec, Scope
from evtui.engine.door import Command, Door, FleetEvent, FleetView, Outcome, StationDetail, Target, View
from evtui.errors import EvtuiError, LocalError
from evtui.ocppj.frame import Frame
from evtui.settings import Settings
from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.colourless import Colourless
from evtui.tui.crowd import Crowd
from evtui.tui.frames import FrameReader, Frames, ReaderFactory, open_spools
from evtui.tui.glyphs import glyphs
from evtui.tui.keys import BY_ID, KeySpec, Where, shown_key, with_keys
from evtui.tui.pace import Pace
from evtui.tui.paint import Line
from evtui.tui.palette_commands import EvtuiCommands
from evtui.tui.recording import Cast, Tap, save_picture
from evtui.tui.scene import Scene
from evtui.tui.screens.ask import Ask, Notice
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.screens.fleet import FleetScreen
from evtui.tui.stylesheet import ParsedOnce
from evtui.tui.themes import OWN, check_theme, theme_names

if TYPE_CHECKING:
    from evtui.tui.composing import Composer

DoorFactory = Callable[[], Awaitable[HostDoor]]
"""Opens the door, inside the window's event loop."""

PATIENCE_S = 5.0
"""How long the host may take to answer before the screen says that it does not."""

STOP_PATIENCE_S = 15.0
"""How long the window waits for the fleet to stop before it leaves."""

CLIPBOARD = 65_536
"""Characters that terminals take through OSC 52 without loss."""

_TOAST_S = 5.0
_COLOURLESS = Colourless()
_GLANCE_S = 0.5
_OFFERED = 1_000  # stations that a filter is completed with
_LOUD = ("crashed", "stalled")
_ASKED = ("request", "reset")
_HELD = "frame-held"


class WindowResult(msgspec.Struct, frozen=True):
    """How the window ended: `code` for the shell; `text` is a line to print once the terminal is restored;
    `detached` says that the fleet runs on."""

    code: int = 0
    text: str = ""
    detached: bool = False


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
    CommandPalette:ansi #--input { border: hkey $primary; }
    CommandPalette:ansi #--input.--list-visible { border-bottom: none; }
    CommandPalette:ansi CommandInput { border: blank $primary; }
    CommandPalette:ansi CommandList { border-top: blank $primary; border-bottom: hkey $primary; }
    CommandPalette:ansi LoadingIndicator { display: none; }
    CommandPalette SearchIcon { display: none; }
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
        self._refresh_hz = self.settings_file.refresh if refresh_hz is None else refresh_hz
        self._door: HostDoor | None = None
        self._pace = Pace(self._refresh_hz)
        self._leaving = False
        self._tap: Tap | None = None
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
            self._door = await self._connect()
            spools = await self._door.frames()
            if spools:
                self.reader = self._open_reader([spool.directory for spool in spools])
                self.fleet_screen.open_log(Frames(self.reader))
            self.embedded = await self._door.csms(CsmsQuery(count=0)) is not None
            await self.pull()
        except (EvtuiError, OSError, EOFError) as error:
            self._end(WindowResult(1, f"evtui: {_say(error)}"))
            return
        self.run_worker(self._watch(self._door), group="live", exit_on_error=True)
        while not self._leaving:
            await self._pace.turn()
            try:
                await self.pull()
            except LocalError as error:
                self.tell(_say(error), bad=True)
            except (EvtuiError, OSError, EOFError) as error:
                self._host_gone(error)
                return

    async def _watch(self, door: Door) -> None:
        """Says aloud what nobody should have to notice by looking."""
        after = 0
        begin = self.scene.at
        while True:
            try:
                events = await door.events(after)
            except (EvtuiError, OSError, EOFError) as error:
                self._host_gone(error)
                return
            news = [event for event in events if event.at >= begin]
            after = max([after, *(event.number for event in events)])
            for kind in _LOUD:  # one toast, however many stations a worker takes along
                if loud := [event for event in news if event.kind == kind]:
                    self._repeat(loud[0], f" (and {len(loud) - 1} more)" if len(loud) > 1 else "", bad=True)
            held = [event for event in news if event.kind == _HELD]
            if held:
                more = f" (and {len(held) - 1} more)" if len(held) > 1 else ""
                self.tell(f"{held[-1].station_id} holds {held[-1].text}{more}: {self.key_of('fleet.rules')} decides")
            asked = [event for event in news if event.kind in _ASKED]
            if asked:  # one toast, however many stations are asked
                self._repeat(asked[-1], f" (and {len(asked) - 1} more)" if len(asked) > 1 else "")
            self._pace.news()
            await self._pace.rest()

    def _repeat(self, event: FleetEvent, more: str = "", *, bad: bool = False) -> None:
        text = f"resets: {event.text}" if event.kind == "reset" else event.text
        self.tell(f"{event.station_id}: {text}{more}" if event.station_id else f"{text}{more}", bad=bad)

    async def pull(self) -> None:
        """Fetches what is in view, once, and shows it. OSError or EvtuiError when the host is gone."""
        door = self._door
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
        if self._tap is not None and not self._tap.cast.open:
            self._stop_recording()
        screen.show()
        for notice in self.screen_stack:
            if isinstance(notice, Notice) and self.scene.view:
                notice.say(_stopping(self.scene.view.totals.transactions))

    def pull_soon(self) -> None:
        """Pulls at once instead of at the next tick."""
        self._pace.soon()

    def shown_screen(self) -> EvtuiScreen:
        """The topmost screen that is no dialog."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, EvtuiScreen)), self.fleet_screen)

    def _host_gone(self, error: BaseException) -> None:
        if not self._leaving:
            self.host_trouble = "the host is gone"
            self.shown_screen().show()
            self._end(WindowResult(1, f"evtui: the host is gone: {_say(error)}"))

    def _end(self, result: WindowResult) -> None:
        self._leaving = True
        if self._tap is not None:
            self._tap.close()
            self._tap = None
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
        badges = ((" REC ", self.recording), (" read-only ", self.read_only))
        return [(text, "banner") for text, holds in badges if holds]

    @property
    def recording(self) -> bool:
        """The screen is being recorded."""
        return self._tap is not None

    def key_of(self, binding_id: str) -> str:
        """The key of a binding as people call it."""
        return shown_key(BY_ID[binding_id], self.keymap)

    async def view(self, view: View) -> FleetView | None:
        """Another look at the fleet than the fleet screen's."""
        return await self._door.fleet(view) if self._door else None

    async def fleet_series(self) -> FleetView | None:
        """The figures of the whole fleet over time."""
        return await self._door.fleet(View(count=0, series=True)) if self._door else None

    async def station_detail(self, station_id: str) -> StationDetail | None:
        """Everything about a station."""
        return await self._door.station(station_id) if self._door else None

    def tell(self, text: str, *, bad: bool = False) -> None:
        """A toast; the text may come from anywhere."""
        text = with_keys(text, self.keymap)
        shown = figures.safe(text if len(text) <= 300 else text[:299] + self.glyphs.ellipsis, self.glyphs)
        self.notify(shown, severity="warning" if bad else "information", timeout=_TOAST_S, markup=False)

    def why_not(self, spec: KeySpec, targets: tuple[Target, ...] | None = None) -> str | None:
        """Why a key cannot act now, None if it can for at least one of `targets`."""
        if (spec.changes or spec.action == "resend") and self.read_only:
            return "this window is read-only"
        if spec.changes and self._door is None:
            return "the fleet is still starting"
        if not spec.command or targets is None:
            return None
        return self._unable(spec.command, targets)

    def _unable(self, name: str, targets: tuple[Target, ...]) -> str | None:
        if not targets:
            return "there is no EVSE under the cursor"
        screen = self.shown_screen()
        reason = None
        for target in targets:
            rows = screen.look_up(target)
            why = COMMANDS[name].possible(*rows) if rows else None
            if why is None:
                return None
            reason = reason or why
        return reason

    # -- commands ---------------------------------------------------------------------------------

    def order_here(self, name: str) -> None:
        """Submits a command for what it acts on here; asks first if that is all that a filter shows."""
        self._for_whom(COMMANDS[name], lambda targets, filter: self.order(name, targets, filter=filter))

    def order_with_arguments(self, name: str) -> None:
        """The same, and asks for the command's arguments if it has any."""
        self._for_whom(COMMANDS[name], lambda targets, filter: self._fill_in(name, targets, filter))

    def _for_whom(self, spec: CommandSpec, act: Callable[[tuple[Target, ...], str | None], None]) -> None:
        screen = self.shown_screen()
        crowd = None if spec.scope is Scope.FLEET or self.read_only or self._door is None else screen.crowd()
        if crowd is None:
            act(screen.targets(), None)
            return
        if not crowd.stations:
            self.tell("the filter lets no station through", bad=True)
            return

        def answered(answer: str | None) -> None:
            if answer == "yes":
                act((), crowd.filter)
            elif answer == "one" and crowd.here is not None:
                act((crowd.here,), None)

        question, reason = crowd.question(spec), crowd.reason(self.glyphs)
        self.push_screen(Ask(self.glyphs, self.keymap, question, reason, crowd.offered(self.glyphs)), answered)

    def order(
        self,
        name: str,
        targets: tuple[Target, ...],
        arguments: dict[str, str] | None = None,
        *,
        filter: str | None = None,
    ) -> None:
        """Submits a command for those of `targets` that can do it, or for all stations that a `filter` lets through; a
        toast says why if none can."""
        spec = COMMANDS[name]
        if self._door is None or self.read_only:
            self.tell("this window is read-only" if self.read_only else "the fleet is still starting", bad=True)
            return
        if spec.scope is not Scope.FLEET and filter is None and (reason := self._unable(name, targets)):
            self.tell(reason, bad=True)
            return
        if spec.scope is Scope.EVSE and filter is None:
            screen = self.shown_screen()
            rows = [(target, screen.look_up(target)) for target in targets]
            targets = tuple(target for target, row in rows if row is None or spec.possible(*row) is None)
        self.run_worker(
            self._submit(self._door, Command(name, targets, arguments or {}, filter)),
            group="orders",
            exit_on_error=False,
        )

    def _fill_in(self, name: str, targets: tuple[Target, ...], filter: str | None) -> None:
        spec = COMMANDS[name]
        reason = self._unable(name, targets) if spec.scope is not Scope.FLEET and filter is None else None
        if reason or self.read_only or not spec.arguments:
            self.order(name, targets, filter=filter)
            return
        from evtui.tui.screens.arguments import Arguments

        def answered(arguments: dict[str, str] | None) -> None:
            if arguments is not None:
                self.order(name, targets, arguments, filter=filter)

        self.push_screen(Arguments(spec), answered)

    async def carry_out(self, command: Command) -> Outcome:
        """What comes of a command, also when it could not be submitted."""
        if self._door is None or self.read_only:
            return Outcome(False, "this window is read-only" if self.read_only else "the fleet is still starting")
        try:
            outcome = await self._door.submit(command)
        except (EvtuiError, OSError, EOFError) as error:
            return Outcome(False, _say(error))
        self.pull_soon()
        return outcome

    async def _submit(self, door: Door, command: Command) -> None:
        try:
            outcome = await door.submit(command)
        except (EvtuiError, OSError, EOFError) as error:
            if not self._leaving:
                self.tell(_say(error), bad=True)
            return
        if not outcome.done:
            self.tell(outcome.text, bad=True)
        elif len(command.targets) != 1 or not COMMANDS[command.name].plain:
            self.tell(outcome.text)
        self.pull_soon()

    async def overview(self) -> FleetView | None:
        """What stations there are, for the completion of a filter; the newest view if the host is slow."""
        if self._door is None:
            return None
        try:
            async with asyncio.timeout(_GLANCE_S):
                return await self._door.fleet(View(0, _OFFERED, 0, summary=True))
        except (EvtuiError, OSError, EOFError):
            return self.scene.view

    async def mark_all(self) -> None:
        """Marks every EVSE that is shown; if all are marked, none."""
        if self._door is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                view = await self._door.fleet(View(0, max(1, self.scene.shown), 0, self.scene.filter))
        except (EvtuiError, OSError, EOFError) as error:
            self.tell(f"cannot mark all: {_say(error)}", bad=True)
            return
        everything = {Target(row.id, evse.evse_id) for row in view.rows for evse in row.evses}
        marks = self.scene.marks
        self.scene.marks = marks - everything if marks >= everything else marks | everything

    def remove_station(self) -> None:
        """Takes the marked stations away, or those that a filter shows, or the one under the cursor. Asks, unless it is
        one on which no transaction runs."""
        if self.scene.marks and not self.read_only:
            ids = dict.fromkeys(target.station_id for target in self.scene.targets())
            what = figures.count(len(ids), "marked station")
            self._ask_to_remove(what, "Transactions that run there end.", tuple(map(Target, ids)))
            return
        if self.fleet_screen.crowd() is not None:
            self.order_here("remove-station")
            return
        here = self.scene.under_cursor()
        if here is None or self.read_only:
            self.tell("this window is read-only" if self.read_only else "there is no station to remove", bad=True)
            return
        row = here[0]
        target = Target(row.id)
        running = sum(evse.transaction_id is not None for evse in row.evses)
        if not running:
            self.order("remove-station", (target,))
            return
        text = f"{figures.safe(row.id, self.glyphs)} has {figures.count(running, 'running transaction')}."
        self._ask_to_remove("the station", text, (target,))

    def _ask_to_remove(self, what: str, text: str, targets: tuple[Target, ...]) -> None:
        offered = {"ask.yes": f"end what runs and remove {what}", "ask.no": "remove nothing"}

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self.order("remove-station", targets)

        self.push_screen(Ask(self.glyphs, self.keymap, f"Remove {what}?", text, offered), answered)

    def open_station(self) -> None:
        """Opens the station under the cursor."""
        here = self.scene.under_cursor()
        if here is None:
            self.tell("there is no station to open", bad=True)
            return
        from evtui.tui.screens.station import StationScreen

        self.push_screen(StationScreen(here[0].id, here[1].evse_id))
        self.pull_soon()

    async def node(self) -> NodeView | None:
        """The ECHONET Lite node as it stands now."""
        return await self._door.node() if self._door else None

    def open_rules(self, targets: tuple[Target, ...], crowd: Crowd | None = None) -> None:
        """Opens the rules on the wire; new ones are for the stations of the `crowd`, or else of `targets`."""
        from evtui.tui.screens.rules import RulesScreen

        self.push_screen(RulesScreen(targets, crowd))
        self.pull_soon()

    def open_charts(self) -> None:
        """Opens the charts of the fleet."""
        from evtui.tui.screens.charts import ChartsScreen

        self.push_screen(ChartsScreen())
        self.pull_soon()

    def open_echonet(self) -> None:
        """Opens the ECHONET screen, or says that there is no node."""
        self.run_worker(self._open_echonet(), group="open", exclusive=True, exit_on_error=False)

    async def _open_echonet(self) -> None:
        try:
            node = await self.node()
        except (EvtuiError, OSError, EOFError) as error:
            self.tell(_say(error), bad=True)
            return
        if node is None:
            self.tell("there is no ECHONET Lite node: evtui --echonet starts with one", bad=True)
            return
        from evtui.tui.screens.echonet import EchonetScreen

        self.push_screen(EchonetScreen(node))

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        """The embedded CSMS as it stands now."""
        return await self._door.csms(query) if self._door else None

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        """What comes of a request of the embedded CSMS, also when it could not be sent."""
        if self._door is None or self.read_only:
            return CsmsAnswer(False, "this window is read-only" if self.read_only else "the fleet is still starting")
        try:
            return await self._door.ask(request)
        except (EvtuiError, OSError, EOFError) as error:
            return CsmsAnswer(False, _say(error))

    def open_csms(self) -> None:
        """Opens the CSMS screen, or says that there is no CSMS in here."""
        self.run_worker(self._open_csms(), group="open", exclusive=True, exit_on_error=False)

    async def _open_csms(self) -> None:
        try:
            view = await self.csms(CsmsQuery())
        except (EvtuiError, OSError, EOFError) as error:
            self.tell(_say(error), bad=True)
            return
        if view is None:
            url = self.scene.view.csms_url if self.scene.view else ""
            where = f": the fleet dials {url}" if url and self._door else ""
            self.tell(f"there is no embedded CSMS here{where}", bad=True)
            return
        from evtui.tui.screens.csms import CsmsScreen

        self.push_screen(CsmsScreen(view))

    def open_frame(self, frames: Frames, number: int) -> None:
        """Opens a frame."""
        from evtui.tui.screens.frame import FrameScreen

        self.push_screen(FrameScreen(frames, number))

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

    def action_hint_quit(self) -> None:
        """Ctrl+C never quits by accident: it says what does."""
        everywhere = isinstance(self.screen, EvtuiScreen)
        self.tell(f"{self.key_of('window.quit' if everywhere else 'window.quit-anywhere')} quits")

    def action_command_palette(self) -> None:
        """Every command by its name."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="a command, an OCPP message or a key", id="--command-palette"))

    async def action_quit(self) -> None:
        """As `q`."""
        self.action_ask_quit()

    def action_picture(self) -> None:
        """Saves the screen as SVG."""
        try:
            path = save_picture(self.record_dir, self.export_screenshot(title="evtui"))
        except OSError as error:
            self.tell(f"cannot write to {self.record_dir}: {error.strerror or error}", bad=True)
            return
        self.tell(f"the screen is in {path}")

    def action_record(self) -> None:
        """Starts recording the screen, or stops it."""
        if self._tap is not None:
            self._stop_recording()
            return
        driver = self._driver
        assert driver is not None
        try:
            cast = Cast(self.record_dir, self.size)
        except OSError as error:
            self.tell(f"cannot write to {self.record_dir}: {error.strerror or error}", bad=True)
            return
        self._tap = Tap(driver, cast, lambda: self.size)
        self.shown_screen().show()
        self._display(
            self.screen, self.screen._compositor.render_update(full=True, screen_stack=self._background_screens)
        )
        self.tell(f"recording to {cast.path}; {self.key_of('window.record')} stops")

    def _stop_recording(self) -> None:
        tap, self._tap = self._tap, None
        if tap is None:
            return
        tap.close()
        self.shown_screen().show()
        self.tell(tap.cast.trouble or f"recorded: asciinema play {tap.cast.path}", bad=bool(tap.cast.trouble))

    def action_detach(self) -> None:
        """Closes the window and leaves the fleet running."""
        if self._leaving or isinstance(self.screen, Ask):
            return
        if self.read_only or self._door is None:
            self.action_ask_quit()
            return
        self._leave("detach")

    def action_ask_quit(self) -> None:
        """Quits; asks only if transactions run, or others count on the fleet."""
        if self._leaving or isinstance(self.screen, Ask):
            return
        if self.read_only or self._door is None:
            self._end(WindowResult(detached=self.read_only))
            return
        self.run_worker(self._ask_quit(self._door), group="leave", exclusive=True, exit_on_error=False)

    async def _ask_quit(self, door: HostDoor) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                others = await door.attendance()
        except (EvtuiError, OSError, EOFError, TimeoutError):
            others = Attendance()  # stopping tells what is wrong
        running = self.scene.view.totals.transactions if self.scene.view else 0
        reasons = _why_ask(running, others)
        if not reasons:
            self._leave("quit")
            return
        offered = {
            "ask.yes": "stop them and quit" if running else "stop the fleet and quit",
            "ask.detach": "quit and leave the fleet running",
            "ask.no": "go back",
        }
        text = " ".join(reasons)

        def answered(answer: str | None) -> None:
            if answer:
                self._leave("detach" if answer == "detach" else "quit")

        self.push_screen(Ask(self.glyphs, self.keymap, "Quit?", text, offered), answered)

    def _leave(self, reason: str) -> None:
        running = self.scene.view.totals.transactions if self.scene.view else 0
        if reason != "detach" and running:
            self.push_screen(Notice(self.glyphs, _stopping(running)))
        self.run_worker(self._stop(reason), group="leave", exit_on_error=True)

    async def _stop(self, reason: str) -> None:
        detach = reason == "detach"
        self._leaving = not detach and self._refresh_hz <= 0
        result = WindowResult(
            text="the fleet runs on: evtui attach comes back to it" if detach else "", detached=detach
        )
        try:
            async with asyncio.timeout(STOP_PATIENCE_S):
                if self._door is not None:
                    await self._door.stop(reason)
        except TimeoutError:
            result = WindowResult(1, "evtui: the host did not stop in time")
        except (EvtuiError, OSError, EOFError):
            pass  # the host has closed the door behind itself: that is what stopping looks like from here
        self._end(result)


def _why_ask(running: int, others: Attendance) -> list[str]:
    """What quitting would put an end to that is not this window's alone, as sentences."""
    reasons = []
    if running:
        reasons.append(f"{figures.count(running, 'transaction')} {'is' if running == 1 else 'are'} running.")
    elif others.stays:
        reasons.append("The fleet was told to stay.")
    if (more := others.windows + others.readers - 1) > 0:
        reasons.append("Another window looks on." if more == 1 else f"{more} other windows look on.")
    return reasons


def _stopping(transactions: int) -> str:
    if not transactions:
        return "stopping ..."
    return f"stopping, {figures.count(transactions, 'transaction')} {'ends' if transactions == 1 else 'end'} ..."


def _say(error: BaseException) -> str:
    return str(error) or type(error).__name__
