"""Reports that come in pages, put together: NotifyReport and its like, and the device model they add up to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from evtui.csms.seqnos import SeqNos

MOST_OPEN = 4  # reports of a station that may be incomplete at once
MOST_ITEMS = 20_000  # of one report
MOST_VARIABLES = 20_000  # of one station


class Attribute(msgspec.Struct, frozen=True, gc=False):
    """An attribute of a variable: Actual, Target, MinSet or MaxSet. A write-only one has no value (B07.FR.12)."""

    type: str
    mutability: str
    value: str | None


class Variable(msgspec.Struct, frozen=True):
    """A variable as the station reported it. `unit`, `data_type` and `values_list` are its characteristics."""

    attributes: tuple[Attribute, ...]
    data_type: str = ""
    unit: str = ""
    values_list: str = ""


class DeviceModel:
    """What a station has reported of itself, by names such as `EVSE#1.Power` or `DeviceDataCtrlr.BytesPerMessage
    [GetReport]`. Later reports overwrite earlier ones, variable by variable."""

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}

    def take(self, report_data: Sequence[Mapping[str, Any]]) -> None:
        """Takes the reportData of a NotifyReport in."""
        for item in report_data:
            name = variable_name(item["component"], item["variable"])
            if name in self.variables or len(self.variables) < MOST_VARIABLES:
                self.variables[name] = _variable(item)


def variable_name(component: Mapping[str, Any], variable: Mapping[str, Any]) -> str:
    """Component[instance]#evse.connector.Variable[instance]: what is not there is left out."""
    name = _instance(component)
    if (evse := component.get("evse")) is not None:
        name += f"#{evse['id']}"
        if (connector := evse.get("connectorId")) is not None:
            name += f".{connector}"
    return f"{name}.{_instance(variable)}"


def _instance(part: Mapping[str, Any]) -> str:
    return f"{part['name']}[{part['instance']}]" if "instance" in part else str(part["name"])


def _variable(item: Mapping[str, Any]) -> Variable:
    characteristics = item.get("variableCharacteristics", {})
    return Variable(
        tuple(
            Attribute(each.get("type", "Actual"), each.get("mutability", "ReadWrite"), each.get("value"))
            for each in item["variableAttribute"]
        ),
        characteristics.get("dataType", ""),
        characteristics.get("unit", ""),
        characteristics.get("valuesList", ""),
    )


class Report(msgspec.Struct, frozen=True):
    """A complete report. `kind` is the action that brought it; `items` are its parts as JSON, in order."""

    kind: str
    request_id: int
    completed_at: float
    items: tuple[bytes, ...]


class _Open:
    __slots__ = ("count", "last", "pages", "seq_nos")

    def __init__(self) -> None:
        self.seq_nos = SeqNos()
        self.pages: dict[int, Sequence[Any]] = {}
        self.count = 0
        self.last: int | None = None

    def add(self, number: int, tbc: bool, items: Sequence[Any]) -> None:
        if number >= 0 and self.seq_nos.add(number):
            self.pages[number] = items
            self.count += len(items) + 1
        if not tbc:
            self.last = number


class Page(msgspec.Struct, frozen=True):
    """A page of a report that is not complete yet."""

    kind: str
    request_id: int
    number: int
    tbc: bool
    items: Sequence[Any]


def _ignore(*told: object) -> None:
    """Nobody keeps pages."""


class Assembler:
    """Puts the pages of reports together, in whatever order they arrive. Bounded: a report of too many items is
    dropped, and so is the oldest unfinished one when there are too many. `on_page` is told of a page that has to wait
    for others, `on_end` (kind, request id) when those of a report wait no more."""

    def __init__(self, on_page: Callable[[Page], None] = _ignore, on_end: Callable[[str, int], None] = _ignore) -> None:
        self._open: dict[tuple[str, int], _Open] = {}
        self._on_page = on_page
        self._on_end = on_end

    def restore(self, page: Page) -> None:
        """A page that was stored before."""
        report = self._open.setdefault((page.kind, page.request_id), _Open())
        report.add(page.number, page.tbc, page.items)

    def take(self, kind: str, request_id: int, seq_no: int | None, tbc: bool, items: Sequence[Any]) -> list[Any] | None:
        """Takes a page in; gives all items when the report is complete. Reports whose pages carry no number (`seq_no`
        None) are taken in order of arrival."""
        key = (kind, request_id)
        report = self._open.get(key)
        if report is None:
            if len(self._open) >= MOST_OPEN:
                self._end(next(iter(self._open)))
            report = self._open[key] = _Open()
        if seq_no is None:
            seq_no = len(report.pages)
        report.add(seq_no, tbc, items)
        if report.count > MOST_ITEMS:
            self._end(key)
            return None
        if report.last is None or report.seq_nos.highest != report.last or report.seq_nos.gaps():
            self._on_page(Page(kind, request_id, seq_no, tbc, items))
            return None
        self._end(key)
        return [item for number in sorted(report.pages) for item in report.pages[number]]

    def _end(self, key: tuple[str, int]) -> None:
        report = self._open.pop(key)
        if len(report.pages) > 1 or report.last is None:
            self._on_end(*key)
