"""The filter language of stations: `~state charging ~kw >7 | ~group depot`, written like that of frames.

The host filters by it and the window checks what is typed, so it knows nothing but rows of the door.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import ClassVar

import msgspec

from evtui.engine.door import EvseRow, FleetView, LinkState, StationRow
from evtui.ocppj.filter.language import Choices, Entry, FilterError, Joints, Language, Token, bound, named, one_of

STATES = (
    "Faulted",
    "Unavailable",
    "SuspendedEV",
    "SuspendedEVSE",
    "Charging",
    "EVConnected",
    "Occupied",
    "Idle",
    "Reserved",
    "Available",
)
"""What an EVSE can be in, the most telling first: its chargingState in a transaction, else its connector's status."""


def state_of(evse: EvseRow) -> str:
    """The one word for an EVSE."""
    return evse.charging_state or evse.status


class Term(msgspec.Struct, frozen=True, dict=True):
    """A part of a filter. `sign` is how it is written, `takes` what must follow it, `help` says which stations it lets
    through."""

    sign: ClassVar[str] = ""
    takes: ClassVar[str] = ""
    help: ClassVar[str] = ""

    def lets(self, row: StationRow) -> bool:
        """It lets this station through."""
        raise NotImplementedError


class Every(Term, frozen=True):
    """What all of them let through."""

    terms: tuple[Term, ...]

    def lets(self, row: StationRow) -> bool:
        return all(term.lets(row) for term in self.terms)


class Some(Term, frozen=True):
    """What one of them lets through."""

    terms: tuple[Term, ...]

    def lets(self, row: StationRow) -> bool:
        return any(term.lets(row) for term in self.terms)


class Other(Term, frozen=True):
    """What it does not let through."""

    term: Term

    def lets(self, row: StationRow) -> bool:
        return not self.term.lets(row)


class Everything(Term, frozen=True):
    """An empty filter."""

    def lets(self, row: StationRow) -> bool:
        return True


class _Named(Term, frozen=True):
    """By a pattern with `*` and `?`."""

    name: str

    @cached_property
    def _covers(self) -> Callable[[str], bool]:
        return named(self.name)


class Station(_Named, frozen=True):
    sign: ClassVar[str] = "~s"
    takes: ClassVar[str] = "station"
    help: ClassVar[str] = "of that id; * and ? stand for anything"

    def lets(self, row: StationRow) -> bool:
        return self._covers(row.id)


class State(_Named, frozen=True):
    sign: ClassVar[str] = "~state"
    takes: ClassVar[str] = "state"
    help: ClassVar[str] = "with an EVSE in that state: charging, available, faulted, suspended*"

    def lets(self, row: StationRow) -> bool:
        return any(self._covers(state_of(evse)) for evse in row.evses)


class Link(Term, frozen=True):
    sign: ClassVar[str] = "~link"
    takes: ClassVar[str] = "link"
    help: ClassVar[str] = "whose link is online, waiting, crashed, dark and so on"

    link: str

    def lets(self, row: StationRow) -> bool:
        return row.link == self.link


class Group(_Named, frozen=True):
    sign: ClassVar[str] = "~group"
    takes: ClassVar[str] = "group"
    help: ClassVar[str] = "of that group of fleet.toml; * and ? stand for anything"

    def lets(self, row: StationRow) -> bool:
        return self._covers(row.group)


class Version(_Named, frozen=True):
    sign: ClassVar[str] = "~v"
    takes: ClassVar[str] = "version"
    help: ClassVar[str] = "that speak that version of OCPP: 1.6, 2*"

    def lets(self, row: StationRow) -> bool:
        return self._covers(row.version)


class _Bound(Term, frozen=True):
    """More or less than a figure."""

    more: bool
    figure: float

    def lets(self, row: StationRow) -> bool:
        value = self._value(row)
        return value > self.figure if self.more else value < self.figure

    def _value(self, row: StationRow) -> float:
        """What is compared."""
        raise NotImplementedError


class Power(_Bound, frozen=True):
    sign: ClassVar[str] = "~kw"
    takes: ClassVar[str] = ">kW"
    help: ClassVar[str] = "that draw more (>7) or less (<7) than so many kW"

    def _value(self, row: StationRow) -> float:
        return power_w(row) / 1000.0


