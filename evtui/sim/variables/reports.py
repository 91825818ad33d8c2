"""Places, variables, and reports of them: what requests and reports have in common."""

from datetime import datetime

import msgspec

from evtui.sim.memory import Variant


class EvseRef(msgspec.Struct, frozen=True):
    """A place in a station: an EVSE, or one of its connectors."""

    id: int
    connector_id: int | None = None


class VariableRef(msgspec.Struct, frozen=True):
    """A variable as a CSMS names it; names are compared without case (part 2, 2.1.1)."""

    component: str
    variable: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse: EvseRef | None = None


class ReportRow(msgspec.Struct, frozen=True):
    """A variable in NotifyReport; `value` is None for write-only ones. Limits in the variable's unit."""

    ref: VariableRef
    value: str | None
    mutability: str
    data_type: str
    persistent: bool
    constant: bool = False
    unit: str | None = None
    min_limit: float | None = None
    max_limit: float | None = None
    values_list: str | None = None


class NotifyReport(Variant, frozen=True):
    """B07, B08: one page; `to_be_continued` on all but the last."""

    request_id: int
    generated_at: datetime
    seq_no: int
    to_be_continued: bool
    rows: tuple[ReportRow, ...]
