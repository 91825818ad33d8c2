"""What the fleet tells without being asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evtui.engine.door import Door, FleetEvent
from evtui.errors import EvtuiError

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp

_LOUD = ("crashed", "stalled")
_ASKED = ("request", "reset")
_HELD = "frame-held"
_WARNING = "warning"
_MOST = 3
"""Warnings that are said aloud at once."""


class News:
    """Toasts of what happens."""

    def __init__(self, window: EvtuiApp) -> None:
        self._window = window

    async def watch(self, door: Door) -> None:
        """Says aloud what nobody should have to notice by looking."""
        after = 0
        begin = self._window.scene.at
        while True:
            try:
                events = await door.events(after)
            except (EvtuiError, OSError, EOFError) as error:
                self._window.host_gone(error)
                return
            news = [event for event in events if event.at >= begin]
            after = max([after, *(event.number for event in events)])
            warnings = [event for event in news if event.kind == _WARNING and not event.station_id]
            for event in warnings[-_MOST:]:  # they are about the whole fleet
                self._repeat(event, bad=True)
            for kind in _LOUD:  # one toast, however many stations a worker takes along
                loud = [event for event in news if event.kind == kind]
                if loud and not any(loud[0].text in warning.text for warning in warnings):
                    self._repeat(loud[0], f" (and {len(loud) - 1} more)" if len(loud) > 1 else "", bad=True)
            held = [event for event in news if event.kind == _HELD]
            if held:
                more = f" (and {len(held) - 1} more)" if len(held) > 1 else ""
                self._window.tell(
                    f"{held[-1].station_id} holds {held[-1].text}{more}: {self._window.key_of('fleet.rules')} decides"
                )
            asked = [event for event in news if event.kind in _ASKED]
            if asked:  # one toast, however many stations are asked
                self._repeat(asked[-1], f" (and {len(asked) - 1} more)" if len(asked) > 1 else "")
            self._window.pace.news()
            await self._window.pace.rest()

    def _repeat(self, event: FleetEvent, more: str = "", *, bad: bool = False) -> None:
        text = f"resets: {event.text}" if event.kind == "reset" else event.text
        self._window.tell(f"{event.station_id}: {text}{more}" if event.station_id else f"{text}{more}", bad=bad)
