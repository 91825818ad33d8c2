"""Rules on the wire in fleet.toml: [[rules]] for the whole fleet, [[group.rules]] for the stations of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from evtui.errors import ConfigError, LocalError

if TYPE_CHECKING:
    from evtui.ocppj.rules.rule import Rule

Figure = int | float | str
"""A number, or text such as "200+-50"."""


class RuleConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as `evtui.ocppj.rules.rule` knows it; what is left out is as the command `add-rule` has it."""

    action: str
    filter: str = ""
    chance: Figure = ""
    times: int | str = ""
    delay_ms: Figure = ""
    every_s: Figure = ""
    code: str = ""
    find: str = ""
    replace: str = ""
    name: str = ""


def read_rules(rules: tuple[RuleConfig, ...], at: str) -> tuple[Rule, ...]:
    """The rules. ConfigError names the one that is none."""
    if not rules:
        return ()
    from evtui.ocppj.rules.rule import rule_of  # what it needs of OCPP-J is not loaded for a fleet without rules

    found = []
    for number, each in enumerate(rules):
        given = {field.replace("_", "-"): str(getattr(each, field)) for field in each.__struct_fields__[1:]}
        try:
            found.append(rule_of(each.action, given))
        except LocalError as error:
            raise ConfigError(f"{at}[{number}].{str(error).replace('delay-ms', 'delay_ms', 1)}") from None
    return tuple(found)


def check_together(rules: tuple[Rule, ...], at: str) -> None:
    """Refuses rules that one station cannot have, such as two of one name."""
    if not rules:
        return
    from evtui.ocppj.rules.lanes import Lanes
    from evtui.sim.chance import Chance

    lanes = Lanes("", lambda name: Chance(0, "", name))
    for rule in rules:
        try:
            lanes.add(rule, 0.0)
        except LocalError as error:
            raise ConfigError(f"{at}: {error}; give it another name, or none") from None
