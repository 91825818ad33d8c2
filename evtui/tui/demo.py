"""`evtui demo`: a show that plays itself, by the keys that a user would press."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from textual import events
from textual.keys import _character_to_key

from evtui.engine.door import LinkState
from evtui.tui.app import EvtuiApp
from evtui.tui.farewell import WindowResult
from evtui.tui.screens.station import StationScreen

STEP_S = 0.1
KEY_S = 0.35
TYPED_S = 0.07
PATIENCE_S = 20.0
"""How long the show waits for what it has asked for."""

_ENDS = ("q", "ctrl+q", "ctrl+c")
_RECORDS = ("ctrl+r", "ctrl+s")


class Stage:
    """What the show waits for: things that a spectator could see, too."""

    def __init__(self, app: "DemoApp") -> None:
        self._app = app

    def online(self) -> bool:
        """All stations are, and have told all that they tell at the beginning."""
        rows = self._app.scene.rows.values()
        return bool(rows) and all(row.link is LinkState.ONLINE and not row.queued for row in rows)

    def samples(self, station: str, count: int) -> Callable[[], bool]:
        """The station has sent so many meter values since it started the transaction that runs."""

        def reached() -> bool:
            return sum(1 for text in self._events(station) if '"MeterValuePeriodic"' in text) >= count

        return reached

    def ended(self, station: str) -> bool:
        """Its transaction has ended, and the CSMS knows why."""
        return any('"eventType":"Ended"' in text for text in self._events(station))

    def faulted(self) -> bool:
        """The EVSE of the station view is out of order."""
        return self._fault() is True

    def repaired(self) -> bool:
        """It is not any more."""
        return self._fault() is False

    def always(self) -> bool:
        """Nothing to wait for."""
        return True

    def _fault(self) -> bool | None:
        screen = self._app.screen
        here = screen.evse if isinstance(screen, StationScreen) else None
        return None if here is None else bool(here.row.faults)

    def _events(self, station: str) -> list[str]:
        """The TransactionEvents of a station, oldest first."""
        reader = self._app.reader
        if reader is None:
            return []
        frames = map(reader.frame, range(reader.first, reader.refresh()))
        return [frame.text for frame in frames if frame.station == station and frame.action == "TransactionEvent"]


class Beat(NamedTuple):
    """A caption, the keys that go with it, what it waits for, and how long it then stands."""

    caption: str
    keys: tuple[str, ...]
    until: Callable[[], bool]
    hold_s: float


def show(stage: Stage) -> tuple[Beat, ...]:
    """The show."""
    filtered = tuple("~s CP001 & ~a TransactionEvent")
    return (
        Beat("Four charging stations, and the CSMS they talk to", (), stage.online, 3),
        Beat("s: the cable goes in, the driver shows a card, it charges", ("s",), stage.samples("CP001", 2), 1),
        Beat("Below, every frame of both sides, with its round trip", ("right", "s"), stage.samples("CP002", 3), 2),
        Beat("/ filters the frames while you type", ("tab", "/", *filtered), stage.always, 2),
        Beat("enter keeps the filter", ("enter",), stage.always, 2),
        Beat(
            "enter on a station: charts, and why it gets this power",
            ("backspace", "escape", "left", "enter"),
            stage.samples("CP001", 14),
            2,
        ),
        Beat("! breaks something: what shall it be?", ("!",), stage.always, 3),
        Beat("A ground fault: the transaction ends, and the CSMS is told", ("enter",), stage.faulted, 4),
        Beat("! again: it is repaired", ("!",), stage.repaired, 3),
        Beat("v: other charts", ("v", "v"), stage.always, 3),
        Beat("d detaches: the fleet runs on, evtui attach comes back to it", ("escape",), stage.always, 4),
        Beat("x: the driver shows the card again, and drives off", ("right", "x"), lambda: stage.ended("CP002"), 3),
        Beat("? says what every key does. Enjoy.", ("?",), stage.always, 4),
    )


class DemoApp(EvtuiApp):
    """The window, played by a show. `rest` lets time pass; q ends it, the screen can be recorded, other keys have to
    wait."""

    def __init__(self, *arguments: Any, rest: Callable[[float], Awaitable[None]] = asyncio.sleep, **options: Any):
        super().__init__(*arguments, **options)
        self.keymap = {}  # it is played by the keys that its captions name
        self._rest = rest
        self._directed: set[events.Key] = set()

    async def on_mount(self) -> None:
        """The window as always, and the show on it."""
        await super().on_mount()
        self.run_worker(self._play(), group="live", exit_on_error=True)

    async def on_event(self, event: events.Event) -> None:
        """The keys of the show, and the one that ends it."""
        if not isinstance(event, events.Key) or event.is_forwarded or event.key in _RECORDS:
            await super().on_event(event)
        elif event in self._directed:
            self._directed.remove(event)
            await super().on_event(event)
        elif event.key in _ENDS:
            self.farewell.leave("the demo is over")
        else:
            self.tell("the show goes on by itself: q ends it")

    async def _play(self) -> None:
        for beat in show(Stage(self)):
            self.clear_notifications()
            self.notify(beat.caption, timeout=600, markup=False)
            await self._rest(KEY_S)
            typing = len(beat.keys) > 8
            for key in beat.keys:
                named = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
                pressed = events.Key(named, key if len(key) == 1 else None)
                self._directed.add(pressed)
                self.post_message(pressed)
                await self._rest(TYPED_S if typing else KEY_S)
            waited_s = 0.0
            while not beat.until():
                if waited_s >= PATIENCE_S:
                    self.end(WindowResult(1, f"evtui: the show stops, as nothing came of: {beat.caption}"))
                    return
                await self._rest(STEP_S)
                waited_s += STEP_S
            await self._rest(beat.hold_s)
        self.farewell.leave("the demo is over")
