"""The cable: plug in, unplug."""

from evtui.engine.effects.effect import Arguments, Effect, Spot, do
from evtui.sim.actions import NoticeKind
from evtui.sim.events import PlugIn, Unplug


async def plug_in(spot: Spot, arguments: Arguments) -> Effect:
    """Puts a cable in."""
    return await do(spot, PlugIn(spot.evse_id, ev=arguments.get("ev") or None), NoticeKind.PLUGGED_IN)


async def unplug(spot: Spot, arguments: Arguments) -> Effect:
    """Pulls the cable at the EV."""
    return await do(spot, Unplug(spot.evse_id), NoticeKind.UNPLUGGED)


async def toggle_plug(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (unplug if spot.row.plugged else plug_in)(spot, arguments)
