"""Use cases B05 to B08: a CSMS reads, sets and reports the device model. Pure functions over one station's model."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from evtui.errors import LocalError
from evtui.sim.requests import (
    AttributeType,
    GetReport,
    GetVariable,
    GetVariables,
    GetVariablesAnswer,
    Refusal,
    ReportBase,
    SetVariables,
    SetVariablesAnswer,
    SetVariableTo,
    StatusInfo,
    VariableAnswer,
)
from evtui.sim.variables.device_model import DataType, Definition, DeviceModel, Mutability
from evtui.sim.variables.reports import EvseRef, NotifyReport, ReportRow, VariableRef

ROWS_A_PAGE = 40
"""Rows in one NotifyReport: some 10 KB."""

_SIZED = frozenset({"GetReport", "GetVariables", "SetVariables"})
_SUMMARY = frozenset({"AvailabilityState", "Problem"})
_CSV = (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST)
_LISTS = (DataType.OPTION_LIST, *_CSV)


# -- B06: reading ---------------------------------------------------------------------------------


def get_variables(model: DeviceModel, request: GetVariables) -> GetVariablesAnswer | Refusal:
    """As many rows as were asked, in their order; too many are refused whole (B06.FR.16)."""
    if (refusal := _too_many(model, "GetVariables", len(request.rows))) is not None:
        return refusal
    index = _Index(model.definitions)
    return GetVariablesAnswer(tuple(_get(model, index, row) for row in request.rows))


def _get(model: DeviceModel, index: "_Index", row: GetVariable) -> VariableAnswer:
    found = index.find(row.ref)
    if isinstance(found, str):
        return VariableAnswer(row.ref, found, row.attribute)
    if row.attribute not in (None, AttributeType.ACTUAL):
        return VariableAnswer(row.ref, "NotSupportedAttributeType", row.attribute)
    if found.mutability is Mutability.WRITE_ONLY:
        return VariableAnswer(row.ref, "Rejected", row.attribute, info=StatusInfo("WriteOnly"))
    return VariableAnswer(row.ref, "Accepted", row.attribute, model.get(found.name))


# -- B05: setting ---------------------------------------------------------------------------------


def set_variables(model: DeviceModel, request: SetVariables) -> tuple[SetVariablesAnswer | Refusal, tuple[str, ...]]:
    """The answer, and the names of the variables that have a new value; too many rows are refused whole (B05.FR.11)."""
    if (refusal := _too_many(model, "SetVariables", len(request.rows))) is not None:
        return refusal, ()
    index = _Index(model.definitions)
    changed: list[str] = []
    answers = tuple(_set(model, index, row, changed) for row in request.rows)
    return SetVariablesAnswer(answers), tuple(changed)


def _set(model: DeviceModel, index: "_Index", row: SetVariableTo, changed: list[str]) -> VariableAnswer:
    found = index.find(row.ref)
    if isinstance(found, str):
        return VariableAnswer(row.ref, found, row.attribute)
    if row.attribute not in (None, AttributeType.ACTUAL):
        return VariableAnswer(row.ref, "NotSupportedAttributeType", row.attribute)
    if found.mutability is Mutability.READ_ONLY:
        return VariableAnswer(row.ref, "Rejected", row.attribute, info=StatusInfo("ReadOnly"))
    try:
        changed.append(model.set_local(found.name, row.value))
    except LocalError as error:
        return VariableAnswer(row.ref, "Rejected", row.attribute, info=StatusInfo("InvalidValue", str(error)))
    return VariableAnswer(row.ref, "RebootRequired" if found.reboot else "Accepted", row.attribute)


# -- B07, B08: reports ----------------------------------------------------------------------------


def base_report(model: DeviceModel, base: ReportBase) -> tuple[ReportRow, ...]:
    """What belongs to a base: what an operator can set, what says how the station is, or all (B07.FR.07 to 09)."""
    match base:
        case ReportBase.CONFIGURATION_INVENTORY:
            chosen = [row for row in model.definitions if row.mutability is not Mutability.READ_ONLY]
        case ReportBase.SUMMARY_INVENTORY:
            chosen = [row for row in model.definitions if row.variable in _SUMMARY]
        case ReportBase.FULL_INVENTORY:
            chosen = list(model.definitions)
    return tuple(_report_row(model, definition) for definition in chosen)


def custom_report(model: DeviceModel, request: GetReport) -> tuple[ReportRow, ...]:
    """The rows that match one of the references and one of the criteria, each only if given (B08.FR.01 to 11)."""
    index = _Index(model.definitions)
    return tuple(
        _report_row(model, definition)
        for definition in model.definitions
        if (not request.refs or any(_matches(ref, definition) for ref in request.refs))
        and (not request.criteria or any(index.meets(model, definition, word) for word in request.criteria))
    )


def report_limit(model: DeviceModel, request: GetReport) -> Refusal | None:
    """Too many references in one GetReport are refused whole (B08.FR.17)."""
    return _too_many(model, "GetReport", len(request.refs))


def pages(request_id: int, rows: tuple[ReportRow, ...], now: datetime) -> Iterator[NotifyReport]:
    """The report as it is sent: seqNo from 0, to be continued on all but the last."""
    count = max(1, -(-len(rows) // ROWS_A_PAGE))
    for page in range(count):
        part = rows[page * ROWS_A_PAGE : (page + 1) * ROWS_A_PAGE]
        yield NotifyReport(request_id, now, page, page < count - 1, part)


def _report_row(model: DeviceModel, definition: Definition) -> ReportRow:
    hidden = definition.mutability is Mutability.WRITE_ONLY
    constant = not model.changes(definition)
    longest = len(",".join(definition.values)) if definition.type in _CSV else None
    return ReportRow(
        ref=_ref(definition),
        value=None if hidden else model.get(definition.name),
        mutability=definition.mutability,
        data_type=definition.type,
        persistent=constant or not definition.fixed,
        constant=constant,
        unit=definition.unit or None,
        min_limit=definition.min_limit,
        max_limit=definition.max_limit if longest is None else longest,
        values_list=",".join(definition.values) if definition.type in _LISTS else None,
    )


# -- finding variables ----------------------------------------------------------------------------


class _Index:
    """Definitions by place and by variable, both without case."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._places: dict[str, dict[str, Definition]] = {}
        for definition in definitions:
            variable = _variable_key(definition.variable, definition.instance)
            self._places.setdefault(definition.place.casefold(), {})[variable] = definition

    def find(self, ref: VariableRef) -> Definition | str:
        """The definition, or the status that says what is unknown (B05.FR.04, FR.05; B06.FR.06, FR.07)."""
        variables = self._places.get(_place_key(ref))
        if variables is None or ref.component_instance:
            return "UnknownComponent"
        return variables.get(_variable_key(ref.variable, ref.variable_instance or ""), "UnknownVariable")

    def meets(self, model: DeviceModel, definition: Definition, criterion: str) -> bool:
        """A component without the variable of a criterion counts as meeting it, except for Problem."""
        flag = self._places[definition.place.casefold()].get(criterion.casefold())
        return criterion != "Problem" if flag is None else model.get(flag.name) == "true"


