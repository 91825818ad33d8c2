"""Reports that come in pages, put together: NotifyReport and its like, and the device model they add up to."""

from collections.abc import Mapping, Sequence
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


class Assembler:
    """Puts the pages of reports together, in whatever order they arrive. Bounded: a report of too many items is
    dropped, and so is the oldest unfinished one when there are too many."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], _Open] = {}

    def take(self, kind: str, request_id: int, seq_no: int | None, tbc: bool, items: Sequence[Any]) -> list[Any] | None:
        """Takes a page in; gives all items when the report is complete. Reports whose pages carry no number (`seq_no`
        None) are taken in order of arrival."""
        key = (kind, request_id)
        report = self._open.get(key)
        if report is None:
            if len(self._open) >= MOST_OPEN:
                del self._open[next(iter(self._open))]
            report = self._open[key] = _Open()
        if seq_no is None:
            seq_no = len(report.pages)
        if seq_no >= 0 and report.seq_nos.add(seq_no):
            report.pages[seq_no] = items
            report.count += len(items) + 1
        if not tbc:
            report.last = seq_no
        if report.count > MOST_ITEMS:
            del self._open[key]
            return None
        if report.last is None or report.seq_nos.highest != report.last or report.seq_nos.gaps():
            return None
        del self._open[key]
        return [item for number in sorted(report.pages) for item in report.pages[number]]
