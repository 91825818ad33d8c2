"""The device model in words: grouped, searched, described, completed."""

import pytest

from evtui.engine.door import VariableRow
from evtui.tui.variables import completions, described, entries, shown_value
from tests.tui.fake_door import POINTS, VALUES, VARIABLES

ROWS = {row.name: row for row in VARIABLES}


def names(search: str) -> list[str]:
    """Headings and variables, as they stand under each other."""
    return [entry.variable if entry.row else f"[{entry.component}]" for entry in entries(VARIABLES, VALUES, search)]


def test_variables_stand_under_their_component_by_name() -> None:
    assert names("")[:7] == [
        "[ChargingStation]",
        "AvailabilityState",
        "[EVSE(1)]",
        "Power",
        "[AuthCtrlr]",
        "AuthorizeRemoteStart",
        "MasterPassGroupId",
    ]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("HEARTBEAT", ["[OCPPCommCtrlr]", "HeartbeatInterval"]),
        ("tx point", ["[TxCtrlr]", "TxStartPoint", "TxStopPoint"]),
        ("authorized tx", ["[TxCtrlr]", "TxStopPoint"]),
        ("percent", ["[SmartChargingCtrlr]", "LimitChangeSignificance"]),
        ("toaster", []),
    ],
)
def test_a_search_finds_all_its_words_in_name_value_or_unit(search: str, found: list[str]) -> None:
    assert names(search) == found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("OCPPCommCtrlr.HeartbeatInterval", "integer in s, at least 1, read and write"),
        ("SmartChargingCtrlr.LimitChangeSignificance", "decimal in Percent, 0 to 100, read and write"),
        ("EVSE(1).Power", "decimal in W, at most 22000, read-only, says what the station is or does"),
        ("AuthCtrlr.MasterPassGroupId", "string, at most 36 characters, read and write"),
        (
            "OCPPCommCtrlr.MessageTimeout[Default]",
            "integer in s, at least 1, read-only, for the CSMS; you can change it",
        ),
        (
            "OCPPCommCtrlr.NetworkConfigurationPriority",
            "SequenceList, 1 to 1000 characters, read and write, holds from the next reset on",
        ),
        ("SecurityCtrlr.BasicAuthPassword", "string, 16 to 64 characters, write-only"),
    ],
)
def test_a_variable_is_described_in_a_line(name: str, words: str) -> None:
    assert described(ROWS[name]) == words


def test_what_nobody_may_read_is_not_shown() -> None:
    assert shown_value(ROWS["SecurityCtrlr.BasicAuthPassword"], "secret") == "(write-only)"
    assert shown_value(ROWS["AuthCtrlr.MasterPassGroupId"], "") == "(unset)"


@pytest.mark.parametrize(
    ("name", "text", "offered"),
    [
        ("TxCtrlr.StopTxOnInvalidId", "", ["true", "false"]),
        ("TxCtrlr.StopTxOnInvalidId", "F", ["false"]),
        ("TxCtrlr.StopTxOnInvalidId", "true", ["false", "true"]),
        ("TxCtrlr.StopTxOnInvalidId", "maybe", ["true", "false"]),
        ("TxCtrlr.TxStopPoint", "EVConnected,p", ["EVConnected,ParkingBayOccupancy", "EVConnected,PowerPathClosed"]),
        ("OCPPCommCtrlr.NetworkConfigurationPriority", "1,", ["1,2", "1,3"]),
        ("OCPPCommCtrlr.NetworkConfigurationPriority", "2", ["3", "1", "2"]),
        ("OCPPCommCtrlr.HeartbeatInterval", "3", []),
    ],
)
def test_a_value_that_was_begun_goes_on_with_what_there_is(name: str, text: str, offered: list[str]) -> None:
    assert completions(ROWS[name], text) == offered


def test_a_list_offers_no_member_twice() -> None:
    row: VariableRow = ROWS["TxCtrlr.TxStartPoint"]
    assert completions(row, ",".join((*POINTS, ""))) == []
