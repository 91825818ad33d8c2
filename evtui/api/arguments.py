"""The arguments of a command as JSON: what the registry declares, read from the body of a request."""

from typing import Annotated, Any

import msgspec

from evtui.config_errors import explain
from evtui.engine.commands import Argument, CommandSpec, Scope
from evtui.engine.door import Command, Target
from evtui.errors import LocalError

_EVSE = Annotated[int, msgspec.Meta(ge=0, le=65_535, description="The EVSE, from 1; 0: every EVSE of the station.")]


class Arguments:
    """Reads the body of a command. Names are as in the registry, with underscores; numbers and booleans are taken for
    the text that they are."""

    def __init__(self, spec: CommandSpec) -> None:
        self._spec = spec
        self._names = {each.name.replace("-", "_"): each.name for each in spec.arguments}
        fields: list[Any] = []
        if spec.scope is Scope.EVSE:
            fields.append(("evse_id", _EVSE, 0))
        for each in spec.arguments:
            described = Annotated[str | int | float | bool, msgspec.Meta(description=_described(each))]
            name = each.name.replace("-", "_")
            fields.append((name, described) if each.default is None else (name, described, each.default))
        self.type = msgspec.defstruct(
            "".join(part.capitalize() for part in spec.name.split("-")) + "Arguments",
            fields,
            frozen=True,
            kw_only=True,
            forbid_unknown_fields=True,
        )

    def command(self, body: bytes, station_id: str = "") -> Command:
        """The command that a body asks for; an empty one gives the defaults. LocalError says what is wrong with it."""
        try:
            tree = msgspec.json.decode(body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise LocalError("the body is no JSON") from None
        if not isinstance(tree, dict):
            raise LocalError("the body is no JSON object of arguments")
        try:
            given = msgspec.convert(tree, self.type)
        except msgspec.ValidationError as error:
            raise LocalError(explain(error, self.type, tree)) from None
        arguments = {name: _text(getattr(given, key)) for key, name in self._names.items()}
        targets = () if self._spec.scope is Scope.FLEET else (Target(station_id, getattr(given, "evse_id", 0)),)
        return Command(self._spec.name, targets, arguments)


def _described(argument: Argument) -> str:
    """Its help as a sentence, and what may be chosen."""
    choices = "; ".join(f"{value}: {meaning}" for value, meaning in argument.choices)
    return f"{argument.help[:1].upper()}{argument.help[1:]}." + (f" One of {choices}." if choices else "")


def _text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value}"
