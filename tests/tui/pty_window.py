"""A window on a fake fleet, for a terminal that counts its bytes: `python -m tests.tui.pty_window SECONDS STATIONS`.

The fleet's clock moves half a second at each pull, so that a second of charging costs as many repaints as at 2 Hz.
"""

import sys
from collections.abc import Awaitable, Callable

from evtui.tui.environment import prepare_environment

prepare_environment()

from evtui.engine.beside import HostDoor  # noqa: E402
from evtui.engine.door import FleetView, View  # noqa: E402
from evtui.tui.app import EvtuiApp  # noqa: E402
from evtui.tui.farewell import WindowResult  # noqa: E402
from evtui.tui.spans import send_only_what_changed  # noqa: E402
from tests.tui.fake_door import FakeDoor  # noqa: E402

MARK = "\x1b]9;mark\x07"
"""Written when the figures begin to move, and when they have moved for long enough."""


class MovingDoor(FakeDoor):
    """A fleet whose time passes while it is looked at."""

    def __init__(self, stations: int, seconds: int) -> None:
        super().__init__(stations)
        self.pulls = 0
        self.seconds = seconds
        self.mark: Callable[[], None] = lambda: None
        self.end: Callable[[], None] = lambda: None

    async def fleet(self, view: View) -> FleetView:
        self.pulls += 1
        if self.pulls == 10:
            self.mark()
        elif self.pulls == 10 + 2 * self.seconds:
            self.mark()
            self.end()
        elif self.pulls > 10:
            if self.pulls % 2:
                self.advance(1)
            else:
                for evse in (evse for station in self.stations for evse in station.evses):
                    evse.energy_wh += evse.power_w(self.at) * 60 / 7200
        return await super().fleet(view)


def main() -> None:
    seconds, stations, charging = (int(each) for each in sys.argv[1:4])
    door = MovingDoor(stations, seconds)
    for number in range(charging):
        door.start(number)
        door.advance(20)

    def connect() -> Awaitable[HostDoor]:
        async def give() -> HostDoor:
            return door

        return give()

    send_only_what_changed()
    app = EvtuiApp(connect, open_reader=lambda directory: door.reader, refresh_hz=20)
    app.fleet_screen.log_shown = False

    def mark() -> None:
        assert app._driver is not None
        app._driver.write(MARK)

    door.mark = mark
    door.end = lambda: app.exit(WindowResult())
    app.run()


if __name__ == "__main__":
    main()
