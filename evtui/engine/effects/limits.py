"""Limits from outside: suspend, resume, so much power, so much energy."""

from evtui.engine.effects.effect import Arguments, Effect, Spot, do, figure
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.sim.actions import NoticeKind
from evtui.sim.events import SetEnergyTarget, SetLimit
from evtui.sim.physics.limits import STANDBY

_SOURCES = {"operator": "Operator", "echonet": "ECHONET controller"}


async def suspend(spot: Spot, arguments: Arguments) -> Effect:
    """Takes the energy away and keeps the transaction."""
    return await _limit(spot, SetLimit(spot.evse_id, STANDBY, "Suspended", power_w=0.0), "suspended")


async def resume(spot: Spot, arguments: Arguments) -> Effect:
    """Ends a suspension; other limits stay."""
    return await _limit(spot, SetLimit(spot.evse_id, STANDBY, "Suspended"), "resumed")


async def limit(spot: Spot, arguments: Arguments) -> Effect:
    """Sets both figures of a source, or takes them away. LocalError for a source or a figure that cannot be."""
    in_w, in_a = limits_of(spot.evse_id, arguments)
    pairs = ((in_w.power_w, "W"), (in_a.current_a, "A"))
    figures = [f"{value:g} {unit}" for value, unit in pairs if value is not None]
    effect = await _limit(spot, in_w, "")
    told = f"limited to {' and '.join(figures)}" if figures else "no longer limited"
    return await _limit(spot, in_a, told) if effect.done else effect


def limits_of(evse_id: int, arguments: Arguments) -> tuple[SetLimit, SetLimit]:
    """What the EVSE is told: a limit of power, and one of current. LocalError as from `limit`."""
    source = arguments["source"]
    if source not in _SOURCES:
        raise LocalError(f"source: {printable(source, 40)} is not known: {', '.join(_SOURCES)}")
    power_w, current_a = figure(arguments, "power-w"), figure(arguments, "current-a")
    name = _SOURCES[source]
    return (
        SetLimit(evse_id, source, name, power_w=power_w),
        SetLimit(evse_id, f"{source}-current", f"{name} (current)", current_a=current_a),
    )


async def limit_energy(spot: Spot, arguments: Arguments) -> Effect:
    """Sets what a transaction may charge. LocalError for a figure that cannot be."""
    energy_wh = figure(arguments, "energy-wh")
    told = "no longer limited" if energy_wh is None else f"ends at {energy_wh:g} Wh"
    return await _limit(spot, SetEnergyTarget(spot.evse_id, energy_wh), told)


async def _limit(spot: Spot, event: SetLimit | SetEnergyTarget, told: str) -> Effect:
    effect = await do(spot, event, NoticeKind.LIMIT)
    return Effect(True, told) if effect.done else effect
