"""What every screen of the window shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.screen import Screen

from evtui.engine.beside import CsmsTransaction
from evtui.engine.door import EvseRow, StationRow, Target
from evtui.tui.bindings import bindings
from evtui.tui.crowd import Crowd
from evtui.tui.keys import KeySpec, Where

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp


class EvtuiScreen(Screen[None], inherit_bindings=False):
    """A screen that is shown anew after each pull. Everything on it comes from the app's scene and the door."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.EVERYWHERE)
    AUTO_FOCUS = ""

    @property
    def window(self) -> EvtuiApp:
        """The app, by its own type."""
        return cast("EvtuiApp", self.app)

    @property
    def stands(self) -> bool:
        """Its widgets are there: they are not before it is mounted, nor once somebody has left it."""
        return self.is_mounted and self.display

    def places(self) -> tuple[Where, ...]:
        """Whose keys work now, the most particular first."""
        return ()

    is_csms = False
    """One is at the CSMS here, not at the stations."""

    def version_of(self, station_id: str) -> str:
        """The OCPP version of a station, if this screen knows it."""
        return ""

    def selected(self) -> CsmsTransaction | None:
        """The transaction that is under the cursor here."""
        return None

    def beneath(self) -> tuple[Where, ...]:
        """Whose keys work, too, as far as those of `places` leave them free."""
        return ()

    def targets(self) -> tuple[Target, ...]:
        """What a command acts on here."""
        return ()

    def crowd(self) -> Crowd | None:
        """What a command acts on instead, after it was asked: stations that a filter shows."""
        return None

    def look_up(self, target: Target) -> tuple[StationRow, EvseRow] | None:
        """The rows of a target, None when they are not known here."""
        return None

    def why_not(self, spec: KeySpec) -> str | None:
        """Why a key cannot act now, None if it can."""
        return self.window.orders.why_not(spec)

    def leave(self) -> None:
        """Back to the screen below; once, however fast keys come."""
        if self.is_active:
            self.window.pop_screen()

    async def pull(self) -> None:
        """Fetches what this screen alone shows."""

    def show(self) -> None:
        """Shows what is known now."""

    def action_order(self, name: str) -> None:
        """Submits a command of the registry for what it acts on here."""
        self.window.orders.here(name)

    def action_fill_in(self, name: str) -> None:
        """Asks for the arguments of a command, then submits it for what it acts on here."""
        self.window.orders.with_arguments(name)

    def action_open_rules(self) -> None:
        """Rules on the wire, to be added to what is shown here."""
        self.window.ways.rules(self.targets(), self.crowd())

    def action_focus_other(self, step: int) -> None:
        """Moves the focus on, if there is another part to go to."""
        if len(self.focus_chain) < 2 and self.focused in self.focus_chain:
            self.window.tell("this screen has no other part to go to now")
            return
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def on_screen_resume(self) -> None:
        """What was hidden may be old."""
        self.show()
