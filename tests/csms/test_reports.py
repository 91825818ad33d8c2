"""Reports in pages, and the device model they add up to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.reports import MOST_ITEMS, MOST_OPEN, Assembler, Attribute, DeviceModel, Variable


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_pages_in_any_order_and_twice_make_one_report(pages: list[list[int]], random: Any) -> None:
    """B07.FR.10: seqNo counts the pages from 0; tbc is false on the last."""
    numbered = list(enumerate(pages))
    random.shuffle(numbered)
    assembler = Assembler()
    results = []
    for index, (seq_no, items) in enumerate(numbered):
        tbc = seq_no < len(pages) - 1
        results.append(assembler.take("NotifyReport", 7, seq_no, tbc, items))
        if index < len(numbered) - 1:  # doubled
            assert assembler.take("NotifyReport", 7, seq_no, tbc, items) is None
    assert results[:-1] == [None] * (len(pages) - 1)
    assert results[-1] == [item for page in pages for item in page]


def test_reports_of_two_requests_do_not_mix() -> None:
    assembler = Assembler()
    assert assembler.take("NotifyReport", 1, 0, True, ["a"]) is None
    assert assembler.take("NotifyReport", 2, 0, False, ["b"]) == ["b"]
    assert assembler.take("NotifyMonitoringReport", 1, 0, False, ["c"]) == ["c"]
    assert assembler.take("NotifyReport", 1, 1, False, ["d"]) == ["a", "d"]


def test_pages_without_numbers_are_taken_as_they_come() -> None:
    assembler = Assembler()
    assert assembler.take("ReportChargingProfiles", 1, None, True, ["a"]) is None
    assert assembler.take("ReportChargingProfiles", 1, None, False, ["b"]) == ["a", "b"]


def test_an_endless_report_is_dropped() -> None:
    assembler = Assembler()
    page = ["x"] * 1000
    for number in range(MOST_ITEMS // 1000):
        assembler.take("NotifyReport", 1, number, True, page)
    assert assembler.take("NotifyReport", 1, 0, False, ["new"]) == ["new"]


def test_unfinished_reports_do_not_pile_up() -> None:
    assembler = Assembler()
    for request_id in range(MOST_OPEN + 1):
        assembler.take("NotifyReport", request_id, 0, True, ["first"])
    assert assembler.take("NotifyReport", 0, 1, False, ["last"]) is None  # the oldest is gone
    assert assembler.take("NotifyReport", MOST_OPEN, 1, False, ["last"]) == ["first", "last"]


@pytest.mark.parametrize(
    ("component", "variable", "name"),
    [
        ({"name": "TxCtrlr"}, {"name": "EVConnectionTimeOut"}, "TxCtrlr.EVConnectionTimeOut"),
        ({"name": "EVSE", "evse": {"id": 1}}, {"name": "Power"}, "EVSE#1.Power"),
        ({"name": "Connector", "evse": {"id": 1, "connectorId": 2}}, {"name": "Available"}, "Connector#1.2.Available"),
        ({"name": "A", "instance": "b"}, {"name": "C", "instance": "d"}, "A[b].C[d]"),
    ],
)
def test_variables_have_readable_names(component: dict[str, Any], variable: dict[str, Any], name: str) -> None:
    model = DeviceModel()
    model.take([{"component": component, "variable": variable, "variableAttribute": [{"value": "1"}]}])
    assert model.variables == {name: Variable((Attribute("Actual", "ReadWrite", "1"),))}


def test_a_later_report_overwrites_an_earlier_one() -> None:
    model = DeviceModel()
    item = {
        "component": {"name": "A"},
        "variable": {"name": "B"},
        "variableAttribute": [{"type": "Target", "mutability": "WriteOnly"}],
        "variableCharacteristics": {"dataType": "OptionList", "unit": "s", "valuesList": "x,y"},
    }
    model.take([{**item, "variableAttribute": [{"value": "old"}]}])
    model.take([item])
    assert model.variables["A.B"] == Variable((Attribute("Target", "WriteOnly", None),), "OptionList", "s", "x,y")
