"""The cable, the parking bay, and what cars do by themselves."""

from evtui.engine.effects.effect import Arguments, Effect, Spot, do
from evtui.sim.actions import NoticeKind
from evtui.sim.events import EvFull, EvWants, OccupyBay, PlugIn, Unplug, UnplugAtStation


async def plug_in(spot: Spot, arguments: Arguments) -> Effect:
    """Puts a cable in."""
    return await do(spot, PlugIn(spot.evse_id, ev=arguments.get("ev") or None), NoticeKind.PLUGGED_IN)


async def unplug(spot: Spot, arguments: Arguments) -> Effect:
    """Pulls the cable at the EV."""
    return await do(spot, Unplug(spot.evse_id), NoticeKind.UNPLUGGED)


async def toggle_plug(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (unplug if spot.row.plugged else plug_in)(spot, arguments)


async def unplug_at_station(spot: Spot, arguments: Arguments) -> Effect:
    """Pulls the cable out of the socket."""
    return await do(spot, UnplugAtStation(spot.evse_id), NoticeKind.UNPLUGGED)


async def suspend(spot: Spot, arguments: Arguments) -> Effect:
    """The car opens its switch S2."""
    return await do(spot, EvWants(spot.evse_id, False), NoticeKind.EV)


async def resume(spot: Spot, arguments: Arguments) -> Effect:
    """The car closes it."""
    return await do(spot, EvWants(spot.evse_id, True), NoticeKind.EV)


async def toggle_ev(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (resume if spot.row.ev_paused else suspend)(spot, arguments)


async def fill(spot: Spot, arguments: Arguments) -> Effect:
    """The battery is full."""
    return await do(spot, EvFull(spot.evse_id), NoticeKind.EV)


async def arrive(spot: Spot, arguments: Arguments) -> Effect:
    """A car comes into the bay."""
    return await do(spot, OccupyBay(spot.evse_id, True), NoticeKind.BAY)


async def leave(spot: Spot, arguments: Arguments) -> Effect:
    """It leaves."""
    return await do(spot, OccupyBay(spot.evse_id, False), NoticeKind.BAY)


async def toggle_bay(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (leave if spot.row.in_bay else arrive)(spot, arguments)
