"""What a key orders: for whom, whether they can, what is asked before, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from evtui.engine.commands import COMMANDS, CommandSpec, Scope
from evtui.engine.door import Command, Door, Outcome, Target, View
from evtui.errors import EvtuiError, said
from evtui.tui import figures
from evtui.tui.keys import KeySpec
from evtui.tui.patience import PATIENCE_S
from evtui.tui.screens.ask import Ask

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp


class Orders:
    """The commands of the registry, as the window submits them."""

    def __init__(self, window: EvtuiApp) -> None:
        self._window = window

    def here(self, name: str) -> None:
        """Submits a command for what it acts on here; asks first if that is all that a filter shows."""
        self._for_whom(COMMANDS[name], lambda targets, filter: self.submit(name, targets, filter=filter))

    def with_arguments(self, name: str) -> None:
        """The same, and asks for the command's arguments if it has any; asks first before it takes something away."""
        screen = self._window.shown_screen()
        targets = () if screen.crowd() is not None or self._window.refusal() else screen.targets()
        if targets and name == "remove-station":
            self._ask_to_remove(targets)
            return
        if targets and name == "clear-rules":
            self._ask_to_clear(targets)
            return
        self._for_whom(COMMANDS[name], lambda targets, filter: self._fill_in(name, targets, filter))

    def _for_whom(self, spec: CommandSpec, act: Callable[[tuple[Target, ...], str | None], None]) -> None:
        window = self._window
        screen = window.shown_screen()
        crowd = None if spec.scope is Scope.FLEET or window.refusal() else screen.crowd()
        if crowd is None:
            act(screen.targets(), None)
            return
        if not crowd.stations:
            window.tell("the filter lets no station through", bad=True)
            return

        def answered(answer: str | None) -> None:
            if answer == "yes":
                act((), crowd.filter)
            elif answer == "one" and crowd.here is not None:
                act((crowd.here,), None)

        question, reason, offered = crowd.question(spec), crowd.reason(window.glyphs), crowd.offered(window.glyphs)
        window.push_screen(Ask(window.glyphs, window.keymap, question, reason, offered), answered)

    def submit(
        self,
        name: str,
        targets: tuple[Target, ...],
        arguments: dict[str, str] | None = None,
        *,
        filter: str | None = None,
    ) -> None:
        """Submits a command for those of `targets` that can do it, or for all stations that a `filter` lets through; a
        toast says why if none can."""
        spec, window = COMMANDS[name], self._window
        if (refused := window.refusal()) or window.door is None:
            window.tell(refused, bad=True)
            return
        if spec.scope is not Scope.FLEET and filter is None and (reason := self._unable(name, targets)):
            window.tell(reason, bad=True)
            return
        if spec.scope is Scope.EVSE and filter is None:
            screen = window.shown_screen()
            rows = [(target, screen.look_up(target)) for target in targets]
            targets = tuple(target for target, row in rows if row is None or spec.possible(*row) is None)
        window.run_worker(
            self._deliver(window.door, Command(name, targets, arguments or {}, filter)),
            group="orders",
            exit_on_error=False,
        )

    def _fill_in(self, name: str, targets: tuple[Target, ...], filter: str | None) -> None:
        spec = COMMANDS[name]
        reason = self._unable(name, targets) if spec.scope is not Scope.FLEET and filter is None else None
        if reason or self._window.read_only or not spec.arguments:
            self.submit(name, targets, filter=filter)
            return
        from evtui.tui.screens.arguments import Arguments

        def answered(arguments: dict[str, str] | None) -> None:
            if arguments is not None:
                self.submit(name, targets, arguments, filter=filter)

        self._window.push_screen(Arguments(spec), answered)

    async def carry_out(self, command: Command) -> Outcome:
        """What comes of a command, also when it could not be submitted."""
        window = self._window
        if (refused := window.refusal()) or window.door is None:
            return Outcome(False, refused)
        try:
            outcome = await window.door.submit(command)
        except (EvtuiError, OSError, EOFError) as error:
            return Outcome(False, said(error))
        window.pull_soon()
        return outcome

    async def _deliver(self, door: Door, command: Command) -> None:
        try:
            outcome = await door.submit(command)
        except (EvtuiError, OSError, EOFError) as error:
            if not self._window.leaving:
                self._window.tell(said(error), bad=True)
            return
        if not outcome.done:
            self._window.tell(outcome.text, bad=True)
        elif len(command.targets) != 1 or not COMMANDS[command.name].plain:
            self._window.tell(outcome.text)
        self._window.pull_soon()

    def why_not(self, spec: KeySpec, targets: tuple[Target, ...] | None = None) -> str | None:
        """Why a key cannot act now, None if it can for at least one of `targets`."""
        window = self._window
        if (spec.changes or (spec.action == "resend" and window.read_only)) and (refused := window.refusal()):
            return refused
        if not spec.command or targets is None:
            return None
        return self._unable(spec.command, targets)

    def _unable(self, name: str, targets: tuple[Target, ...]) -> str | None:
        if not targets:
            return "there is no EVSE under the cursor"
        screen = self._window.shown_screen()
        reason = None
        for target in targets:
            rows = screen.look_up(target)
            why = COMMANDS[name].possible(*rows) if rows else None
            if why is None:
                return None
            reason = reason or why
        return reason

    async def mark_all(self) -> None:
        """Marks every EVSE that is shown; if all are marked, none."""
        door, scene = self._window.door, self._window.scene
        if door is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                view = await door.fleet(View(0, max(1, scene.shown), 0, scene.filter))
        except (EvtuiError, OSError, EOFError) as error:
            self._window.tell(f"cannot mark all: {said(error)}", bad=True)
            return
        everything = {Target(row.id, evse.evse_id) for row in view.rows for evse in row.evses}
        marks = scene.marks
        scene.marks = marks - everything if marks >= everything else marks | everything

    def remove_station(self) -> None:
        """Takes the marked stations away, or those that a filter shows, or the one under the cursor; always asks, as a
        slip of a key must not take anything away."""
        window = self._window
        if window.scene.marks and not window.refusal():
            self._ask_to_remove(window.scene.targets())
            return
        if window.fleet_screen.crowd() is not None:
            self.here("remove-station")
            return
        here = window.scene.target()
        if here is None or window.read_only:
            window.tell("this window is read-only" if window.read_only else "there is no station to remove", bad=True)
            return
        self._ask_to_remove((here,))

    def _ask_to_remove(self, targets: tuple[Target, ...]) -> None:
        """Asks before these stations go, and says what would end with them as far as it is in view."""
        stations = tuple(dict.fromkeys(Target(target.station_id) for target in targets))
        text, ends = "Transactions that run there end.", True
        if len(stations) == 1 and (row := self._window.shown_screen().look_up(targets[0])):
            running = sum(evse.transaction_id is not None for evse in row[0].evses)
            text = f"{figures.count(running, 'transaction')} run{'' if running != 1 else 's'} there and would end."
            text, ends = (text, True) if running else ("No transaction runs there.", False)
        them = "it" if len(stations) == 1 else "them"
        offered = {"ask.yes": f"{'end what runs and ' if ends else ''}take {them} away", "ask.no": "take nothing away"}
        self.asked(f"Remove {self._named(stations)}?", text, offered, lambda: self.submit("remove-station", stations))

    def _ask_to_clear(self, targets: tuple[Target, ...]) -> None:
        """Asks before all rules of these stations go."""
        stations = tuple(dict.fromkeys(Target(target.station_id) for target in targets))
        offered = {"ask.yes": "take them away; what is held passes", "ask.no": "keep them"}
        title, text = "Clear rules?", f"Every rule of {self._named(stations)} goes."
        self.asked(title, text, offered, lambda: self.submit("clear-rules", stations))

    def _named(self, stations: tuple[Target, ...]) -> str:
        """One by its name, several by their number."""
        if len(stations) == 1:
            return figures.brief(stations[0].station_id, self._window.glyphs)
        return f"{len(stations):,} marked stations"

    def asked(self, title: str, text: str, offered: dict[str, str], act: Callable[[], None]) -> None:
        """Acts once the question was answered with yes."""

        def answered(answer: str | None) -> None:
            if answer == "yes":
                act()

        window = self._window
        window.push_screen(Ask(window.glyphs, window.keymap, title, text, offered), answered)
