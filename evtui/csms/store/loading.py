"""The books as they were when the last CSMS ended, however it ended."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import msgspec

from evtui.csms.books import Books
from evtui.csms.meter import from_figures
from evtui.csms.numbers import MOST as MOST_STARTS
from evtui.csms.numbers import Start
from evtui.csms.registry import MOST_NOTICES, ConnectorState, Notice, StationRecord
from evtui.csms.reports import Page, Report, Variable
from evtui.csms.store.rows import ConnectorRow, ReadingRow, Record, StoredReport
from evtui.csms.store.steps import StepsOf, stored_steps
from evtui.csms.tokens import TokenEntry
from evtui.csms.transactions import MOST_ENDED, MOST_PER_STATION, Facts, Transaction

_decode: Final = msgspec.json.decode


def load(database: sqlite3.Connection, books: Books) -> list[tuple[Transaction, StepsOf]]:
    """Fills the books with what is live, and the newest of what has ended. What they hold already stays. Gives the
    transactions that have steps, the one with the oldest first. Raises msgspec.MsgspecError for rows that are not as we
    write them."""
    stations = {
        number: books.registry.restore(station_id, number)
        for number, station_id in database.execute("select number, id from stations order by number")
    }
    _load_stations(database, stations)
    for value, kind, entry in database.execute("select value, type, entry from tokens"):
        if books.tokens.entry_of((value, kind)) is None:
            books.tokens.restore((value, kind), _decode(entry, type=TokenEntry))
    for station_id, name, value in database.execute("select station, name, value from settings"):
        if books.settings.get(station_id, name) is None:
            books.settings.restore(station_id, name, value)
    starts = database.execute("select number, start from starts order by number desc limit ?", (MOST_STARTS,))
    for number, start in reversed(starts.fetchall()):
        books.numbers.restore(number, _decode(start, type=Start))
    return _load_transactions(database, books)


def _load_stations(database: sqlite3.Connection, stations: dict[int, StationRecord]) -> None:
    for number, name, value in database.execute("select station, name, value from parts"):
        if (station := stations.get(number)) is not None and name in _PARTS:
            _PARTS[name](station, value)
    notices = database.execute(
        "select station, at, action, text from (select number, station, at, action, text, "
        "row_number() over (partition by station order by number desc) as place from notices) "
        "where place <= ? order by number",
        (MOST_NOTICES,),
    )
    for number, *notice in notices:
        if (station := stations.get(number)) is not None:
            station.notices.append(Notice(*notice))
    for number, text in database.execute("select station, page from pages order by number"):
        if (station := stations.get(number)) is not None:
            page = _decode(text, type=Page)
            station.assembler.restore(page)


def _load_transactions(database: sqlite3.Connection, books: Books) -> list[tuple[Transaction, StepsOf]]:
    stored = stored_steps(database)
    unfolded: dict[int, Transaction] = {}
    rows = database.execute(
        "select station, id, number, facts from transactions where ended_at is null or number in "
        "(select number from (select number, row_number() over (partition by station order by number desc) as place "
        "from transactions where ended_at is not null order by number desc limit ?) where place <= ?) order by number",
        (MOST_ENDED, MOST_PER_STATION // 2),
    )
    for station_id, transaction_id, number, facts in rows:
        transaction = books.transactions.restore(station_id, transaction_id, number, _decode(facts, type=Facts))
        if number in stored:
            stored[number].retell(transaction)
            unfolded[number] = transaction
        if transaction.evse_id is not None and (last := transaction.series.last) is not None:
            station = books.registry.get(station_id)
            known = station.readings.get(transaction.evse_id) if station is not None else None
            if station is not None and (known is None or known[0] <= last[0]):
                station.set_reading(transaction.evse_id, *last, of_transaction=True)
    ((highest,),) = database.execute("select coalesce(max(number), 0) from transactions").fetchall()
    books.transactions.start_at(highest + 1)
    for number in stored.keys() - unfolded.keys():  # the books have forgotten it
        row = database.execute("select station, id, facts from transactions where number = ?", (number,)).fetchone()
        if row is not None:
            station_id, transaction_id, facts = row
            transaction = Transaction(station_id, transaction_id, number, books.journal)
            transaction.restore(_decode(facts, type=Facts))
            stored[number].retell(transaction)
            unfolded[number] = transaction
    return [(unfolded[number], steps) for number, steps in stored.items() if number in unfolded]


# -- the parts of a station -----------------------------------------------------------------------


def _record(station: StationRecord, value: str) -> None:
    record = _decode(value, type=Record)
    station.version, station.registration, station.boot = record.version, record.registration, record.boot
    station.last_seen = record.last_seen
    station.frames_received, station.frames_sent = record.frames_received, record.frames_sent
    station.firmware_status, station.log_status = record.firmware_status, record.log_status
    station.instructed = set(record.instructed)


def _connectors(station: StationRecord, value: str) -> None:
    for evse_id, connector_id, status, at in _decode(value, type=list[ConnectorRow]):
        station.connectors[evse_id, connector_id] = ConnectorState(status, at)


def _readings(station: StationRecord, value: str) -> None:
    for evse_id, at, figures in _decode(value, type=list[ReadingRow]):
        station.readings[evse_id] = (at, from_figures(figures))


def _reports(station: StationRecord, value: str) -> None:
    for each in _decode(value, type=list[StoredReport]):
        items = tuple(map(bytes, each.items))
        station.reports.append(Report(each.kind, each.request_id, each.completed_at, items))


def _device_model(station: StationRecord, value: str) -> None:
    station.device_model.variables = _decode(value, type=dict[str, Variable])


_PARTS: Final[dict[str, Callable[[StationRecord, Any], None]]] = {
    "record": _record,
    "connectors": _connectors,
    "readings": _readings,
    "reports": _reports,
    "device_model": _device_model,
}
