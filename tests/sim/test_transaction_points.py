"""E01, E06: every combination of TxStartPoint and of TxStopPoint, in every order in which drivers do things.

What is expected is written down here a second time, from the standard's tables, and not read from the station.
"""

from collections.abc import Iterator
from itertools import combinations

import pytest

from evtui.sim.messages import IdTokenInfo, TransactionEvent
from evtui.sim.requests import RequestStartTransaction, RequestStopTransaction
from evtui.sim.terms import AuthorizationStatus, TxPoint
from tests.proof import proves
from tests.sim.playbook import CARD, Playbook, script

pytestmark = proves("TransactionEvent", "E01", "E02", "E03", "E06")

QUIET = {
    "SampledDataCtrlr.TxUpdatedInterval": "0",
    "SampledDataCtrlr.TxStartedMeasurands": "",
    "SampledDataCtrlr.TxEndedMeasurands": "",
}
BAY, CABLE, DRIVER, SIGNED, PATH, ENERGY = (
    TxPoint.PARKING_BAY_OCCUPANCY,
    TxPoint.EV_CONNECTED,
    TxPoint.AUTHORIZED,
    TxPoint.DATA_SIGNED,
    TxPoint.POWER_PATH_CLOSED,
    TxPoint.ENERGY_TRANSFER,
)
ALL = [",".join(chosen) for count in range(1, 7) for chosen in combinations(TxPoint, count)]

Step = tuple[str, str, str, tuple[TxPoint, ...]]
"""What an event says (trigger, state, what else it tells the first time), and the points that it reaches or leaves."""

# -- the beginning --------------------------------------------------------------------------------

CABLE_FIRST: tuple[Step, ...] = (
    ("EVDetected", "Idle", "", (BAY,)),
    ("CablePluggedIn", "EVConnected", "evse 1/1", (CABLE,)),
    ("Authorized", "EVConnected", "DEADBEEF", (DRIVER, PATH)),
    ("ChargingStateChanged", "Charging", "3 phases", (ENERGY,)),
)
TOKEN_FIRST: tuple[Step, ...] = (
    ("Authorized", "Idle", "DEADBEEF", (DRIVER,)),
    ("EVDetected", "Idle", "", (BAY,)),
    ("CablePluggedIn", "EVConnected", "evse 1/1", (CABLE, PATH)),
    ("ChargingStateChanged", "Charging", "3 phases", (ENERGY,)),
)


def beginning(steps: tuple[Step, ...], start: set[str], remote: bool) -> list[str]:
    """The events: Started with the first point that counts, Updated from then on; the bay counts only when named."""
    return list(_beginning(steps, start, remote))


def _beginning(steps: tuple[Step, ...], start: set[str], remote: bool) -> Iterator[str]:
    started, owed, state_before = False, "", ""
    for trigger, state, told, reached in steps:
        owed = " ".join(sorted(filter(None, (owed, told)), key=_place))
        begins = not started and bool(start.intersection(reached))
        started |= begins
        if not started:
            continue
        if trigger == "EVDetected" and BAY not in start:
            continue
        shown = state if begins or state != state_before or trigger == "ChargingStateChanged" else ""
        if remote and "DEADBEEF" in owed and (begins or trigger == "Authorized"):
            trigger = "RemoteStart"
        yield " ".join(filter(None, ("Started" if begins else "Updated", trigger, shown, owed)))
        owed, state_before = "", state


def _place(told: str) -> int:
    """The order of what an event tells in a line of a script."""
    return ("evse", "DEAD", "3 ph").index(told[:4])


