"""Carrying commands out: on all targets at the same time, and one line about all that came of it."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from evtui.engine.clock import Clock
from evtui.engine.commands import COMMANDS, Argument, CommandSpec, Scope
from evtui.engine.door import Command, Outcome, Target, TargetOutcome
from evtui.engine.effects.effect import Arguments, Effect, Spot
from evtui.engine.effects.table import ACTS
from evtui.engine.fleet import Fleet
from evtui.errors import EvtuiError, LocalError
from evtui.ocppj.fault import printable

MOST_STATIONS = 10_000
"""Stations added by one command."""

REMOVE = "remove-station"
"""The command that the fleet itself carries out, as a session cannot remove itself."""

_SHOWN = 2
"""Reasons told in one line; the results have them all."""


class Orders:
    """Takes the commands of a door."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock

    async def carry_out(self, command: Command) -> Outcome:
        """The effect, or the reason why not; what was asked wrongly is an outcome too."""
        try:
            spec = spec_of(command.name)
            arguments = arguments_of(spec, command.arguments)
            if spec.scope is Scope.FLEET:
                return self._add(arguments)
            targets = command.targets
            if not targets and command.filter is not None:
                targets = tuple(Target(session.id) for session in self._fleet.matching(command.filter))
                if not targets:
                    raise LocalError(nobody(spec))
            if not targets:
                raise LocalError(f"{spec.name} needs a station to act on")
        except EvtuiError as error:
            return Outcome(False, str(error))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._act(spec, each, arguments)) for each in self._targets(spec, targets)]
        return summary_of(spec, [task.result() for task in tasks])

    async def _act(self, spec: CommandSpec, target: Target, arguments: Arguments) -> TargetOutcome:
        try:
            effect = await self._effect(spec, target, arguments)
        except EvtuiError as error:
            effect = Effect(False, str(error))
        return TargetOutcome(target, effect.done, effect.text, effect.answer)

    async def _effect(self, spec: CommandSpec, target: Target, arguments: Arguments) -> Effect:
        if spec.name == REMOVE:
            return Effect(True, await self._fleet.remove(target.station_id) or "removed")
        session = self._fleet.session(target.station_id)
        if session is None:
            raise LocalError("there is no such station")
        if spec.scope is Scope.EVSE and not 1 <= target.evse_id <= len(session.gauge.readings):
            raise LocalError(f"there is no EVSE {target.evse_id}")
        spot = Spot(session, target.evse_id, self._clock)
        obstacle = spot.obstacle(spec.name)
        return Effect(False, obstacle) if obstacle is not None else await ACTS[spec.name].carry_out(spot, arguments)

    def _targets(self, spec: CommandSpec, targets: tuple[Target, ...]) -> Iterator[Target]:
        """Each once; a station as a whole means each of its EVSEs."""
        seen: dict[Target, None] = {}
        for target in targets:
            session = self._fleet.session(target.station_id)
            if spec.scope is Scope.STATION:
                seen[Target(target.station_id)] = None
            elif target.evse_id == 0 and session is not None:
                seen |= dict.fromkeys(Target(session.id, each.evse_id) for each in session.gauge.readings)
            else:
                seen[target] = None
        return iter(seen)

    def _add(self, arguments: Arguments) -> Outcome:
        count = arguments["count"].strip()
        if not count.isdecimal() or not 1 <= int(count) <= MOST_STATIONS:
            raise LocalError(f"count: {printable(count, 40)} is no number from 1 to {MOST_STATIONS}")
        ids = self._fleet.add(int(count))
        return Outcome(True, f"added {ids[0]}" if len(ids) == 1 else f"added {ids[0]} to {ids[-1]}")


def spec_of(name: str) -> CommandSpec:
    """The command of that name. LocalError: there is none."""
    spec = COMMANDS.get(name)
    if spec is None:
        near = get_close_matches(name, COMMANDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
        raise LocalError(f"there is no command {printable(name, 60)}; {hint}")
    return spec


def nobody(spec: CommandSpec) -> str:
    """What is said where there is nobody to carry a command out."""
    return f"{spec.name}: the filter lets no station through"


def arguments_of(spec: CommandSpec, given: Mapping[str, str]) -> dict[str, str]:
    """What was given, over the defaults. LocalError for what is missing, not known, or no choice."""
    known = {argument.name: argument.default or "" for argument in spec.arguments}
    for name in given:
        if name not in known:
            what = f"it takes {', '.join(known)}" if known else "it takes none"
            raise LocalError(f"{spec.name} has no argument {printable(name, 60)}: {what}")
    for argument in spec.arguments:
        _check(spec, argument, given.get(argument.name))
    return {**known, **given}


def _check(spec: CommandSpec, argument: Argument, value: str | None) -> None:
    values = [choice for choice, _ in argument.choices]
    if value is None and argument.default is None:
        raise LocalError(f"{spec.name} needs {argument.name}: {', '.join(values) or argument.help}")
    if values and value and value not in values:
        near = get_close_matches(value, values, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(values)}"
        raise LocalError(f"{argument.name}: {printable(value, 40)} is no choice; {hint}")


def summary_of(spec: CommandSpec, results: list[TargetOutcome]) -> Outcome:
    """One line fit for a toast: "3 started; CP004: the CSMS says Invalid", or "9 started; 5 not: has no power (5)"."""
    done = [each for each in results if each.done]
    failed = [each for each in results if not each.done]
    if len(results) == 1:
        text = _line(results[0])
    else:
        word = ACTS[spec.name].done if spec.name in ACTS else "removed"
        parts = [f"{len(done)} {word}"] if done else []
        if len(failed) <= _SHOWN:
            parts += [_line(each) for each in failed]
        else:
            parts.append(f"{len(failed)} not: {_reasons(failed)}")
        text = "; ".join(parts)
    return Outcome(not failed, text, tuple(results))


def _reasons(failed: list[TargetOutcome]) -> str:
    """The most frequent reasons, each with how many gave it: "has no power (3)"."""
    counts = Counter(_reason(each) for each in failed)
    parts = [f"{text} ({count})" for text, count in counts.most_common(_SHOWN)]
    rest = len(counts) - _SHOWN
    return ", ".join([*parts, f"and {rest} other reason{'' if rest == 1 else 's'}"] if rest > 0 else parts)


def _reason(result: TargetOutcome) -> str:
    """A reason without the name of whom it is about."""
    text = result.text
    for name in (f"{result.target.station_id} EVSE {result.target.evse_id}", result.target.station_id):
        text = text.removeprefix(name).lstrip(": ")
    return text


def _line(result: TargetOutcome) -> str:
    """A reason that names its station already, as those of the registry do, names it once."""
    name = result.target.station_id
    return result.text if result.text.startswith(name) else f"{name}: {result.text}"
