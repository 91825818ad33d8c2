"""Variables of a device model as people read them: grouped by component, searched, described, completed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evtui.engine.door import VariableRow

_LISTS = ("MemberList", "SequenceList")
_ACCESS = {"ReadOnly": "read-only", "ReadWrite": "read and write", "WriteOnly": "write-only"}
SHORT_ACCESS = {"ReadOnly": "RO", "ReadWrite": "RW", "WriteOnly": "WO"}


class Entry(NamedTuple):
    """A line of the list: a variable, or the heading of its component."""

    component: str
    row: VariableRow | None = None

    @property
    def variable(self) -> str:
        """The name without its component."""
        return self.row.name[len(self.component) + 1 :] if self.row else ""


def component_of(name: str) -> str:
    """The component of a variable's name, with its place: "EVSE(1)" of "EVSE(1).Power"."""
    return name.partition(".")[0]


def entries(rows: Sequence[VariableRow], values: Mapping[str, str], search: str) -> list[Entry]:
    """Components in the order of the model, each with its variables by name. `search` leaves those that have all its
    words in name, value or unit."""
    words = search.casefold().split()
    groups: dict[str, list[VariableRow]] = {}
    for row in rows:
        text = f"{row.name} {values.get(row.name, '')} {row.unit}".casefold()
        if all(word in text for word in words):
            groups.setdefault(component_of(row.name), []).append(row)
    found: list[Entry] = []
    for component, group in groups.items():
        found.append(Entry(component))
        found += [Entry(component, row) for row in sorted(group, key=lambda row: row.name.casefold())]
    return found


def shown_value(row: VariableRow, value: str) -> str:
    """A value as it may be shown; one that nobody may read is not there to begin with."""
    if row.mutability == "WriteOnly":
        return "(write-only)"
    return value or "(unset)"


def described(row: VariableRow) -> str:
    """What it is, in a line: type, unit, limits, who may change it."""
    kind = "boolean" if row.type == "boolean" else row.type
    parts = [f"{kind} in {row.unit}" if row.unit else kind, _limits(row), _ACCESS.get(row.mutability, row.mutability)]
    if not row.settable:
        parts.append("says what the station is or does")
    elif row.mutability == "ReadOnly":
        parts.append("for the CSMS; you can change it")
    if row.reboot:
        parts.append("holds from the next reset on")
    return ", ".join(part for part in parts if part)


def _limits(row: VariableRow) -> str:
    of = " characters" if row.type in ("string", *_LISTS) else ""
    match row.min_limit, row.max_limit:
        case None, None:
            return ""
        case float() | int() as least, None:
            return f"at least {least:g}{of}"
        case None, float() | int() as most:
            return f"at most {most:g}{of}"
        case least, most:
            return f"{least:g} to {most:g}{of}"


def choices(row: VariableRow) -> str:
    """The values that there are to choose from."""
    if not row.values:
        return ""
    return f"{'any of' if row.type in _LISTS else 'one of'} {', '.join(row.values)}"


def completions(row: VariableRow, text: str) -> list[str]:
    """How a value that was begun may go on; in a list, its last member."""
    given = ("true", "false") if row.type == "boolean" else row.values
    if row.type not in _LISTS:
        return _begun(given, text)
    head, comma, last = text.rpartition(",")
    taken = {each.strip() for each in head.split(",")}
    return [f"{head}{comma}{each}" for each in _begun([each for each in given if each not in taken], last)]


def _begun(given: Sequence[str], text: str) -> list[str]:
    """Those that begin so; where one of them is there in full, all, and that one last."""
    folded = text.strip().casefold()
    whole = next((index for index, each in enumerate(given) if each.casefold() == folded), None)
    if whole is not None:
        return [*given[whole + 1 :], *given[: whole + 1]]
    return [each for each in given if each.casefold().startswith(folded)] or list(given)