class Energy(_Bound, frozen=True):
    sign: ClassVar[str] = "~kwh"
    takes: ClassVar[str] = ">kWh"
    help: ClassVar[str] = "whose sessions have taken more or less than so many kWh"

    def _value(self, row: StationRow) -> float:
        return energy_wh(row) / 1000.0


class Errors(_Bound, frozen=True):
    sign: ClassVar[str] = "~err"
    takes: ClassVar[str] = ">n"
    help: ClassVar[str] = "with more or less than so many frames that were errors, or broke the schema"

    def _value(self, row: StationRow) -> float:
        return row.errors


class Wrong(Term, frozen=True):
    sign: ClassVar[str] = "~e"
    help: ClassVar[str] = "with which something is wrong: a fault, no link, or frames that were errors"

    def lets(self, row: StationRow) -> bool:
        return bool(row.errors or row.network_cut) or row.link is not LinkState.ONLINE or any(map(_broken, row.evses))


def _broken(evse: EvseRow) -> bool:
    return bool(evse.faults) or evse.lock == "jammed" or evse.status == "Faulted"


class Running(Term, frozen=True):
    sign: ClassVar[str] = "~tx"
    help: ClassVar[str] = "on which a transaction runs"

    def lets(self, row: StationRow) -> bool:
        return any(evse.transaction_id is not None for evse in row.evses)


class Queued(Term, frozen=True):
    sign: ClassVar[str] = "~q"
    help: ClassVar[str] = "with transaction messages that are not delivered yet"

    def lets(self, row: StationRow) -> bool:
        return row.queued > 0


class Word(Term, frozen=True):
    takes: ClassVar[str] = "word"
    help: ClassVar[str] = "with that word in id, group, version, link, state, fault, transaction id or newest problem"

    word: str

    @cached_property
    def _folded(self) -> str:
        return self.word.casefold()

    def lets(self, row: StationRow) -> bool:
        word = self._folded
        return any(word in text.casefold() for text in _texts(row))


def _texts(row: StationRow) -> list[str]:
    texts = [row.id, row.group, row.version, row.link.value, row.trouble]
    for evse in row.evses:
        texts += [state_of(evse), evse.transaction_id or "", *evse.faults]
    return texts


def power_w(row: StationRow) -> float:
    """What a station draws."""
    return sum([evse.power_w for evse in row.evses])


def energy_wh(row: StationRow) -> float:
    """What the sessions of a station have taken."""
    return sum([evse.energy_wh for evse in row.evses])


# -- how it is written ----------------------------------------------------------------------------

_WRITTEN: tuple[type[Term], ...] = (
    Station,
    State,
    Link,
    Group,
    Version,
    Power,
    Energy,
    Errors,
    Wrong,
    Running,
    Queued,
    Word,
)

_FIGURE = "no figure: >7 means over 7"
_TAKING: Mapping[str, Callable[[Token], Term]] = {
    Station.sign: lambda token: Station(token.text),
    State.sign: lambda token: State(token.text),
    Link.sign: lambda token: Link(one_of(token, tuple(LinkState), "link")),
    Group.sign: lambda token: Group(token.text),
    Version.sign: lambda token: Version(token.text),
    Power.sign: lambda token: Power(*bound(token, "kW", _FIGURE)),
    Energy.sign: lambda token: Energy(*bound(token, "kWh", _FIGURE)),
    Errors.sign: lambda token: Errors(*bound(token, "", _FIGURE)),
}

STATIONS: Language[Term] = Language(
    [Entry(term.sign, term.takes, term.help) for term in _WRITTEN],
    {term.sign: term for term in (Wrong(), Running(), Queued())},
    _TAKING,
    Word,
    Joints(Everything(), Every, Some, Other),
)
"""The language."""


@lru_cache(maxsize=64)
def parse(text: str) -> Term:
    """The filter that a text means; an empty one lets everything through. FilterError says what is wrong, where."""
    return STATIONS.parse(text)


def station_choices(view: FleetView | None) -> Choices:
    """What can be looked for among the stations of a view with a summary."""

    def of(by: str) -> Callable[[], Sequence[str]]:
        return lambda: [row.name for row in view.summary if row.by == by] if view else []

    return {
        Station.sign: lambda: [row.id for row in view.rows] if view else [],
        State.sign: lambda: STATES,
        Link.sign: lambda: tuple(LinkState),
        Group.sign: of("group"),
        Version.sign: of("version"),
    }


__all__ = ["STATES", "STATIONS", "FilterError", "Term", "energy_wh", "parse", "power_w", "state_of", "station_choices"]
