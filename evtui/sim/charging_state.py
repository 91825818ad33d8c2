"""The charging state of an EVSE, read from its power path (IEC 61851 states in OCPP's words)."""

from typing import Final

from evtui.sim.physics.charging import Charging
from evtui.sim.terms import ChargingState

_CHARGING: Final = ChargingState.CHARGING


def charging_state(charging: Charging, *, withheld: bool, before: ChargingState) -> ChargingState:
    """The first row that holds:

    | | |
    |---|---|
    | no car is connected | Idle |
    | energy is withheld from an authorized driver, or the limits leave too little | SuspendedEVSE |
    | nothing is offered | EVConnected |
    | the car draws | Charging |
    | the car wants none | SuspendedEV |
    | the contactor is closing | what was before |
    """
    if charging.ev is None:
        return ChargingState.IDLE
    if withheld or charging.suspended_by_evse:
        return ChargingState.SUSPENDED_EVSE
    if not charging.offering:
        return ChargingState.EV_CONNECTED
    if charging.flowing:
        return _CHARGING
    if not charging.ev_wants:
        return ChargingState.SUSPENDED_EV
    return ChargingState.EV_CONNECTED if before is ChargingState.IDLE else before
