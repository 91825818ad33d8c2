"""The device model: one typed store of everything a station can be told and asked (OCPP 2.0.1 part 1, chapter 4).

A variable's text name is "Component.Variable", with "[instance]" where it has one; components of a place carry it:
"EVSE(1).Power", "Connector(1,2).Available". Names are compared without case (part 2, 2.1.1).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec

from evtui.errors import LocalError

T = TypeVar("T")


class DataType(StrEnum):
    """DataEnumType."""

    STRING = "string"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE_TIME = "dateTime"
    BOOLEAN = "boolean"
    OPTION_LIST = "OptionList"
    SEQUENCE_LIST = "SequenceList"
    MEMBER_LIST = "MemberList"


class Mutability(StrEnum):
    """MutabilityEnumType: what a CSMS may do."""

    READ_ONLY = "ReadOnly"
    WRITE_ONLY = "WriteOnly"
    READ_WRITE = "ReadWrite"


class Definition(msgspec.Struct, frozen=True):
    """What a variable is. Limits are in its unit; for strings and lists they are lengths. `values` is the valuesList of
    the list types. A `fixed` one says what the station is or measures: nobody sets it. What is set in a `reboot` one
    holds from the next reboot on."""

    component: str
    variable: str
    type: DataType
    default: str = ""
    mutability: Mutability = Mutability.READ_WRITE
    instance: str = ""
    unit: str = ""
    min_limit: float | None = None
    max_limit: float | None = None
    values: tuple[str, ...] = ()
    fixed: bool = False
    reboot: bool = False
    evse_id: int = 0
    connector_id: int = 0

    @property
    def place(self) -> str:
        """The component with the place that it is at."""
        if self.connector_id:
            return f"{self.component}({self.evse_id},{self.connector_id})"
        return f"{self.component}({self.evse_id})" if self.evse_id else self.component

    @property
    def name(self) -> str:
        """The variable's text name."""
        return f"{self.place}.{self.variable}" + (f"[{self.instance}]" if self.instance else "")


class VariableValue(NamedTuple):
    """A variable and its actual value as text; write-only ones show none."""

    component: str
    variable: str
    instance: str
    value: str


Parsed = bool | int | float | str | tuple[str, ...]


class Catalogue:
    """What variables there are, with what they say when they leave the factory; many stations share one."""

    __slots__ = ("canonical", "definitions", "parsed", "texts")

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.definitions = {definition.name: definition for definition in definitions}
        self.canonical = {name.casefold(): name for name in self.definitions}
        factory = {name: _factory_value(definition) for name, definition in self.definitions.items()}
        self.texts = {name: text for name, (text, _) in factory.items()}
        self.parsed = {name: parsed for name, (_, parsed) in factory.items()}

    def exact(self, name: str) -> str:
        """That name as it is spelt; all stations keep the same string. Raises LocalError that names the nearest."""
        canonical = self.canonical.get(name.casefold())
        if canonical is None:
            raise LocalError(f"there is no variable {name!r}{_nearest(name, self.definitions)}")
        return canonical

    def find(self, name: str) -> Definition:
        """The variable of that name. Raises LocalError that names the nearest one."""
        return self.definitions[self.exact(name)]

    def setting(self, name: str, value: str) -> tuple[str, tuple[str, Parsed]]:
        """The exact name, and the text and the meaning of that value there. Raises LocalError that names the variable
        and the nearest valid name or value."""
        exact = self.exact(name)
        definition = self.definitions[exact]
        if definition.fixed:
            raise _unsettable(exact)
        return exact, _parse(definition, value)


class _Initial(NamedTuple):
    """What all variables of a catalogue say at first."""

    texts: dict[str, str]
    parsed: dict[str, Parsed]


@lru_cache(maxsize=64)
def _initial(catalogue: Catalogue, given: tuple[tuple[str, str], ...]) -> _Initial:
    """With the values that a configuration gives; many stations share one. Raises LocalError as `set_local`."""
    initial = _Initial(dict(catalogue.texts), dict(catalogue.parsed))
    for name, value in given:
        exact, (text, parsed) = catalogue.setting(name, value)
        initial.texts[exact], initial.parsed[exact] = text, parsed
    return initial


