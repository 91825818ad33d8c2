"""Rules on the wire: which there are, what they hold, and what becomes of that."""

from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.engine.commands import COMMANDS, Argument
from evtui.engine.commands.rules import ACTIONS, CODES, NOT_IN_16, VERDICTS
from evtui.engine.door import Command, HeldRow, Target, View
from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.crowd import Crowd
from evtui.tui.keys import BY_ID, KeySpec, Where
from evtui.tui.screens.arguments import Arguments
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.screens.choose import Choose
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.rule_table import Entry, RuleTable
from evtui.tui.widgets.title_bar import TitleBar

_FIELDS = {
    "hold": ("filter", "times"),
    "drop": ("filter", "chance", "times"),
    "delay": ("delay-ms", "filter", "chance", "times"),
    "defer": ("delay-ms", "filter", "chance", "times"),
    "duplicate": ("filter", "chance", "times"),
    "edit": ("find", "replace", "filter", "chance"),
    "corrupt": ("filter", "chance", "times"),
    "answer": ("filter", "chance", "times"),
    "cut": ("every-s", "filter", "chance"),
}
"""What is asked of a rule, beside its action."""


class RulesScreen(EvtuiScreen):
    """Opened on the stations that rules are added to, which may be a crowd; shows the rules of the whole fleet."""

    HELP = (
        "Rules on the wire act between a station and its CSMS: they hold, drop, delay, double, change or answer "
        "frames, or cut the connection. What one did stands on the frame, and ~x finds it in the log."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.RULES)
    AUTO_FOCUS = "#rules"

    def __init__(self, targets: tuple[Target, ...], crowd: Crowd | None = None) -> None:
        super().__init__()
        self._targets = () if crowd else tuple(dict.fromkeys(Target(each.station_id) for each in targets))
        self._crowd = crowd

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TitleBar(window.glyphs, id="title")
        yield RuleTable(window.glyphs, id="rules")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def on_mount(self) -> None:
        """What to do when there is nothing."""
        add, everywhere = self.window.key_of("rules.add"), self.window.key_of("rules.add-all")
        self.table.hint = f"no rule is at work: {add} adds one to {self._whom}, {everywhere} to the whole fleet"

    @property
    def table(self) -> RuleTable:
        """The list."""
        return self.query_one("#rules", RuleTable)

    @property
    def _whom(self) -> str:
        """Whom a new rule meets."""
        if self._crowd is not None:
            shown = figures.fit(figures.safe(self._crowd.filter, self.window.glyphs), 20, self.window.glyphs).rstrip()
            return f"{figures.count(self._crowd.stations, 'station')} of {shown}"
        if len(self._targets) == 1:
            return figures.safe(self._targets[0].station_id, self.window.glyphs)
        return f"{len(self._targets)} stations"

    def places(self) -> tuple[Where, ...]:
        """Its keys."""
        return (Where.RULES,)

    def targets(self) -> tuple[Target, ...]:
        """The station under the cursor, or else those that the screen was opened on."""
        here = self.table.here
        return self._targets if here is None else (Target(here.station.station_id),)

    def crowd(self) -> Crowd | None:
        """What the screen was opened on, as long as nothing is under the cursor."""
        return self._crowd if self.table.here is None else None

    def wanted(self) -> View:
        """Nothing but the stations with rules."""
        return View(0, 0, 0, ruled=True)

    async def pull(self) -> None:
        """The rules as they stand now."""
        view = await self.window.view(self.wanted())
        if view is not None and self.stands:
            self.table.show(view.ruled, view.at)

    def show(self) -> None:
        """Everything that changed."""
        if not self.stands:
            return
        dot = self.window.glyphs.dot
        self.query_one("#title", TitleBar).show(
            [
                (" evtui ", "here"),
                (f"{self.window.glyphs.crumb} ", "dim"),
                ("rules on the wire", "title"),
                (f" {dot} {self.window.key_of('rules.add')} adds to {self._whom}", "text"),
                (f" {dot} {self.window.host_trouble}" if self.window.host_trouble else "", "bad"),
            ]
        )
        self.table.repaint()
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    def why_not(self, spec: KeySpec) -> str | None:
        """Why a key cannot act on what is under the cursor."""
        return self.window.orders.why_not(spec) or self._missing(spec.id)

    def _missing(self, key: str) -> str | None:
        here = self.table.here
        if key in _ON_HELD and not (here and isinstance(here.what, HeldRow)):
            return "no held frame is under the cursor"
        if key == "rules.remove" and (here is None or isinstance(here.what, HeldRow)):
            return "no rule is under the cursor"
        if key == "rules.clear" and here is None:
            return "there is no rule"
        return None

    # -- adding -----------------------------------------------------------------------------------

    def action_add(self, everywhere: bool = False) -> None:
        """Asks what a new rule is to do, then to what, and adds it."""

        def chosen(action: str | None) -> None:
            if action == "answer":
                self._choose_code(lambda code: self._fill_in(action, {"code": code}, everywhere))
            elif action is not None:
                self._fill_in(action, {}, everywhere)

        whom = "the whole fleet" if everywhere else self._whom
        if self._refuses("rules.add"):
            return
        if not everywhere and not (self._crowd.stations if self._crowd else self._targets):
            self.window.tell("there is no station to add a rule to", bad=True)
            return
        self.window.push_screen(Choose(self.window.glyphs, f"What becomes of frames of {whom}?", ACTIONS), chosen)

    def _fill_in(self, action: str, given: dict[str, str], everywhere: bool) -> None:
        """Asks for what the rule needs; what is refused can be mended."""
        spec = COMMANDS["add-rule"]
        fields = {
            each.name: msgspec.structs.replace(each, default=given.get(each.name, each.default))
            for each in spec.arguments
        }
        title, help = f"Rule: {action}", dict(ACTIONS)[action]
        asked = msgspec.structs.replace(
            spec, title=title, help=help, arguments=tuple(fields[name] for name in _FIELDS[action])
        )

        def filled(arguments: dict[str, str] | None) -> None:
            if arguments is not None:
                code = {"code": given["code"]} if "code" in given else {}
                every = {"action": action, **code, **arguments}
                filter = "" if everywhere else self._crowd.filter if self._crowd else None
                command = Command("add-rule", () if everywhere else self._targets, every, filter)
                self._do(command, lambda: self._fill_in(action, every, everywhere))

        self.window.push_screen(Arguments(asked, keep=True), filled)

    # -- held frames ------------------------------------------------------------------------------

    def action_decide(self) -> None:
        """Asks what becomes of the held frame."""
        if (found := self._held("rules.decide")) is None:
            return
        entry, frame = found
        way = "to the CSMS" if frame.direction == "SENT" else "from the CSMS"
        title = f"{entry.station.station_id}: {frame.action or frame.type} {way}"
        offered = [each for each in VERDICTS if each[0] != "answer" or frame.type == "CALL"]

        def chosen(verdict: str | None) -> None:
            if verdict is not None:
                self._verdict(entry, frame, verdict)

        self.window.push_screen(Choose(self.window.glyphs, figures.safe(title, self.window.glyphs), offered), chosen)

    def action_release(self, verdict: str) -> None:
        """Decides at once."""
        if (found := self._held(f"rules.{verdict}")) is not None:
            self._verdict(*found, verdict)

    def _verdict(self, entry: Entry, frame: HeldRow, verdict: str) -> None:
        def release(given: dict[str, str]) -> None:
            arguments = {"do": verdict, "frame": str(frame.number), **given}
            self._do(Command("release", (Target(entry.station.station_id),), arguments))

        if verdict == "delay":
            self._ask("delay-ms", "200", release)
        elif verdict == "answer":
            self._choose_code(lambda code: release({"code": code}), entry.station.version)
        elif verdict != "edit":
            release({})
        elif frame.masked:
            self.window.tell("a secret in it is not shown, and an edit would send the mask instead", bad=True)
        elif frame.size > len(frame.text):
            self.window.tell(f"{frame.size:,} characters are too long to be edited here", bad=True)
        else:
            self._edit(entry, frame)

    def _edit(self, entry: Entry, frame: HeldRow) -> None:
        """Lets the frame be edited; one that was not passes as it is."""
        station = entry.station

        def written(text: str | None) -> None:
            if text is not None:
                verdict = {"do": "pass"} if text == frame.text else {"do": "edit", "text": text}
                arguments = {**verdict, "frame": str(frame.number)}
                self._do(Command("release", (Target(station.station_id),), arguments))

        title = f"{station.station_id}: {frame.action or frame.type}"
        self.window.composer.edit_frame(title, frame.text, station.version, frame.action, written)

    def _ask(self, name: str, value: str, then: Callable[[dict[str, str]], None]) -> None:
        """Asks for one argument of release."""
        spec = COMMANDS["release"]
        argument = next(each for each in spec.arguments if each.name == name)
        asked = msgspec.structs.replace(spec, arguments=(Argument(name, argument.help, value),))

        def filled(arguments: dict[str, str] | None) -> None:
            if arguments is not None:
                then(arguments)

        self.window.push_screen(Arguments(asked, keep=True), filled)

    def _choose_code(self, then: Callable[[str], None], version: str = "") -> None:
        codes = [(code, code) for code in CODES if version != "1.6" or code not in NOT_IN_16]

        def chosen(code: str | None) -> None:
            if code is not None:
                then(code)

        self.window.push_screen(Choose(self.window.glyphs, "Which error code?", codes), chosen)

    def _held(self, key: str) -> tuple[Entry, HeldRow] | None:
        here = self.table.here
        if self._refuses(key) or here is None or not isinstance(here.what, HeldRow):
            return None
        return here, here.what

    # -- keys -------------------------------------------------------------------------------------

    def action_remove(self) -> None:
        """Takes the rule under the cursor away, when that is meant."""
        here = self.table.here
        if self._refuses("rules.remove") or here is None or isinstance(here.what, HeldRow):
            return
        rule, station = here.what, here.station.station_id
        command = Command("remove-rule", (Target(station),), {"name": rule.name})
        glyphs = self.window.glyphs
        title = f"Remove the rule {rule.name} of {figures.brief(station, glyphs)}?"
        offered = {"ask.yes": "take it away", "ask.no": "keep it"}
        self.window.orders.asked(title, figures.safe(rule.text, glyphs), offered, lambda: self._do(command))

    def action_clear(self) -> None:
        """Takes all rules of the fleet away, when that is meant."""
        if self._refuses("rules.clear"):
            return
        offered = {"ask.yes": "take them away; what is held passes", "ask.no": "keep them"}
        command = Command("clear-rules", (), {}, "")
        text = "Every rule of every station goes."
        self.window.orders.asked("Clear all rules?", text, offered, lambda: self._do(command))

    def action_move(self, step: int) -> None:
        """Moves the cursor."""
        self.table.move(step)
        self.show()

    def action_page(self, step: int) -> None:
        """Moves the cursor by screens."""
        self.action_move(step * self.table.room)

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.leave()

    def _refuses(self, key: str) -> bool:
        reason = self.why_not(BY_ID[key])
        if reason:
            self.window.tell(reason, bad=True)
        return bool(reason)

    def _do(self, command: Command, again: Callable[[], None] = lambda: None) -> None:
        """`again` is called when nothing came of it."""
        self.run_worker(self._carry_out(command, again), group="rules", exit_on_error=False)

    async def _carry_out(self, command: Command, again: Callable[[], None]) -> None:
        outcome = await self.window.orders.carry_out(command)
        self.window.tell(outcome.text, bad=not outcome.done)
        if not any(result.done for result in outcome.results) and not outcome.done and self.is_active:
            again()


_ON_HELD = ("rules.decide", "rules.pass", "rules.drop", "rules.edit")