def _matches(ref: VariableRef, definition: Definition) -> bool:
    """A reference without an EVSE means the component at all of them, one without a variable all its variables."""
    if ref.component.casefold() != definition.component.casefold() or ref.component_instance:
        return False
    if ref.evse is not None:
        if ref.evse.id != definition.evse_id:
            return False
        if ref.evse.connector_id is not None and ref.evse.connector_id != definition.connector_id:
            return False
    if not ref.variable:
        return True
    if ref.variable.casefold() != definition.variable.casefold():
        return False
    return not ref.variable_instance or ref.variable_instance.casefold() == definition.instance.casefold()


def _place_key(ref: VariableRef) -> str:
    evse = ref.evse
    if evse is None:
        return ref.component.casefold()
    if evse.connector_id is None:
        return f"{ref.component.casefold()}({evse.id})"
    return f"{ref.component.casefold()}({evse.id},{evse.connector_id})"


def _variable_key(variable: str, instance: str) -> str:
    return f"{variable}[{instance}]".casefold() if instance else variable.casefold()


def _ref(definition: Definition) -> VariableRef:
    evse = EvseRef(definition.evse_id, definition.connector_id or None) if definition.evse_id else None
    return VariableRef(definition.component, definition.variable, None, definition.instance or None, evse)


def too_long(model: DeviceModel, action: str, size: int) -> Refusal | None:
    """A message with more bytes than such a request may have is refused whole (B05.FR.11, B06.FR.17, B08.FR.18)."""
    if action not in _SIZED:
        return None
    most = model.integer(f"DeviceDataCtrlr.BytesPerMessage[{action}]")
    if size <= most:
        return None
    return Refusal("FormatViolation", f"{action} takes at most {most} bytes, not {size}")


def _too_many(model: DeviceModel, action: str, rows: int) -> Refusal | None:
    most = model.integer(f"DeviceDataCtrlr.ItemsPerMessage[{action}]")
    if rows <= most:
        return None
    return Refusal("OccurrenceConstraintViolation", f"{action} takes at most {most} items, not {rows}")
