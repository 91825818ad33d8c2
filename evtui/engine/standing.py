"""What people have set on stations at run time, and what stands until they set it otherwise."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from evtui.engine.door import Command, Outcome, Target


class Setting(NamedTuple):
    """A command that sets something, with all that says what."""

    name: str
    arguments: tuple[tuple[str, str], ...]


class Standing:
    """The variables and limits that were set by command, in the order in which they were, by station. A limit without
    figures is none any more; a variable that was set twice has its last value."""

    def __init__(self) -> None:
        self._settings: dict[str, dict[tuple[int, str], Setting]] = {}  # by station; by EVSE and what is set there

    def took(self, command: Command, outcome: Outcome) -> None:
        """A command was carried out, as far as `outcome` says so."""
        match command.name, command.arguments:
            case "set-variable", {"variable": variable}:
                what, ends = f"variable {variable.strip()}", False
            case "limit", given:
                what, ends = (
                    f"limit {given.get('source', 'operator')}",
                    not (given.get("power-w") or given.get("current-a")),
                )
            case _:
                return
        setting = Setting(command.name, tuple(command.arguments.items()))
        for result in outcome.results:
            if result.done:
                settings, key = self._settings.setdefault(result.target.station_id, {}), (result.target.evse_id, what)
                settings.pop(key, None)
                if not ends:
                    settings[key] = setting

    def forget(self, station_id: str) -> None:
        """The station is gone for good."""
        self._settings.pop(station_id, None)

    def commands(self) -> tuple[Command, ...]:
        """The commands that set all of it again."""
        each: dict[Target, list[Setting]] = {}
        for station_id, settings in self._settings.items():
            for (evse_id, _), setting in settings.items():
                each.setdefault(Target(station_id, evse_id), []).append(setting)
        return commands_of(each)


def commands_of(settings: Mapping[Target, Iterable[Setting]]) -> tuple[Command, ...]:
    """As few commands as set these on their targets, those of each in their order."""
    together: dict[tuple[int, Setting], list[Target]] = {}
    for target, each in settings.items():
        for place, setting in enumerate(each):
            together.setdefault((place, setting), []).append(target)
    return tuple(
        Command(setting.name, tuple(targets), dict(setting.arguments))
        for (_, setting), targets in sorted(together.items(), key=lambda pair: pair[0][0])
    )
