"""What the tests of the window share: UTC, no animations, and a window on a fake fleet."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from evtui.tui.environment import prepare_environment

prepare_environment()

from textual.app import App  # noqa: E402
from textual.pilot import Pilot  # noqa: E402

from evtui.engine.beside import HostDoor  # noqa: E402
from evtui.settings import Settings  # noqa: E402
from evtui.tui.app import EvtuiApp  # noqa: E402
from evtui.tui.farewell import WindowResult  # noqa: E402
from tests.tui.fake_door import FakeDoor  # noqa: E402


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clock times in tests are those of UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def make_app(door: FakeDoor, settings: Settings | None = None, **options: Any) -> EvtuiApp:
    """A window on a fake fleet; it pulls when told to."""

    async def connect() -> HostDoor:
        return door

    return EvtuiApp(connect, settings, open_reader=lambda directory: door.reader, refresh_hz=0, **options)


def recorded_toasts(app: EvtuiApp) -> list[str]:
    """What toasts of a window will have said."""
    said: list[str] = []
    notify = app.notify

    def record(message: str, **options: Any) -> None:
        said.append(message)
        notify(message, **options)

    app.notify = record  # type: ignore[method-assign]
    return said


async def settle(pilot: Pilot[WindowResult]) -> None:
    """Until what was pressed has been handled and what changed is drawn."""
    app = pilot.app
    assert isinstance(app, EvtuiApp)
    for _ in range(2):
        await pilot.pause()
        if app.is_running and not app._exit:
            await app.pull()
    await pilot.pause()


def screen_text(app: App[Any]) -> str:
    """What the screen on top says, a line each."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


@dataclass
class Window:
    """A window under test."""

    app: EvtuiApp
    door: FakeDoor
    pilot: Pilot[WindowResult]
    toasts: list[str]
    """What toasts have said, oldest first, those too that are gone."""

    async def press(self, *keys: str) -> None:
        """Presses keys, and waits for what comes of each."""
        for key in keys:
            await self.pilot.press(key)
            await settle(self.pilot)

    async def pass_time(self, seconds: int) -> None:
        """Lets time pass in the fleet, and shows it."""
        self.door.advance(seconds)
        await settle(self.pilot)

    @property
    def text(self) -> str:
        """What the screen says."""
        return screen_text(self.app)

    @property
    def result(self) -> WindowResult | None:
        """How it ended."""
        return self.app.return_value


class OpenWindow(Protocol):
    """Opens a window."""

    def __call__(
        self, door: FakeDoor | None = None, size: tuple[int, int] = (80, 24), **options: Any
    ) -> AbstractAsyncContextManager[Window]: ...


@pytest.fixture
def open_window() -> OpenWindow:
    """A window on a fake fleet of four idle stations, or on another."""

    @asynccontextmanager
    async def opened(
        door: FakeDoor | None = None, size: tuple[int, int] = (80, 24), **options: Any
    ) -> AsyncIterator[Window]:
        door = door or FakeDoor()
        app = make_app(door, **options)
        toasts = recorded_toasts(app)
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            yield Window(app, door, pilot, toasts)

    return opened
