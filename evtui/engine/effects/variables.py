"""The device model, changed by an operator."""

from evtui.engine.effects.effect import Arguments, Effect, Spot, do
from evtui.errors import LocalError
from evtui.sim.actions import NoticeKind
from evtui.sim.events import SetVariable


async def set_variable(spot: Spot, arguments: Arguments) -> Effect:
    """Sets one variable; what the station says against it is the reason why not. LocalError when none is named."""
    return await do(spot, variable_of(arguments), NoticeKind.VARIABLE)


def variable_of(arguments: Arguments) -> SetVariable:
    """What the station is told. LocalError when no variable is named."""
    component, _, variable = arguments["variable"].strip().partition(".")
    if not component or not variable:
        raise LocalError("variable: name one as in OCPPCommCtrlr.HeartbeatInterval")
    return SetVariable(component, variable, arguments["value"])
