"""What a station and its link tell: to the feed of the fleet, to the ledger of its transactions, and to listeners."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from evtui.engine.board import Board
from evtui.engine.door import LinkState
from evtui.engine.ear import Ear, Heard
from evtui.engine.ledger import Ledger
from evtui.ocppj.fault import printable
from evtui.sim.actions import Notice, NoticeKind
from evtui.sim.metering.digits import told

_WORDS = {kind: kind.value for kind in NoticeKind}  # `value` is worked out each time that it is asked for
_SAMPLE: Final = NoticeKind.SAMPLE
_TROUBLES = (NoticeKind.WARNING, NoticeKind.DISCARDED)


class Voice:
    """Of one station. `link` is how its link stands, `trouble` the newest problem in a line, `ledger` its
    transactions."""

    __slots__ = ("_board", "_ears", "_station_id", "ledger", "link", "trouble")

    def __init__(self, station_id: str, board: Board) -> None:
        self.link = LinkState.OFFLINE
        self.trouble = ""
        self.ledger = Ledger()
        self._station_id = station_id
        self._board = board
        self._ears: list[Ear] = []

    @contextmanager
    def listen(self) -> Iterator[Ear]:
        """An ear to what is told as long as the context lasts."""
        ear = Ear(self._board.clock)
        self._ears.append(ear)
        try:
            yield ear
        finally:
            self._ears.remove(ear)

    def tell(self, heard: Heard) -> None:
        """To those who listen alone."""
        for ear in self._ears:
            ear.hear(heard)

    def notice(self, notice: Notice, at: float) -> None:
        """What the station says of itself; `at` is Unix time."""
        kind, text, power_w, energy_wh = notice.kind, notice.text, notice.power_w, notice.energy_wh
        if kind is not _SAMPLE:
            self._note(notice, at)
        self._board.feed.publish(
            at,
            _WORDS[kind],
            self._station_id,
            notice.evse_id,
            printable(text) if text else "",
            notice.transaction_id,
            None if power_w is None else told(power_w),
            None if energy_wh is None else told(energy_wh),
        )
        if self._ears:
            self.tell(notice)

    def _note(self, notice: Notice, at: float) -> None:
        """What of it is remembered here."""
        kind, transaction_id = notice.kind, notice.transaction_id
        if kind is NoticeKind.SESSION_STARTED and transaction_id is not None:
            self.ledger.started(transaction_id, notice.evse_id, at)
        elif kind is NoticeKind.SESSION_ENDED and transaction_id is not None:
            self.ledger.ended(transaction_id, at, notice.energy_wh or 0.0, notice.text)
        elif kind in _TROUBLES:
            self.trouble = printable(notice.text)

    def announce(self, kind: str, text: str = "") -> None:
        """Something that is neither a state of the link nor a notice of the station."""
        self._board.changed()
        self._board.feed.publish(self._now, kind, self._station_id, text=text)

    def show(self, link: LinkState, text: str = "") -> None:
        """The link is in this state now."""
        if link is self.link:
            return
        self._board.online += (link is LinkState.ONLINE) - (self.link is LinkState.ONLINE)
        self.link = link
        self._board.changed()
        self._board.feed.publish(self._now, link.value, self._station_id, text=text)
        self.tell(link)

    @property
    def _now(self) -> float:
        return self._board.clock.now().utc.timestamp()
