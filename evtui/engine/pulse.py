"""The pulse of a fleet: it takes the pace, and notices when the machine stood still."""

from evtui.engine.board import Board
from evtui.engine.clock import sleep_until

_PERIOD_S = 1.0
_STALLED_S = 5.0


class Pulse:
    """Beats once a second. A beat that comes late by more than 5 s, or a clock that jumped ahead by as much, means that
    the machine was suspended or overloaded: that is told, and the stations count no energy for it."""

    name = "pulse"

    def __init__(self, board: Board) -> None:
        self._board = board

    async def run(self) -> None:
        clock = self._board.clock
        before = clock.now()
        while True:
            await sleep_until(clock, before.elapsed_s + _PERIOD_S)
            now = clock.now()
            elapsed_s = now.elapsed_s - before.elapsed_s
            passed_s = max(elapsed_s, (now.utc - before.utc).total_seconds())
            if passed_s > _PERIOD_S + _STALLED_S:
                text = (
                    f"this machine stood still for {passed_s:.0f} s, or its clock was set: no energy is counted for it"
                )
                self._board.feed.publish(now.utc.timestamp(), "stalled", "", text=text)
                self._board.changed()
            board = self._board
            board.history.record(now.elapsed_s, board.power_w, board.offered_w, board.energy_wh, board.transactions)
            if board.pace.beat(now.elapsed_s, self._board.tap.frames):
                self._board.changed()
            before = now

    def crashed(self, error: Exception) -> None:
        """It beats again soon; nobody depends on it."""
