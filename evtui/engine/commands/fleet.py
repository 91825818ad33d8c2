"""Commands on the fleet: stations come and go."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, always

SPECS = (
    CommandSpec(
        "add-stations",
        "Add",
        "Add stations like the last ones while the fleet runs",
        Scope.FLEET,
        always,
        (Argument("count", "how many", "1"),),
    ),
    CommandSpec("remove-station", "Remove", "End its transactions and take the station away", Scope.STATION, always),
)
