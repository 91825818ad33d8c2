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
from evtui.sim.variables.device_model import DataType, Definition, DeviceModel, Mutability
from evtui.sim.variables.reports import EvseRef, VariableRef
from evtui.sim.variables.standard_variables import definitions
from tests.proof import proves
from tests.sim.playbook import Playbook

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


@proves("B07.FR.08", "B07.FR.11", "B08.FR.12")
def test_a_row_says_all_of_its_variable() -> None:
    """Type, mutability, unit, limits, values; whether it may change, and whether it outlasts a power cut."""
    book = Playbook()
    rows = {
        (row.ref.component, row.ref.variable): row
        for row in provisioning.base_report(book.station.variables, ReportBase.FULL_INVENTORY)
    }

    def told(component: str, variable: str) -> tuple[object, ...]:
        row = rows[component, variable]
        return row.data_type, row.mutability, row.unit, row.min_limit, row.max_limit, row.constant, row.persistent

    assert told("TxCtrlr", "EVConnectionTimeOut") == ("integer", "ReadWrite", "s", 1, None, False, True)
    assert told("TxCtrlr", "ChargingTime") == ("decimal", "ReadOnly", "s", None, None, False, False)
    assert told("ChargingStation", "SupplyPhases") == ("integer", "ReadOnly", None, None, None, True, True)
    assert told("EVSE", "Power") == ("decimal", "ReadOnly", "W", None, 22_000.0, False, False)
    longest = len("ParkingBayOccupancy,EVConnected,Authorized,DataSigned,PowerPathClosed,EnergyTransfer")
    assert told("TxCtrlr", "TxStartPoint") == ("MemberList", "ReadWrite", None, 1, longest, False, True)
    assert told("SecurityCtrlr", "BasicAuthPassword") == ("string", "WriteOnly", None, 16, 64, False, True)
    assert all(row.persistent for row in rows.values() if row.mutability != "ReadOnly")
    everything = set(rows)
    assert everything == {(each.component, each.variable) for each in book.station.variables.definitions}


@proves("B07.FR.09")
def test_the_summary_is_how_available_each_part_is() -> None:
    """TC_B_14."""
    rows = provisioning.base_report(model(), ReportBase.SUMMARY_INVENTORY)
    states = [(row.ref.component, row.ref.evse) for row in rows if row.ref.variable == "AvailabilityState"]
    assert states == [
        ("ChargingStation", None),
        ("EVSE", EvseRef(1)),
        ("Connector", EvseRef(1, 1)),
        ("EVSE", EvseRef(2)),
        ("Connector", EvseRef(2, 1)),
    ]


def reported(*refs: VariableRef, criteria: tuple[str, ...] = ()) -> list[VariableRef]:
    return [row.ref for row in provisioning.custom_report(model(), GetReport(1, refs, criteria))]


@proves("B08.FR.20")
def test_b08_a_component_without_a_variable_means_all_of_them() -> None:
    """TC_B_54."""
    named = {found.variable for found in reported(ref("TxCtrlr", ""))}
    assert named == {each.variable for each in model().definitions if each.component == "TxCtrlr"}


@pytest.mark.parametrize("instance", [None, ""])
@proves("B08.FR.21")
def test_b08_a_variable_without_an_instance_means_all_of_them(instance: str | None) -> None:
    """TC_B_56."""
    found = reported(ref("DeviceDataCtrlr", "ItemsPerMessage", instance))
    assert [each.variable_instance for each in found] == ["GetReport", "GetVariables", "SetVariables"]
    [one] = reported(ref("DeviceDataCtrlr", "ItemsPerMessage", "getvariables"))
    assert one.variable_instance == "GetVariables"
    assert not reported(ref("DeviceDataCtrlr", "ItemsPerMessage", "Toaster"))


@proves("B08.FR.22")
def test_b08_an_evse_without_a_connector_means_all_of_them() -> None:
    """TC_B_55."""
    assert reported(ref("Connector", "AvailabilityState", evse=EvseRef(2))) == [
        ref("Connector", "AvailabilityState", evse=EvseRef(2, 1))
    ]


@proves("B08.FR.23")
def test_b08_a_report_of_a_component_without_evse_means_it_everywhere() -> None:
    rows = provisioning.custom_report(model(), GetReport(1, (VariableRef("EVSE", "Power"),)))
    assert [row.ref.evse for row in rows] == [EvseRef(1), EvseRef(2)]


@proves("B08.FR.24", "B08.FR.25")
def test_b08_no_component_here_has_instances() -> None:
    assert reported(VariableRef("EVSE", "Power", component_instance=""))
    assert not reported(VariableRef("EVSE", "Power", component_instance="Main"))


