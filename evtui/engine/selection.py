"""Which stations a view is about, and in what order: found anew when the fleet has changed, but not at each look."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from evtui.engine.board import Board
from evtui.engine.door import Place, StationRow, SummaryRow, View
from evtui.engine.session import Session
from evtui.engine.sorting import KEYS, VALUES
from evtui.engine.station_filter import Term, parse
from evtui.engine.summary import MOST as MOST_ROWS
from evtui.engine.summary import summarize
from evtui.engine.views import station_row

T = TypeVar("T")

MOST = 16
"""Selections that are kept at a time: one a window, and some of clients over HTTP."""

_LEAST_S = 0.4
_STATIONS_A_SECOND = 4_000
"""Looking at every station may take so much of the host at most: four thousand are looked at once in 1.4 s."""


class Selection(NamedTuple):
    """The stations that are shown, in order; their summary and places, if they were asked for."""

    sessions: Sequence[Session]
    summary: tuple[SummaryRow, ...] = ()
    places: tuple[Place, ...] = ()


class _Kept(NamedTuple):
    version: int
    at_s: float
    selection: Selection


class Selections:
    """Those that watchers look at."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()

    def forget(self) -> None:
        """Stations came or went."""
        self._kept.clear()

    def of(self, sessions: Sequence[Session], view: View) -> Selection:
        """What a view is about. FilterError: its filter is none."""
        text = view.filter.strip()
        if not text and view.sort is None and not view.summary and not view.order:
            return Selection(sessions)
        filter = parse(text)
        key = (text, view.sort, view.descending, view.summary, view.addable, view.order)
        now_s, version = self._board.clock.now().elapsed_s, self._board.version
        kept = self._kept.get(key)
        if kept is None or (kept.version != version and now_s >= kept.at_s + rest_s(len(sessions))):
            kept = self._kept[key] = _Kept(version, now_s, self._select(sessions, filter, view))
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return kept.selection

    def now(self, sessions: Sequence[Session], text: str) -> list[Session]:
        """The stations that a filter lets through at this moment. FilterError: it is none."""
        filter = parse(text.strip())
        return [session for session in sessions if filter.lets(self.row(session))]

    def row(self, session: Session, trace: int = 0) -> StationRow:
        """A station as one row."""
        return station_row(session, trace, self._board.tap.errors_of.get(session.id, 0))

    def _select(self, sessions: Sequence[Session], filter: Term, view: View) -> Selection:
        rows = [(row, session) for session in sessions if filter.lets(row := self.row(session))]
        sort_rows(rows, lambda each: each[0], view)
        energies = ((row, session.gauge.energies_wh) for row, session in rows)
        summary = summarize(energies, None if view.addable else MOST_ROWS) if view.summary else ()
        places = places_of([row for row, _ in rows], view) if view.order else ()
        return Selection([session for _, session in rows], summary, places)


def sort_rows(items: list[T], row_of: Callable[[T], StationRow], view: View) -> None:
    """Puts them in the order that a view asks for, if it does."""
    if (sort := view.sort) is not None:
        key = KEYS[sort]
        items.sort(key=lambda each: key(row_of(each)), reverse=view.descending)


def places_of(rows: Sequence[StationRow], view: View) -> tuple[Place, ...]:
    """The same, told to others."""
    value = None if view.sort is None else VALUES[view.sort]
    return tuple([Place(row.id) if value is None else Place(row.id, value(row)) for row in rows])


def rest_s(stations: int) -> float:
    """How long a selection holds."""
    return _LEAST_S + stations / _STATIONS_A_SECOND
