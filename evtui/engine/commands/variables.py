"""Commands of the device model."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive

SPECS = (
    CommandSpec(
        "set-variable",
        "Set variable",
        "Set a variable of the device model, as an operator at the station can: read-only ones too",
        Scope.STATION,
        alive,
        (
            Argument("variable", "its name, such as OCPPCommCtrlr.HeartbeatInterval"),
            Argument("value", "its value, as text"),
        ),
    ),
)