@proves("B08.FR.07", "B08.FR.08", "B08.FR.09", "B08.FR.10", "B08.FR.13")
@pytest.mark.parametrize(
    ("criteria", "components"),
    [
        (("Active",), {"SampledDataCtrlr", "MonitoringCtrlr"}),
        (("Available",), {"SampledDataCtrlr"}),
        (("Enabled",), {"MonitoringCtrlr"}),
        (("Problem",), set[str]()),
        (("Problem", "Enabled"), {"MonitoringCtrlr"}),
        (("Available", "Enabled"), {"SampledDataCtrlr", "MonitoringCtrlr"}),
    ],
)
def test_b08_one_criterion_is_enough_and_who_cannot_say_meets_it(
    criteria: tuple[str, ...], components: set[str]
) -> None:
    """TC_B_16 to 18: sampled data are available and not enabled here, monitoring says only that it is not available."""
    store = DeviceModel(
        (
            Definition("SampledDataCtrlr", "Available", DataType.BOOLEAN, "true"),
            Definition("SampledDataCtrlr", "Enabled", DataType.BOOLEAN, "false"),
            Definition("MonitoringCtrlr", "Available", DataType.BOOLEAN, "false"),
        )
    )
    rows = provisioning.custom_report(store, GetReport(1, (), criteria))
    assert {row.ref.component for row in rows} == components


@proves("B06.FR.14", "B06.FR.15", "B05.FR.04", "B05.FR.05")
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (ref("DeviceDataCtrlr", "ItemsPerMessage", "GetReport"), "Accepted"),
        (ref("DeviceDataCtrlr", "ItemsPerMessage"), "UnknownVariable"),
        (ref("DeviceDataCtrlr", "ItemsPerMessage", ""), "UnknownVariable"),
        (ref("TxCtrlr", "EVConnectionTimeOut", "GetReport"), "UnknownVariable"),
        (ref("TxCtrlr", "EVConnectionTimeOut", ""), "Accepted"),
        (ref("EVSE", "Power"), "UnknownComponent"),
        (VariableRef("EVSE", "Power", "Main", evse=EvseRef(1)), "UnknownComponent"),
        (VariableRef("EVSE", "Power", "", evse=EvseRef(1)), "Accepted"),
        (ref("Connector", "Available", evse=EvseRef(1)), "UnknownComponent"),
    ],
)
def test_an_instance_is_exactly_the_one_that_is_named(asked: VariableRef, status: str) -> None:
    """Reading and setting alike, but that these cannot be set."""
    store = model()
    (read,) = get(store, GetVariable(asked)).rows
    (written,) = set_to(store, SetVariableTo(asked, "x"))[0].rows
    assert read.status == status
    assert written.status == ("Rejected" if status == "Accepted" else status)


@proves("B05.FR.01", "B05.FR.02", "B05.FR.03", "B06.FR.01", "B06.FR.02", "B06.FR.03")
def test_each_row_is_answered_in_its_place_with_its_attribute() -> None:
    """Twice the same, and what nobody knows: the last one set wins."""
    store, timeout = model(), ref("TxCtrlr", "EVConnectionTimeOut")
    target = AttributeType.TARGET
    answer, changed = set_to(
        store,
        SetVariableTo(timeout, "10", AttributeType.ACTUAL),
        SetVariableTo(timeout, "20", target),
        SetVariableTo(ref("Toaster", "Heat"), "1"),
        SetVariableTo(timeout, "30"),
    )
    assert [(row.ref, row.attribute, row.status) for row in answer.rows] == [
        (timeout, AttributeType.ACTUAL, "Accepted"),
        (timeout, target, "NotSupportedAttributeType"),
        (ref("Toaster", "Heat"), None, "UnknownComponent"),
        (timeout, None, "Accepted"),
    ]
    assert set(changed) == {"TxCtrlr.EVConnectionTimeOut"}
    rows = get(store, GetVariable(timeout, target), GetVariable(timeout)).rows
    assert [(row.attribute, row.status, row.value) for row in rows] == [
        (target, "NotSupportedAttributeType", None),
        (None, "Accepted", "30"),
    ]


def test_b08_criteria_and_references_are_both_met() -> None:
    request = GetReport(1, (VariableRef("SmartChargingCtrlr", ""), VariableRef("EVSE", "Power")), ("Available",))
    components = {row.ref.component for row in provisioning.custom_report(model(), request)}
    assert components == {"EVSE"}, "SmartChargingCtrlr says that it is not available"
    assert provisioning.custom_report(model(), GetReport(1, (), ("Problem",))) == ()


@given(st.integers(0, 300))
def test_pages_count_from_0_and_only_the_last_is_the_last(count: int) -> None:
    (row,) = provisioning.custom_report(model(), GetReport(1, (ref("TxCtrlr", "EVConnectionTimeOut"),)))
    pages = list(provisioning.pages(7, (row,) * count, NOW))
    assert [page.seq_no for page in pages] == list(range(len(pages)))
    assert [page.to_be_continued for page in pages] == [True] * (len(pages) - 1) + [False]
    assert sum(len(page.rows) for page in pages) == count
