"""The books as rows: how they are written down, and what is to be written at once."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final

import msgspec

from evtui.csms.journal import Journal, PartName
from evtui.csms.meter import Figures, figures
from evtui.csms.registry import BootInfo, StationRecord
from evtui.csms.reports import Report, Variable
from evtui.csms.transactions import Transaction

Row = tuple[object, ...]

_encode: Final = msgspec.json.Encoder().encode
_COLUMN: Final = 1 << 63
_TEXT: Final = 7  # its place in the row of a frame


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is stored of a station by itself; the names are those of StationRecord."""

    version: str = ""
    registration: str | None = None
    boot: BootInfo | None = None
    last_seen: float | None = None
    frames_received: int = 0
    frames_sent: int = 0
    firmware_status: str | None = None
    log_status: str | None = None
    instructed: tuple[str, ...] = ()


class StoredReport(msgspec.Struct, frozen=True):
    """A complete report; its items are JSON in JSON."""

    kind: str
    request_id: int
    completed_at: float
    items: tuple[msgspec.Raw, ...]


ConnectorRow = tuple[int, int, str, float]
ReadingRow = tuple[int, float, Figures]


def _record(station: StationRecord) -> Record:
    return Record(
        station.version,
        station.registration,
        station.boot,
        station.last_seen,
        station.frames_received,
        station.frames_sent,
        station.firmware_status,
        station.log_status,
        tuple(sorted(station.instructed)),
    )


def _connectors(station: StationRecord) -> list[ConnectorRow]:
    return [(*place, state.status, state.at) for place, state in station.connectors.items()]


def _readings(station: StationRecord) -> list[ReadingRow]:
    return [(evse_id, at, figures(reading)) for evse_id, (at, reading) in station.readings.items()]


def _reports(station: StationRecord) -> list[StoredReport]:
    return [_report(each) for each in station.reports]


def _report(report: Report) -> StoredReport:
    return StoredReport(report.kind, report.request_id, report.completed_at, tuple(map(msgspec.Raw, report.items)))


def _device_model(station: StationRecord) -> Mapping[str, Variable]:
    return station.device_model.variables


_PARTS: Final[Mapping[PartName, Callable[[StationRecord], Any]]] = {
    "record": _record,
    "connectors": _connectors,
    "readings": _readings,
    "reports": _reports,
    "device_model": _device_model,
}


class Changes:
    """Rows that are written together, by table. Later ones count where two have the same key."""

    def __init__(self) -> None:
        self.stations: list[Row] = []
        self.parts: dict[tuple[int, str], str] = {}
        self.notices: list[Row] = []
        self.pages: list[Row] = []
        self.complete: list[Row] = []
        self.transactions: dict[int, Row] = {}
        self.samples: list[Row] = []
        self.steps: list[Row] = []
        self.folded = 0
        """The number of the newest step that the rows of transactions make superfluous, as all before it."""
        self.starts: list[Row] = []
        self.tokens: dict[tuple[str, str], str | None] = {}
        self.settings: dict[tuple[str, str], str | None] = {}
        self.frames: list[list[Any]] = []
        """Numbered without gaps."""
        self.characters = 0
        """Of the frames' texts."""
        self.lost = 0
        """Rows that there was no room for."""
        self.answered: dict[int, int] = {}
        """CALLs that were written before their answers came, and the numbers of these."""

    def add(self, newer: "Changes") -> "Changes":
        """Takes newer changes in."""
        self.stations += newer.stations
        self.parts.update(newer.parts)
        self.notices += newer.notices
        self.pages += newer.pages
        self.complete += newer.complete
        self.transactions.update(newer.transactions)
        self.samples += newer.samples
        self.steps += newer.steps
        self.folded = max(self.folded, newer.folded)
        self.starts += newer.starts
        self.tokens.update(newer.tokens)
        self.settings.update(newer.settings)
        self.frames += newer.frames
        self.characters += newer.characters
        self.lost += newer.lost
        self.answered.update(newer.answered)
        return self

    def keep_within(self, most_rows: int, most_characters: int) -> None:
        """Lets the oldest of what only grows go, where nothing can be written."""
        while len(self.frames) > most_rows or self.characters > most_characters:
            half = max(len(self.frames) // 2, 1)
            self.characters -= sum(len(row[_TEXT]) for row in self.frames[:half])
            self.lost += half
            del self.frames[:half]
        for rows in (self.notices, self.pages, self.complete, self.samples, self.steps, self.starts):
            if len(rows) > most_rows:
                self.lost += len(rows) - most_rows
                del rows[:-most_rows]


def take(journal: Journal, changes: Changes, now: float, numbers: Callable[[], int]) -> None:
    """Takes what the journal has as rows, at a moment (Unix time). `numbers` gives those of notices and pages, which
    nobody else needs."""
    for transaction in journal.transactions:
        changes.transactions[transaction.number] = transaction_row(transaction, now)
    for station, name in journal.parts:
        changes.parts[station.number, name] = text(_PARTS[name](station))
    for station in journal.stations:
        changes.stations.append((station.number, plain(station.id)))
    for station, notice in journal.notices:
        changes.notices.append((numbers(), station.number, notice.at, notice.action, plain(notice.text)))
    for station, page in journal.pages:
        changes.pages.append((numbers(), station.number, page.kind, str(page.request_id), text(page)))
    for station, kind, request_id in journal.complete:
        changes.complete.append((numbers(), station.number, kind, str(request_id)))
    for number, start in journal.starts:
        changes.starts.append((number, text(start)))
    for (value, kind), entry in journal.tokens.items():
        changes.tokens[plain(value), kind] = None if entry is None else text(entry)
    changes.settings.update(journal.settings)
    journal.clear()


def transaction_row(transaction: Transaction, now: float) -> Row:
    """All that is known of a transaction, but for the points of its series."""
    facts = transaction.facts()
    evse_id, connector_id = (None, None) if facts.evse is None else facts.evse[1]
    return (
        transaction.number,
        transaction.station_id,
        plain(transaction.transaction_id),
        None if evse_id is None else _column(evse_id),
        None if connector_id is None else _column(connector_id),
        None if facts.id_token is None else plain(facts.id_token[1].value),
        transaction.started_at,
        None if facts.ended is None else facts.ended[1],
        None if facts.stopped_reason is None else plain(facts.stopped_reason[1]),
        transaction.energy_wh,
        None if facts.remote_start_id is None else _column(facts.remote_start_id[1]),
        now,
        text(facts),
    )


def text(value: Any) -> str:
    """As JSON."""
    return _encode(value).decode()


def plain(value: str) -> str:
    """Text as SQL can hold it: halves of surrogate pairs as escapes."""
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def flat(rows: Iterable[Iterable[object]]) -> list[object]:
    """The values of rows, one after the other."""
    return list(chain.from_iterable(rows))


def _column(number: int | None) -> int | None:
    """A number as a column holds it, None for those that are beyond any sense."""
    return number if number is None or -_COLUMN <= number < _COLUMN else None