class DeviceModel:
    """The variables of one station; `given` are the values that its configuration gives them, as `set_local` would.
    Iterating gives the actual value of each."""

    __slots__ = ("_catalogue", "_guards", "_initial", "_live", "_parsed", "_texts", "_unchanged", "settings")

    def __init__(
        self, definitions: Catalogue | Iterable[Definition], given: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._catalogue = definitions if isinstance(definitions, Catalogue) else Catalogue(definitions)
        self._texts: dict[str, str] = {}  # those that were set since
        self._parsed: dict[str, Parsed] = {}  # of the same ones
        self._initial, self._unchanged = _initial(self._catalogue, tuple(given.items()))
        self.settings = 0
        """How often a variable was set: who obeys some looks at them again when it is another number."""
        self._live: list[tuple[Mapping[str, Callable[[Any, Definition], str]], object]] = []
        self._guards: dict[str, Callable[[tuple[str, ...]], None]] = {}

    def __iter__(self) -> Iterator[VariableValue]:
        for definition in self._catalogue.definitions.values():
            yield VariableValue(definition.place, definition.variable, definition.instance, self._actual(definition))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What there is, in order."""
        return tuple(self._catalogue.definitions.values())

    def get(self, name: str) -> str:
        """The actual value as text, "" when it is unset or write-only. Raises LocalError for an unknown name."""
        return self._actual(self._catalogue.find(name))

    def flag(self, name: str) -> bool:
        """A boolean by its exact name."""
        value = self._parsed.get(name)
        if value is None:
            value = self._unchanged[name]
        assert isinstance(value, bool), name
        return value

    def integer(self, name: str) -> int:
        """An integer by its exact name."""
        value = self._parsed.get(name)
        if value is None:
            value = self._unchanged[name]
        assert isinstance(value, int), name
        return value

    def decimal(self, name: str) -> float:
        """A decimal by its exact name."""
        value = self._parsed.get(name)
        if value is None:
            value = self._unchanged[name]
        assert isinstance(value, float), name
        return value

    def members(self, name: str) -> tuple[str, ...]:
        """The members of a list by its exact name."""
        value = self._parsed.get(name)
        if value is None:
            value = self._unchanged[name]
        assert isinstance(value, tuple), name
        return value

    def text(self, name: str) -> str:
        """A string by its exact name, write-only ones included: never show it."""
        value = self._parsed.get(name)
        if value is None:
            value = self._unchanged[name]
        assert isinstance(value, str), name
        return value

    def raw(self, name: str) -> str:
        """The text that was set, write-only ones included: never show it. Raises LocalError for an unknown name."""
        exact = self._catalogue.exact(name)
        return self._texts.get(exact, self._initial[exact])

    def initial(self, name: str) -> str:
        """The text that it had at first, by its exact name, write-only ones included: never show it."""
        return self._initial[name]

    def set_local(self, name: str, value: str, *, guarded: bool = True) -> str:
        """Sets a variable as the operator or the configuration does: read-only ones too, as a CSMS may not; gives its
        exact name. Not `guarded`, the station itself makes that of it. Raises LocalError that names the variable and
        the nearest valid name or value."""
        exact, (text, parsed) = self._catalogue.setting(name, value)
        if self._bound(exact):
            raise _unsettable(exact)
        guard = self._guards.get(exact)
        if guarded and guard is not None and isinstance(parsed, tuple):
            guard(parsed)
        self._texts[exact], self._parsed[exact] = text, parsed
        self.settings += 1
        return exact

    def settable(self, name: str) -> bool:
        """It says what somebody set, and not what the station is or does; by its exact name."""
        return not self._catalogue.definitions[name].fixed and not self._bound(name)

    def needs_reboot(self, name: str) -> bool:
        """What is set there holds from the next reboot on; by its exact name."""
        return self._catalogue.definitions[name].reboot

    def unset(self, name: str) -> None:
        """A variable says again what it said when it left the factory, by its exact name."""
        self._texts[name], self._parsed[name] = self._catalogue.texts[name], self._catalogue.parsed[name]
        self.settings += 1

    def guard(self, name: str, check: Callable[[tuple[str, ...]], None]) -> None:
        """Lets `check` look at what a list is to be from now on: it raises LocalError for what cannot be."""
        self._guards[self._catalogue.exact(name)] = check

    def bind(self, live: Mapping[str, Callable[[T, Definition], str]], part: T) -> None:
        """Lets a part of the station say the actual values of these, by their exact names, whenever they are read:
        `live` is what to make of the part, and equal for all stations, which share it."""
        self._live.append((live, part))

    def _bound(self, name: str) -> bool:
        return any(name in live for live, _ in self._live)

    def changes(self, definition: Definition) -> bool:
        """Says whether it may ever say anything else: somebody sets it, or the station does."""
        return not definition.fixed or self._bound(definition.name)

    def _actual(self, definition: Definition) -> str:
        if definition.mutability is Mutability.WRITE_ONLY:
            return ""
        name = definition.name
        for live, part in self._live:
            if (tell := live.get(name)) is not None:
                return tell(part, definition)
        return self._texts[name] if name in self._texts else self._initial[name]


# -- what texts mean ------------------------------------------------------------------------------

_LISTS = (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST)
_MOST = 2**31
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?\Z")


def _factory_value(definition: Definition) -> tuple[str, Parsed]:
    if not definition.default and definition.type not in _LISTS:
        return "", ""
    return _parse(definition, definition.default)


def _parse(definition: Definition, value: str) -> tuple[str, Parsed]:
    """The text in its canonical form, and its meaning. Raises LocalError."""
    return _PARSERS[definition.type](definition, value)


def _boolean(definition: Definition, value: str) -> tuple[str, bool]:
    text = value.strip().lower()
    if text not in ("true", "false"):
        raise _bad(definition, value, "is neither true nor false")
    return text, text == "true"


def _integer(definition: Definition, value: str) -> tuple[str, int]:
    text = value.strip()  # `int` strips less than that
    if not _WHOLE.match(text):
        raise _bad(definition, value, "is not a whole number")
    number = int(text)
    if not -_MOST <= number < _MOST:
        raise _bad(definition, value, "has more than 32 bits")
    _check_limits(definition, value, number)
    return str(number), number


def _decimal(definition: Definition, value: str) -> tuple[str, float]:
    text = value.strip()
    if not _NUMBER.match(text):
        raise _bad(definition, value, "is not a number")
    number = float(text)
    _check_limits(definition, value, number)
    return text, number


def _string(definition: Definition, value: str) -> tuple[str, str]:
    _check_limits(definition, value, len(value), "characters")
    return value, value


def _date_time(definition: Definition, value: str) -> tuple[str, str]:
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        raise _bad(definition, value, "is no date and time such as 2026-05-04T12:00:00Z") from None
    if at.tzinfo is None:
        raise _bad(definition, value, "names no time zone, such as Z")
    return value.strip(), value.strip()


def _option(definition: Definition, value: str) -> tuple[str, str]:
    option = _one_of(definition, value.strip())
    return option, option


def _list(definition: Definition, value: str) -> tuple[str, tuple[str, ...]]:
    members = tuple(_one_of(definition, part.strip()) for part in value.split(",")) if value.strip() else ()
    if len(set(members)) != len(members):
        raise _bad(definition, value, "names a member twice")
    if not members and definition.min_limit:
        raise _bad(definition, value, "has no member, and it needs one")
    return ",".join(members), members


def _one_of(definition: Definition, value: str) -> str:
    for option in definition.values:
        if option.casefold() == value.casefold():
            return option
    allowed = ", ".join(definition.values)
    raise _bad(definition, value, f"is not one of {allowed}{_nearest(value, definition.values)}")


def _check_limits(definition: Definition, value: str, size: float, of: str = "") -> None:
    what = f" {definition.unit or of}".rstrip()
    if definition.min_limit is not None and size < definition.min_limit:
        raise _bad(definition, value, f"is below the least, {definition.min_limit:g}{what}")
    if definition.max_limit is not None and size > definition.max_limit:
        raise _bad(definition, value, f"is above the most, {definition.max_limit:g}{what}")


def _unsettable(name: str) -> LocalError:
    return LocalError(f"{name} cannot be set: it says what the station is")


def _bad(definition: Definition, value: str, why: str) -> LocalError:
    shown = "the value" if definition.mutability is Mutability.WRITE_ONLY else repr(value)
    return LocalError(f"{definition.name}: {shown} {why}")


def _nearest(word: str, words: Iterable[str]) -> str:
    """The one that differs in its instance alone, or else the one that is written most like it."""
    by_fold = {candidate.casefold(): candidate for candidate in words}
    stem = word.casefold().partition("[")[0]
    siblings = [candidate for candidate in by_fold if candidate.partition("[")[0] == stem]
    close = get_close_matches(word.casefold(), siblings or by_fold, n=1, cutoff=0.0 if siblings else 0.4)
    return f"; the nearest is {by_fold[close[0]]}" if close else ""


_PARSERS: Mapping[DataType, Callable[[Definition, str], tuple[str, Parsed]]] = {
    DataType.STRING: _string,
    DataType.DECIMAL: _decimal,
    DataType.INTEGER: _integer,
    DataType.DATE_TIME: _date_time,
    DataType.BOOLEAN: _boolean,
    DataType.OPTION_LIST: _option,
    DataType.SEQUENCE_LIST: _list,
    DataType.MEMBER_LIST: _list,
}
