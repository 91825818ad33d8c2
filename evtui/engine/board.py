"""What all sessions of a fleet share: clock, tap, event feed, figures, and the version that says something changed."""

from evtui.engine.clock import Clock
from evtui.engine.door import Totals
from evtui.engine.feed import Feed
from evtui.engine.history import FleetHistory
from evtui.engine.pace import Pace
from evtui.engine.tap import Tap


class Board:
    """Sessions write on it, views read from it. The figures are kept by differences, so that a view costs the same
    for four stations and for five thousand."""

    def __init__(self, clock: Clock, tap: Tap) -> None:
        self.clock = clock
        self.tap = tap
        self.feed = Feed()
        self.pace = Pace()
        self.changes = 1
        """Of what views show, without frames."""
        self.online = 0
        self.transactions = 0
        self.queued = 0
        self.rules = 0
        self.held = 0
        self.power_w = 0.0
        self.offered_w = 0.0
        self.energy_wh = 0.0
        self.history = FleetHistory(clock.now().elapsed_s)

    @property
    def version(self) -> int:
        """It goes up when a view may show something else."""
        return self.changes + self.tap.frames

    def changed(self) -> None:
        """Something that a view shows is different now."""
        self.changes += 1

    def totals(self, stations: int) -> Totals:
        """The figures of the whole fleet; energy is what all meters have counted since their stations were added. A sum
        of differences may end a hair below 0, which is not to be seen."""
        return Totals(
            stations,
            self.online,
            self.transactions,
            max(0.0, round(self.power_w, 3)),
            max(0.0, round(self.energy_wh, 3)),
            self.tap.frames,
            self.queued,
            self.pace.frames_per_s,
            self.pace.rtt_p50_s,
            self.pace.rtt_p99_s,
            self.tap.errors,
            self.rules,
            self.held,
            max(0.0, round(self.offered_w, 3)),
        )

    def close(self) -> None:
        """Writes what is still in memory."""
        self.tap.close()
