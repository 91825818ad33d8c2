"""What breaks, and is repaired."""

from evtui.engine.effects.effect import Arguments, Effect, Spot, do, figure
from evtui.errors import LocalError
from evtui.sim.actions import NoticeKind
from evtui.sim.connector import LockState
from evtui.sim.events import ClearFaults, FailResets, Fault
from evtui.sim.fault_kinds import FAULTS, FaultKind, Level, shown

_MOST_RESETS = 1_000


async def fault(spot: Spot, arguments: Arguments) -> Effect:
    """Breaks something at the level where it usually breaks, or where it is asked for. What breaks the whole station
    breaks all its EVSEs, each of which may have been asked for."""
    kind = FaultKind(arguments["kind"])
    level = Level(arguments["level"]) if arguments["level"] else FAULTS[kind].levels[0]
    evse_id = 0 if level is Level.STATION else spot.evse_id
    connector_id = spot.connector_id if level is Level.CONNECTOR else 0
    event = Fault(kind, evse_id, connector_id, arguments["tech-code"], arguments["tech-info"])
    before = spot.row.faults
    effect = await do(spot, event, NoticeKind.FAULT)
    if not effect.done and kind not in before and kind in spot.row.faults:
        return Effect(True, f"{shown(kind)} of the station")
    return effect


async def clear(spot: Spot, arguments: Arguments) -> Effect:
    """Repairs what is broken at an EVSE, its connectors, or the station."""
    kind = FaultKind(arguments["kind"]) if arguments["kind"] else None
    before = spot.row.faults
    effect = await do(spot, ClearFaults(spot.evse_id, kind), NoticeKind.FAULT_CLEARED)
    if effect.done or set(spot.row.faults) < set(before):
        return Effect(True, f"no longer: {shown(kind)}" if kind is not None else "no fault any more")
    return effect


async def fail_lock(spot: Spot, arguments: Arguments) -> Effect:
    """The lock of the connector in use fails."""
    return await do(spot, Fault(FaultKind.LOCK_FAILURE, spot.evse_id, spot.connector_id), NoticeKind.FAULT)


async def fail_resets(spot: Spot, arguments: Arguments) -> Effect:
    """So many attempts of the station to reset fail. LocalError for what is no number of them."""
    count = figure(arguments, "count") or 0.0
    if count != int(count) or count > _MOST_RESETS:
        raise LocalError(f"count: {count:g} is no number from 0 to {_MOST_RESETS}")
    return await do(spot, FailResets(int(count)), NoticeKind.FAULT)


async def toggle_lock(spot: Spot, arguments: Arguments) -> Effect:
    """It fails, or works again."""
    if spot.row.lock != LockState.JAMMED:
        return await fail_lock(spot, arguments)
    return await do(spot, ClearFaults(spot.evse_id, FaultKind.LOCK_FAILURE), NoticeKind.FAULT_CLEARED)


async def press(spot: Spot, arguments: Arguments) -> Effect:
    """The emergency stop of the station."""
    return await do(spot, Fault(FaultKind.EMERGENCY_STOP), NoticeKind.FAULT)


async def release(spot: Spot, arguments: Arguments) -> Effect:
    """Lets the station work again."""
    return await do(spot, ClearFaults(0, FaultKind.EMERGENCY_STOP), NoticeKind.FAULT_CLEARED)


async def toggle_stop(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (release if FaultKind.EMERGENCY_STOP in spot.row.faults else press)(spot, arguments)