@pytest.mark.parametrize("remote", [False, True], ids=["local", "remote"])
@pytest.mark.parametrize("steps", [CABLE_FIRST, TOKEN_FIRST], ids=["cable first", "token first"])
@pytest.mark.parametrize("start", ALL)
def test_the_first_start_point_that_is_reached_begins_the_transaction(
    start: str, steps: tuple[Step, ...], remote: bool
) -> None:
    """E01.FR.01-06, .10, .15, .16, .18; E02.FR.01, .06, .13, .18; E03.FR.01; F01.FR.19, F02.FR.21."""
    play = Playbook(variables={**QUIET, "TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": "DataSigned"}).booted()
    if steps is CABLE_FIRST:
        play.plug_in()
    _authorize(play, remote)
    if steps is TOKEN_FIRST:
        play.plug_in()
    play.wait(1)
    assert script(play.events()) == beginning(steps, set(start.split(",")), remote)
    assert [event.remote_start_id for event in play.events() if event.remote_start_id] == [9] * (
        remote and start != SIGNED
    )


def _authorize(play: Playbook, remote: bool) -> None:
    if remote:
        play.ask(RequestStartTransaction(9, CARD, 1))
    else:
        play.present()


# -- the end --------------------------------------------------------------------------------------

GONE: tuple[Step, ...] = (("EVCommunicationLost", "Idle", "", (CABLE,)), ("EVDeparted", "Idle", "", (BAY,)))
IDLE_CAR: Step = ("ChargingStateChanged", "EVConnected", "", (ENERGY,))
ENDINGS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "token": ("Local", (("StopAuthorized", "Charging", "DEADBEEF", (DRIVER, PATH)), IDLE_CAR, *GONE)),
    "remote": ("Remote", (("RemoteStop", "Charging", "", (DRIVER, PATH)), IDLE_CAR, *GONE)),
    "invalid": ("DeAuthorized", (("Deauthorized", "Charging", "", (DRIVER, PATH)), IDLE_CAR, *GONE)),
    "pulled": (
        "EVDisconnected",
        (
            ("EVCommunicationLost", "Idle", "", (CABLE, DRIVER, PATH, ENERGY)),
            ("EVDeparted", "Idle", "", (BAY,)),
        ),
    ),
}


def ending(how: str, stop: set[str]) -> list[str]:
    """The events: Ended with the first point that is left, Updated until then."""
    reason, steps = ENDINGS[how]
    lines, state_before = [], "Charging"
    for trigger, state, told, left in steps:
        ends = bool(stop.intersection(left))
        if trigger in ("RemoteStop", "Deauthorized"):  # these end energy too where it is a stop point: one event
            ends = ends or ENERGY in stop
        if trigger == "EVDeparted" and BAY not in stop:
            break
        if ends and state == "Charging":
            state = "EVConnected"  # energy has stopped when the end is told
        shown = state if ends or state != state_before or trigger == "ChargingStateChanged" else ""
        lines.append(" ".join(filter(None, ("Ended" if ends else "Updated", trigger, shown, reason * ends, told))))
        if ends:
            break
        state_before = state
    return lines


@pytest.mark.parametrize("how", ENDINGS)
@pytest.mark.parametrize("stop", ALL)
def test_the_first_stop_point_that_is_left_ends_the_transaction(stop: str, how: str) -> None:
    """E05.FR.09, .10; E06.FR.01-07, .15; E07.FR.02, .05, .06; E09.FR.01; F03.FR.02, .03."""
    play = Playbook(variables={**QUIET, "TxCtrlr.TxStopPoint": stop}).booted()
    play.plug_in()
    play.csms.keep_silent(TransactionEvent)
    play.present()
    play.wait(1)
    if how == "invalid":
        play.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    play.answer()
    match how:
        case "token":
            play.present()
        case "remote":
            play.ask(RequestStopTransaction("tx-1"))
    play.unplug()
    started, charging, *rest = script(play.events())
    assert [started, charging] == [
        "Started Authorized EVConnected evse 1/1 DEADBEEF",
        "Updated ChargingStateChanged Charging 3 phases",
    ]
    assert rest == ending(how, set(stop.split(",")))
    assert play.events()[-1].event_type == "Ended" or stop == SIGNED
