"""What is typed, read as a command of the registry: `start CP001 1 id-token=ABC`."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from json import JSONDecoder

import msgspec

from evtui.engine.commands import COMMANDS, CommandSpec, Scope
from evtui.errors import LocalError

SHORT = {"s": "start", "x": "stop", "p": "toggle-plug"}
"""The window's keys for what one does most."""

ALL = "all"

_NAMED = re.compile(r"([a-z][a-z0-9-]*)=")
_MOST_QUOTED = 40


class Order(msgspec.Struct, frozen=True):
    """A command that was typed. `station` is an id, a pattern with `*` and `?`, `all`, or "" where none was named;
    `evse_id` 0 means all of a station."""

    spec: CommandSpec
    station: str = ""
    evse_id: int = 0
    arguments: dict[str, str] = {}


def spec_of(name: str, others: Collection[str] = ()) -> CommandSpec:
    """The command of that name; LocalError says what is nearest, also among `others`."""
    spec = COMMANDS.get(SHORT.get(name, name))
    if spec is None:
        near = get_close_matches(name, [*COMMANDS, *others], 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else "help tells what there is"
        raise LocalError(f"there is no command {brief(name)}; {hint}")
    return spec


def read_order(spec: CommandSpec, text: str) -> Order:
    """What follows the command's name: where, which EVSE, then arguments by name or in their order. LocalError says
    what would be right."""
    words = _words(text, [argument.name for argument in spec.arguments])
    plain = [value for name, value in words if not name]
    given = {name: value for name, value in words if name}
    station, evse_id = "", 0
    if spec.scope is not Scope.FLEET and plain:
        station = plain.pop(0)
        if spec.scope is Scope.EVSE and plain and re.fullmatch(r"\d{1,4}", plain[0]):
            evse_id = int(plain.pop(0))
    for argument in spec.arguments:
        if plain and argument.name not in given:
            given[argument.name] = plain.pop(0)
    if plain:
        raise LocalError(f"{spec.name}: what is {brief(plain[0])}? Write {usage(spec)}")
    return Order(spec, station, evse_id, given)


def usage(spec: CommandSpec) -> str:
    """How a command is written; what stands in brackets may be left out."""
    where = {Scope.FLEET: [], Scope.STATION: ["STATION"], Scope.EVSE: ["STATION", "[EVSE]"]}[spec.scope]
    arguments = [each.name if each.default is None else f"[{each.name}]" for each in spec.arguments]
    return " ".join([spec.name, *where, *arguments])


def brief(text: str) -> str:
    """Somebody's words in an error."""
    return repr(text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}...")


def _words(text: str, names: Collection[str]) -> list[tuple[str, str]]:
    """The words of a line, each with its name before `=`, or "". Quotes keep blanks together, and JSON goes to its
    end."""
    words, at = [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        name, named = "", _NAMED.match(text, at)
        if named is not None and named[1] in names:
            name, at = named[1], named.end()
        value, at = _value(text, at)
        words.append((name, value))
    return words


def _value(text: str, at: int) -> tuple[str, int]:
    first = text[at : at + 1]
    if first and first in "'\"":
        end = text.find(first, at + 1)
        if end < 0:
            raise LocalError(f"{brief(text[at:])} begins with a quote that does not end")
        return text[at + 1 : end], end + 1
    if first and first in "{[":
        try:
            _, end = JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            pass  # whatever it is, it is sent as it is
        else:
            return text[at:end], end
    word = re.compile(r"\S*").match(text, at)
    assert word is not None
    return word[0], word.end()
