"""The nine statuses of OCPP 1.6, as they follow from how a connector is used (S16 4.9)."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.dialects.v16_status import EV_SIDE_DISCONNECTED, Status, Statuses, Told, status
from evtui.sim.connector_use import ConnectorUse
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.faults import Standing
from evtui.sim.terms import ChargingState, ConnectorStatus
from tests.proof import proves

pytestmark = proves("StatusNotification", version="1.6")

C, S = ChargingState, ConnectorStatus
FREE = ConnectorUse(1, 1, S.AVAILABLE)
TOKEN_FIRST = ConnectorUse(1, 1, S.AVAILABLE, authorized=True)
PLUGGED = ConnectorUse(1, 1, S.OCCUPIED, charging_state=C.EV_CONNECTED)
STARTING = ConnectorUse(1, 1, S.OCCUPIED, True, C.EV_CONNECTED, "tx")
CHARGING = ConnectorUse(1, 1, S.OCCUPIED, True, C.CHARGING, "tx")
EV_STOPS = ConnectorUse(1, 1, S.OCCUPIED, True, C.SUSPENDED_EV, "tx")
EVSE_STOPS = ConnectorUse(1, 1, S.OCCUPIED, True, C.SUSPENDED_EVSE, "tx")
DEAUTHORIZED = ConnectorUse(1, 1, S.OCCUPIED, False, C.EV_CONNECTED, "tx")
CAR_OFF = ConnectorUse(1, 1, S.OCCUPIED, True, C.IDLE, "tx")
CABLE_LEFT = ConnectorUse(1, 1, S.OCCUPIED)
RESERVED = ConnectorUse(1, 1, S.RESERVED)
UNAVAILABLE = ConnectorUse(1, 1, S.UNAVAILABLE)
FAULTED = ConnectorUse(1, 1, S.FAULTED, True, C.CHARGING, "tx")


def told(*uses: ConnectorUse) -> list[str]:
    """The statuses of connector 1 when it is used like this, one after the other; `*` marks more information."""
    statuses = Statuses()
    return [
        f"{told.status}{'*' if told.info else ''}"
        for use in uses
        for number, told in statuses.news((use,), operative=True)
        if number == 1
    ]


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ((FREE, PLUGGED, STARTING, CHARGING), ["Available", "Preparing", "Charging"]),
        ((FREE, TOKEN_FIRST, STARTING, CHARGING), ["Available", "Preparing", "Charging"]),
        ((FREE, TOKEN_FIRST, FREE), ["Available", "Preparing", "Available"]),
        ((FREE, PLUGGED, FREE), ["Available", "Preparing", "Available"]),
        ((CHARGING, PLUGGED, FREE), ["Charging", "Finishing", "Available"]),
        ((CHARGING, EV_STOPS, CHARGING), ["Charging", "SuspendedEV", "Charging"]),
        ((CHARGING, EVSE_STOPS, CHARGING), ["Charging", "SuspendedEVSE", "Charging"]),
        ((STARTING, EV_STOPS), ["Preparing", "SuspendedEV"]),
        ((STARTING, EVSE_STOPS), ["Preparing", "SuspendedEVSE"]),
        ((CHARGING, STARTING), ["Charging"]),
        ((CHARGING, DEAUTHORIZED), ["Charging", "SuspendedEVSE"]),
        ((PLUGGED, DEAUTHORIZED), ["Preparing"]),
        ((FREE, RESERVED, FREE), ["Available", "Reserved", "Available"]),
        ((FREE, UNAVAILABLE, FREE), ["Available", "Unavailable", "Available"]),
        ((CHARGING, UNAVAILABLE, PLUGGED), ["Charging", "Unavailable", "Preparing"]),
        ((CHARGING, FAULTED, CHARGING), ["Charging", "Faulted", "Charging"]),
        ((CHARGING, FAULTED, PLUGGED), ["Charging", "Faulted", "Finishing"]),
    ],
)
def test_what_is_told_follows_from_the_use(uses: tuple[ConnectorUse, ...], expected: list[str]) -> None:
    assert told(*uses) == expected


def test_what_has_not_changed_is_not_told_again() -> None:
    assert told(FREE, FREE, PLUGGED, PLUGGED, STARTING, CHARGING, CHARGING) == ["Available", "Preparing", "Charging"]


def test_a_driver_who_charges_again_without_pulling_the_cable_passes_preparing() -> None:
    """S16 4.9, F2: there is no step from Finishing to Charging."""
    assert told(CHARGING, PLUGGED, STARTING, CHARGING)[2:] == ["Preparing", "Charging"]
    assert told(CHARGING, PLUGGED, CHARGING)[2:] == ["Preparing", "Charging"]


def test_a_reserved_connector_passes_preparing() -> None:
    """S16 4.9, G2."""
    assert told(RESERVED, CHARGING) == ["Reserved", "Preparing", "Charging"]


def test_a_car_that_leaves_in_the_middle_of_a_transaction_which_ends_is_finishing_first() -> None:
    """S16 4.9: StopTransactionOnEVSideDisconnect true; the word of it is told."""
    assert told(CHARGING, FREE) == ["Charging", "Finishing*", "Available"]


def test_a_car_that_leaves_in_the_middle_of_a_transaction_which_goes_on_is_suspended() -> None:
    """S16 4.9: StopTransactionOnEVSideDisconnect false."""
    assert told(CHARGING, CAR_OFF, CHARGING) == ["Charging", "SuspendedEV*", "Charging"]


def test_a_cable_that_stays_locked_is_finishing() -> None:
    """UnlockConnectorOnEVSideDisconnect false."""
    assert told(CHARGING, CABLE_LEFT, FREE) == ["Charging", "Finishing*", "Available"]


def test_what_it_was_before_the_cable_came_in_does_not_count() -> None:
    assert told(CHARGING, PLUGGED, FREE, PLUGGED)[2:] == ["Available", "Preparing"]


# -- connector 0, boots and links -----------------------------------------------------------------


def numbers(statuses: Statuses, *uses: ConnectorUse, operative: bool = True) -> list[tuple[int, str]]:
    return [(number, told.status.value) for number, told in statuses.news(uses, operative=operative)]


def test_connector_0_is_told_with_all_others() -> None:
    """ERR-16 3.22."""
    assert numbers(Statuses(), FREE, PLUGGED) == [(0, "Available"), (1, "Available"), (2, "Preparing")]


def test_connector_0_is_unavailable_when_the_whole_is_and_the_last_transaction_is_over() -> None:
    statuses = Statuses()
    numbers(statuses, FREE, CHARGING)
    assert numbers(statuses, UNAVAILABLE, CHARGING, operative=False) == [(1, "Unavailable")]
    assert numbers(statuses, UNAVAILABLE, UNAVAILABLE, operative=False) == [(0, "Unavailable"), (2, "Unavailable")]


def test_connectors_that_are_unavailable_say_nothing_of_connector_0() -> None:
    statuses = Statuses()
    assert numbers(statuses, UNAVAILABLE, UNAVAILABLE) == [(0, "Available"), (1, "Unavailable"), (2, "Unavailable")]


def note(statuses: Statuses, *uses: ConnectorUse) -> None:
    """The CSMS takes note of all that is new."""
    for number, told in statuses.news(uses, operative=True):
        statuses.noted(number, told)


def test_after_a_boot_everything_is_told_again() -> None:
    statuses = Statuses()
    note(statuses, PLUGGED)
    statuses.booted()
    assert numbers(statuses, PLUGGED) == [(0, "Available"), (1, "Preparing")]


def test_after_a_reconnect_only_what_is_different_now_is_told() -> None:
    """S16 4.9, rules 1 and 3: no history."""
    statuses = Statuses()
    note(statuses, CHARGING)
    statuses.linked()
    assert numbers(statuses, CHARGING) == []
    statuses.linked()
    assert numbers(statuses, PLUGGED) == [(1, "Finishing")]


def test_what_was_on_its_way_when_the_link_broke_is_told_again() -> None:
    statuses = Statuses()
    note(statuses, FREE)
    assert numbers(statuses, PLUGGED) == [(1, "Preparing")]
    statuses.linked()
    assert numbers(statuses, PLUGGED) == [(1, "Preparing")]


# -- what is wrong --------------------------------------------------------------------------------

CODES = {
    FaultKind.GROUND_FAULT: "GroundFailure",
    FaultKind.OVERCURRENT: "OverCurrentFailure",
    FaultKind.OVER_TEMPERATURE: "HighTemperature",
    FaultKind.CONTACTOR_WELD: "PowerSwitchFailure",
    FaultKind.POWER_QUALITY: "UnderVoltage",
    FaultKind.PROBLEM: "InternalError",
    FaultKind.EMERGENCY_STOP: "OtherError",
    FaultKind.LOCK_FAILURE: "ConnectorLockFailure",
}


@pytest.mark.parametrize("kind", FaultKind)
def test_each_fault_has_an_error_code(kind: FaultKind) -> None:
    fault = Standing(kind, (1, 1), "CX" + "0" * 60, "i" * 60)
    use = msgspec.structs.replace(FAULTED, fault=fault)
    told = dict(Statuses().news((use,)))[1]
    assert told == Told(Status.FAULTED, "i" * 50, CODES[kind], "CX" + "0" * 48)


def test_a_lock_that_fails_is_a_warning() -> None:
    """S16 4.9: an error without the status Faulted."""
    fault = Standing(FaultKind.LOCK_FAILURE, (1, 1), "CX001", "the plug cannot be locked")
    told = dict(Statuses().news((msgspec.structs.replace(PLUGGED, fault=fault),)))[1]
    assert told == Told(Status.PREPARING, "the plug cannot be locked", "ConnectorLockFailure", "CX001")


def test_a_fault_of_the_station_is_one_of_connector_0_and_its_end_is_told() -> None:
    fault = Standing(FaultKind.EMERGENCY_STOP, (0, 0), "CX008", "the emergency stop was pressed")
    statuses = Statuses()
    note(statuses, FREE)
    news = dict(statuses.news((msgspec.structs.replace(FREE, status=S.FAULTED, fault=fault),), fault=fault))
    assert {number: (told.status, told.error) for number, told in news.items()} == {
        0: (Status.FAULTED, "OtherError"),
        1: (Status.FAULTED, "OtherError"),
    }
    assert numbers(statuses, FREE) == [(0, "Available"), (1, "Available")]


# -- whatever happens -----------------------------------------------------------------------------

STEPS: dict[Status, str] = {
    Status.AVAILABLE: "Preparing Charging SuspendedEV SuspendedEVSE Reserved Unavailable Faulted",
    Status.PREPARING: "Available Charging SuspendedEV SuspendedEVSE Finishing Faulted",
    Status.CHARGING: "Available SuspendedEV SuspendedEVSE Finishing Unavailable Faulted",
    Status.SUSPENDED_EV: "Available Charging SuspendedEVSE Finishing Unavailable Faulted",
    Status.SUSPENDED_EVSE: "Available Charging SuspendedEV Finishing Unavailable Faulted",
    Status.FINISHING: "Available Preparing Unavailable Faulted",
    Status.RESERVED: "Available Preparing Unavailable Faulted",
    Status.UNAVAILABLE: "Available Preparing Charging SuspendedEV SuspendedEVSE Faulted",
    Status.FAULTED: "Available Preparing Charging SuspendedEV SuspendedEVSE Finishing Reserved Unavailable",
}
"""S16 4.9, with B6 of ERR-16 3.20."""

NEXT = {
    FREE: (PLUGGED, TOKEN_FIRST, RESERVED, UNAVAILABLE),
    TOKEN_FIRST: (FREE, STARTING),
    PLUGGED: (FREE, STARTING),
    STARTING: (CHARGING, EV_STOPS, EVSE_STOPS, PLUGGED, FREE),
    CHARGING: (EV_STOPS, EVSE_STOPS, DEAUTHORIZED, CAR_OFF, CABLE_LEFT, PLUGGED, FREE, FAULTED, UNAVAILABLE),
    EV_STOPS: (CHARGING, EVSE_STOPS, PLUGGED, FREE),
    EVSE_STOPS: (CHARGING, EV_STOPS, PLUGGED, FREE),
    DEAUTHORIZED: (PLUGGED, FREE),
    CAR_OFF: (CHARGING, CABLE_LEFT, FREE),
    CABLE_LEFT: (FREE, PLUGGED),
    RESERVED: (FREE, STARTING, UNAVAILABLE),
    UNAVAILABLE: (FREE,),
    FAULTED: (CHARGING, PLUGGED, FREE),
}
"""What may follow what at a connector."""


@given(st.lists(st.integers(0, 8), max_size=30))
def test_every_step_is_one_that_the_standard_has(choices: list[int]) -> None:
    use, uses = FREE, [FREE]
    for choice in choices:
        use = NEXT[use][choice % len(NEXT[use])]
        uses.append(use)
    steps = [Status(word.removesuffix("*")) for word in told(*uses)]
    for before, after in pairwise(steps):
        assert before is after or after.value in STEPS[before].split(), f"{before} to {after}"


@given(
    st.builds(
        ConnectorUse,
        st.just(1),
        st.just(1),
        st.sampled_from(S),
        st.booleans(),
        st.sampled_from(C),
        st.none() | st.just("tx"),
    ),
    st.none() | st.sampled_from(Status),
    st.booleans(),
)
def test_every_use_has_a_status(use: ConnectorUse, before: Status | None, used: bool) -> None:
    assert status(use, before, used=used).info in ("", EV_SIDE_DISCONNECTED)
    assert isinstance(status(use, before, used=used), Told)
