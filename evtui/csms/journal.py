"""What has changed in the books since it was last written: the books note it here, the store takes it away."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from evtui.csms.meter import Reading
    from evtui.csms.numbers import Start
    from evtui.csms.registry import Notice, StationRecord
    from evtui.csms.reports import Page
    from evtui.csms.tokens import TokenEntry
    from evtui.csms.transactions import Transaction

PartName = Literal["record", "connectors", "readings", "reports", "device_model"]
Step = tuple["Transaction", int | None, float, "Reading", str | None]
"""A transaction, the seqNo of an event that told nothing else, a reading with its time, and the charging state."""


class Watcher(Protocol):
    """Who is told of changes at once, whether the journal is keeping or not."""

    def station_changed(self, station: "StationRecord", part: PartName) -> None:
        """A part of a station's record is another than it was."""

    def transaction_changed(self, transaction: "Transaction") -> None:
        """More is known of a transaction."""


class Journal:
    """Empty, and stays so unless it is `keeping`. `on_change` is called when there is something new."""

    watcher: Watcher | None = None

    def __init__(self, keeping: bool = False) -> None:
        self.keeping = keeping
        self.on_change: Callable[[], None] = lambda: None
        self.clear()

    def clear(self) -> None:
        """All has been taken away."""
        self.changed = False
        self.stations: list[StationRecord] = []
        self.parts: dict[tuple[StationRecord, PartName], None] = {}
        self.notices: list[tuple[StationRecord, Notice]] = []
        self.pages: list[tuple[StationRecord, Page]] = []
        self.complete: list[tuple[StationRecord, str, int]] = []
        self.transactions: dict[Transaction, None] = {}
        self.steps: list[Step] = []
        self.starts: list[tuple[int, Start]] = []
        self.tokens: dict[tuple[str, str], TokenEntry | None] = {}
        self.settings: dict[tuple[str, str], str | None] = {}

    def station(self, station: "StationRecord") -> None:
        """A station came for the first time."""
        if self.keeping:
            self.stations.append(station)
        self.part(station, "record")

    def part(self, station: "StationRecord", name: PartName) -> None:
        """A part of a station's record is another than it was."""
        if self.watcher is not None:
            self.watcher.station_changed(station, name)
        if self.keeping:
            self.parts[station, name] = None
            self._note()

    def notice(self, station: "StationRecord", notice: "Notice") -> None:
        """A station has reported something once."""
        if self.keeping:
            self.notices.append((station, notice))
            self._note()

    def page(self, station: "StationRecord", page: "Page") -> None:
        """A page of a report came that is not complete yet."""
        if self.keeping:
            self.pages.append((station, page))
            self._note()

    def report_ended(self, station: "StationRecord", kind: str, request_id: int) -> None:
        """A report is complete, or was given up: its pages are not needed any more."""
        if self.keeping:
            self.complete.append((station, kind, request_id))
            self._note()

    def transaction(self, transaction: "Transaction") -> None:
        """More is known of a transaction."""
        if self.watcher is not None:
            self.watcher.transaction_changed(transaction)
        if self.keeping:
            self.transactions[transaction] = None
            if not self.changed:
                self._note()

    def step(
        self, transaction: "Transaction", seq: int | None, at: float, reading: "Reading", state: str | None = None
    ) -> None:
        """A reading of the meter, and a charging state if one is given, is all that is new of a transaction; it came
        with this seqNo, or with none."""
        if self.watcher is not None:
            self.watcher.transaction_changed(transaction)
        if self.keeping:
            self.steps.append((transaction, seq, at, reading, state))
            if not self.changed:
                self._note()

    def start(self, number: int, start: "Start") -> None:
        """A transaction of a 1.6 station got its number."""
        if self.keeping:
            self.starts.append((number, start))
            self._note()

    def token(self, key: tuple[str, str], entry: "TokenEntry | None") -> None:
        """A token was listed, changed, or taken off the list (None)."""
        if self.keeping:
            self.tokens[key] = entry
            self._note()

    def setting(self, station_id: str, name: str, value: str | None) -> None:
        """A setting has another value, or none any more."""
        if self.keeping:
            self.settings[station_id, name] = value
            self._note()

    def _note(self) -> None:
        if not self.changed:
            self.changed = True
            self.on_change()
