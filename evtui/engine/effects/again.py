"""What people have set on stations, set on those that take their place."""

from collections.abc import Iterable

from evtui.engine.commands import COMMANDS
from evtui.engine.door import Command, Target
from evtui.engine.effects.limits import limits_of
from evtui.engine.effects.variables import variable_of
from evtui.engine.fleet import Fleet
from evtui.engine.session import Session
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.rules.rule import rule_of


def set_again(fleet: Fleet, commands: Iterable[Command]) -> None:
    """Before the fleet is entered: no frame passes without the rules, and none through a network that is cut. What
    cannot be set again is told as a warning about the fleet, which windows say aloud."""
    for command in commands:
        for target in command.targets:
            session = fleet.session(target.station_id)
            if session is None:
                continue
            try:
                _set(session, target, command)
            except LocalError as error:
                fleet.warn(f"{session.id}: {printable(command.name, 40)} could not be done again: {error}")


def _set(session: Session, target: Target, command: Command) -> None:
    spec = COMMANDS.get(command.name)
    arguments = {**{each.name: each.default or "" for each in spec.arguments}, **command.arguments} if spec else {}
    match command.name:
        case "add-rule":
            rule = {name: text for name, text in arguments.items() if name != "action"}
            session.add_rule(rule_of(arguments["action"], rule), told=False)
        case "cut-network":
            session.cut_network()
        case "set-variable":
            session.post(variable_of(arguments))
        case "limit":
            for event in limits_of(target.evse_id, arguments):
                session.post(event)
        case _:
            raise LocalError("nothing is known of that")
