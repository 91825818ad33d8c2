"""The ways from one screen to the next; a screen is loaded when somebody goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evtui.engine.beside import CsmsQuery
from evtui.engine.door import Target
from evtui.errors import EvtuiError, said
from evtui.tui.crowd import Crowd
from evtui.tui.frames import Frames

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp


class Ways:
    """Opens screens; says why when there is nothing to open."""

    def __init__(self, window: EvtuiApp) -> None:
        self._window = window

    def station(self) -> None:
        """Opens the station under the cursor."""
        here = self._window.scene.under_cursor()
        if here is None:
            self._window.tell("there is no station to open", bad=True)
            return
        from evtui.tui.screens.station import StationScreen

        self._window.push_screen(StationScreen(here[0].id, here[1].evse_id))
        self._window.pull_soon()

    def rules(self, targets: tuple[Target, ...], crowd: Crowd | None = None) -> None:
        """Opens the rules on the wire; new ones are for the stations of the `crowd`, or else of `targets`."""
        from evtui.tui.screens.rules import RulesScreen

        self._window.push_screen(RulesScreen(targets, crowd))
        self._window.pull_soon()

    def charts(self) -> None:
        """Opens the charts of the fleet."""
        from evtui.tui.screens.charts import ChartsScreen

        self._window.push_screen(ChartsScreen())
        self._window.pull_soon()

    def echonet(self) -> None:
        """Opens the ECHONET screen, or says that there is no node."""
        self._window.run_worker(self._enter_echonet(), group="open", exclusive=True, exit_on_error=False)

    async def _enter_echonet(self) -> None:
        try:
            node = await self._window.node()
        except (EvtuiError, OSError, EOFError) as error:
            self._window.tell(said(error), bad=True)
            return
        if node is None:
            self._window.tell("there is no ECHONET Lite node: evtui --echonet starts with one", bad=True)
            return
        from evtui.tui.screens.echonet import EchonetScreen

        self._window.push_screen(EchonetScreen(node))

    def csms(self) -> None:
        """Opens the CSMS screen, or says that there is no CSMS in here."""
        self._window.run_worker(self._enter_csms(), group="open", exclusive=True, exit_on_error=False)

    async def _enter_csms(self) -> None:
        try:
            view = await self._window.csms(CsmsQuery())
        except (EvtuiError, OSError, EOFError) as error:
            self._window.tell(said(error), bad=True)
            return
        if view is None:
            url = self._window.scene.view.csms_url if self._window.scene.view else ""
            where = f": the fleet dials {url}" if url and self._window.door else ""
            self._window.tell(f"there is no embedded CSMS here{where}", bad=True)
            return
        from evtui.tui.screens.csms import CsmsScreen

        self._window.push_screen(CsmsScreen(view))

    def frame(self, frames: Frames, number: int) -> None:
        """Opens a frame."""
        from evtui.tui.screens.frame import FrameScreen

        self._window.push_screen(FrameScreen(frames, number))
