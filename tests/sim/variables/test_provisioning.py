"""B05 to B08: what a CSMS reads, sets and has reported."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
)
from evtui.sim.spec import EvseSpec, StationSpec
from evtui.sim.variables import provisioning
from evtui.sim.variables.device_model import DeviceModel, Mutability
from evtui.sim.variables.reports import EvseRef, VariableRef
from evtui.sim.variables.standard_variables import definitions
from tests.proof import proves

pytestmark = proves(
    "GetBaseReport", "GetReport", "NotifyReport", "GetVariables", "SetVariables", "B05", "B06", "B07", "B08"
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def model() -> DeviceModel:
    return DeviceModel(definitions(StationSpec("CP001", evses=(EvseSpec(), EvseSpec()))))


def ref(component: str, variable: str, instance: str | None = None, evse: EvseRef | None = None) -> VariableRef:
    return VariableRef(component, variable, variable_instance=instance, evse=evse)


def get(store: DeviceModel, *rows: GetVariable) -> GetVariablesAnswer:
    answer = provisioning.get_variables(store, GetVariables(rows))
    assert isinstance(answer, GetVariablesAnswer)
    return answer


def set_to(store: DeviceModel, *rows: SetVariableTo) -> tuple[SetVariablesAnswer, tuple[str, ...]]:
    answer, changed = provisioning.set_variables(store, SetVariables(rows))
    assert isinstance(answer, SetVariablesAnswer)
    return answer, changed


@pytest.mark.parametrize(
    ("asked", "attribute", "status", "value"),
    [
        (ref("TxCtrlr", "EVConnectionTimeOut"), None, "Accepted", "120"),
        (ref("txctrlr", "evconnectiontimeout"), AttributeType.ACTUAL, "Accepted", "120"),
        (ref("OCPPCommCtrlr", "MessageTimeout", "Default"), None, "Accepted", "30"),
        (ref("EVSE", "SupplyPhases", evse=EvseRef(2)), None, "Accepted", "3"),
        (ref("Connector", "ConnectorType", evse=EvseRef(1, 1)), None, "Accepted", "sType2"),
        (ref("AuthCtrlr", "MasterPassGroupId"), None, "Accepted", ""),
        (ref("Toaster", "Heat"), None, "UnknownComponent", None),
        (ref("EVSE", "SupplyPhases", evse=EvseRef(3)), None, "UnknownComponent", None),
        (ref("TxCtrlr", "Heat"), None, "UnknownVariable", None),
        (ref("OCPPCommCtrlr", "MessageTimeout"), None, "UnknownVariable", None),
        (ref("TxCtrlr", "EVConnectionTimeOut"), AttributeType.TARGET, "NotSupportedAttributeType", None),
        (ref("SecurityCtrlr", "BasicAuthPassword"), None, "Rejected", None),
    ],
)
def test_b06_a_read_says_what_there_is_or_why_not(
    asked: VariableRef, attribute: AttributeType | None, status: str, value: str | None
) -> None:
    """B06.FR.06 to FR.09, FR.13."""
    (row,) = get(model(), GetVariable(asked, attribute)).rows
    assert (row.status, row.value) == (status, value)
    assert row.ref == asked, "echoed as it was asked"


def test_b06_fr_16_too_many_reads_are_refused_whole() -> None:
    rows = (GetVariable(ref("TxCtrlr", "EVConnectionTimeOut")),) * 101
    answer = provisioning.get_variables(model(), GetVariables(rows))
    assert isinstance(answer, Refusal)
    assert answer.code == "OccurrenceConstraintViolation"


@pytest.mark.parametrize(
    ("asked", "value", "status"),
    [
        (ref("TxCtrlr", "EVConnectionTimeOut"), "30", "Accepted"),
        (ref("TxCtrlr", "EVConnectionTimeOut"), "soon", "Rejected"),
        (ref("TxCtrlr", "EVConnectionTimeOut"), "-1", "Rejected"),
        (ref("TxCtrlr", "TxStartPoint"), "EVConnected,Authorized", "Accepted"),
        (ref("TxCtrlr", "TxStartPoint"), "Whenever", "Rejected"),
        (ref("OCPPCommCtrlr", "WebSocketPingInterval"), "-5", "Rejected"),
        (ref("ChargingStation", "Model"), "Other", "Rejected"),
        (ref("SecurityCtrlr", "BasicAuthPassword"), "0123456789abcdef", "Accepted"),
        (ref("SecurityCtrlr", "BasicAuthPassword"), "short", "Rejected"),
        (ref("Toaster", "Heat"), "1", "UnknownComponent"),
        (ref("TxCtrlr", "Heat"), "1", "UnknownVariable"),
    ],
)
def test_b05_a_write_takes_what_fits_and_says_why_not(asked: VariableRef, value: str, status: str) -> None:
    store = model()
    answer, changed = set_to(store, SetVariableTo(asked, value))
    assert answer.rows[0].status == status
    assert bool(changed) == (status == "Accepted")


def test_a_refused_password_is_never_told_back() -> None:
    answer, _ = set_to(model(), SetVariableTo(ref("SecurityCtrlr", "BasicAuthPassword"), "hunter2"))
    assert "hunter2" not in repr(answer.rows[0].info)


def test_b05_one_bad_row_does_not_stop_the_others() -> None:
    store = model()
    answer, changed = set_to(
        store,
        SetVariableTo(ref("TxCtrlr", "Heat"), "1"),
        SetVariableTo(ref("TxCtrlr", "EVConnectionTimeOut"), "45"),
    )
    assert [row.status for row in answer.rows] == ["UnknownVariable", "Accepted"]
    assert changed == ("TxCtrlr.EVConnectionTimeOut",)
    assert store.integer("TxCtrlr.EVConnectionTimeOut") == 45


def test_b07_the_configuration_inventory_is_all_that_can_be_set() -> None:
    store = model()
    rows = provisioning.base_report(store, ReportBase.CONFIGURATION_INVENTORY)
    assert len(rows) == sum(row.mutability is not Mutability.READ_ONLY for row in store.definitions)
    assert {row.mutability for row in rows} == {"ReadWrite", "WriteOnly"}


def test_b07_write_only_values_are_left_out_of_a_report() -> None:
    store = model()
    store.set_local("SecurityCtrlr.BasicAuthPassword", "0123456789abcdef")
    rows = provisioning.base_report(store, ReportBase.FULL_INVENTORY)
    (password,) = (row for row in rows if row.ref.variable == "BasicAuthPassword")
    assert password.value is None


def test_tc_b_53_every_list_comes_with_values_that_contain_its_own() -> None:
    for row in provisioning.base_report(model(), ReportBase.FULL_INVENTORY):
        if row.data_type.endswith("List"):
            assert row.values_list, row.ref
            assert row.value is not None
            assert set(filter(None, row.value.split(","))) <= set(row.values_list.split(",")), row.ref


def test_b08_a_report_of_a_component_without_evse_means_it_everywhere() -> None:
    rows = provisioning.custom_report(model(), GetReport(1, (VariableRef("EVSE", "Power"),)))
    assert [row.ref.evse for row in rows] == [EvseRef(1), EvseRef(2)]


def test_b08_criteria_and_references_are_both_met() -> None:
    request = GetReport(1, (VariableRef("ReservationCtrlr", ""), VariableRef("EVSE", "Power")), ("Available",))
    components = {row.ref.component for row in provisioning.custom_report(model(), request)}
    assert components == {"EVSE"}, "ReservationCtrlr says that it is not available"
    assert provisioning.custom_report(model(), GetReport(1, (), ("Problem",))) == ()


@given(st.integers(0, 300))
def test_pages_count_from_0_and_only_the_last_is_the_last(count: int) -> None:
    (row,) = provisioning.custom_report(model(), GetReport(1, (ref("TxCtrlr", "EVConnectionTimeOut"),)))
    pages = list(provisioning.pages(7, (row,) * count, NOW))
    assert [page.seq_no for page in pages] == list(range(len(pages)))
    assert [page.to_be_continued for page in pages] == [True] * (len(pages) - 1) + [False]
    assert sum(len(page.rows) for page in pages) == count
