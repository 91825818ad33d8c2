"""The one registry of commands: it feeds keys, palette, HTTP paths, scenario files and help.

Like the door, it imports msgspec alone, so that the window can grey a key out without asking the host.
"""

from collections.abc import Mapping
from types import MappingProxyType

from evtui.engine.commands import cars, faults, fleet, limits, link, messages, rules, sessions, tokens, variables
from evtui.engine.commands.spec import Argument, CommandSpec, Scope

_KINDS = (sessions, tokens, cars, faults, link, rules, limits, variables, messages, fleet)

COMMANDS: Mapping[str, CommandSpec] = MappingProxyType({spec.name: spec for kind in _KINDS for spec in kind.SPECS})

__all__ = ["COMMANDS", "Argument", "CommandSpec", "Scope"]
