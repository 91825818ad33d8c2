"""A message that is being written: its payload, which of its lines are shown, where the cursor is, what is wrong."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from evtui.ocppj.fault import Fault
from evtui.ocppj.forms import Field, Path, Row, Shown, fill, in_order, parse, put, rows, without

Judge = Callable[[Any], Sequence[Fault]]
"""What is wrong with a payload."""

Live = Callable[[], Mapping[str, Any]]
"""What is true now, by names of fields."""


class Absent(IntEnum):
    """Which fields are lines though they are not in the payload."""

    NONE = 0
    OPTIONAL = 1
    CUSTOM = 2  # customData, too


class Draft:
    """Changes nothing but the payload; what may be wrong with it stands at its field."""

    def __init__(self, form: Field, payload: Any, live: Live, judge: Judge) -> None:
        self.form = form
        self.payload = payload
        self.absent = Absent.OPTIONAL
        self.here = 0
        self.rows: list[Row] = []
        self.faults: dict[str, str] = {}
        self._live = live
        self._judge = judge
        self._folded: set[Path] = set()
        self._taken: list[tuple[Path, Any]] = []
        """What held others when it was taken out of this payload, newest last, for `add` to put back."""
        self._renew()

    @property
    def row(self) -> Row | None:
        """The line under the cursor."""
        return self.rows[self.here] if self.here < len(self.rows) else None

    def fault(self, row: Row) -> str:
        """What is wrong with a line, or with what is folded in it."""
        if row.place in self.faults:
            return self.faults[row.place]
        inside = [f"{place}: {why}" for place, why in self.faults.items() if row.folded and _within(place, row.place)]
        return inside[0] if inside else ""

    # -- moving -----------------------------------------------------------------------------------

    def move(self, step: int) -> bool:
        """By lines; says whether it could."""
        before = self.here
        self.here = max(0, min(self.here + step, len(self.rows) - 1))
        return self.here != before

    def next_fault(self) -> bool:
        """To the next line that is wrong; says whether there is one."""
        order = [*range(self.here + 1, len(self.rows)), *range(self.here + 1)]
        found = next((index for index in order if index < len(self.rows) and self.fault(self.rows[index])), None)
        if found is not None:
            self.here = found
        return found is not None

    def fold(self, shut: bool | None = None) -> bool:
        """Folds what the line holds, or unfolds it; says whether it holds anything."""
        row = self.row
        if row is None or not row.holds:
            return False
        if row.folded if shut is None else not shut:
            self._folded.discard(row.path)
        else:
            self._folded.add(row.path)
        self._renew()
        return True

    def out(self) -> bool:
        """To the line that holds this one; says whether there is one."""
        row = self.row
        found = None if row is None else self._index(row.path[:-1])
        if found is not None:
            self.here = found
        return found is not None

    def show_absent(self) -> Absent:
        """Other fields that are not there are lines now; says which."""
        self.absent = Absent((self.absent + 2) % 3)
        self._renew()
        return self.absent

    # -- changing ---------------------------------------------------------------------------------

    def replace(self, payload: Any) -> None:
        """Another payload as a whole."""
        self.payload = payload
        self._taken.clear()
        self._renew()

    def type_in(self, text: str) -> None:
        """What somebody typed on this line."""
        if self.row is not None:
            self._put(self.row.path, parse(self.row.field, text))

    def typed_fault(self, text: str) -> str:
        """What would be wrong with this line if that were typed."""
        row = self.row
        if row is None:
            return ""
        faults = self._judge(put(self.payload, row.path, parse(row.field, text)))
        return next((each.reason for each in faults if each.path == row.place), "")

    def turn(self, step: int) -> bool:
        """The next value of an enumeration or a boolean; says whether the line is one."""
        row = self.row
        if row is None or row.holds:
            return False
        values: Sequence[Any] = row.field.choices or ((False, True) if row.field.kind == "boolean" else ())
        if not values:
            return False
        known = row.there and row.value in values
        index = values.index(row.value) + step if known else (0 if step > 0 else -1)
        self._put(row.path, values[index % len(values)])
        return True

    def add(self) -> str:
        """Adds the field that is not there, or an item to the list; what was taken out last comes back as it was. Says
        why not."""
        row = self.row
        if row is None:
            return "there is no field here"
        if self._put_back(row):
            return ""
        around = next((step for step in reversed(row.path[:-1]) if isinstance(step, str)), self.form.name)
        if not row.there:
            value = fill(row.field, self._live(), around=around)
            if row.field.kind == "array" and not value and row.field.item is not None:
                value = [self._item(row, around)]
            self._put(row.path, value)
            return ""
        if isinstance(row.value, list):
            self._folded.discard(row.path)
            item = self._item(row, around) if row.field.item is not None else None
            path = (*row.path, len(row.value))
            self._put(path, item)
            self.here = self._index(path) or self.here
            return ""
        return "the fields that it can have stand below" if row.holds else "it is there already"

    def remove(self) -> str:
        """Takes the line out of the payload; says why not."""
        row = self.row
        if row is None or not row.path or not row.there:
            return "it is not there"
        if row.holds:
            self._taken.append((row.path, row.value))
        self._shift(row.path)
        self.payload = without(self.payload, row.path)
        self._renew()
        step = row.path[-1]
        sibling = (*row.path[:-1], step - 1) if isinstance(step, int) else row.path
        near = (self._index(path) for path in (row.path, sibling, row.path[:-1]))
        self.here = next((index for index in near if index is not None), 0)
        return ""

    def _put_back(self, row: Row) -> bool:
        """Puts back what was taken out of this line last, if anything was."""
        of_list = isinstance(row.value, list)
        for index in range(len(self._taken) - 1, -1, -1):
            path, value = self._taken[index]
            if path == row.path and not row.there:
                del self._taken[index]
                self._put(path, value)
                return True
            if path[:-1] == row.path and of_list and isinstance(step := path[-1], int):
                del self._taken[index]
                self._shift(path)
                self._put(row.path, [*row.value[:step], value, *row.value[step:]])
                self.here = self._index(path) or self.here
                return True
        return False

    def _shift(self, path: Path) -> None:
        """What was taken out of items of a list cannot be put back once others stand at their places."""
        if isinstance(path[-1], int):
            around, depth = path[:-1], len(path)
            self._taken = [each for each in self._taken if len(each[0]) <= depth or each[0][: depth - 1] != around]

    def _item(self, row: Row, around: str) -> Any:
        assert row.field.item is not None
        return fill(row.field.item, self._live(), around=around)

    def _put(self, path: Path, value: Any) -> None:
        self.payload = in_order(self.form, put(self.payload, path, value))
        self._renew()
        self.here = self._index(path) or 0

    def _index(self, path: Path) -> int | None:
        return next((index for index, row in enumerate(self.rows) if row.path == path), None)

    def _renew(self) -> None:
        shown = Shown(self._folded, self.absent is not Absent.NONE, self.absent is Absent.CUSTOM)
        self.rows = rows(self.form, self.payload, shown)
        self.faults = {}
        for fault in self._judge(self.payload):
            self.faults.setdefault(fault.path, fault.reason)


def _within(place: str, outer: str) -> bool:
    return place.startswith((f"{outer}.", f"{outer}["))
